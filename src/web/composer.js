// The composer: fields with marks, what the other unit will read, one line that says how it stands, and a button that says what is missing.

import { h, fill, focusOn } from './dom.js';
import { t } from './i18n.js';
import { state, scope } from './state.js';
import { check, placed, toPoint } from './scanner.js';
import { standing } from './engine.js';
import { command, waiting } from './live.js';
import { createField } from './field.js';
import { masked } from './marks.js';
import { announce } from './announce.js';
import { errorText } from './errors.js';
import { roughly, number } from './fmt.js';
import * as drafts from './drafts.js';

const SCAN_AFTER_MS = 250;
const SAVE_AFTER_MS = 250;

/**
 * createComposer({
 *   slot            where the draft lies (null: no draft)
 *   fields          [{name, label, hint, required, rows, missing}]
 *   context()       {unit, earlier} for the scanner: whose risk, and what stands in the thread
 *   recipient()     who reads it, or null
 *   sendLabel()     the button's words when all is clean
 *   build(texts)    {op, body}
 *   lacking()       null or {text, focus} for what is missing beside the texts
 *   canHold, extra, keep() (more to save), done(answer, sent), typing(on), labels(), showRead, local
 * })
 */
export function createComposer(options) {
  const life = scope();
  const saved = options.slot ? drafts.get(options.slot) : null;
  const decisions = new Map(saved?.decisions ?? []);
  /** Which mask stands for which words: in this browser's memory, for this text only, never sent and never stored. */
  const masks = new Map();
  const undo = [];
  let risk = null;
  let checked = null;
  let offers = null;
  let problem = null;
  let scanTimer = 0;
  let saveTimer = 0;
  let scanTurn = 0;
  let sending = null;
  let lastSpoken = '';
  let spent = false;

  const word = (text) => text.trim().toLocaleLowerCase('sv').replace(/(?<=..)s$/, '');
  const decisionKey = (finding, text) => `${finding.category}|${word(text)}`;

  const host = {
    decide: (finding, text) => decisions.get(decisionKey(finding, text)) ?? null,
    changed() {
      spent = false;
      problem = null;
      offers = null;
      options.typing?.(true);
      refresh();
      later();
    },
    touched: () => options.typing?.(false),
    undo: () => (undo.length > 0 && undo[undo.length - 1].after === snapshot().text ? takeBack() : false),
    labels: (field, text) => usedLabels().filter((l) => l !== masks.get(word(text))),
    /** What has not been scanned is not shown as what the other side reads. */
    unread: () => standing() !== 'ready',
    readHead: () => (options.recipient?.() ? t('read.head.unit', { unit: options.recipient() }) : t('read.head')),
    after(field) {
      const next = fields[fields.indexOf(field) + 1];
      if (next) return next.area;
      return el.querySelector('.after-fields input, .after-fields select, .after-fields button') ?? lead;
    },
    cleared(field) {
      const other = fields.find((f) => f !== field && f.open().some((m) => f.stands(m) === 'must'));
      return other ? other.openFirst(false) : false;
    },
    take(field, finding, mask) {
      remember();
      const text = field.text.slice(finding.from, finding.to);
      const same = (other, f) => f === finding || word(other) === word(text) || (finding.category === 'PERSON' && f.category === 'PERSON' && f.replacement === finding.replacement);
      for (const f of fields) replaceIn(f, (m, own) => (same(own, m) ? mask : null));
      after();
      announce(t('said.replaced', { mask }));
    },
    speak(field, finding, decision) {
      const key = decisionKey(finding, field.text.slice(finding.from, finding.to));
      if (decision) decisions.set(key, decision);
      else decisions.delete(key);
      after();
    },
  };

  const fields = options.fields.map((spec) => createField(spec, host));
  for (const field of fields) field.set(saved?.fields?.[field.name] ?? options.initial?.[field.name] ?? '');

  const stateLine = h('p', { class: 'state', id: `${fields[0].id}-state` });
  const riskLine = h('div', { class: 'risk' });
  const holdLine = h('div', { class: 'hold' });
  const clearAll = h('button', { type: 'button', class: 'second', on: { click: takeAll } }, t('compose.clear'));
  const undoButton = h('button', { type: 'button', class: 'plain', hidden: true, on: { click: () => takeBack() } }, t('compose.undo'));
  const lead = h('button', { type: 'submit', class: 'primary send', 'aria-describedby': stateLine.id });
  const trouble = h('div', { class: 'trouble', role: 'alert' });
  const note = h('p', { class: 'draft-note' });

  const grid = h('div', { class: 'panes' },
    h('p', { class: 'pane-head', 'aria-hidden': 'true' }, t('compose.write')),
    h('p', { class: 'pane-head', 'aria-hidden': 'true' }, host.readHead()),
    fields.flatMap((f) => [f.write, f.read]));
  const verdict = h('div', { class: 'verdict' }, h('div', { class: 'verdict-line' }, stateLine, h('div', { class: 'tools' }, clearAll, undoButton)), riskLine);
  const form = h('form', { class: 'composer', novalidate: true, on: { submit: (e) => { e.preventDefault(); press(); }, keydown: onKey } },
    grid,
    options.extra ? h('div', { class: 'after-fields' }, options.extra) : null,
    verdict,
    trouble, holdLine,
    h('div', { class: 'send-row' }, lead, options.beside ?? null),
    options.slot ? note : null);
  const el = form;

  function onKey(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
      event.preventDefault();
      press();
    }
  }

  const texts = () => Object.fromEntries(fields.map((f) => [f.name, f.text]));
  const snapshot = () => ({ text: JSON.stringify(texts()) });

  function usedLabels() {
    const inText = fields.flatMap((f) => f.text.match(/\[[^[\]\n]{1,60}\]/g) ?? []);
    return [...new Set([...(options.labels?.() ?? []), ...inText])].filter((l) => /\d/.test(l));
  }

  // Taking, undoing

  function remember() {
    undo.push({ fields: fields.map((f) => [f.text, f.marks]), decisions: [...decisions] });
  }

  function replaceIn(field, choose) {
    let text = field.text;
    const marks = [...field.marks];
    for (let i = marks.length - 1; i >= 0; i -= 1) {
      const m = marks[i];
      const own = text.slice(m.from, m.to);
      const mask = choose(m, own);
      if (mask === null) continue;
      if (m.category === 'PERSON') for (const part of [own, ...own.split(/\s+/)]) if (part.length > 2) masks.set(word(part), mask);
      text = text.slice(0, m.from) + mask + text.slice(m.to);
      const by = mask.length - (m.to - m.from);
      marks.splice(i, 1);
      for (let j = i; j < marks.length; j += 1) marks[j] = { ...marks[j], from: marks[j].from + by, to: marks[j].to + by };
    }
    if (text !== field.text) field.set(text, marks);
  }

  function takeAll() {
    remember();
    let n = 0;
    for (const field of fields) {
      replaceIn(field, (m) => {
        if (!masked(field.stands(m))) return null;
        n += 1;
        return m.replacement;
      });
      field.close();
    }
    after();
    announce(t('said.cleared', { n }));
    lead.focus();
  }

  function takeBack() {
    const last = undo.pop();
    if (!last) return false;
    decisions.clear();
    for (const [k, v] of last.decisions) decisions.set(k, v);
    fields.forEach((f, i) => { f.close(); f.set(...last.fields[i]); });
    after(true);
    announce(t('said.undone'));
    return true;
  }

  function after(undone = false) {
    if (!undone && undo.length > 0) undo[undo.length - 1].after = snapshot().text;
    problem = null;
    offers = null;
    fields.forEach((f) => f.paint());
    refresh();
    later(0);
  }

  // Scanning

  function later(ms = SCAN_AFTER_MS) {
    checked = null;
    clearTimeout(scanTimer);
    scanTimer = setTimeout(scan, ms);
    clearTimeout(saveTimer);
    saveTimer = setTimeout(save, SAVE_AFTER_MS);
    refresh();
  }

  /** Asks the scanner twice when something is masked: about the words written, and about what is left to read. */
  async function scan() {
    const turn = (scanTurn += 1);
    const asked = texts();
    if (Object.values(asked).every((text) => text.trim() === '')) {
      fields.forEach((f) => f.found({ findings: [], notes: [] }, asked[f.name]));
      risk = null;
      checked = JSON.stringify(asked);
      refresh();
      return;
    }
    try {
      const report = await check({ ...options.context(), fields: asked });
      if (turn !== scanTurn) return;
      for (const f of fields) {
        const found = report.fields[f.name];
        if (asked[f.name] === f.text) f.found({ findings: found.findings.map(settle), notes: found.notes.map(settle) }, asked[f.name]);
      }
      function settle(finding) {
        const known = finding.category === 'PERSON' ? masks.get(word(textOf(finding))) : null;
        return known ? { ...finding, replacement: known } : finding;
      }
      function textOf(finding) {
        const name = Object.keys(report.fields).find((n) => report.fields[n].findings.includes(finding) || report.fields[n].notes.includes(finding));
        return asked[name].slice(finding.from, finding.to);
      }
      risk = report.risk;
      if (risk && outgoing().changed) {
        const left = await check({ ...options.context(), fields: outgoing().texts });
        if (turn !== scanTurn) return;
        risk = left.risk ?? risk;
      }
      checked = JSON.stringify(asked);
      if (problem?.code === 'scanner.failed') problem = null;
    } catch (refused) {
      if (turn !== scanTurn) return;
      problem = refused.error ?? { code: 'internal' };
    }
    refresh();
  }

  function outgoing() {
    const out = {};
    const claims = [];
    let changed = false;
    for (const f of fields) {
      const o = f.outcome();
      out[f.name] = o.text;
      changed ||= o.text !== f.text;
      for (const c of o.claims) claims.push({ field: f.name, start: toPoint(o.text, c.from), end: toPoint(o.text, c.to) });
    }
    return { texts: out, claims, changed };
  }

  // How it stands

  function counts() {
    const all = fields.flatMap((f) => f.marks.map((m) => f.stands(m)));
    const of = (name) => all.filter((s) => s === name).length;
    return { must: of('must'), narrow: of('narrow'), check: of('check'), kept: of('kept'), claimed: of('claimed') };
  }

  const empty = () => fields.every((f) => f.text.trim() === '');

  /** The one thing the button says and does. */
  function nextStep() {
    if (sending) return { kind: 'busy', text: state.online === false ? t('send.queued') : t('send.sending') };
    if (standing() === 'loading') return { kind: 'loading', text: t('send.loading') };
    if (standing() === 'failed') return { kind: 'failed', text: t('send.reload'), run: () => save().then(() => location.reload()) };
    const blank = fields.find((f) => f.spec.required && f.text.trim() === '');
    if (blank) return { kind: 'missing', text: blank.spec.missing, run: () => blank.area.focus() };
    const long = fields.find((f) => [...f.text].length > 8000);
    if (long) return { kind: 'missing', text: t('send.long'), run: () => long.area.focus() };
    const { must, claimed } = counts();
    if (must > 0) return { kind: 'must', text: t('send.must', { n: must }), run: () => fields.find((f) => f.open().some((m) => f.stands(m) === 'must')).openFirst(false) };
    const lack = options.lacking?.();
    if (lack) return { kind: 'missing', text: lack.text, run: lack.focus };
    if (checked !== snapshot().text) return { kind: 'checking', text: t('send.checking'), run: sendWhenClean };
    const review = offers ?? (claimed > 0 ? ['claim'] : []).concat(risk && risk.acceptable === false ? ['risk'] : []);
    if (review.length > 0 && options.canHold !== false) return { kind: 'hold', reasons: review, text: t('send.hold'), run: () => send(true) };
    return { kind: 'send', text: options.sendLabel(), run: () => send(false) };
  }

  /** Someone quicker than the scanner: goes out at once if there was nothing to show, else stays for the writer to look at. */
  async function sendWhenClean() {
    clearTimeout(scanTimer);
    await scan();
    const step = nextStep();
    if (step.kind === 'send' && !outgoing().changed) step.run();
    else refresh();
  }

  function press() {
    const step = nextStep();
    step.run?.();
  }

  function describe() {
    const c = counts();
    const parts = [];
    if (c.must) parts.push(t('state.must', { n: c.must }));
    if (c.narrow) parts.push(t('state.narrow', { n: c.narrow }));
    if (c.check) parts.push(t('state.check', { n: c.check }));
    if (c.claimed) parts.push(t('state.claimed', { n: c.claimed }));
    if (c.kept) parts.push(t('state.kept', { n: c.kept }));
    if (parts.length === 0) parts.push(t('state.clean'));
    // A word that the scanner takes for a name leaves nobody else who fits: the figure says nothing while the writer says it is none.
    const people = risk && !empty() && !(c.claimed && risk.people < 1.5) ? peopleText(risk, c.must + c.narrow > 0) : null;
    if (people) parts.push(people);
    return parts.join(' · ');
  }

  /** How many fit what will be read. While something is still to be replaced the figure is about afterwards, and says so. */
  function peopleText(r, pending) {
    const numbers = { people: roughly(r.people), population: number(r.population ?? 0) };
    if (r.population && r.people >= r.population) return pending ? null : t('risk.all', numbers);
    const text = t(r.people < 1.5 ? 'risk.single' : r.people < 10 ? 'risk.few' : 'risk.about', numbers);
    return pending ? t('risk.then', { text }) : text;
  }

  function refresh() {
    const step = nextStep();
    const c = counts();
    lead.textContent = step.text;
    lead.dataset.kind = step.kind;
    lead.setAttribute('aria-disabled', ['busy', 'loading'].includes(step.kind) ? 'true' : 'false');
    lead.classList.toggle('ready', step.kind === 'send');
    fields.forEach((f) => f.readOnly(sending !== null));
    const unchecked = (problem || standing() !== 'ready') && !checked;
    const line = empty() ? t('state.empty') : unchecked ? t('state.unchecked') : describe();
    // Only what must go stands out; the rest of the sentence keeps its calm.
    fill(stateLine, line.split(' · ').map((part, i) => [i > 0 ? ' · ' : '', c.must && i === 0 ? h('strong', {}, part) : part]));
    verdict.hidden = empty();
    stateLine.className = `state ${c.must ? 'must' : c.narrow || step.kind === 'hold' ? 'narrow' : unchecked ? 'unchecked' : 'clean'}`;
    clearAll.hidden = c.must + c.narrow === 0;
    undoButton.hidden = undo.length === 0;
    grid.children[1].textContent = host.readHead();
    fill(riskLine, costliest());
    fill(holdLine, step.kind === 'hold' ? h('p', { class: 'hold-why' }, t(step.reasons.includes('claim') ? 'hold.claim' : 'hold.risk'), ' ', t('hold.what')) : null);
    fill(trouble, troubleText());
    note.textContent = drafts.lasting() ? t('draft.note') : t('draft.memory');
    const said = line + (step.kind === 'hold' ? ` ${t('hold.what')}` : '');
    if (checked && !empty() && said !== lastSpoken) {
      lastSpoken = said;
      setTimeout(() => said === lastSpoken && el.contains(document.activeElement) && announce(said), 1500);
    }
    options.changed?.();
  }

  /** When too few people fit: the detail that costs most, and a coarser word for it. */
  function costliest() {
    const spot = risk?.costliest;
    if (!spot || risk.acceptable !== false || counts().claimed > 0) return null;
    const field = fields.find((f) => f.name === spot.field);
    if (!field) return h('p', { class: 'hint' }, t('costliest.earlier'));
    const o = field.outcome();
    const words = [...o.text].slice(spot.start, spot.end).join('');
    const hit = o.segments.find((s) => s.finding && s.text === words);
    return h('p', { class: 'hint' }, t('costliest.here', { words }), ' ',
      hit && spot.coarser ? h('button', { type: 'button', class: 'plain', on: { click: () => host.take(field, hit.finding, spot.coarser) } }, t('card.take', { mask: spot.coarser })) : null);
  }

  function troubleText() {
    if (standing() === 'failed') return h('p', {}, t('error.scanner.failed'), ' ', options.slot ? t('error.kept') : null);
    if (!problem) return null;
    return h('p', {}, errorText(problem), ' ', problem.code === 'scan.blocked' || problem.code === 'scan.needs_review' ? null : t('error.kept'));
  }

  // Sending

  async function send(hold) {
    const { texts: out, claims } = outgoing();
    const clean = Object.fromEntries(Object.entries(out).map(([k, v]) => [k, v.trim() === '' ? undefined : v]));
    const { op, body } = options.build(clean);
    if (hold) Object.assign(body, { hold: true, ...(claims.length > 0 ? { claims } : {}) });
    clearTimeout(saveTimer);
    sending = { sent: clean };
    options.typing?.(false);
    await save();
    refresh();
    try {
      const ok = await command(op, body, options.slot);
      finish(ok, clean, hold);
    } catch (refused) {
      if (refused.code === 'session.stopped') return;
      sending = null;
      refusedBy(refused.error ?? { code: 'internal' }, out);
    }
  }

  function finish(ok, sent, hold) {
    spent = true;
    clearTimeout(saveTimer);
    sending = null;
    undo.length = 0;
    masks.clear();
    decisions.clear();
    fields.forEach((f) => { f.close(); f.set(''); });
    checked = snapshot().text;
    risk = null;
    problem = null;
    offers = null;
    refresh();
    options.done(ok, sent, { held: ok.held ?? null, hold });
  }

  /** The words stay. What the server found more than we did is marked where it stands. */
  function refusedBy(error, out) {
    problem = error;
    if (error.code === 'scan.needs_review') {
      offers = error.reasons ?? ['risk'];
      risk = error.risk ?? risk;
    }
    if (error.code === 'scan.blocked' && out) {
      for (const f of fields) {
        const mine = (error.findings ?? []).filter((x) => x.field === f.name);
        if (mine.length === 0) continue;
        f.set(out[f.name], placed(out[f.name], mine).map((x) => ({ ...x, replacement: x.replacement ?? t('mask.removed'), coarser: x.coarser ?? [], evidence: x.evidence ?? null })));
      }
    }
    refresh();
    if (error.code === 'field.invalid') focusOn(fields.find((f) => f.name === error.field)?.area ?? options.invalid?.(error.field));
    else focusOn(lead);
  }

  async function save() {
    if (!options.slot || spent) return;
    if (empty() && !options.keep?.()) drafts.remove(options.slot);
    else await drafts.put(options.slot, { fields: texts(), decisions: [...decisions], ...(options.keep?.() ?? {}) });
  }

  // A send that was under way before a reload, or that waits for contact.
  const earlier = options.slot ? waiting(options.slot) : null;
  if (earlier) sending = { sent: null };
  life.on('answered', (what) => {
    if (what.slot && what.slot === options.slot && sending?.sent === null) finish(what.ok, texts(), false);
  });
  life.on('refused', (what) => {
    if (what.slot && what.slot === options.slot && sending?.sent === null) {
      sending = null;
      refusedBy(what.error, texts());
    }
  });
  life.on('contact', () => refresh());
  // Among whom the risk is reckoned stands in the list of units.
  life.on('units', () => { if (!risk && !empty()) later(0); });
  life.on('scanner', () => { fields.forEach((f) => f.paint()); refresh(); if (standing() === 'ready' && !checked) later(0); });

  if (!empty()) later(0);
  else checked = snapshot().text;
  refresh();

  return {
    el,
    fields,
    focus: () => fields[0].area.focus(),
    refresh,
    rescan: () => later(),
    save: () => later(),
    texts,
    empty,
    /** What would go out now, for a form that sends in its own way; null while something must go or the scanner has not spoken. */
    clean: () => (counts().must > 0 || checked !== snapshot().text ? null : outgoing().texts),
    sending: () => sending !== null,
    insert(values) {
      for (const f of fields) if (values[f.name]) f.set(f.text.trim() ? `${f.text}\n\n${values[f.name]}` : values[f.name]);
      later(0);
    },
    flush: () => { clearTimeout(saveTimer); if (!sending) save(); },
    destroy() {
      clearTimeout(scanTimer);
      clearTimeout(saveTimer);
      scanTurn += 1;
      if (!sending) save();
      options.typing?.(false);
      life.end();
    },
  };
}
