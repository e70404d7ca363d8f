// The inbox: four heaps, each row a sentence about whose turn it is.

import { h, fill, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import { state, scope, emit, hasRole } from '../state.js';
import { ask, command, heard } from '../live.js';
import { moment, day } from '../fmt.js';
import { askedBy, answeredBy, turnText, dueText, isLate, ourTurn } from '../words.js';
import { canAsk } from '../shell.js';
import { errorText } from '../errors.js';
import * as drafts from '../drafts.js';

const FEW_CLOSED = 5;

const heaps = () => [
  ['to_answer', 'inbox.to_answer'], ['waiting', 'inbox.waiting'],
  hasRole('unit_manager', 'backup_manager') || state.inbox?.to_review?.length ? ['to_review', 'inbox.to_review'] : null,
  ['closed', 'inbox.closed'],
].filter(Boolean);

function who(row) {
  if (row.side === 'answering') return t('row.asks', { unit: askedBy(row) });
  const by = answeredBy(row);
  const mine = row.mine ? 'row.you' : 'row.yours';
  return by ? t(`${mine}.asked`, { unit: by }) : t(`${mine}.ask`);
}

export function threadRow(row, current) {
  const bits = [turnText(row), dueText(row), row.status === 'closed' && row.updated_at ? day(row.updated_at) : null].filter(Boolean);
  return h('li', { class: `row${ourTurn(row) ? ' ours' : ''}${row.unread ? ' unread' : ''}` },
    h('a', { href: `#/trad/${row.id}`, data: { key: row.id }, 'aria-current': current ? 'true' : null },
      h('span', { class: 'row-who' }, who(row), row.unread ? h('span', { class: 'new' }, t('row.new', { n: row.unread })) : null),
      h('span', { class: 'row-question', translate: 'no' }, row.question),
      h('span', { class: `row-state${isLate(row) ? ' late' : ''}` }, bits.join(' · '))));
}

function reviewRow(row) {
  return h('li', { class: 'row ours' },
    h('a', { href: `#/granska/${row.held}`, data: { key: row.held } },
      h('span', { class: 'row-who' }, t(row.op === 'thread.ask' ? 'review.row.ask' : 'review.row.message', { unit: row.unit_name ?? '' })),
      h('span', { class: 'row-question' }, (row.reasons ?? []).map((r) => t(`review.reason.${r}`)).join(' ')),
      h('span', { class: 'row-state' }, t('review.since', { at: moment(row.at) }))));
}

function heldRow(row, refresh) {
  const slot = `held.${row.held}`;
  const returned = row.state === 'returned';
  const kept = drafts.get(slot) !== null;
  const open = row.thread ? `#/trad/${row.thread}/${row.held}` : `#/fraga/${row.held}`;
  const withdraw = async () => {
    try {
      await command('held.withdraw', { held: row.held });
    } catch { /* decided meanwhile: the list tells */ }
    refresh();
  };
  return h('li', { class: `row held ${row.state}` }, h('div', { class: 'row-body' },
    h('span', { class: 'row-who' }, t(row.op === 'thread.ask' ? 'held.row.ask' : 'held.row.message')),
    h('span', { class: 'row-question' }, returned ? t('held.returned') : row.state === 'approved' ? t('held.approved') : t('held.waiting', { at: moment(row.at) })),
    returned && row.reason ? h('blockquote', { class: 'row-reason', translate: 'no' }, row.reason) : null,
    h('div', { class: 'row-tools' },
      returned && kept ? h('a', { class: 'button second', href: open }, t('held.edit')) : null,
      returned && !kept ? h('p', { class: 'hint' }, t('held.gone')) : null,
      row.state === 'waiting' ? h('button', { type: 'button', class: 'second', data: { key: `w-${row.held}` }, on: { click: withdraw } }, t('held.withdraw')) : null)));
}

/** The heaps. `compact`: as the list beside a thread. */
export function inboxList({ compact = false, current = null } = {}) {
  const life = scope();
  const el = h('div', { class: compact ? 'heaps compact' : 'heaps' });
  let all = false;
  const refresh = () => loadInbox().catch(() => {});

  function paint() {
    const box = state.inbox;
    if (!box) return fill(el, h('p', { class: 'hint' }, t('loading')));
    if (box.error) return fill(el, h('p', { class: 'trouble' }, errorText(box.error)));
    const level = compact ? 'h3' : 'h2';
    const list = (rows, make) => h('ul', { class: 'rows' }, rows.map(make));
    const parts = [];
    const held = (box.held ?? []).filter((r) => r.state !== 'approved' && r.state !== 'withdrawn');
    if (held.length > 0 && !compact) parts.push(h('section', { class: 'heap' }, h(level, { id: 'heap-held' }, t('inbox.held'), ' ', h('span', { class: 'count' }, held.length)), list(held, (r) => heldRow(r, refresh))));
    for (const [name, title] of heaps()) {
      const rows = box[name] ?? [];
      const shown = name === 'closed' && !all ? rows.slice(0, FEW_CLOSED) : rows;
      if (compact && rows.length === 0) continue;
      parts.push(h('section', { class: 'heap' },
        h(level, { id: compact ? null : `heap-${name}`, tabindex: '-1' }, t(title), ' ', h('span', { class: 'count' }, rows.length)),
        rows.length === 0 ? h('p', { class: 'empty' }, t(`${title}.empty`)) : list(shown, (r) => (name === 'to_review' ? reviewRow(r) : threadRow(r, r.id === current))),
        shown.length < rows.length ? h('button', { type: 'button', class: 'plain', data: { key: 'more' }, on: { click: () => { all = true; paint(); } } }, t('inbox.more', { n: rows.length })) : null));
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
  const list = inboxList();
  const jump = h('nav', { class: 'jump', 'aria-label': t('inbox.jump') });
  const life = scope();
  const paint = () => fill(jump, state.inbox && !state.inbox.error
    ? heaps().map(([name, title]) => h('button', { type: 'button', class: 'jump-to', data: { key: `j-${name}` }, on: { click: () => focusOn(document.getElementById(`heap-${name}`)) } },
      t(title), ' ', h('span', { class: 'count' }, state.inbox[name]?.length ?? 0))) : null);
  life.on('inbox', paint);
  paint();
  const first = canAsk();
  const el = h('main', { id: 'main', tabindex: '-1', class: 'inbox' },
    h('div', { class: 'inbox-head' },
      h('h1', {}, t('nav.inbox')),
      first ? h('a', { class: 'button primary', href: '#/fraga' }, t('nav.ask')) : null),
    hasRole('handler', 'unit_manager', 'backup_manager') ? null : h('p', { class: 'notice' }, t('inbox.norole')),
    drafts.get('ask') && first ? h('p', { class: 'notice' }, t('inbox.draft'), ' ', h('a', { href: '#/fraga' }, t('inbox.draft.go'))) : null,
    jump, list.el);
  return { parts: [el], name: 'inbox', title: t('nav.inbox'), end: () => { list.end(); life.end(); } };
}
