// What has been written and not yet sent: kept in this browser only, sealed with a key that belongs to the signed-in session.
// Without the session (signed out, or another person) the sealed text cannot be opened, and is thrown away.

const PREFIX = 'radrum.draft.';

let key = null;
let owner = '';
const known = new Map();
const writes = new Map();

const bytes = (b64) => Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const bound = (slot) => new TextEncoder().encode(`${owner}|${slot}`);

function stored() {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}

/** Opens what this session left behind, and throws away what it cannot open. */
export async function open(draftKey, personId) {
  key = null;
  owner = personId;
  known.clear();
  // Outside a secure context the browser has no WebCrypto: drafts then live in memory only, never in clear on disk.
  if (!draftKey || !globalThis.crypto?.subtle) return;
  key = await crypto.subtle.importKey('raw', bytes(draftKey), 'AES-GCM', false, ['encrypt', 'decrypt']);
  for (const name of stored()) {
    const slot = name.slice(PREFIX.length);
    try {
      const [iv, sealed] = localStorage.getItem(name).split('.').map(bytes);
      const clear = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound(slot) }, key, sealed);
      known.set(slot, JSON.parse(new TextDecoder().decode(clear)));
    } catch {
      localStorage.removeItem(name);
    }
  }
}

export const get = (slot) => known.get(slot) ?? null;
export const slots = (stem) => [...known.keys()].filter((slot) => slot.startsWith(stem));
export const lasting = () => key !== null;

export function put(slot, value) {
  known.set(slot, value);
  return seal(slot, value);
}

async function seal(slot, value) {
  if (!key) return;
  const turn = (writes.get(slot) ?? 0) + 1;
  writes.set(slot, turn);
  const using = key;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const clear = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound(slot) }, using, clear);
  // Something newer, a removal or a sign-out may have come while this was being sealed.
  if (writes.get(slot) !== turn || key !== using) return;
  try {
    localStorage.setItem(PREFIX + slot, `${base64(iv)}.${base64(sealed)}`);
  } catch { /* full or closed storage: the draft still lives in memory */ }
}

export function remove(slot) {
  known.delete(slot);
  writes.set(slot, (writes.get(slot) ?? 0) + 1);
  localStorage.removeItem(PREFIX + slot);
}

export function move(from, to) {
  const value = get(from);
  if (value === null) return;
  put(to, value);
  remove(from);
}

/** The session is locked: the key goes, what is sealed stays. */
export function shut() {
  key = null;
  known.clear();
}

/** Signed out: everything goes. */
export function clear() {
  shut();
  for (const name of stored()) localStorage.removeItem(name);
}
