// Listens on a line to the service: every byte that the browser sends, whoever in it sends, page or worker, and what comes back.

import { Transform } from 'node:stream';

/** The payloads of one direction of a WebSocket, unmasked. What comes before the first frame (the handshake) must have been taken off. */
function frames(take) {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      if (rest.length < 2) return;
      const short = rest[1] & 127;
      const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
      const masked = rest[1] & 128 ? 4 : 0;
      const head = 2 + wide + masked;
      if (rest.length < head) return;
      const length = wide === 2 ? rest.readUInt16BE(2) : wide === 8 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < head + length) return;
      const payload = Buffer.from(rest.subarray(head, head + length));
      if (masked) for (let i = 0; i < length; i += 1) payload[i] ^= rest[head - 4 + (i % 4)];
      rest = rest.subarray(head + length);
      take(payload.toString());
    }
  };
}

const through = (take) => new Transform({ transform(bytes, _, on) { take(bytes); on(null, bytes); } });

/** Ways in which a word may be written on a line: as it is, in the percent signs of an address, and in base64 wherever it begins. */
const forms = (word) => [word, encodeURIComponent(word), ...[0, 1, 2].map((by) => {
  const whole = Buffer.from(' '.repeat(by) + word).toString('base64');
  return whole.slice(Math.ceil((by * 8) / 6), Math.floor(((by + Buffer.byteLength(word)) * 8) / 6));
})];

/** For `line({tap})`. `sent` and `came` hold what has gone each way, as text. */
export function tap() {
  const sent = [];
  const came = [];
  return {
    sent,
    came,
    /** Which of the words have left the browser, in any of their forms. */
    left: (words) => words.filter((word) => forms(word).some((form) => sent.some((text) => text.toLowerCase().includes(form.toLowerCase())))),
    /** Which have come to it. */
    told: (words) => words.filter((word) => came.some((text) => text.includes(word))),
    request(req) {
      const body = [];
      sent.push(`${req.method} ${req.url}\n${req.rawHeaders.join('\n')}`);
      return through((bytes) => { body.push(bytes); sent.push(Buffer.concat(body).toString()); });
    },
    answer: () => through((bytes) => came.push(bytes.toString())),
    upgrade: (req) => {
      sent.push(`${req.method} ${req.url}\n${req.rawHeaders.join('\n')}`);
      const read = frames((text) => sent.push(text));
      return through(read);
    },
    upgraded() {
      let head = Buffer.alloc(0);
      let open = false;
      const read = frames((text) => came.push(text));
      return through((bytes) => {
        if (open) return read(bytes);
        head = Buffer.concat([head, bytes]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return undefined;
        open = true;
        return read(head.subarray(end + 4));
      });
    },
  };
}
