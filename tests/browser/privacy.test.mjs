// What stays in the browser: drafts sealed, gone at sign-out, never in clear; and no field that a browser service may read.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, windowFor, signIn, field, within } from './lib.mjs';

const CANARY = 'Kanariefågel Lindqvist 19850312-9811';
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const stored = (page) => page.evaluate(async () => {
  const out = [...Object.entries(localStorage), ...Object.entries(sessionStorage)].flat();
  for (const db of (await indexedDB.databases?.()) ?? []) out.push(db.name);
  for (const name of await caches.keys()) out.push(name);
  return out.join('\n') + location.href + document.title + document.cookie;
});

test('what must not be sent is never stored in clear, survives a reload, and is gone at sign-out', async () => {
  const page = await windowFor(browser);
  await signIn(page, 'asker');
  await page.evaluate((canary) => localStorage.setItem('control', canary), CANARY);
  assert.ok((await stored(page)).includes(CANARY), 'the search finds what is planted on purpose');
  await page.evaluate(() => localStorage.removeItem('control'));

  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill(CANARY);
  await field(page, 'question').fill('Vad gör vi?');
  await within('a sealed draft', async () => (await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('radrum.draft.')).length)) > 0);
  await page.locator('.under .mark.must').first().waitFor();
  await page.waitForTimeout(500);
  const found = await stored(page);
  for (const word of ['Lindqvist', '19850312', '9811', 'Kanarie', btoa('Lindqvist').slice(0, 10)]) assert.ok(!found.includes(word), word);

  await page.reload();
  await field(page, 'situation').waitFor();
  assert.equal(await field(page, 'situation').inputValue(), CANARY);
  // The page is at rest when the scanner has spoken: what takes the focus while it opens would close the menu again.
  await page.locator('.under .mark.must').first().waitFor();

  await page.locator('.menu-button').click();
  await page.locator('.menu-rows button', { hasText: /^Logga ut$/ }).click();
  await page.locator('#login').waitFor();
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('radrum.draft.')).length), 0);
  assert.ok(!(await page.content()).includes('Lindqvist'));
  await page.goBack().catch(() => {});
  assert.ok(!(await page.content()).includes('Lindqvist'));

  await signIn(page, 'asker');
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').waitFor();
  assert.equal(await field(page, 'situation').inputValue(), '');
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test('another person in the same browser cannot open the draft', async () => {
  const page = await windowFor(browser);
  await signIn(page, 'asker');
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill(CANARY);
  await within('a sealed draft', async () => (await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('radrum.draft.')).length)) > 0);
  await page.context().clearCookies();
  await signIn(page, 'manager');
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('radrum.draft.')).length), 0);
  await page.context().close();
});

test('every free-text field keeps browser services out', async () => {
  const page = await windowFor(browser);
  await signIn(page, 'asker');
  for (const [hash, selector] of [['fraga', 'textarea'], ['sok', '#search']]) {
    await page.goto(`${page.base}/#/${hash}`);
    await page.locator(selector).first().waitFor();
    for (const el of await page.locator(selector).all()) {
      for (const [name, value] of [['spellcheck', 'false'], ['autocomplete', 'off'], ['autocapitalize', 'off'], ['autocorrect', 'off'], ['translate', 'no']]) assert.equal(await el.getAttribute(name), value, `${hash} ${name}`);
    }
  }
  assert.equal(await page.locator('html').getAttribute('translate'), 'no');
  await page.context().close();
});
