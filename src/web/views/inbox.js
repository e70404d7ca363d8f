// The inbox: the heaps that are for me, and what my colleagues have; each row a sentence about whose turn it is.

import { h, fill, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import { state, scope, emit, hasRole, hasUnit } from '../state.js';
import { ask, command, heard } from '../live.js';
import { moment, day } from '../fmt.js';
import { askedBy, askedUnits, answeredBy, concernsMe, turnText, dueText, isLate, ourTurn } from '../words.js';
import { canAsk } from '../shell.js';
import { errorText } from '../errors.js';
import { withMasks } from '../marks.js';
import { startPage } from './start.js';
import { LABELS, inOrder, whyHeld } from './review.js';
import * as drafts from '../drafts.js';

/** Heaps that grow without asking anything of me show their first rows. */
const FEW = 5;

/** [name, title, rows], in the order in which they are shown. Someone who only manages has no threads of their own: there the unit's heap says it all. */
function heaps() {
  const box = state.inbox ?? {};
  const rows = (name) => box[name] ?? [];
  const handles = hasRole('handler');
  const mine = (name) => rows(name).filter(concernsMe);
  const unit = [...rows('to_answer'), ...rows('waiting')].filter((row) => !concernsMe(row));
  return [
    hasRole('unit_manager', 'backup_manager') || rows('to_review').length > 0 ? ['to_review', 'inbox.to_review', rows('to_review')] : null,
    ['to_answer', 'inbox.to_answer', mine('to_answer')],
    handles || mine('waiting').length > 0 ? ['waiting', 'inbox.waiting', mine('waiting')] : null,
    !handles || unit.length > 0 ? ['unit', handles ? 'inbox.unit' : ownUnits() > 1 ? 'inbox.units.all' : 'inbox.unit.all', unit] : null,
    ['closed', 'inbox.closed', rows('closed')],
  ].filter(Boolean);
}

const ownUnits = () => new Set(state.me?.roles.map((r) => r.unit).filter(Boolean)).size;

/** Who asks whom. Someone of several units is told which of them it is about. */
function who(row) {
  const to = answeredBy(row) ?? (askedUnits(row).join(t('list.and')) || null);
  const own = row.own_unit?.name;
  if (row.side === 'answering') return ownUnits() > 1 && own ? t('row.asks.unit', { unit: askedBy(row), own }) : t('row.asks', { unit: askedBy(row) });
  if (row.mine) return to ? t('row.you.asked', { unit: to }) : t('row.you.ask');
  if (ownUnits() > 1 && own) return to ? t('row.unit.asked', { own, unit: to }) : t('row.asks', { unit: own });
  return to ? t('row.yours.asked', { unit: to }) : t('row.yours.ask');
}

export function threadRow(row, current) {
  const bits = [turnText(row), dueText(row), row.status === 'closed' && row.updated_at ? day(row.updated_at) : null].filter(Boolean);
  // What a colleague has in hand must not shout at me.
  const unread = row.unread && concernsMe(row);
  return h('li', { class: `row${ourTurn(row) && concernsMe(row) ? ' ours' : ''}${unread ? ' unread' : ''}` },
    h('a', { href: `#/trad/${row.id}`, data: { key: row.id }, 'aria-current': current ? 'true' : null },
      h('span', { class: 'row-who' }, who(row), unread ? h('span', { class: 'new' }, t('row.new', { n: row.unread })) : null),
      h('span', { class: 'row-question', translate: 'no' }, withMasks(row.question ?? '')),
      h('span', { class: `row-state${isLate(row) ? ' late' : ''}` }, bits.join(' · '))));
}

function reviewRow(row) {
  return h('li', { class: 'row ours' },
    h('a', { href: `#/granska/${row.held}`, data: { key: row.held } },
      h('span', { class: 'row-who' }, t(row.op === 'thread.ask' ? 'review.row.ask' : 'review.row.message', { unit: row.unit_name ?? '' })),
      h('span', { class: 'row-question' }, whyHeld(row.reasons).map((r) => t(`review.reason.${r}`)).join(' ')),
      h('span', { class: 'row-state' }, t('review.since', { at: moment(row.at) }))));
}

/** One's own text with the manager. `read`: held id -> its fields, once the writer has asked to see them again. */
function heldRow(row, { refresh, read, paint }) {
  const slot = `held.${row.held}`;
  const returned = row.state === 'returned';
  const kept = drafts.get(slot) !== null;
  const open = row.thread ? `#/trad/${row.thread}/${row.held}` : `#/fraga/${row.held}`;
  const shown = read.get(row.held);

  /** Decided meanwhile, or no contact: the list tells. */
  const aside = async () => {
    await command('held.withdraw', { held: row.held }).catch(() => {});
    drafts.remove(slot);
    refresh();
  };
  /** The text leaves the queue, and its words are in the field again. */
  const takeBack = async () => {
    try {
      if (!kept) drafts.put(slot, { fields: (await ask('review.open', { held: row.held })).fields });
      await command('held.withdraw', { held: row.held });
      location.hash = open;
    } catch {
      refresh();
    }
  };
  const look = async () => {
    if (shown) read.delete(row.held);
    else {
      try {
        read.set(row.held, (await ask('review.open', { held: row.held })).fields);
      } catch {
        return refresh();
      }
    }
    paint();
  };
  const button = (key, text, run, extra = {}) => h('button', { type: 'button', class: 'second', data: { key: `${key}-${row.held}` }, on: { click: run }, ...extra }, text);
  return h('li', { class: `row held ${row.state}` }, h('div', { class: 'row-body' },
    h('span', { class: 'row-who' }, t(row.op === 'thread.ask' ? 'held.row.ask' : 'held.row.message')),
    h('span', { class: 'row-question' }, returned ? t('held.returned') : t('held.waiting', { at: moment(row.at) })),
    returned && row.reason ? h('blockquote', { class: 'row-reason', translate: 'no' }, row.reason) : null,
    shown && !returned ? h('div', { class: 'row-text' }, inOrder(shown).filter(([, text]) => typeof text === 'string' && text !== '')
      .map(([name, text]) => [h('h3', {}, LABELS[name] ? t(LABELS[name]) : name), h('div', { class: 'prose', translate: 'no' }, withMasks(text))])) : null,
    returned && !kept ? h('p', { class: 'hint' }, t('held.gone')) : null,
    h('div', { class: 'row-tools' },
      returned && kept ? h('a', { class: 'button second', href: open }, t('held.edit')) : null,
      returned ? button('w', t('held.aside'), aside) : null,
      returned ? null : button('r', t(shown ? 'held.hide' : 'held.read'), look, { 'aria-expanded': String(Boolean(shown)) }),
      returned ? null : button('w', t('held.withdraw'), takeBack))));
}

/** The heaps. `compact`: as the list beside a thread. */
export function inboxList({ compact = false, current = null } = {}) {
  const life = scope();
  const el = h('div', { class: compact ? 'heaps compact' : 'heaps' });
  const all = new Set();
  const read = new Map();
  const refresh = () => loadInbox().catch(() => {});

  function paint() {
    const box = state.inbox;
    if (!box) return fill(el, h('p', { class: 'hint' }, t('loading')));
    if (box.error) return fill(el, h('p', { class: 'trouble' }, errorText(box.error)));
    const level = compact ? 'h3' : 'h2';
    const list = (rows, make) => h('ul', { class: 'rows' }, rows.map(make));
    const parts = [];
    const held = (box.held ?? []).filter((r) => r.state === 'waiting' || r.state === 'returned');
    if (held.length > 0 && !compact) parts.push(h('section', { class: 'heap' }, h(level, { id: 'heap-held' }, t('inbox.held'), ' ', h('span', { class: 'count' }, held.length)), list(held, (r) => heldRow(r, { refresh, read, paint }))));
    for (const [name, title, rows] of heaps()) {
      if (compact && rows.length === 0) continue;
      const few = ['closed', 'unit'].includes(name) && !all.has(name);
      const shown = few ? rows.slice(0, FEW) : rows;
      parts.push(h('section', { class: 'heap' },
        h(level, { id: compact ? null : `heap-${name}`, tabindex: '-1' }, t(title), ' ', h('span', { class: 'count' }, rows.length)),
        rows.length === 0 ? h('p', { class: 'empty' }, t(`${title}.empty`)) : list(shown, (r) => (name === 'to_review' ? reviewRow(r) : threadRow(r, r.id === current))),
        shown.length < rows.length ? h('button', { type: 'button', class: 'plain', data: { key: `more-${name}` }, on: { click: () => { all.add(name); paint(); } } }, t('inbox.more', { n: rows.length })) : null));
    }
    fill(el, parts);
  }
  life.on('inbox', paint);
  paint();
  return { el, end: life.end };
}

export async function loadInbox() {
  try {
    state.inbox = await ask('inbox.list');
  } catch (refused) {
    if (refused.code === 'session.stopped') return;
    state.inbox = { error: refused.error };
  }
  heard(state.inbox.streams);
  emit('inbox');
}

export function inboxView() {
  // Without a unit there are no threads to list: another page says what this person can do here.
  if (!hasUnit()) return startPage();
  const list = inboxList();
  const jump = h('nav', { class: 'jump', 'aria-label': t('inbox.jump') });
  const life = scope();
  const paint = () => fill(jump, state.inbox && !state.inbox.error
    ? heaps().map(([name, title, rows]) => h('button', { type: 'button', class: 'jump-to', data: { key: `j-${name}` }, on: { click: () => focusOn(document.getElementById(`heap-${name}`)) } },
      t(title), ' ', h('span', { class: 'count' }, rows.length))) : null);
  life.on('inbox', paint);
  paint();
  const first = canAsk();
  const el = h('main', { id: 'main', tabindex: '-1', class: 'inbox' },
    h('div', { class: 'inbox-head' },
      h('h1', {}, t('nav.inbox')),
      first ? h('a', { class: 'button primary', href: '#/fraga' }, t('nav.ask')) : null),
    drafts.get('ask') && first ? h('p', { class: 'notice' }, t('inbox.draft'), ' ', h('a', { href: '#/fraga' }, t('inbox.draft.go'))) : null,
    jump, list.el);
  return { parts: [el], name: 'inbox', title: t('nav.inbox'), end: () => { list.end(); life.end(); } };
}
