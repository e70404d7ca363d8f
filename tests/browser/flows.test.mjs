// What stands around a consultation: locking, signing out, searching, passing on, letting go, correcting, languages, roles without a unit.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, windowFor, signIn, facts, unitOf, askQuestion, tag, field, send, row, letter, clean, within, PEOPLE } from './lib.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const people = async (...who) => Promise.all(who.map(async (name) => {
  const page = await windowFor(browser);
  await signIn(page, name);
  return page;
}));
const done = async (...pages) => {
  for (const page of pages) assert.deepEqual(page.troubles, []);
  await Promise.all(pages.map((page) => page.context().close()));
};
const menu = async (page, name) => {
  await page.locator('.menu-button').click();
  await page.locator('.menu-rows button', { hasText: name }).click();
};
/** The frames of an op that the page has sent from now on. */
function sentOps(page, op) {
  const frames = [];
  page.on('websocket', (ws) => ws.on('framesent', ({ payload }) => { if (String(payload).includes(`"op":"${op}"`)) frames.push(String(payload)); }));
  return frames;
}

test('locked by hand: nothing is left to read, a reload opens nothing, the password does', async () => {
  const [page] = await people('asker');
  const words = `Utkast ${tag()}`;
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill(words);
  await within('a sealed draft', () => page.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith('radrum.draft.'))));
  await menu(page, 'Lås sidan');
  await page.locator('h1', { hasText: 'Sidan är låst' }).waitFor();
  assert.match(await page.locator('.lead').textContent(), /Anna|skriv ditt lösenord/i);
  assert.ok(!(await page.content()).includes(words));
  await within('locked at the server too', async () => (await page.request.get(`${page.base}/api/v1/session`)).status() === 401);
  await page.reload();
  await page.locator('h1', { hasText: 'Sidan är låst' }).waitFor();
  await page.fill('#password', 'fel lösenord');
  await page.keyboard.press('Enter');
  await page.locator('#signin-trouble p').waitFor();
  await page.fill('#password', PEOPLE.asker.password);
  await page.keyboard.press('Enter');
  await field(page, 'situation').waitFor();
  assert.equal(await field(page, 'situation').inputValue(), words, 'where one was, with the words');
  await field(page, 'situation').fill('');
  await done(page);
});

test('a page without a hand on it locks when its time is up', async () => {
  const page = await windowFor(browser);
  await page.clock.install();
  await signIn(page, 'colleague');
  const minutes = (await facts(page)).me.idle_minutes;
  await page.clock.fastForward((minutes - 1) * 60_000);
  assert.equal(await page.locator('main.inbox').count(), 1);
  await page.clock.fastForward(2 * 60_000);
  await page.locator('h1', { hasText: 'Sidan är låst' }).waitFor();
  await page.fill('#password', PEOPLE.colleague.password);
  await page.keyboard.press('Enter');
  await page.locator('main.inbox').waitFor();
  await done(page);
});

test('signed out everywhere: the other window closes calmly, and says why', async () => {
  const [here, there] = await people('colleague', 'colleague');
  await there.goto(`${there.base}/#/fraga`);
  await field(there, 'situation').fill('Något som jag höll på med.');
  await menu(here, 'Logga ut överallt');
  await here.locator('#login').waitFor();
  assert.match(await here.locator('.notice').textContent(), /utloggad överallt/);
  await there.locator('#login').waitFor();
  assert.match(await there.locator('.notice').textContent(), /ett annat fönster/);
  assert.equal(await there.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('radrum.draft.')).length), 0);
  assert.ok(!(await there.content()).includes('höll på med'));
  await done(here, there);
});

test('signed out in one window: the person’s other session goes on, live and without a gap', async () => {
  const [there, bo] = await people('asker', 'answerer');
  const here = await windowFor(browser);
  const resumes = sentOps(here, 'resume');
  await signIn(here, 'asker');
  const unit = await unitOf(bo);
  await menu(there, /^Logga ut$/);
  await there.locator('#login').waitFor();
  const mark = tag();
  await askQuestion(here, unit, mark);
  await here.locator('main.sent a.primary').click();
  await letter(here, mark).waitFor();
  await row(bo, mark).click();
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').fill('Vi hör av oss i veckan.');
  await clean(bo);
  await send(bo).click();
  await letter(here, 'Vi hör av oss i veckan.').waitFor();
  assert.deepEqual(resumes, []);
  await done(here, there, bo);
});

