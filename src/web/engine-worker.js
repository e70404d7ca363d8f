// Where the scan engine works: beside the page, so that typing never waits for it. It asks for its own program and for nothing else; what it is asked stays in its memory.

const PROGRAM = '/assets/scan.wasm';
const write = new TextEncoder();
const read = new TextDecoder();

async function program() {
  const response = await fetch(PROGRAM, { credentials: 'omit' });
  if (!response.ok) throw new Error(`${PROGRAM}: ${response.status}`);
  // Compiled while it comes, and kept compiled by the browser. A proxy that gives it another type takes that away.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.instantiateStreaming(response);
  return WebAssembly.instantiate(await response.arrayBuffer());
}

/** Half of a character (a surrogate alone) is no text to the engine. */
const whole = (_, value) => (typeof value === 'string' ? value.toWellFormed?.() ?? value : value);

/** src/wasm.rs: room for the question, the question, the answer in the same place. */
function through(engine, question) {
  const asked = write.encode(JSON.stringify(question, whole));
  const at = engine.room(asked.length);
  new Uint8Array(engine.memory.buffer, at, asked.length).set(asked);
  const length = engine.answer();
  if (length === 0) throw new Error('no question');
  const answer = JSON.parse(read.decode(new Uint8Array(engine.memory.buffer, engine.place(), length)));
  engine.room(0);
  return answer;
}

const engine = program().then(({ instance }) => {
  // The first scan of all makes the patterns ready.
  through(instance.exports, { fields: { text: 'Hej!' } });
  postMessage({ ready: true });
  return instance.exports;
});
engine.catch(() => postMessage({ ready: false }));

onmessage = async ({ data: { n, question } }) => {
  try {
    postMessage({ n, answer: through(await engine, question) });
  } catch {
    postMessage({ n, answer: null });
  }
};
