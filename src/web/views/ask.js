// Asking: the situation, the question, what has been considered; to whom, and how soon.

import { h, fill, uid, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import { state, ownUnits, unitById } from '../state.js';
import { createComposer } from '../composer.js';
import { subjectText } from '../words.js';
import { loadInbox } from './inbox.js';
import { go } from '../route.js';
import { command } from '../live.js';
import * as drafts from '../drafts.js';

export function askView({ held }) {
  const slot = held ? `held.${held}` : 'ask';
  const mine = ownUnits();
  const saved = drafts.get(slot)?.form ?? {};
  const form = {
    unit: mine.find((u) => u.id === saved.unit)?.id ?? mine[0]?.id ?? null,
    subject: saved.subject ?? null,
    units: saved.units ?? [],
    anyone: saved.anyone ?? false,
    urgency: saved.urgency ?? 'normal',
    hide: saved.hide ?? false,
  };
  if (mine.length === 0) return { parts: [h('main', { id: 'main', tabindex: '-1' }, h('h1', {}, t('nav.ask')), h('p', {}, t('ask.norole')))], name: 'ask', title: t('nav.ask'), end() {} };

  const others = () => state.units.filter((u) => !u.own && u.id !== form.unit && (!form.subject || (u.subjects ?? []).includes(form.subject)));
  /** Only what some other unit answers is offered. */
  const subjects = () => state.subjects.filter((s) => s === form.subject || state.units.some((u) => !u.own && u.id !== form.unit && (u.subjects ?? []).includes(s)));
  const asked = () => (form.anyone ? null : form.units.filter((id) => others().some((u) => u.id === id)));
  const own = () => unitById(form.unit) ?? mine.find((u) => u.id === form.unit);

  function recipient() {
    const ids = asked();
    if (ids === null) return t('ask.anyone.short');
    if (ids.length === 0) return null;
    return ids.map((id) => unitById(id)?.name).join(t('list.and'));
  }

  // Pieces of the form

  const from = h('div', { class: 'block' });
  const subject = h('fieldset', { class: 'block' });
  const to = h('fieldset', { class: 'block' });
  const urgency = h('fieldset', { class: 'block' });
  const hide = h('div', { class: 'block' });
  const plainly = h('div', { class: 'block plainly', role: 'status' });

  function set(change) {
    Object.assign(form, change);
    paint();
    composer.refresh();
    composer.save();
  }

  const radio = (name, value, label, checked, change, hint) => {
    const id = uid('r');
    return h('div', { class: 'option' },
      h('input', { type: 'radio', id, name, value, checked, data: { key: `${name}-${value}` }, on: { change } }),
      h('label', { for: id }, label, hint ? h('span', { class: 'option-hint' }, hint) : null));
  };

  function paint() {
    if (mine.length > 1) {
      const id = 'ask-from';
      fill(from, h('label', { for: id, class: 'field-label' }, t('ask.from')),
        h('select', { id, data: { key: id }, on: { change: (e) => { set({ unit: e.target.value, units: [] }); composer.rescan(); } } },
          mine.map((u) => { const o = h('option', { value: u.id }, u.name); o.selected = u.id === form.unit; return o; })));
    }
    fill(subject, h('legend', {}, t('ask.subject')), h('div', { class: 'chips' },
      subjects().map((s) => radio('subject', s, subjectText(s), form.subject === s, () => {
        form.subject = s;
        const fit = others();
        set({ units: form.units.filter((id) => fit.some((u) => u.id === id)).concat(fit.length === 1 && !form.anyone ? [fit[0].id] : []).filter((id, i, all) => all.indexOf(id) === i) });
      }))), absent());

    const fit = others();
    fill(to, h('legend', {}, t('ask.to')),
      !form.subject ? h('p', { class: 'hint' }, t('ask.to.first')) : [
        fit.length === 0 ? h('p', { class: 'hint' }, t('ask.to.none')) : fit.map((u) => {
          const id = uid('u');
          const box = h('input', { type: 'checkbox', id, checked: !form.anyone && form.units.includes(u.id), data: { key: `unit-${u.id}` }, on: { change: () => set({ anyone: false, units: box.checked ? [...form.units, u.id] : form.units.filter((x) => x !== u.id) }) } });
          return h('div', { class: 'option' }, box, h('label', { for: id }, u.name, h('span', { class: 'option-hint' }, t('ask.unit.hint', { authority: authority(u), n: u.target_days ?? 3 }))));
        }),
        fit.length > 1 || form.anyone ? (() => {
          const box = h('input', { type: 'checkbox', id: 'anyone', checked: form.anyone, data: { key: 'anyone' }, on: { change: () => set({ anyone: box.checked, units: [] }) } });
          return h('div', { class: 'option' }, box, h('label', { for: 'anyone' }, t('ask.anyone'), h('span', { class: 'option-hint' }, t('ask.anyone.hint'))));
        })() : null,
      ]);

    const days = Math.max(0, ...(asked() ?? fit.map((u) => u.id)).map((id) => unitById(id)?.target_days ?? 0)) || null;
    fill(urgency, h('legend', {}, t('ask.urgency')),
      radio('urgency', 'normal', t('urgency.normal'), form.urgency === 'normal', () => set({ urgency: 'normal' }), days ? t('urgency.normal.hint', { n: days }) : t('urgency.normal.plain')),
      radio('urgency', 'soon', t('urgency.soon'), form.urgency === 'soon', () => set({ urgency: 'soon' }), t('urgency.soon.hint')),
      radio('urgency', 'acute', t('urgency.acute'), form.urgency === 'acute', () => set({ urgency: 'acute' }), t('urgency.acute.hint')),
      form.urgency === 'acute' ? phones() : null);

    const box = h('input', { type: 'checkbox', id: 'hide', checked: form.hide, data: { key: 'hide' }, on: { change: () => set({ hide: box.checked }) } });
    fill(hide,
      h('div', { class: 'option' }, box, h('label', { for: 'hide' }, t('ask.hide'), h('span', { class: 'option-hint' }, t('ask.hide.hint')))));
    const doubts = [
      own()?.small ? t('ask.small', { unit: own().name }) : null,
      form.subject && state.rare.includes(form.subject) ? t('ask.rare', { subject: subjectText(form.subject).toLocaleLowerCase('sv') }) : null,
      (asked() ?? []).some((id) => unitById(id)?.small) ? t('ask.small.other') : null,
    ].filter(Boolean);
    // Said again only when it is something else: a repainted line would be read out anew.
    const said = doubts.join('|');
    if (plainly.dataset.said !== said) {
      plainly.dataset.said = said;
      fill(plainly, doubts.length > 0 ? h('div', { class: 'warning' }, doubts.map((text) => h('p', {}, text)), h('p', {}, t('ask.plainly'))) : null);
    }
  }

  function absent() {
    const none = state.subjects.filter((s) => !subjects().includes(s));
    return none.length > 0 ? h('p', { class: 'hint' }, t('ask.subject.none', { subjects: none.map(subjectText).join(', ') })) : null;
  }

  const authority = (u) => (typeof u.authority === 'string' ? u.authority : u.authority?.name) ?? '';

  function phones() {
    const list = (asked() ?? []).map(unitById).filter(Boolean);
    const rows = (list.length > 0 ? list : others()).filter((u) => u.phone);
    return h('div', { class: 'acute', id: 'acute', tabindex: '-1' },
      h('p', {}, h('strong', {}, t('acute.title'))),
      rows.length === 0 ? h('p', {}, t('acute.none')) : h('ul', {}, rows.map((u) => h('li', {}, `${u.name}: `, h('a', { href: `tel:${u.phone.replace(/[^+\d]/g, '')}` }, u.phone)))),
      h('p', {}, t('acute.report')));
  }

  function lacking() {
    if (form.urgency === 'acute') return { text: t('send.acute'), focus: () => focusOn(document.getElementById('acute')) };
    if (!form.subject) return { text: t('send.subject'), focus: () => subject.querySelector('input')?.focus() };
    if (!form.anyone && asked().length === 0) return { text: t('send.units'), focus: () => focusOn(to.querySelector('input') ?? subject.querySelector('input')) };
    return null;
  }

  const composer = createComposer({
    slot,
    fields: [
      { name: 'situation', label: t('ask.situation'), hint: t('ask.situation.hint'), required: true, rows: 5, missing: t('send.situation') },
      { name: 'question', label: t('ask.question'), hint: t('ask.question.hint'), required: true, rows: 3, missing: t('send.question') },
      { name: 'considered', label: t('ask.considered'), hint: t('ask.considered.hint'), rows: 3 },
    ],
    context: () => ({ unit: form.unit }),
    recipient,
    lacking,
    invalid: (field) => ({ units: to, subject, urgency })[field]?.querySelector('input'),
    sendLabel: () => t('send.to', { unit: recipient() }),
    extra: [from, h('div', { class: 'two' }, h('div', {}, subject, to), h('div', {}, urgency, hide)), plainly],
    keep: () => ({ form }),
    build: (texts) => ({ op: 'thread.ask', body: { unit: form.unit, ...texts, subject: form.subject, urgency: form.urgency, units: asked(), hide_unit: form.hide } }),
    done(ok, sent, { held: heldId }) {
      state.sent = { fields: sent, to: recipient(), due_at: ok.due_at, thread: ok.thread ?? null, held: heldId, hide: form.hide, from: own()?.name };
      if (held) {
        // What came back has gone again: the old row has nothing more to say.
        drafts.remove(slot);
        command('held.withdraw', { held }).catch(() => {});
      }
      loadInbox();
      go('#/skickat');
    },
  });
  paint();
  composer.refresh();

  const el = h('main', { id: 'main', tabindex: '-1', class: 'ask' },
    h('a', { class: 'back', href: '#/' }, t('back.inbox')),
    h('h1', {}, t('ask.title')),
    h('p', { class: 'lead' }, t('ask.lead')),
    composer.el);
  return { parts: [el], name: 'ask', title: t('ask.title'), start: composer.focus, flush: composer.flush, write: composer.focus, end: composer.destroy };
}