test('search finds one’s own thread by its words; a name never leaves as a search', async () => {
  const [anna, bo] = await people('asker', 'answerer');
  const searches = [];
  const mark = tag();
  const id = await askQuestion(anna, await unitOf(bo), mark);
  anna.on('websocket', (ws) => ws.on('framesent', ({ payload }) => searches.push(String(payload))));
  await anna.reload();
  await anna.locator('main.inbox .jump-to').first().waitFor();
  await anna.keyboard.press('/');
  await anna.locator('#search').fill(mark);
  await anna.keyboard.press('Enter');
  await anna.locator(`.search .rows a[href="#/trad/${id}"]`).waitFor();
  assert.equal(await anna.locator('.search .rows a').count(), 1);
  await anna.locator('#search').fill('Anna Lindqvist 19850312-9811');
  await anna.keyboard.press('Enter');
  await anna.locator('#search-trouble p').waitFor();
  assert.match(await anna.locator('#search-trouble').textContent(), /avidentifierade/);
  assert.ok(searches.some((f) => f.includes('"thread.search"')), 'the watch sees searches');
  assert.ok(!searches.some((f) => f.includes('"thread.search"') && f.includes('Lindqvist')));
  await anna.locator('#search').fill(mark);
  await anna.keyboard.press('Enter');
  await anna.locator('.search .rows a').click();
  await letter(anna, mark).waitFor();
  await done(anna, bo);
});

test('passed on with a reason: the next unit has it at once, the first is told that it has gone', async () => {
  const [anna, bo, third] = await people('asker', 'answerer', 'third');
  const mark = tag();
  const to = await unitOf(third);
  await askQuestion(anna, await unitOf(bo), mark);
  await anna.locator('main.sent a.primary').click();
  await row(bo, mark).click();
  await bo.locator('[data-key="tool.route"]').click();
  await bo.locator('.thread-extra .option', { hasText: to.name }).locator('input').check();
  await field(bo, 'reason').fill('Det här hör mer till skolan än till oss.');
  await within('ready', async () => (await bo.locator('.thread-extra button.send').getAttribute('data-kind')) === 'send');
  assert.equal(await bo.locator('.thread-extra button.send').textContent(), `Skicka vidare till ${to.name}`);
  await bo.locator('.thread-extra button.send').click();
  await row(third, mark).waitFor();
  await within('the first unit is told', async () => /ligger inte längre hos din enhet/.test(await bo.locator('main').innerText()));
  await within('the asker reads why, and where it is', async () => /hör mer till skolan/.test(await anna.locator('main').innerText()) && (await anna.locator('aside').innerText()).includes(to.name));
  await done(anna, bo, third);
});

test('taken and let go: the asker sees it live, and it can be taken again', async () => {
  const [anna, bo] = await people('asker', 'answerer');
  const mark = tag();
  await askQuestion(anna, await unitOf(bo), mark);
  await anna.locator('main.sent a.primary').click();
  await row(bo, mark).click();
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').waitFor();
  await within('taken', async () => /ska svara/.test(await anna.locator('.stand').innerText()));
  await bo.locator('[data-key="tool.release"]').click();
  await bo.locator('[data-key="claim"]').waitFor();
  await within('free again', async () => /Väntar på att någon tar frågan/.test(await anna.locator('.stand').innerText()));
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').waitFor();
  await done(anna, bo);
});

