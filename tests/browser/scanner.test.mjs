// The scanner in the page: nothing of what is typed leaves it, nothing is sent before it is there, it says what the server says, and it is quick.

import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, line, windowFor, signIn, unitOf, askQuestion, field, send, row, clean, within, tag, hold, openReview } from './lib.mjs';
import { tap } from './tap.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const texts = readFileSync(new URL('../corpus/dev.jsonl', import.meta.url), 'utf8').trim().split('\n').map((row) => JSON.parse(row).text);
const FREE = ['situation', 'question', 'considered', 'text', 'advice', 'paragraph', 'limits', 'reason', 'comment'];

/** What nobody may hear: an invented name, personal number and telephone number, and parts of them. */
const CANARY = 'Torvald Brandqvist 19850312-9811, ring 070-174 06 63';
const PARTS = ['Torvald', 'Brandqvist', '19850312', '0312-9811', '070-174', '174 06 63'];

/** A window whose whole line is listened to. Requests that go past the line fail the test too. */
async function watched(who) {
  const heard = tap();
  const wire = await line({ tap: heard });
  const page = await windowFor(browser, { base: wire.url });
  const elsewhere = [];
  page.context().on('request', (request) => { if (!request.url().startsWith(wire.url)) elsewhere.push(request.url()); });
  await signIn(page, who);
  return { page, heard, elsewhere, end: async () => { await page.context().close(); wire.close(); } };
}

/** Types the canary letter by letter, waits until it is marked and a while more, and takes it away again. */
async function typed(page, name) {
  const area = field(page, name);
  await area.pressSequentially(`${CANARY} `, { delay: 4 });
  await page.locator(`.write:has(textarea[data-field="${name}"]) .under .mark.must`).first().waitFor();
  await page.waitForTimeout(400);
  await area.fill('');
}

test('all traffic is watched while a canary is typed in every field, and it never leaves the page', async () => {
  const asker = await watched('asker');
  const { page: anna } = asker;
  assert.ok(asker.heard.sent.some((text) => text.startsWith('GET /assets/scan.wasm')), 'the watch hears the worker too');
  const answerer = await watched('answerer');
  const { page: bo } = answerer;
  const other = await unitOf(bo);

  // Asking: typed, masked, sent. What is left of it goes, and the masks.
  const mark = tag();
  await anna.goto(`${anna.base}/#/fraga`);
  for (const name of ['situation', 'question', 'considered']) await typed(anna, name);
  await field(anna, 'situation').fill(`Vi har träffat ${CANARY}.`);
  await field(anna, 'question').fill(`Vad kan ni erbjuda? ${mark}`);
  await anna.locator(`input[name="subject"][value="${other.subjects[0]}"]`).check();
  await anna.locator(`[data-key="unit-${other.id}"]`).check();
  await within('it must go', async () => (await send(anna).getAttribute('data-kind')) === 'must');
  await send(anna).click();
  await anna.locator('.card').waitFor();
  await anna.locator('.verdict .tools button', { hasText: 'Ta bort allt som behövs' }).click();
  await clean(anna);
  await send(anna).click();
  await anna.locator('main.sent').waitFor();
  assert.deepEqual(asker.heard.left(PARTS), []);
  assert.deepEqual(asker.heard.left([mark]), [mark], 'the watch hears what is sent');
  assert.ok(asker.heard.sent.some((text) => text.includes('[person 1]')), 'with its masks');

  // Searching
  await anna.goto(`${anna.base}/#/sok`);
  await anna.locator('#search').pressSequentially('Torvald Brandqvist', { delay: 4 });
  await anna.keyboard.press('Enter');
  await anna.locator('#search-trouble p').waitFor();
  await anna.locator('#search').fill('19850312-9811');
  await anna.keyboard.press('Enter');
  await anna.locator('#search-trouble p').waitFor();

  // In the thread: adding, passing on, closing
  await anna.goto(`${anna.base}/#/`);
  await row(anna, mark).click();
  await field(anna, 'text').waitFor();
  await typed(anna, 'text');
  await anna.locator('[data-key="tool.route"]').click();
  await typed(anna, 'reason');
  await anna.locator('[data-key="tool.close"]').click();
  await anna.locator('.close [data-value="yes"]').click();
  await anna.locator('.close summary').click();
  await typed(anna, 'comment');

  // Answering: a reply, a question back, advice
  await row(bo, mark).click();
  await bo.locator('[data-key="claim"]').click();
  await field(bo, 'text').waitFor();
  await typed(bo, 'text');
  await bo.locator('input[value="ask_back"]').check();
  await typed(bo, 'text');
  await bo.locator('input[value="advice"]').check();
  for (const name of ['advice', 'paragraph', 'limits']) await typed(bo, name);

  // Reviewing
  const held = tag();
  await hold(anna, held);
  const manager = await watched('manager');
  await openReview(manager.page, held);
  await manager.page.locator('.decision button.second').first().click();
  await typed(manager.page, 'reason');

  for (const { page, heard, elsewhere } of [asker, answerer, manager]) {
    assert.deepEqual(heard.left(PARTS), []);
    assert.deepEqual(heard.told(PARTS), []);
    assert.deepEqual(elsewhere, [], 'nobody else is spoken to');
    assert.ok(!heard.sent.some((text) => text.includes('scan.check')), 'the server is not asked');
    assert.deepEqual(page.troubles, []);
  }

  // The watch hears a canary in whatever way it is let out.
  for (const [part, out] of [
    ['Torvald', (page) => page.evaluate(() => fetch('/nowhere?q=Torvald'))],
    ['Brandqvist', (page) => page.evaluate(() => fetch('/api/v1/units.list', { method: 'POST', body: 'Brandqvist' }))],
    ['0312-9811', (page) => page.evaluate(() => fetch('/nowhere', { headers: { 'x-word': btoa('hemlig: 0312-9811') } }))],
    ['174 06 63', (page) => page.evaluate(() => fetch('/nowhere?q=174%2006%2063'))],
    ['070-174', (page) => page.evaluate(() => new Promise((done) => {
      const socket = new WebSocket(`ws://${location.host}/ws`, 'radrum.v1');
      socket.onopen = () => { socket.send('070-174'); setTimeout(() => { socket.close(); done(); }, 300); };
    }))],
    ['19850312', (page) => page.evaluate(() => new Promise((done) => { navigator.sendBeacon('/nowhere', '19850312'); setTimeout(done, 300); }))],
  ]) {
    assert.deepEqual(answerer.heard.left([part]), [], `${part}, before`);
    await out(bo);
    await within(`${part} is heard`, () => answerer.heard.left([part]).length === 1);
  }
  for (const { end } of [asker, answerer, manager]) await end();
});

