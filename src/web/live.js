// The socket: connects, resumes where it was, sends each command until it is answered, and never twice under two ids.

import { state, emit } from './state.js';
import { Refused } from './session.js';
import * as drafts from './drafts.js';

const OUTBOX = 'outbox';
const PATIENCE_MS = 12_000;

let socket = null;
let ready = false;
let wanted = false;
let attempt = 0;
let retry = null;

/** id -> {frame, slot, keep, resolve, reject, sentAt, tries}, in the order in which they were asked for */
const pending = new Map();
/** stream -> the last number heard or answered, dense */
const streams = new Map();
/** stream -> numbers that an answer told of before their event */
const ahead = new Map();
let resuming = false;

export const streamNumber = (stream) => streams.get(stream) ?? 0;

export function start() {
  wanted = true;
  for (const item of drafts.get(OUTBOX) ?? []) {
    if (!pending.has(item.frame.id)) pending.set(item.frame.id, { ...item, keep: true, resolve() {}, reject() {}, sentAt: 0, tries: 0 });
  }
  connect();
}

export function stop() {
  wanted = false;
  clearTimeout(retry);
  ready = false;
  const old = socket;
  socket = null;
  old?.close(1000);
  for (const item of pending.values()) item.reject(new Refused({ code: 'session.stopped' }));
  pending.clear();
  streams.clear();
  ahead.clear();
}

function connect() {
  clearTimeout(retry);
  if (!wanted || socket) return;
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
  const mine = new WebSocket(url, 'radrum.v1');
  socket = mine;
  mine.onmessage = (message) => socket === mine && receive(message.data);
  mine.onclose = (close) => socket === mine && lost(close.code);
}

function lost(code) {
  socket = null;
  ready = false;
  if (!wanted) return;
  contact(false);
  if (code === 4001 || code === 4003) {
    emit('session.check', code === 4003 ? 'role_lost' : 'ended');
    return;
  }
  const wait = code === 4029 ? 2000 : attempt === 0 ? 200 : Math.min(10_000, 500 * 2 ** Math.min(attempt, 5)) * (0.7 + Math.random() * 0.6);
  attempt += 1;
  // A refused handshake looks like a lost line; only plain HTTP can tell whether the session still stands.
  if (attempt > 1) emit('session.check', 'lost');
  retry = setTimeout(connect, wait);
}

function contact(now) {
  if (state.online === now) return;
  state.online = now;
  emit('contact', now);
}

/** Drops a line that may be dead and makes a new one at once. */
export function reconnect() {
  if (!wanted) return;
  const old = socket;
  socket = null;
  ready = false;
  old?.close();
  attempt = 0;
  connect();
}

function receive(data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return;
  }
  if (frame.event) event(frame);
  else if (frame.re) answer(frame);
}

function event(frame) {
  if (frame.event === 'hello') {
    attempt = 0;
    ready = true;
    contact(true);
    emit('hello', frame);
    const first = streams.size > 0 ? resume() : Promise.resolve();
    first.finally(() => flush());
    return;
  }
  if (frame.event === 'session.ended') {
    emit('session.check', frame.reason);
    return;
  }
  if (frame.stream && frame.n) {
    if (!inOrder(frame.stream, frame.n)) return;
  }
  emit('event', frame);
  emit(frame.event, frame);
}

/** Whether the frame is the next one. What has been seen is dropped; after a gap everything missed is fetched, this frame too. */
function inOrder(stream, n) {
  const last = streams.get(stream);
  if (last === undefined) {
    streams.set(stream, n);
    return true;
  }
  const told = ahead.get(stream);
  let next = last;
  while (told?.has(next + 1) && next + 1 < n) next += 1;
  if (n <= last) return false;
  if (n > next + 1 && !resuming) {
    resume();
    return false;
  }
  streams.set(stream, n);
  told?.delete(n);
  return true;
}

/** An answer said that our own doing got this number: not a gap, when its event comes late or not at all. */
export function told(stream, n) {
  if (!stream || !n) return;
  if (!streams.has(stream)) streams.set(stream, n);
  if (!ahead.has(stream)) ahead.set(stream, new Set());
  ahead.get(stream).add(n);
}

