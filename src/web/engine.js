// The scan engine inside the page: the server's own, as wasm, in a worker. What is typed goes to it and to nobody else.

import { on, emit } from './state.js';
import { Refused } from './session.js';

const PAUSES_MS = [1000, 3000, 10_000];

let worker = null;
let stands = 'loading';
let tries = 0;
let retry = 0;
let last = 0;
/** number -> {question, resolve, reject}: what has been asked and not answered */
const asked = new Map();

/** 'loading', 'ready' or 'failed'. A change is told as `scanner`. */
export const standing = () => stands;

function stand(now) {
  if (stands === now) return;
  stands = now;
  emit('scanner', now);
}

/** Fetches the engine if it is not here. A page that has fetched it once has it from the browser's own store. */
export function load() {
  if (worker) return;
  clearTimeout(retry);
  let mine;
  try {
    mine = new Worker('/assets/engine-worker.js', { type: 'module' });
  } catch {
    return lost();
  }
  worker = mine;
  mine.onerror = () => worker === mine && lost();
  mine.onmessage = ({ data }) => worker === mine && hear(data);
  for (const [n, { question }] of asked) mine.postMessage({ n, question });
  return undefined;
}

function hear({ ready, n, answer }) {
  if (ready === true) {
    tries = 0;
    stand('ready');
  } else if (ready === false) lost();
  else if (answer) settle(n, (item) => item.resolve(answer));
  else {
    // Whatever stopped it has left it in pieces: the next question gets a new one.
    settle(n, (item) => item.reject(new Refused({ code: 'scanner.failed' })));
    lost();
  }
}

function settle(n, how) {
  const item = asked.get(n);
  asked.delete(n);
  if (item) how(item);
}

/** It did not come, or it stopped. Tries again a few times, and whenever contact comes back. */
function lost() {
  drop();
  const pause = PAUSES_MS[tries];
  tries += 1;
  stand(pause === undefined ? 'failed' : 'loading');
  if (pause === undefined) for (const n of [...asked.keys()]) settle(n, (item) => item.reject(new Refused({ code: 'scanner.failed' })));
  else retry = setTimeout(load, pause);
}

function drop() {
  clearTimeout(retry);
  worker?.terminate();
  worker = null;
}

on('contact', (now) => {
  if (!now || stands !== 'failed') return;
  tries = 0;
  stand('loading');
  load();
});

/** The engine's answer to a question; waits for the engine, and is refused when there will be none. */
export function put(question) {
  if (stands === 'failed') return Promise.reject(new Refused({ code: 'scanner.failed' }));
  return new Promise((resolve, reject) => {
    const n = (last += 1);
    asked.set(n, { question, resolve, reject });
    if (worker) worker.postMessage({ n, question });
    else if (tries === 0) load();
  });
}

/** Nothing of what was asked stays in memory: for when the page is locked or left. */
export function forget() {
  drop();
  tries = 0;
  for (const n of [...asked.keys()]) settle(n, (item) => item.reject(new Refused({ code: 'session.stopped' })));
  stand('loading');
}
