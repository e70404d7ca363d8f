// After sending: exactly what was sent, to whom, and by when an answer is due.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { state } from '../state.js';
import { due } from '../fmt.js';
import { withMasks } from '../marks.js';
import { swap } from '../route.js';

export function sentView() {
  const { sent } = state;
  // Kept in memory only: after a reload the thread itself shows what was sent.
  if (!sent) {
    queueMicrotask(() => swap('#/'));
    return { parts: [h('main', { id: 'main', tabindex: '-1' })], name: 'sent', title: t('sent.title'), end() {} };
  }
  const row = (label, text) => (text ? [h('h3', {}, label), h('div', { class: 'prose', translate: 'no' }, withMasks(text))] : null);
  const heading = sent.held ? t('sent.held.title') : t('sent.title.to', { unit: sent.to });
  const el = h('main', { id: 'main', tabindex: '-1', class: 'sent' },
    h('h1', {}, heading),
    h('p', { class: 'lead' }, sent.held ? t('sent.held.lead') : sent.due_at ? t('sent.due', { day: due(sent.due_at) }) : null),
    sent.held ? null : h('p', {}, t('sent.next'), ' ', sent.hide ? t('sent.hidden') : t('sent.shown', { unit: sent.from })),
    h('h2', {}, sent.held ? t('sent.held.text') : t('sent.text', { unit: sent.to })),
    h('div', { class: 'letter question' }, row(t('ask.situation'), sent.fields.situation), row(t('ask.question'), sent.fields.question), row(t('ask.considered'), sent.fields.considered)),
    h('div', { class: 'send-row' },
      sent.thread ? h('a', { class: 'button primary', href: `#/trad/${sent.thread}` }, t('sent.open')) : null,
      h('a', { class: 'button second', href: '#/' }, t('sent.inbox'))));
  return { parts: [el], name: 'sent', title: heading, announce: heading, end() {} };
}