/** Streams that a list or an opened thread tells of. One that is already followed goes by its events alone: raising it here would drop an event under way. */
export function heard(numbers) {
  for (const [stream, n] of Object.entries(numbers ?? {})) if (!streams.has(stream)) streams.set(stream, n);
}

async function resume() {
  if (resuming) return;
  resuming = true;
  try {
    const ok = await ask('resume', { after: Object.fromEntries(streams) }, { first: true });
    for (const gone of ok.gone ?? []) streams.delete(gone);
    heard(ok.streams);
    emit('resumed', ok);
  } catch { /* the next hello tries again */ } finally {
    resuming = false;
  }
}

/** Makes sure the line is alive, and fetches what was missed: for a window that has been away. */
export function probe() {
  if (!wanted) return;
  if (!ready) reconnect();
  else if (streams.size > 0) resume();
}

function answer(frame) {
  const item = pending.get(frame.re);
  if (!item) return;
  const error = frame.error;
  if (error?.code === 'rate.limited' || (error?.code === 'unavailable' && item.tries < 5)) {
    item.sentAt = 0;
    setTimeout(() => post(item), error.retry_after_ms ?? 1000);
    return;
  }
  pending.delete(frame.re);
  if (item.keep) store();
  const { op, id, ...body } = item.frame;
  if (error) {
    if (error.code === 'auth.required' || error.code === 'session.locked') emit('session.check', error.code);
    if (item.keep) emit('refused', { op, id, body, slot: item.slot, error });
    item.reject(new Refused(error));
  } else {
    if (item.keep) emit('answered', { op, id, body, slot: item.slot, ok: frame.ok });
    item.resolve(frame.ok);
  }
}

function post(item) {
  if (!ready || !pending.has(item.frame.id)) return;
  item.sentAt = performance.now();
  item.tries += 1;
  socket.send(JSON.stringify(item.frame));
}

function flush() {
  for (const item of pending.values()) post(item);
}

function enter(op, body, extra) {
  return new Promise((resolve, reject) => {
    const item = { frame: { id: crypto.randomUUID(), op, ...body }, resolve, reject, sentAt: 0, tries: 0, ...extra };
    pending.set(item.frame.id, item);
    if (item.keep) store();
    if (ready && (item.first || !resuming)) post(item);
    else if (ready) setTimeout(() => item.sentAt === 0 && post(item), 300);
  });
}

/** A question to the server: waits for contact, is asked again after a cut, is forgotten at reload. */
export const ask = (op, body = {}, extra = {}) => enter(op, body, extra);

/** Something that changes the world: kept, sealed, until it is answered, also over a reload. */
export const command = (op, body, slot = null) => enter(op, body, { keep: true, slot });

/** A word in passing (typing): sent now or not at all, and nobody waits for the answer. */
export function mention(op, body) {
  if (ready) socket.send(JSON.stringify({ id: crypto.randomUUID(), op, ...body }));
}

export const waiting = (slot) => [...pending.values()].find((item) => item.keep && item.slot === slot)?.frame ?? null;
export const queued = () => [...pending.values()].filter((item) => item.keep).length;

function store() {
  const items = [...pending.values()].filter((item) => item.keep).map(({ frame, slot }) => ({ frame, slot }));
  if (items.length > 0) drafts.put(OUTBOX, items);
  else drafts.remove(OUTBOX);
  emit('outbox', items.length);
}

setInterval(() => {
  if (!ready) return;
  const now = performance.now();
  if ([...pending.values()].some((item) => item.sentAt > 0 && now - item.sentAt > PATIENCE_MS)) reconnect();
}, 2000);

addEventListener('offline', () => {
  if (!wanted) return;
  const old = socket;
  socket = null;
  ready = false;
  old?.close();
  contact(false);
  clearTimeout(retry);
  retry = setTimeout(connect, 3000);
});
addEventListener('online', () => wanted && reconnect());
