// The thread as letters: who (by alias), when, what. Advice stands apart as a card.

import { h, uid } from '../dom.js';
import { t, firstText } from '../i18n.js';
import { moment } from '../fmt.js';
import { aliasName, colourOf } from '../words.js';
import { withMasks } from '../marks.js';

export function badge(from, extra = '') {
  return h('span', { class: `badge alias-${colourOf(from)} ${extra}`, 'aria-hidden': 'true' }, from?.letter ?? '?');
}

const prose = (text) => h('div', { class: 'prose', translate: 'no' }, withMasks(text));

const part = (label, text) => (text === undefined || text === null || text === '' ? null : [h('h3', {}, label), prose(text)]);

function body(message) {
  const f = message.fields ?? {};
  if (message.kind === 'question') return [part(t('ask.situation'), f.situation), part(t('ask.question'), f.question), part(t('ask.considered'), f.considered)];
  if (message.kind === 'advice') {
    return [prose(f.advice ?? ''),
      f.paragraph || f.limits || f.needs_name !== undefined ? h('dl', { class: 'advice-facts' },
        f.paragraph ? h('div', {}, h('dt', {}, t('advice.paragraph')), h('dd', { translate: 'no' }, withMasks(f.paragraph))) : null,
        f.limits ? h('div', {}, h('dt', {}, t('advice.limits')), h('dd', { translate: 'no' }, withMasks(f.limits))) : null,
        f.needs_name === true || f.needs_name === false ? h('div', {}, h('dt', {}, t('advice.needs_name')), h('dd', {}, t(f.needs_name ? 'yes' : 'no'))) : null) : null];
  }
  return Object.values(f).filter((v) => typeof v === 'string' && v !== '').map(prose);
}

const CORRECTABLE = ['question', 'reply', 'ask_back', 'advice'];

/** What a letter is called. A side that writes again before the other has answered adds to what it said. */
function kindOf(message, before) {
  if (message.corrects) return t('kind.correction');
  if (message.kind === 'reply' && before?.from?.side && before.from.side === message.from?.side) return t('kind.more');
  return firstText([`kind.${message.kind}`, 'kind.other']);
}

/** letter(message, thread, {waiting, before: the letter above, correct(message), show(id), corrected: the message that this one corrects}) */
export function letter(message, thread, { waiting = false, before = null, correct = null, show = null, corrected = null } = {}) {
  const from = message.from ?? {};
  const id = uid('letter');
  const you = from.alias && from.alias === thread.you?.alias;
  const ownSide = from.side === thread.side;
  const name = you ? t('letter.you') : from.name;
  return h('article', { class: `letter ${message.kind} ${ownSide ? 'own' : 'other'}${waiting ? ' waiting' : ''}`, 'aria-labelledby': id, data: { message: message.id } },
    h('header', { class: 'letter-head' },
      badge(from),
      h('h2', { id },
        h('span', { class: 'letter-kind' }, kindOf(message, before)), ' ',
        h('span', { class: 'letter-who' }, t('letter.from', { alias: aliasName(from) })),
        name ? h('span', { class: 'letter-name' }, ` (${name})`) : null),
      h('p', { class: 'letter-at' }, waiting ? t('letter.waiting') : message.at ? moment(message.at) : '')),
    message.corrects ? h('p', { class: 'hint' }, corrected?.at ? t('letter.corrects.from', { at: moment(corrected.at) }) : t('letter.corrects'), ' ',
      show ? h('button', { type: 'button', class: 'plain small', on: { click: () => show(message.corrects) } }, t('letter.show.old')) : null) : null,
    body(message),
    you && correct && !waiting && CORRECTABLE.includes(message.kind)
      ? h('button', { type: 'button', class: 'plain small correct', data: { key: `correct-${message.id}` }, 'aria-describedby': id, on: { click: () => correct(message) } }, t('letter.correct')) : null);
}

/** Says on an earlier letter that a later one corrects it. */
export function markCorrected(node, show) {
  if (!node || node.querySelector('.corrected')) return;
  node.querySelector('.letter-head').after(h('p', { class: 'hint corrected' }, t('letter.corrected'), ' ',
    h('button', { type: 'button', class: 'plain small', on: { click: show } }, t('letter.show.new'))));
}

/** Something that happened in the thread and is no letter: taken, released, passed on. */
export function happening(text, reason) {
  return h('div', { class: 'happening' }, h('p', {}, text), reason ? h('blockquote', { translate: 'no' }, withMasks(reason)) : null);
}
