// A claimed false alarm: held, reviewed by the unit's own manager, sent or returned.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, windowFor, signIn, facts, tag, field, send, row, clean, hold, openReview, within } from './lib.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('held, then approved: it goes out as the writer’s own', async () => {
  const [anna, karin] = [await windowFor(browser), await windowFor(browser)];
  await Promise.all([signIn(anna, 'asker'), signIn(karin, 'manager')]);
  const before = await karin.locator('a[href^="#/granska/"]').count();
  const mark = tag();
  await hold(anna, mark);
  await within('it stands in the queue, live', async () => (await karin.locator('a[href^="#/granska/"]').count()) === before + 1);
  await openReview(karin, mark);
  const { me } = await facts(anna);
  const text = await karin.locator('main').innerText();
  assert.ok(text.includes(me.person.name), 'the own manager sees who wrote');
  assert.match(text, /inte är ett namn/);
  assert.ok((await karin.locator('.mark.claimed').count()) > 0);
  await karin.locator('.decision > .primary').click();
  await karin.locator('main.inbox').waitFor();
  await anna.goto(`${anna.base}/#/`);
  await row(anna, mark).waitFor();
  assert.deepEqual([...anna.troubles, ...karin.troubles], []);
  await Promise.all([anna.context().close(), karin.context().close()]);
});

test('held, then returned with a reason: the words are still with the writer', async () => {
  const [anna, karin] = [await windowFor(browser), await windowFor(browser)];
  await Promise.all([signIn(anna, 'asker'), signIn(karin, 'manager')]);
  const mark = tag();
  await hold(anna, mark);
  await anna.goto(`${anna.base}/#/`);
  await anna.locator('.row.held').first().waitFor();
  await openReview(karin, mark);
  await karin.locator('.decision button.second').first().click();
  await field(karin, 'reason').fill('Det är ett namn. Skriv vilken roll personen har.');
  await within('clean', async () => (await send(karin).getAttribute('data-kind')) === 'send');
  await send(karin).click();
  await karin.locator('main.inbox').waitFor();
  // Only what was written in this very session can still be opened.
  await anna.locator('.row.held.returned', { hasText: 'Skriv vilken roll', has: anna.locator('a') }).locator('a').click();
  await field(anna, 'question').waitFor();
  assert.match(await field(anna, 'question').inputValue(), new RegExp(mark));
  assert.deepEqual([...anna.troubles, ...karin.troubles], []);
  await Promise.all([anna.context().close(), karin.context().close()]);
});

/** The manager returns the text with these words in it, for a reason that has them too. */
async function sendBack(karin, mark) {
  await openReview(karin, mark);
  await karin.locator('.decision button.second').first().click();
  await field(karin, 'reason').fill(`Skriv vilken roll personen har. ${mark}`);
  await clean(karin);
  await send(karin).click();
  await karin.locator('main.inbox').waitFor();
}

test('the writer reads what waits, takes it back, lays aside what came back, and sends again what was changed', async () => {
  const [anna, karin] = [await windowFor(browser), await windowFor(browser)];
  await Promise.all([signIn(anna, 'asker'), signIn(karin, 'manager')]);

  // What waits can be read, also when the browser has lost the words, and is taken back with them
  let mark = tag();
  await hold(anna, mark);
  await anna.evaluate(() => { for (const k of Object.keys(localStorage)) if (k.startsWith('radrum.draft.')) localStorage.removeItem(k); });
  await anna.goto(`${anna.base}/#/`);
  await anna.reload();
  const waiting = anna.locator('.row.held.waiting').first();
  await waiting.waitFor();
  const before = await anna.locator('.row.held.waiting').count();
  await waiting.locator('button', { hasText: 'Läs texten' }).click();
  await waiting.locator('.row-text', { hasText: mark }).waitFor();
  await waiting.locator('button', { hasText: 'Ta tillbaka och ändra' }).click();
  await field(anna, 'question').waitFor();
  assert.match(await field(anna, 'question').inputValue(), new RegExp(mark));
  await anna.goto(`${anna.base}/#/`);
  await anna.locator('.jump-to').first().waitFor();
  await within('it has left the queue', async () => (await anna.locator('.row.held.waiting').count()) === before - 1);

  // What came back is laid aside
  mark = tag();
  await hold(anna, mark);
  await sendBack(karin, mark);
  await anna.goto(`${anna.base}/#/`);
  const back = anna.locator('.row.held.returned', { hasText: mark });
  await back.locator('button', { hasText: 'Lägg undan' }).click();
  await back.waitFor({ state: 'detached' });
  await anna.reload();
  await anna.locator('.jump-to').first().waitFor();
  assert.equal(await back.count(), 0);

  // What came back is changed and sent: its row goes too
  mark = tag();
  await hold(anna, mark);
  await sendBack(karin, mark);
  await anna.goto(`${anna.base}/#/`);
  const again = anna.locator('.row.held.returned', { hasText: mark });
  await again.locator('a').click();
  await field(anna, 'situation').fill('Barnet säger att en vän till familjen är hemma på kvällarna.');
  await clean(anna);
  await send(anna).click();
  await anna.locator('main.sent a.primary').waitFor();
  await anna.goto(`${anna.base}/#/`);
  await row(anna, mark).waitFor();
  await within('the row has gone', async () => (await again.count()) === 0);
  assert.deepEqual([...anna.troubles, ...karin.troubles], []);
  await Promise.all([anna.context().close(), karin.context().close()]);
});
