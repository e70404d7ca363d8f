// axe-core over every screen, all of its rules on, light and dark, wide and narrow.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, windowFor, signIn, field, send, row, unitOf, within, tag } from './lib.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function look(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const rules = Object.fromEntries(window.axe.getRules().map((rule) => [rule.ruleId, { enabled: true }]));
    const { violations, passes } = await window.axe.run(document, { rules });
    return { passes: passes.length, violations: violations.map((v) => `${v.id}: ${v.help} – ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary.split('\n').slice(1).join(' ')}`).join(' | ')}`) };
  });
  assert.ok(found.passes > 15, `${where}: only ${found.passes} rules had something to look at`);
  assert.deepEqual(found.violations, [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: scrolls sideways by ${wide} px`);
}

for (const [scheme, viewport] of [['light', { width: 1440, height: 900 }], ['dark', { width: 1440, height: 900 }], ['light', { width: 390, height: 844 }], ['dark', { width: 320, height: 640 }]]) {
  test(`every screen passes, ${scheme} at ${viewport.width}`, async () => {
    const page = await windowFor(browser, { colorScheme: scheme, viewport, reducedMotion: 'reduce' });
    await page.goto(`${page.base}/`);
    await page.locator('#login').waitFor();
    await look(page, 'sign-in');
    await signIn(page, 'asker');
    await look(page, 'inbox');
    await page.locator('.menu-button').click();
    await look(page, 'menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await look(page, 'keys');
    await page.keyboard.press('Escape');

    await page.goto(`${page.base}/#/fraga`);
    await field(page, 'situation').waitFor();
    await look(page, 'ask, empty');
    const mark = tag();
    await field(page, 'situation').fill('Mamman Anna Lindqvist 19850312-9811 har en son som är 8 år.');
    await field(page, 'question').fill(`Hur gör vi? ${mark}`);
    await page.locator('.under .mark.must').first().waitFor();
    await page.locator('.walk').first().click();
    await look(page, 'ask, with a card');
    const bo = await windowFor(browser, { colorScheme: scheme, viewport, reducedMotion: 'reduce' });
    await signIn(bo, 'answerer');
    const other = await unitOf(bo);
    await page.locator(`input[name="subject"][value="${other.subjects[0]}"]`).check();
    await page.locator('input[name="urgency"][value="acute"]').check();
    await look(page, 'ask, acute');
    await page.locator('input[name="urgency"][value="normal"]').check();
    await page.locator(`[data-key="unit-${other.id}"]`).check();
    await page.locator('button', { hasText: 'Ta bort allt som behövs' }).click();
    await within('clean', async () => ['send', 'hold'].includes(await send(page).getAttribute('data-kind')));
    await look(page, 'ask, clean');
    await send(page).click();
    await page.locator('main.sent').waitFor();
    await look(page, 'sent');
    await page.locator('main.sent a.primary').click();
    await page.locator('.letter').first().waitFor();
    await look(page, 'thread');
    await page.locator('.letter .correct').first().click();
    await page.locator('.kinds .notice').waitFor();
    await look(page, 'thread, correcting');
    await page.locator('.kinds .notice button').click();
    await page.locator('[data-key="tool.close"]').click();
    await look(page, 'thread, closing');
    await page.goto(`${page.base}/#/sok`);
    await page.fill('#search', 'förälder');
    await page.keyboard.press('Enter');
    await page.locator('.lead').waitFor();
    await look(page, 'search');

    await row(bo, mark).click();
    await bo.locator('[data-key="claim"]').waitFor();
    await look(bo, 'thread to claim');
    await bo.locator('[data-key="claim"]').click();
    await bo.locator('input[value="advice"]').check();
    await look(bo, 'advice');
    await bo.locator('[data-key="tool.route"]').click();
    await look(bo, 'passing on');
    await page.goto(`${page.base}/#/fraga`);
    await field(page, 'situation').fill('Barnet berättar att Leila är hemma på kvällarna.');
    await field(page, 'question').fill(`Hur frågar vi? ${tag()}`);
    await page.locator('.under .mark.must').first().waitFor();
    await page.locator(`input[name="subject"][value="${other.subjects[0]}"]`).check();
    await page.locator(`[data-key="unit-${other.id}"]`).check();
    await page.locator('.walk').first().click();
    await page.locator('.card button', { hasText: 'Det är inget namn' }).click();
    await within('hold', async () => (await send(page).getAttribute('data-kind')) === 'hold');
    await look(page, 'ask, for review');
    await send(page).click();
    await page.locator('main.sent').waitFor();
    await look(page, 'held');
    await page.goto(`${page.base}/#/`);
    await page.locator('.row.held').first().waitFor();
    await page.locator('.row.held.waiting button', { hasText: 'Läs texten' }).first().click();
    await page.locator('.row-text').first().waitFor();
    await look(page, 'inbox with held');

    const karin = await windowFor(browser, { colorScheme: scheme, viewport, reducedMotion: 'reduce' });
    await signIn(karin, 'manager');
    await karin.locator('a[href^="#/granska/"]').first().click();
    await karin.locator('.decisions').waitFor();
    await karin.locator('.decision button.second').first().click();
    await look(karin, 'review');
    await page.locator('.menu-button').click();
    await page.locator('.menu-rows button', { hasText: 'Lås sidan' }).click();
    await page.locator('h1', { hasText: 'Sidan är låst' }).waitFor();
    await look(page, 'locked');
    const jonas = await windowFor(browser, { colorScheme: scheme, viewport, reducedMotion: 'reduce' });
    await signIn(jonas, 'admin');
    await look(jonas, 'start, without a unit');
    assert.deepEqual([...page.troubles, ...bo.troubles, ...karin.troubles, ...jonas.troubles], []);
    await Promise.all([page, bo, karin, jonas].map((p) => p.context().close()));
  });
}