test('nothing can be sent before the scanner is here, and then what was written is checked', async () => {
  const page = await windowFor(browser);
  let letGo;
  const gate = new Promise((go) => { letGo = go; });
  await page.context().route('**/assets/scan.wasm', async (route) => { await gate; await route.continue(); });
  await signIn(page, 'asker');
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill('Mamman Anna Lindqvist har en son.');
  await field(page, 'question').fill('Hur gör vi?');
  await page.waitForTimeout(600);
  assert.equal(await send(page).textContent(), 'Granskningen laddas …');
  assert.equal(await send(page).getAttribute('aria-disabled'), 'true');
  assert.match(await page.locator('.state').innerText(), /Texten är inte kontrollerad/);
  let sent = 0;
  page.on('request', () => { sent += 1; });
  await send(page).click({ force: true });
  await field(page, 'question').press('Control+Enter');
  await page.waitForTimeout(300);
  assert.equal(sent, 0);
  assert.equal(await page.locator('main.ask').count(), 1);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/loading.png`, fullPage: true });
  letGo();
  await page.locator('.under .mark.must').first().waitFor();
  assert.match(await send(page).textContent(), /Ta bort en uppgift först/);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/loaded.png`, fullPage: true });
  await field(page, 'situation').fill('');
  await field(page, 'question').fill('');
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test('a scanner that cannot be loaded stops the sending, says what to do, and a reload mends it', async () => {
  const page = await windowFor(browser);
  let asked = 0;
  await page.context().route('**/assets/scan.wasm', (route) => { asked += 1; return route.fulfill({ status: 503, body: '' }); });
  await page.clock.install();
  await signIn(page, 'asker');
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill('En pappa som dricker.');
  await field(page, 'question').fill('Hur gör vi?');
  await within('given up', async () => {
    await page.clock.runFor(5000);
    return (await send(page).getAttribute('data-kind')) === 'failed';
  });
  assert.ok(asked >= 3, `tried ${asked} times`);
  assert.equal(await send(page).textContent(), 'Ladda om sidan');
  assert.match(await page.locator('.composer .trouble').innerText(), /Granskningen kunde inte laddas, och utan den kan inget skickas\. Ladda om sidan\. Det du skrev finns kvar\./);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/failed.png`, fullPage: true });
  await page.context().unroute('**/assets/scan.wasm');
  await send(page).click();
  await within('what was written, checked', async () => (await send(page).textContent().catch(() => '')) === 'Välj ämne först');
  assert.equal(await field(page, 'situation').inputValue(), 'En pappa som dricker.');
  await field(page, 'situation').fill('');
  await field(page, 'question').fill('');
  await page.context().close();
});

test('it is fetched once, under 3 MB, and a reload has it from the browser’s own store', async () => {
  const page = await windowFor(browser);
  const fetched = () => page.evaluate(() => performance.getEntriesByType('resource').length > 0);
  const answers = [];
  page.context().on('response', (response) => { if (response.url().endsWith('/assets/scan.wasm')) answers.push(response); });
  await signIn(page, 'asker');
  await within('fetched', () => answers.length === 1);
  assert.ok(await fetched());
  const { responseBodySize } = await answers[0].request().sizes();
  console.log(`scan.wasm: ${responseBodySize} bytes over the line`);
  assert.ok(responseBodySize > 100_000 && responseBodySize < 3_000_000, `${responseBodySize} bytes`);
  assert.equal(answers[0].headers()['content-encoding'], 'gzip');
  await page.reload();
  await page.locator('main.inbox').waitFor();
  await within('asked for again', () => answers.length === 2);
  const again = await answers[1].request().sizes();
  assert.ok(answers[1].status() === 304 || again.responseBodySize === 0 || answers[1].fromServiceWorker(), `${answers[1].status()}, ${again.responseBodySize} bytes`);
  await page.context().close();
});

/** The last digits of a score hang on the machine's own logarithm. */
const rounded = (answer) => JSON.parse(JSON.stringify(answer, (key, value) => (key === 'score' ? Math.round(value * 1e4) : value)));

test('the page’s scanner and the server’s say the same, risk and all', async () => {
  const page = await windowFor(browser);
  await signIn(page, 'asker');
  const unit = await unitOf(page);
  for (let from = 0; from < 108; from += FREE.length) {
    const fields = Object.fromEntries(FREE.map((name, i) => [name, texts[from + i].slice(0, 4000)]));
    const [own, served] = await page.evaluate(async ({ fields, unit }) => {
      const { put } = await import('/assets/engine.js');
      const me = await (await fetch('/api/v1/session')).json();
      const said = await put({ fields, municipality: unit.municipality, limit: me.risk_limit });
      const answer = await fetch('/api/v1/scan.check', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ unit: unit.id, fields }) });
      return [said, await answer.json()];
    }, { fields, unit });
    assert.ok(served.fields?.text, JSON.stringify(served).slice(0, 200));
    assert.deepEqual(rounded(own), rounded(served), `from line ${from + 1}`);
  }
  await page.context().close();
});

test('in a thread the page’s risk takes in what stands there, as the server’s does', async () => {
  const [page, bo] = [await windowFor(browser), await windowFor(browser)];
  await Promise.all([signIn(page, 'asker'), signIn(bo, 'answerer')]);
  const thread = await askQuestion(page, await unitOf(bo), tag());
  const risks = await page.evaluate(async ({ thread }) => {
    const { check, visible } = await import('/assets/scanner.js');
    const post = async (op, body) => (await fetch(`/api/v1/${op}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json();
    const { thread: { own_unit: { unit } }, messages } = await post('thread.open', { thread });
    const fields = { text: 'Hon är 43 år.' };
    const out = [];
    for (const more of [[], ['Mamman är från Eritrea.']]) {
      const earlier = visible(messages).concat(more);
      out.push((await check({ unit, earlier, fields })).risk);
    }
    out.push((await post('scan.check', { thread, fields })).risk);
    return out;
  }, { thread });
  const [own, more, served] = risks;
  assert.deepEqual(own, served);
  assert.ok(more.people < own.people, 'and what stands there counts');
  await Promise.all([page, bo].map((p) => p.context().close()));
});

