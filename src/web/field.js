// One free-text field of the composer: what is written, its marks, and the card about one of them.

import { h, fill, uid, PRIVATE } from './dom.js';
import { t } from './i18n.js';
import { lined, outcome, preview, shift, standing, underlay } from './marks.js';
import { card } from './card.js';

/**
 * createField(spec, host): spec {name, label, hint, required, rows}; host decides and is told:
 *   decide(finding, text), unread(), changed(field), touched(field), take(field, finding, mask), speak(field, finding, decision), labels(), leave(field, back)
 */
export function createField(spec, host) {
  const id = uid('field');
  const field = { name: spec.name, spec, text: '', marks: [], id, refused: false };
  let current = null;

  const under = h('div', { class: 'under', 'aria-hidden': 'true' });
  const area = h('textarea', {
    ...PRIVATE, id, rows: spec.rows ?? 3, maxlength: 9000, class: 'over', data: { field: spec.name },
    required: spec.required ? true : null, 'aria-describedby': `${id}-hint ${id}-finds`,
    on: { input: onInput, keydown: onKey, click: onClick, blur: () => host.touched(field) },
  });
  const hint = h('p', { class: 'hint', id: `${id}-hint` }, spec.hint ?? '');
  const walk = h('button', { type: 'button', class: 'plain walk', on: { click: () => openFirst(false) } });
  const finds = h('div', { class: 'finds', id: `${id}-finds` });
  const slot = h('div', { class: 'card-slot' });
  const read = h('div', { class: 'read-text', translate: 'no' });
  const readHead = h('p', { class: 'read-head' });

  field.write = h('div', { class: 'write' },
    h('label', { for: id, class: 'field-label' }, spec.label, spec.required ? null : h('span', { class: 'optional' }, ` ${t('field.optional')}`)),
    spec.hint ? hint : h('p', { class: 'unseen', id: `${id}-hint` }),
    h('div', { class: 'stack' }, under, area),
    finds, slot);
  field.read = h('div', { class: 'read', role: 'group' }, readHead, read, h('p', { class: 'read-same' }, t('read.same')));
  field.area = area;

  const decide = (finding) => host.decide(finding, field.text.slice(finding.from, finding.to));
  const stands = (finding) => standing(finding, decide(finding));
  field.stands = stands;
  field.outcome = () => outcome(field.text, field.marks, decide);
  /** What the writer has not yet spoken about. */
  field.open = () => field.marks.filter((m) => ['must', 'narrow', 'check'].includes(stands(m)));

  function onInput() {
    const before = field.text;
    field.text = area.value;
    field.marks = shift(field.marks, before, field.text);
    close();
    host.changed(field);
  }

  function onKey(event) {
    if (event.key === 'F8' || (event.altKey && event.key === 'Enter')) {
      event.preventDefault();
      openFirst(false);
    } else if (event.key === 'Tab' && !event.shiftKey && field.open().length > 0) {
      // From the words straight to the first mark that waits for an answer.
      event.preventDefault();
      openFirst(false);
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z' && host.undo()) {
      event.preventDefault();
    }
  }

  function onClick() {
    if (area.selectionStart !== area.selectionEnd) return;
    const at = area.selectionStart;
    const hit = field.marks.find((m) => m.from <= at && at <= m.to && stands(m) !== 'seen');
    if (hit) show(hit, false);
    else close();
  }

  function openFirst(back) {
    const open = field.open();
    const pick = open[back ? open.length - 1 : 0] ?? field.marks[0];
    if (!pick) return false;
    show(pick, true);
    return true;
  }
  field.openFirst = openFirst;

  function show(finding, focus) {
    current = finding;
    paint();
    const list = field.marks.filter((m) => stands(m) !== 'seen');
    const text = field.text.slice(finding.from, finding.to);
    const done = (run) => () => {
      const from = finding.from;
      run();
      follow(from);
    };
    slot.replaceChildren(card({
      finding, text, stands: stands(finding), place: list.indexOf(finding) + 1, count: list.length,
      labels: finding.category === 'PERSON' ? host.labels(field, text) : [],
      actions: {
        take: (mask) => done(() => host.take(field, finding, mask))(),
        claim: done(() => host.speak(field, finding, 'claim')),
        keep: done(() => host.speak(field, finding, 'keep')),
        seen: done(() => host.speak(field, finding, 'seen')),
        regret: done(() => host.speak(field, finding, null)),
        next: (back) => step(finding, back),
        close: () => { close(); area.focus(); area.setSelectionRange(finding.to, finding.to); },
      },
    }));
    if (focus) slot.querySelector('.choices button')?.focus();
  }

  /** To the neighbouring mark; false where there is none and Tab should do what it always does. */
  function step(finding, back) {
    const open = field.open().filter((m) => m !== finding);
    const next = back ? open.filter((m) => m.from < finding.from).pop() : open.find((m) => m.from > finding.from);
    if (next) {
      show(next, true);
      return true;
    }
    if (back) {
      close();
      area.focus();
      return true;
    }
    const after = host.after(field);
    if (!after) return false;
    close();
    after.focus();
    return true;
  }

  /** After a decision: on to the next open mark, else back to the words. */
  function follow(from) {
    const open = field.open();
    const next = open.find((m) => m.from >= from) ?? open[0];
    if (next) show(next, true);
    else {
      close();
      if (!host.cleared(field)) area.focus();
    }
  }

  function close() {
    current = null;
    slot.replaceChildren();
    paint();
  }
  field.close = close;

  function paint() {
    fill(under, underlay(field.text, field.marks, decide, current));
    const open = field.open();
    const must = open.filter((m) => stands(m) === 'must').length;
    finds.classList.toggle('some', open.length > 0);
    if (open.length > 0) {
      walk.textContent = t('finds.walk', { n: open.length });
      if (walk.parentNode !== finds) fill(finds, walk);
      walk.classList.toggle('must', must > 0);
    } else fill(finds);
    area.setAttribute('aria-invalid', must > 0 || field.refused ? 'true' : 'false');
    const out = field.outcome();
    fill(readHead, host.readHead(spec));
    field.read.setAttribute('aria-label', `${host.readHead(spec)}: ${spec.label}`);
    const none = out.text.trim() === '' ? t('read.empty') : host.unread() ? t('read.unread') : null;
    field.read.classList.toggle('same', !none && out.text === field.text);
    field.read.classList.toggle('empty', none !== null);
    fill(read, none ?? preview(out.segments));
  }
  field.paint = paint;

  field.found = (report, text) => {
    if (text !== field.text) return;
    const was = current;
    field.marks = lined(report.findings, report.notes);
    current = was ? field.marks.find((m) => m.from === was.from && m.to === was.to) ?? null : null;
    if (was && !current && !slot.contains(document.activeElement)) slot.replaceChildren();
    paint();
    if (was && current && slot.firstChild) {
      const inside = slot.contains(document.activeElement);
      show(current, inside);
    }
  };

  field.set = (text, marks = []) => {
    field.text = text;
    area.value = text;
    field.marks = marks;
    paint();
  };
  field.readOnly = (on) => { area.readOnly = on; };
  paint();
  return field;
}
