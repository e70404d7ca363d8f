// A whole consultation between two people in two windows: live, over a reload and a cut line, by mouse and by keyboard alone.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { launch, line, windowFor, signIn, facts, tag, field, send, row, letter, listen, heard, tabTo, within, PEOPLE } from './lib.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function two() {
  const wire = await line();
  const anna = await windowFor(browser, { base: wire.url });
  const bo = await windowFor(browser);
  await Promise.all([signIn(anna, 'asker'), signIn(bo, 'answerer')]);
  const theirs = await facts(bo);
  const unit = theirs.units.find((u) => u.own && theirs.me.roles.some((r) => r.role === 'handler' && r.unit === u.id));
  assert.ok(unit, 'the answerer is a handler of a unit');
  return { wire, anna, bo, unit, subject: unit.subjects[0], end: () => { assert.deepEqual([...anna.troubles, ...bo.troubles], []); return Promise.all([anna.context().close(), bo.context().close(), wire.close()]); } };
}

test('ask, claim, reply, ask back, advise, close: live, with a reload and a cut line in the middle', async () => {
  const { wire, anna, bo, unit, subject, end } = await two();
  const mark = tag();
  let clicks = 0;
  const click = async (page, what) => { clicks += 1; await page.locator(what).first().click(); };

  // Asking, in at most six clicks and the typing
  await click(anna, 'main a[href="#/fraga"]');
  await field(anna, 'situation').fill('En förälder dricker i perioder och barnet tar stort ansvar hemma.');
  await field(anna, 'question').fill(`Vad kan ni erbjuda föräldern om hen inte vill ha behandling? ${mark}`);
  await click(anna, `input[name="subject"][value="${subject}"]`);
  if (!(await anna.locator(`[data-key="unit-${unit.id}"]`).isChecked())) await click(anna, `[data-key="unit-${unit.id}"]`);
  await within('the scanner has spoken', async () => (await send(anna).getAttribute('data-kind')) === 'send');
  assert.equal(await send(anna).textContent(), `Skicka till ${unit.name}`);
  await click(anna, '.composer button.send');
  await anna.locator('main.sent').waitFor();
  assert.ok(clicks <= 6, `${clicks} clicks`);
  assert.match(await anna.locator('main.sent').innerText(), new RegExp(`skickad till ${unit.name}[\\s\\S]*Svar senast[\\s\\S]*${mark}`));

  // It stands in the other window without anyone touching it; claiming it
  await row(bo, mark).waitFor();
  await row(bo, mark).click();
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').waitFor();

  await anna.locator('main.sent a.primary').click();
  await letter(anna, mark).waitFor();
  await listen(anna);

  // A reply, live, announced, and the field stays where it was
  await field(anna, 'text').fill('Jag undrar också');
  await field(anna, 'text').focus();
  const top = (await field(anna, 'text').boundingBox()).y;
  await field(bo, 'text').fill('Vi kan träffa föräldern hos er.');
  await within('clean', async () => (await send(bo).getAttribute('data-kind')) === 'send');
  await send(bo).click();
  await letter(bo, 'Vi kan träffa föräldern hos er.').waitFor();
  await letter(anna, 'Vi kan träffa föräldern hos er.').waitFor();
  await within('announced', async () => (await heard(anna)).some((t) => /Ett nytt svar har kommit/.test(t)));
  assert.equal(await anna.locator('#announce').getAttribute('aria-live'), 'polite');
  assert.ok(Math.abs((await field(anna, 'text').boundingBox()).y - top) < 2, 'the field did not move under the hands');
  assert.equal(await field(anna, 'text').inputValue(), 'Jag undrar också');

  // Reload in the middle: the draft is there, and everything said
  await anna.waitForTimeout(600);
  await anna.reload();
  await letter(anna, 'Vi kan träffa föräldern hos er.').waitFor();
  assert.equal(await field(anna, 'text').inputValue(), 'Jag undrar också');
  await listen(anna);

  // The line is cut; the other side asks back; what was missed comes, once
  await field(anna, 'text').fill('Ja, sedan i våras.');
  await within('clean', async () => (await send(anna).getAttribute('data-kind')) === 'send');
  wire.cut();
  await anna.locator('.contact p').waitFor();
  await bo.locator('input[value="ask_back"]').check();
  await field(bo, 'text').fill('Har föräldern någon kontakt med vården i dag?');
  await within('clean', async () => (await send(bo).getAttribute('data-kind')) === 'send');
  await send(bo).click();
  await letter(bo, 'Har föräldern någon kontakt').waitFor();
  await send(anna).click();
  await anna.locator('.letter.waiting').waitFor();
  assert.match(await send(anna).textContent(), /Skickas när kontakten är tillbaka/);
  wire.mend();
  await letter(anna, 'Har föräldern någon kontakt').waitFor({ timeout: 20_000 });
  await letter(anna, 'Ja, sedan i våras.').waitFor();
  await letter(bo, 'Ja, sedan i våras.').waitFor();
  await within('the line about contact is gone', async () => (await anna.locator('.contact p').count()) === 0);

  // A cut and a reload while a send waits: the same id goes again, once
  await field(anna, 'text').fill('Och barnet mår bra i skolan.');
  await within('clean', async () => (await send(anna).getAttribute('data-kind')) === 'send');
  wire.cut();
  await anna.locator('.contact p').waitFor();
  await send(anna).click();
  await anna.locator('.letter.waiting').waitFor();
  await anna.waitForTimeout(400);
  wire.mend();
  await anna.reload();
  await letter(bo, 'Och barnet mår bra i skolan.').waitFor();
  await letter(anna, 'Och barnet mår bra i skolan.').waitFor();
  for (const page of [anna, bo]) {
    for (const text of ['Ja, sedan i våras.', 'Och barnet mår bra i skolan.', 'Har föräldern någon kontakt']) assert.equal(await letter(page, text).count(), 1, `${text} once`);
  }

  // Advice, and closing in two clicks
  await bo.locator('input[value="advice"]').check();
  await field(bo, 'advice').fill('Erbjud ett motiverande samtal hos oss utan journal.');
  await field(bo, 'paragraph').fill('SoL 14:4');
  await field(bo, 'limits').fill('Gäller inte om barnet far illa i dag.');
  await within('clean', async () => (await send(bo).getAttribute('data-kind')) === 'send');
  await send(bo).click();
  await anna.locator('.letter.advice', { hasText: 'motiverande samtal' }).waitFor();
  assert.match(await anna.locator('.letter.advice').innerText(), /SoL 14:4[\s\S]*far illa/);
  await anna.locator('.close [data-value="yes"]').click();
  await anna.locator('.close [data-value="not_asked"]').click();
  await anna.locator('.closed').waitFor();
  await within('closed there too', async () => /Avslutad/.test(await bo.locator('.stand').innerText()));

  // Neither side has seen the other's names
  const [a, b] = [await facts(anna), await facts(bo)];
  assert.ok(!(await anna.locator('main').innerText()).includes(b.me.person.name));
  assert.ok(!(await bo.locator('main').innerText()).includes(a.me.person.name));
  await end();
});