test('2 KB are scanned in Chromium before anyone has noticed', async () => {
  const page = await windowFor(browser);
  await signIn(page, 'asker');
  const all = texts.join('\n\n');
  const pieces = Array.from({ length: 200 }, (_, i) => all.slice((i * 2000) % (all.length - 2000)).slice(0, 2000));
  const took = await page.evaluate(async (pieces) => {
    const { put } = await import('/assets/engine.js');
    const ask = async (text) => {
      const start = performance.now();
      await put({ fields: { situation: text }, municipality: '0180', limit: 20 });
      return performance.now() - start;
    };
    // The browser makes what runs often faster: as after a few minutes of writing.
    for (let i = 0; i < 200; i += 1) await ask(pieces[i]);
    const out = [];
    for (const text of pieces) out.push(await ask(text));
    return out.sort((a, b) => a - b);
  }, pieces);
  const at = (share) => took[Math.floor(took.length * share)].toFixed(1);
  console.log(`2 KB with risk, there and back, ms: least ${at(0)}, a quarter ${at(0.25)}, median ${at(0.5)}, 95 of 100 ${at(0.95)}`);
  // The goal is 5 ms on a machine that does nothing else; tests share theirs.
  assert.ok(at(0.25) < 25, `${at(0.25)} ms`);
  await page.context().close();
});
