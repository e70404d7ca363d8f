// Passing a question on to other units, with a reason that both sides read.

import { h, uid } from '../dom.js';
import { t } from '../i18n.js';
import { state } from '../state.js';
import { createComposer } from '../composer.js';

/** passOn({thread, unit, ground(), done(), cancel}) */
export function passOn({ thread, unit, ground, done, cancel }) {
  const chosen = new Set();
  const others = state.units.filter((u) => !u.own && u.id !== thread.answered_by?.unit && u.id !== thread.asked_by?.unit && u.id !== unit)
    .sort((a, b) => Number((b.subjects ?? []).includes(thread.subject)) - Number((a.subjects ?? []).includes(thread.subject)));
  const boxes = h('fieldset', { class: 'block' }, h('legend', {}, t('route.to')), others.map((u) => {
    const id = uid('route');
    const box = h('input', { type: 'checkbox', id, on: { change: () => { if (box.checked) chosen.add(u.id); else chosen.delete(u.id); composer.refresh(); } } });
    return h('div', { class: 'option' }, box, h('label', { for: id }, u.name));
  }));
  const names = () => others.filter((u) => chosen.has(u.id)).map((u) => u.name).join(t('list.and'));
  const composer = createComposer({
    slot: null, canHold: false,
    fields: [{ name: 'reason', label: t('route.reason'), hint: t('route.reason.hint'), required: true, rows: 2, missing: t('route.reason.missing') }],
    context: ground,
    recipient: () => names() || null,
    lacking: () => (chosen.size === 0 ? { text: t('send.units'), focus: () => boxes.querySelector('input')?.focus() } : null),
    sendLabel: () => t('route.send', { unit: names() }),
    build: (texts) => ({ op: 'thread.route', body: { thread: thread.id, units: [...chosen], ...texts } }),
    done,
  });
  const el = h('section', { class: 'sheet', 'aria-labelledby': 'route-title' },
    h('h2', { id: 'route-title', tabindex: '-1' }, t('route.title')), h('p', {}, t('route.lead')), boxes, composer.el,
    h('button', { type: 'button', class: 'plain', on: { click: cancel } }, t('cancel')));
  return { el, end: composer.destroy, focus: () => (boxes.querySelector('input') ?? composer.fields[0].area).focus() };
}
