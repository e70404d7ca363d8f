// Beside the thread: how it stands, who is who, how many people fit, what happens next.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { badge } from './letters.js';
import { aliasName, askedBy, answeredBy, askedUnits, dueText, leaseText, subjectText } from '../words.js';
import { roughly, number } from '../fmt.js';

export function helpFor({ thread, messages, risk, presence, typing }) {
  const people = new Map();
  for (const m of messages) if (m.from?.alias && !people.has(m.from.alias)) people.set(m.from.alias, m.from);
  const fact = (label, value) => (value ? h('div', {}, h('dt', {}, label), h('dd', {}, value)) : null);
  const unit = answeredBy(thread);
  const asking = thread.side === 'asking';
  return [
    h('section', {}, h('h2', {}, t('help.now')),
      h('dl', { class: 'facts' },
        fact(t('help.due'), dueText(thread)),
        fact(t('help.asks'), asking ? t('help.own', { unit: thread.asked_by?.name ?? '' }) + (thread.hide_unit ? ` ${t('help.hidden')}` : '') : askedBy(thread)),
        fact(t('help.answers'), unit ?? (asking && askedUnits(thread).length > 0 ? t('help.nobody.asked', { units: askedUnits(thread).join(t('list.and')) }) : t('help.nobody'))),
        fact(t('help.subject'), subjectText(thread.subject)),
        fact(t('help.lease'), thread.status !== 'closed' ? leaseText(thread) : null)),
      asking && unit && (typing || presence) ? h('p', { class: 'presence' }, typing ? t('help.typing', { unit }) : t('help.present', { unit })) : null),
    people.size > 0 ? h('section', {}, h('h2', {}, t('help.who')), h('ul', { class: 'who' },
      [...people.values()].map((from) => h('li', {}, badge(from), ' ', aliasName(from), ' – ',
        from.alias === thread.you?.alias ? t('help.you') : from.name ? from.name : t(`help.side.${from.side}`)))),
    h('p', { class: 'hint' }, t('help.alias'))) : null,
    risk && asking ? h('section', {}, h('h2', {}, t('help.risk')),
      h('p', {}, risk.population && risk.people >= risk.population ? t('help.risk.all', { population: number(risk.population) }) : t('help.risk.text', { people: roughly(risk.people), n: risk.people, limit: number(risk.limit ?? 0) })),
      h('p', { class: 'hint' }, t('help.risk.note'))) : null,
    h('section', {}, h('h2', {}, t('help.next')), h('p', {}, next(thread))),
    h('p', { class: 'hint' }, t('help.report')),
  ];
}

function next({ side, status, turn, mine, last, may, ...thread }) {
  if (status === 'closed') return t('next.closed');
  if (side === 'asking') return t(status === 'answered' ? 'next.asking.answered' : turn === 'asking' ? (last === 'ask_back' ? 'next.asking.back' : 'next.asking.read') : status === 'open' ? 'next.asking.open' : 'next.asking.wait');
  if (turn === 'answering' && thread.claimed_by && mine === false) return t('next.answering.colleague');
  return t(may?.claim ? 'next.answering.open' : turn === 'answering' ? 'next.answering.turn' : 'next.answering.wait');
}
