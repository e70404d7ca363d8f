// The small card about one finding: what it looks like, why, and what to do about it.

import { h } from './dom.js';
import { t, firstText, hasText } from './i18n.js';

/** Why the scanner marked it, in plain words. */
export function why(finding) {
  const evidence = finding.evidence ?? {};
  const reason = typeof evidence === 'object' ? evidence.reason : null;
  // The sentence for the reason itself names the neighbouring word, where one matters.
  if (hasText(`reason.${reason}`)) return t(`reason.${reason}`, { context: evidence.context ?? '' });
  const base = firstText([`category.${finding.category}.why`, 'reason.other']);
  return evidence.context ? t('reason.context', { reason: base, context: evidence.context }) : base;
}

export const categoryWord = (finding) => firstText([`category.${finding.category}`, 'category.other']);

/**
 * card({finding, text, place, count, labels, actions}): `actions` are take(mask), claim(), keep(), seen(), next(back), close().
 * Enter takes the proposal (it is the first button), arrows walk between the choices, Tab goes to the next finding.
 */
export function card({ finding, text, stands, place, count, labels, actions }) {
  const options = [];
  const option = (label, run, cls = 'choice') => options.push(h('button', { type: 'button', class: cls, tabindex: '-1', on: { click: run } }, label));

  const masks = [...new Set([finding.replacement, ...finding.coarser])].filter(Boolean);
  if (stands === 'claimed' || stands === 'kept') {
    option(t('card.regret'), () => actions.regret(), 'choice lead');
  } else if (finding.level === 'note') {
    option(t('card.seen'), () => actions.seen(), 'choice lead');
  }
  masks.slice(0, 3).forEach((mask, i) => option(t('card.take', { mask }), () => actions.take(mask), options.length === 0 && i === 0 ? 'choice lead' : 'choice'));
  for (const label of labels.filter((l) => !masks.includes(l)).slice(0, 3)) option(t('card.same', { mask: label }), () => actions.take(label));
  if (finding.level === 'block' && !finding.structured && finding.category === 'PERSON' && stands !== 'claimed') option(t('card.claim'), () => actions.claim(), 'choice quiet');
  if (finding.level === 'warn' && stands !== 'kept') option(t('card.keep'), () => actions.keep(), 'choice quiet');
  options[0]?.setAttribute('tabindex', '0');

  const rove = (step) => {
    const now = options.indexOf(document.activeElement);
    const next = options[(now + step + options.length) % options.length];
    options.forEach((o) => o.setAttribute('tabindex', o === next ? '0' : '-1'));
    next.focus();
  };
  const keys = (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowRight') rove(1);
    else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft') rove(-1);
    else if (event.key === 'Escape') actions.close();
    else if (event.key === 'Tab' && event.target.closest('.choices')) {
      // The last finding lets Tab go on as usual: nobody is kept here.
      if (!actions.next(event.shiftKey)) return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return h('div', { class: `card ${stands}`, role: 'group', 'aria-label': t('card.label', { text }), on: { keydown: keys } },
    h('div', { class: 'card-head' },
      h('p', { class: 'card-what' },
        h('q', { class: `card-words ${stands}` }, text), ' ',
        h('span', { class: 'card-level' }, t(`stands.${stands}`))),
      h('span', { class: 'card-place' }, t('card.place', { place, count }))),
    h('p', { class: 'card-why' }, why(finding)),
    h('div', { class: 'choices', role: 'group', 'aria-label': t('card.choices') }, options),
    finding.structured ? h('p', { class: 'card-note' }, t('card.structured')) : null,
    finding.level === 'block' && !finding.structured && stands !== 'claimed' ? h('p', { class: 'card-note' }, t('card.claim.note')) : null,
    h('div', { class: 'card-foot' },
      h('span', { class: 'keys' }, t('card.keys')),
      h('button', { type: 'button', class: 'plain', on: { click: () => actions.close() } }, t('card.close'))));
}
