// The page's words. Both tables have the same keys; a test holds that.

import sv from './texts/sv.js';
import en from './texts/en.js';
import { emit } from './state.js';

const tables = { sv, en };
let current = 'sv';

export const locale = () => current;

export function setLocale(next, { keep = false } = {}) {
  if (!tables[next]) return;
  current = next;
  document.documentElement.lang = next;
  if (keep) localStorage.setItem('radrum.locale', next);
  emit('locale');
}

export function firstLocale(preferred) {
  const chosen = localStorage.getItem('radrum.locale');
  return [chosen, preferred, 'sv'].find((l) => tables[l]);
}

export const hasText = (key) => tables[current][key] !== undefined;

/** The words under a key, or under its `.one` or `.other` by `n`. */
export function t(key, params = {}) {
  const table = tables[current];
  let text = table[key];
  if (text === undefined && params.n !== undefined) text = table[`${key}.${params.n === 1 ? 'one' : 'other'}`];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (params[name] === undefined ? whole : String(params[name])));
}

/** The first of several keys that has words. */
export const firstText = (keys, params) => t(keys.find(hasText) ?? keys[keys.length - 1], params);