test('names are letters, the turn is told in true words, and what was wrong is corrected by a new letter', async () => {
  const [anna, bo] = await people('asker', 'answerer');
  const mark = tag();
  await askQuestion(anna, await unitOf(bo), mark);
  await anna.locator('main.sent a.primary').click();
  await letter(anna, mark).waitFor();
  await row(bo, mark).click();
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').fill('Ring oss på tisdag så bokar vi.');
  await clean(bo);
  await send(bo).click();
  await letter(anna, 'Ring oss på tisdag').waitFor();
  assert.match(await anna.locator('.stand').innerText(), /Du har fått ett svar/);
  for (const page of [anna, bo]) {
    assert.doesNotMatch(await page.locator('body').innerText(), /[0-9a-f]{8}-[0-9a-f]{4}-/, 'no key is shown as a name');
    assert.match(await page.locator('.letters').innerText(), /från Handläggare [A-ZÅÄÖ]/);
  }

  // Only one's own can be corrected. The draft of it survives a reload.
  assert.equal(await letter(bo, mark).locator('.correct').count(), 0);
  await letter(bo, 'Ring oss på tisdag').locator('.correct').click();
  assert.equal(await field(bo, 'text').inputValue(), 'Ring oss på tisdag så bokar vi.');
  await field(bo, 'text').fill('Ring oss på torsdag så bokar vi.');
  await within('kept', () => bo.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith('radrum.draft.correct.'))));
  await clean(bo);
  await bo.reload();
  await field(bo, 'text').waitFor();
  assert.equal(await field(bo, 'text').inputValue(), 'Ring oss på torsdag så bokar vi.');
  await within('the button says what it does', async () => /Skicka rättelsen/.test(await send(bo).textContent()));
  await send(bo).click();
  await letter(anna, 'på torsdag').waitFor();
  assert.match(await letter(anna, 'på torsdag').innerText(), /Rättelse[\s\S]*Rättar det som skrevs/);
  assert.match(await letter(anna, 'på tisdag').innerText(), /Rättat längre ner/);
  await letter(bo, 'på torsdag').waitFor();
  assert.equal(await field(bo, 'text').inputValue(), '');
  await anna.reload();
  await letter(anna, 'på torsdag').waitFor();
  assert.match(await letter(anna, 'på tisdag').innerText(), /Rättat längre ner/);

  await bo.locator('input[value="ask_back"]').check();
  await field(bo, 'text').fill('Vilken tid passar?');
  await clean(bo);
  await send(bo).click();
  await letter(anna, 'Vilken tid passar?').waitFor();
  await within('the turn', async () => /svara på motfrågan/.test(await anna.locator('.stand').innerText()));
  await done(anna, bo);
});

test('both languages, chosen before or after signing in, kept over a reload', async () => {
  const page = await windowFor(browser);
  await page.goto(`${page.base}/`);
  await page.locator('.pick-one', { hasText: 'English' }).click();
  await page.locator('h1', { hasText: 'Sign in' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await signIn(page, 'asker');
  await page.locator('h1', { hasText: 'Inbox' }).waitFor();
  await page.reload();
  await page.locator('h1', { hasText: 'Inbox' }).waitFor();
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill('Mamman Anna Lindqvist vill ha hjälp.');
  await page.locator('.under .mark.must').first().waitFor();
  await within('in English', async () => /Remove one detail|must go/.test(await page.locator('main').innerText()));
  await field(page, 'situation').fill('');
  await page.locator('.menu-button').click();
  await page.locator('.pick-one', { hasText: 'Svenska' }).click();
  await page.locator('h1', { hasText: 'Ställ en fråga' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'sv');
  await done(page);
});

test('someone of no unit is told what they can do, and is shown no empty heaps', async () => {
  const [page] = await people('admin');
  const text = await page.locator('main').innerText();
  assert.match(text, /Administratör[\s\S]*aldrig läsa[\s\S]*I dag[\s\S]*Senare/);
  assert.equal(await page.locator('.heap').count(), 0);
  assert.equal(await page.locator('.top-nav a').count(), 1);
  for (const hash of ['#/fraga', '#/sok', '#/trad/00000000-0000-4000-8000-00000000dead']) {
    await page.goto(`${page.base}/${hash}`);
    await page.locator('.start-facts').waitFor();
  }
  await done(page);
});

test('a rare subject and a small unit are told plainly', async () => {
  const [page] = await people('asker');
  const { rare, small } = await page.evaluate(async () => {
    const list = await (await fetch('/api/v1/units.list', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).json();
    return { rare: list.rare_subjects.find((s) => list.units.some((u) => !u.own && u.subjects.includes(s))), small: list.units.find((u) => u.small && !u.own) };
  });
  await page.goto(`${page.base}/#/fraga`);
  await page.locator(`input[name="subject"][value="${rare}"]`).check();
  await page.locator('.plainly .warning').waitFor();
  assert.match(await page.locator('.plainly').innerText(), /Bara en enhet[\s\S]*kan vi inte lova/);
  await page.locator(`input[name="subject"][value="${small.subjects[0]}"]`).check();
  await page.locator(`[data-key="unit-${small.id}"]`).check();
  await within('the small unit is named as small', async () => /Enheten du frågar är liten/.test(await page.locator('.plainly').innerText()));
  await done(page);
});