test('the same by keyboard alone', async () => {
  const { anna, bo, unit, subject, end } = await two();
  const mark = tag();
  const type = (page, text) => page.keyboard.type(text);
  for (const page of [anna, bo]) await page.evaluate(() => { for (const kind of ['pointerdown', 'mousedown']) addEventListener(kind, () => { window.pointed = true; }, true); });

  // Keys shown and closed; the skip link first of all
  await anna.reload();
  await anna.locator('.jump-to').first().waitFor();
  await anna.keyboard.press('Tab');
  assert.equal(await anna.evaluate(() => document.activeElement.className), 'skip');
  await anna.keyboard.press('?');
  await anna.locator('dialog[open]').waitFor();
  await anna.keyboard.press('Escape');
  await anna.locator('dialog[open]').waitFor({ state: 'detached' });

  // Asking, with a name and a number that must go: Tab to the mark, Enter takes the proposal
  await anna.keyboard.press('n');
  await within('the first field has focus', () => anna.evaluate(() => document.activeElement?.dataset.field === 'situation'));
  await type(anna, 'Mamman Anna Lindqvist 19850312-9811 vill ha hjälp men säger nej till möten.');
  await within('two marks', async () => (await anna.locator('.under .mark.must').count()) === 2);
  assert.match(await send(anna).textContent(), /först/);
  await anna.keyboard.press('Tab');
  await within('the card has focus', () => anna.evaluate(() => document.activeElement?.closest('.card') !== null));
  await anna.keyboard.press('Tab');
  assert.match(await anna.locator('.card-place').textContent(), /^2 av 2$/);
  await anna.keyboard.press('Shift+Tab');
  assert.match(await anna.locator('.card-place').textContent(), /^1 av 2$/);
  await anna.keyboard.press('Enter');
  await within('on to the number', async () => /9811/.test(await anna.locator('.card-words').textContent()));
  await anna.keyboard.press('Enter');
  await within('nothing left', async () => (await anna.locator('.under .mark.must').count()) === 0);
  assert.doesNotMatch(await field(anna, 'situation').inputValue(), /Lindqvist|9811/);
  await tabTo(anna, '[data-field="question"]');
  await type(anna, `Hur brukar ni göra då? ${mark}`);
  await tabTo(anna, 'input[name="subject"]');
  for (let i = 0; i < 12 && !(await anna.locator(`input[name="subject"][value="${subject}"]`).isChecked()); i += 1) await anna.keyboard.press(i === 0 && !(await anna.locator('input[name="subject"]:checked').count()) ? 'Space' : 'ArrowDown');
  await tabTo(anna, `[data-key="unit-${unit.id}"]`);
  if (!(await anna.locator(`[data-key="unit-${unit.id}"]`).isChecked())) await anna.keyboard.press('Space');
  await tabTo(anna, 'button.send');
  await within('clean', async () => (await send(anna).getAttribute('data-kind')) === 'send');
  await anna.keyboard.press('Enter');
  await anna.locator('main.sent').waitFor();
  assert.doesNotMatch(await anna.locator('main.sent').innerText(), /Lindqvist|9811/);
  await tabTo(anna, 'main.sent a.primary');
  await anna.keyboard.press('Enter');
  await letter(anna, mark).waitFor();

  // Claiming by j and Enter
  await row(bo, mark).waitFor();
  for (let i = 0; i < 60; i += 1) {
    await bo.keyboard.press('j');
    if ((await bo.evaluate(() => document.activeElement.innerText)).includes(mark)) break;
  }
  await bo.keyboard.press('Enter');
  await bo.locator('[data-key="claim"]').waitFor();
  await tabTo(bo, '[data-key="claim"]');
  await bo.keyboard.press('Enter');
  await within('the field has focus', () => bo.evaluate(() => document.activeElement?.dataset.field === 'text'));
  await type(bo, 'Vi börjar med ett samtal i hemmet.');
  await bo.keyboard.press('Control+Enter');
  await letter(anna, 'ett samtal i hemmet').waitFor();

  // Asking back: Shift+Tab to the kinds, arrow to the second
  // The field keeps the focus after sending; elsewhere on the page r leads to it.
  await bo.evaluate(() => document.activeElement.blur());
  await bo.keyboard.press('r');
  await within('the field has focus again', () => bo.evaluate(() => document.activeElement?.dataset.field === 'text'));
  await within('free to write', async () => !(await field(bo, 'text').evaluate((el) => el.readOnly)));
  await tabTo(bo, 'input[name="kind"]', { back: true });
  await bo.keyboard.press('ArrowDown');
  await tabTo(bo, '[data-field="text"]');
  await type(bo, 'Vad har ni provat hittills?');
  await within('clean', async () => (await send(bo).getAttribute('data-kind')) === 'send');
  await bo.keyboard.press('Control+Enter');
  await letter(anna, 'Vad har ni provat').waitFor();

  await anna.keyboard.press('r');
  await within('the field has focus', () => anna.evaluate(() => document.activeElement?.dataset.field === 'text'));
  await type(anna, 'Två brev och ett telefonsamtal.');
  await within('clean', async () => (await send(anna).getAttribute('data-kind')) === 'send');
  await anna.keyboard.press('Control+Enter');
  await letter(bo, 'Två brev').waitFor();

  await tabTo(bo, 'input[name="kind"]', { back: true });
  await bo.keyboard.press('ArrowDown');
  await within('asking back', () => bo.locator('input[value="ask_back"]').isChecked());
  await bo.keyboard.press('ArrowDown');
  await tabTo(bo, '[data-field="advice"]');
  await type(bo, 'Föreslå ett möte på en plats som hon väljer.');
  await within('clean', async () => (await send(bo).getAttribute('data-kind')) === 'send');
  await bo.keyboard.press('Control+Enter');
  await anna.locator('.letter.advice').waitFor();

  await tabTo(anna, '.close [data-value="yes"]');
  await anna.keyboard.press('Enter');
  await within('on to the second question', () => anna.evaluate(() => document.activeElement?.dataset.value === 'phoned'));
  await anna.keyboard.press('Enter');
  await anna.locator('.closed').waitFor();
  for (const page of [anna, bo]) assert.equal(await page.evaluate(() => window.pointed ?? false), false, 'no pointer was used');
  await end();
});

test('a wrong password is told calmly, and the words typed stay', async () => {
  const page = await windowFor(browser);
  await page.goto(`${page.base}/`);
  await page.fill('#login', PEOPLE.asker.login);
  await page.fill('#password', 'inte det rätta ordet');
  await page.keyboard.press('Enter');
  await page.locator('#signin-trouble p').waitFor();
  assert.equal(await page.inputValue('#login'), PEOPLE.asker.login);
  assert.equal(await page.inputValue('#password'), '');
  await page.context().close();
});
