// The page's words: both languages have the same keys with the same gaps, every key used has words, and nothing promises too much.

import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import sv from '../../src/web/texts/sv.js';
import en from '../../src/web/texts/en.js';

const web = new URL('../../src/web/', import.meta.url);
const sources = ['', 'views/'].flatMap((dir) => readdirSync(new URL(dir, web)).filter((f) => f.endsWith('.js')).map((f) => [dir + f, readFileSync(new URL(dir + f, web), 'utf8')]));

test('Swedish and English have the same keys and the same gaps', () => {
  assert.deepEqual(Object.keys(sv).sort(), Object.keys(en).sort());
  const gaps = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(sv)) assert.deepEqual(gaps(sv[key]), gaps(en[key]), key);
  for (const key of Object.keys(sv)) if (key.endsWith('.one')) assert.ok(sv[key.replace(/one$/, 'other')], key);
});

test('every key that the page asks for has words', () => {
  let asked = 0;
  for (const [file, text] of sources) {
    for (const [, key] of text.matchAll(/\bt\('([^']+)'/g)) {
      asked += 1;
      assert.ok(key in sv || `${key}.one` in sv, `${key} in ${file}`);
    }
  }
  assert.ok(asked > 150, `only ${asked} found: the search is wrong`);
});

test('the page never promises anonymity, and never parses text as markup', () => {
  for (const [key, text] of [...Object.entries(sv), ...Object.entries(en)]) assert.doesNotMatch(text, /anonym/i, key);
  for (const [file, text] of sources) assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/, file);
});

test('every reason that the scanner gives has a sentence of its own', () => {
  const listed = readFileSync(new URL('../../docs/scanner.md', import.meta.url), 'utf8').split('## Reasons in plain Swedish')[1];
  const keys = [...listed.matchAll(/^\| ([a-z-]+) \|/gm)].map(([, key]) => key).filter((key) => key !== 'key');
  assert.ok(keys.length > 50, `only ${keys.length} found: the search is wrong`);
  for (const key of keys) assert.ok(sv[`reason.${key}`], key);
});
