// What the browser tests share: who signs in, windows, a line that can be cut, and small steps in the page.

import http from 'node:http';
import net from 'node:net';
import { chromium } from 'playwright-core';

export const BASE = process.env.BASE_URL ?? 'http://127.0.0.1:8080';

const demo = (login) => ({ login, password: 'visa mig rådrum' });
/** The demo's people: asker, colleague and manager of one unit, answerer of another, `third` of one more; `admin` of none. */
export const PEOPLE = {
  asker: demo('anna.ek'), colleague: demo('samir.haddad'), manager: demo('gunilla.fors'), answerer: demo('mehmet.yildiz'), third: demo('petter.lindh'), admin: demo('jonas.stal'),
  ...JSON.parse(process.env.RADRUM_TEST_PEOPLE ?? '{}'),
};

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, headless: true });

/** A line to the service that can be cut: what is open is torn, what is new is refused. `tap` hears all that goes over it (tap.mjs). */
export async function line({ tap = null } = {}) {
  const target = new URL(BASE);
  const open = new Set();
  let whole = true;
  const headers = (req) => ({ ...req.headers, host: target.host, ...(req.headers.origin ? { origin: target.origin } : {}) });
  const server = http.createServer((req, res) => {
    if (!whole) return req.socket.destroy();
    const on = http.request({ host: target.hostname, port: target.port, method: req.method, path: req.url, headers: headers(req) }, (answer) => {
      res.writeHead(answer.statusCode, answer.rawHeaders);
      (tap ? answer.pipe(tap.answer()) : answer).pipe(res);
    });
    on.on('error', () => res.destroy());
    (tap ? req.pipe(tap.request(req)) : req).pipe(on);
  });
  server.on('upgrade', (req, socket, head) => {
    if (!whole) return socket.destroy();
    const on = net.connect(Number(target.port), target.hostname, () => {
      const lines = Object.entries(headers(req)).flatMap(([k, v]) => [v].flat().map((one) => `${k}: ${one}`));
      on.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      on.write(head);
      (tap ? socket.pipe(tap.upgrade(req)) : socket).pipe(on);
      (tap ? on.pipe(tap.upgraded()) : on).pipe(socket);
    });
    for (const end of [socket, on]) end.on('error', () => {});
    socket.on('close', () => on.destroy());
    on.on('close', () => socket.destroy());
  });
  server.on('connection', (socket) => {
    if (!whole) return socket.destroy();
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut: () => { whole = false; for (const s of open) s.destroy(); },
    mend: () => { whole = true; },
    close: () => { for (const s of open) s.destroy(); server.close(); },
  };
}

/** A window of one's own. Whatever goes wrong in the page fails the test that opened it. */
export async function windowFor(browser, { base = BASE, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'sv-SE', timezoneId: 'Europe/Stockholm', ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.troubles = [];
  page.on('pageerror', (error) => page.troubles.push(String(error.stack ?? error)));
  page.on('console', (message) => { if (/Content Security Policy/i.test(message.text())) page.troubles.push(message.text()); });
  page.base = base;
  return page;
}

export async function signIn(page, who) {
  await page.goto(`${page.base}/`);
  await page.fill('#login', PEOPLE[who].login);
  await page.fill('#password', PEOPLE[who].password);
  await page.keyboard.press('Enter');
  await page.locator('main.inbox').waitFor();
  await page.locator('.jump-to, .start-facts').first().waitFor();
}

/** The unit for which this person answers. */
export async function unitOf(page) {
  const { me, units } = await facts(page);
  return units.find((u) => me.roles.some((r) => r.role === 'handler' && r.unit === u.id));
}

/** Asks `unit` a question that ends with `mark`; gives the thread's id. */
export async function askQuestion(page, unit, mark) {
  await page.goto(`${page.base}/#/fraga`);
  await field(page, 'situation').fill('En förälder dricker i perioder och barnet tar stort ansvar hemma.');
  await field(page, 'question').fill(`Vad kan ni erbjuda? ${mark}`);
  await page.locator(`input[name="subject"][value="${unit.subjects[0]}"]`).check();
  await page.locator(`[data-key="unit-${unit.id}"]`).check();
  await clean(page);
  await send(page).click();
  await page.locator('main.sent').waitFor();
  return (await page.locator('main.sent a.primary').getAttribute('href')).split('/').pop();
}

/** Writes a question with a word that is claimed to be no name, and has it held for review. */
export async function hold(anna, mark) {
  await anna.goto(`${anna.base}/#/fraga`);
  await field(anna, 'situation').waitFor();
  await field(anna, 'situation').fill('Barnet säger att Leila är hemma på kvällarna, och Leila är snäll.');
  await field(anna, 'question').fill(`Hur frågar vi vidare utan att skrämma? ${mark}`);
  await anna.locator('.under .mark.must').first().waitFor();
  const { units } = await facts(anna);
  const other = units.find((u) => !u.own);
  await anna.locator(`input[name="subject"][value="${other.subjects[0]}"]`).check();
  await anna.locator(`[data-key="unit-${other.id}"]`).check();
  await field(anna, 'situation').focus();
  await anna.keyboard.press('Control+Home');
  await anna.keyboard.press('Tab');
  await anna.locator('.card button', { hasText: 'Det är inget namn' }).click();
  await within('review offered', async () => (await send(anna).textContent()) === 'Skicka för granskning');
  await send(anna).click();
  await anna.locator('main.sent', { hasText: 'Inget är skickat' }).waitFor();
}

/** Opens texts in the queue until the one with these words stands there: others may wait too, and this one comes live. */
export async function openReview(karin, mark) {
  await within('the text is in the queue', async () => {
    await karin.goto(`${karin.base}/#/`);
    await karin.locator('a[href^="#/granska/"]').first().waitFor();
    for (const href of await karin.locator('a[href^="#/granska/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))) {
      await karin.goto(`${karin.base}/${href}`);
      await karin.locator(`main[data-held="${href.split('/').pop()}"] .decisions`).waitFor();
      if ((await karin.locator('main').innerText()).includes(mark)) return true;
    }
    return false;
  }, 15_000);
}

/** Who the service says that this person is, and the units it knows. */
export async function facts(page) {
  return page.evaluate(async () => {
    const get = async (path, init) => (await fetch(path, init)).json();
    const me = await get('/api/v1/session');
    const list = await get('/api/v1/units.list', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    return { me, units: list.units, subjects: list.subjects };
  });
}

const WORDS = ['kaffe', 'regn', 'cykel', 'tröja', 'fönster', 'kastrull', 'mössa', 'soffa', 'bord', 'stol', 'papper', 'vatten', 'skåp', 'tvätt'];
/** Words that no other thread has, and that no scanner minds. */
export const tag = () => Array.from({ length: 4 }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(' ');

export const field = (page, name) => page.locator(`textarea[data-field="${name}"]`);
export const send = (page) => page.locator('.composer:not(.bare) button.send');
/** Waits until the scanner has spoken and nothing stands in the way. */
export const clean = (page) => within('clean', async () => (await send(page).getAttribute('data-kind')) === 'send');
export const row = (page, text) => page.locator('main .row > a', { hasText: text });
export const letter = (page, text) => page.locator('.letters .letter:not(.waiting)', { hasText: text });

/** Keeps everything that the live region has said, in order. */
export async function listen(page) {
  await page.evaluate(() => {
    window.heard = [];
    const region = document.getElementById('announce');
    new MutationObserver(() => region.textContent && window.heard.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
}
export const heard = (page) => page.evaluate(() => window.heard);

/** Presses Tab until the focus stands on what the selector names. Fails rather than walk for ever. */
export async function tabTo(page, selector, { max = 60, back = false } = {}) {
  for (let i = 0; i < max; i += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`Tab never reached ${selector}; it stands on ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`);
}

export async function within(what, check, ms = 20_000) {
  const until = Date.now() + ms;
  for (;;) {
    if (await check()) return;
    if (Date.now() > until) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}
