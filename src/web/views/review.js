// The review queue: the text with its marks, why it is here, and three decisions with what each leads to.

import { h, fill } from '../dom.js';
import { t } from '../i18n.js';
import { scope } from '../state.js';
import { ask, command } from '../live.js';
import { placed } from '../scanner.js';
import { reviewed } from '../marks.js';
import { categoryWord, why } from '../card.js';
import { createComposer } from '../composer.js';
import { errorText } from '../errors.js';
import { announce } from '../announce.js';
import { roughly, number } from '../fmt.js';
import { loadInbox } from './inbox.js';
import { swap } from '../route.js';

/** In the order in which they were written. */
export const LABELS = { situation: 'ask.situation', question: 'ask.question', considered: 'ask.considered', text: 'reply.text', advice: 'advice.advice', paragraph: 'advice.paragraph', limits: 'advice.limits', comment: 'close.comment', reason: 'route.reason' };

/** A word taken for a name also makes the figure small: then the claim says it all. */
export const whyHeld = (reasons) => (reasons?.includes('claim') ? ['claim'] : reasons ?? []);

export const inOrder = (fields) => Object.entries(fields).sort(([a], [b]) => Object.keys(LABELS).indexOf(a) - Object.keys(LABELS).indexOf(b));

export function reviewView({ id }) {
  const life = scope();
  const el = h('main', { id: 'main', tabindex: '-1', class: 'review', data: { held: id } }, h('a', { class: 'back', href: '#/' }, t('back.inbox')), h('h1', {}, t('review.title')));
  const body = h('div', {}, h('p', { class: 'hint' }, t('loading')));
  const trouble = h('div', { class: 'trouble', role: 'alert' });
  el.append(body);
  let composer = null;

  const leave = (text) => {
    announce(text);
    loadInbox();
    swap('#/');
  };

  async function load() {
    try {
      paint(await ask('review.open', { held: id }));
    } catch (refused) {
      fill(body, h('p', { class: 'trouble' }, errorText(refused.error ?? { code: 'internal' })));
    }
  }

  function paint(held) {
    const claims = held.claims ?? [];
    const claim = (held.reasons ?? []).includes('claim');
    const sections = [];
    const listed = [];
    for (const [name, text] of inOrder(held.fields)) {
      if (typeof text !== 'string' || text === '') continue;
      const mine = placed(text, (held.findings ?? []).filter((f) => f.field === name)).map((f) => ({
        ...f,
        stands: claims.some((c) => c.field === name && c.start < f.end && f.start < c.end) ? 'claimed' : f.level === 'block' ? 'must' : f.level === 'warn' ? 'kept' : 'check',
      }));
      for (const f of mine) if (f.stands !== 'check') listed.push({ ...f, text: text.slice(f.from, f.to) });
      sections.push(h('h3', {}, LABELS[name] ? t(LABELS[name]) : name), h('div', { class: 'prose', translate: 'no' }, reviewed(text, mine, (f) => `${t(`stands.${f.stands}`)}, ${categoryWord(f)}`)));
    }
    const { risk } = held;
    const reasons = ((risk?.people ?? 0) < 1.5 ? whyHeld(held.reasons) : held.reasons ?? []).map((r) => h('li', {}, t(`review.reason.${r}`),
      r === 'risk' && risk ? ` ${t(risk.people < 1.5 ? 'review.risk.single' : 'review.risk', { people: roughly(risk.people), limit: number(risk.limit ?? 0) })}` : ''));

    composer?.destroy();
    composer = createComposer({
      slot: null,
      fields: [{ name: 'reason', label: t('review.return.reason'), hint: t('review.return.hint'), required: true, rows: 3, missing: t('review.return.missing') }],
      context: () => ({}), canHold: false,
      recipient: () => held.writer?.name ?? t('review.writer'),
      sendLabel: () => t('review.return'),
      build: (texts) => ({ op: 'review.return', body: { held: id, ...texts } }),
      done: () => leave(t('review.returned')),
    });
    const back = h('div', { class: 'decision-more', hidden: true }, composer.el);
    const openBack = h('button', { type: 'button', class: 'second', 'aria-expanded': 'false', on: { click: () => {
      back.hidden = !back.hidden;
      openBack.setAttribute('aria-expanded', String(!back.hidden));
      if (!back.hidden) composer.focus();
    } } }, t('review.return.open'));
    const approve = h('button', { type: 'button', class: 'primary', on: { click: async () => {
      approve.setAttribute('aria-disabled', 'true');
      try {
        await command('review.approve', { held: id });
        leave(t('review.approved'));
      } catch (refused) {
        approve.removeAttribute('aria-disabled');
        fill(trouble, h('p', {}, errorText(refused.error ?? { code: 'internal' })));
      }
    } } }, t(claim ? 'review.approve.claim' : 'review.approve.risk'));

    fill(body,
      h('p', { class: 'lead' }, t('review.by', { name: held.writer?.name ?? t('review.writer') })),
      h('section', { class: 'sheet why' }, h('h2', {}, t('review.why')), h('ul', {}, reasons),
        listed.length > 0 ? h('ul', { class: 'marked' }, listed.map((f) => h('li', {}, h('q', { class: `card-words ${f.stands}`, translate: 'no' }, f.text), ` – ${why(f)}`))) : null),
      h('section', { class: 'letter', 'aria-label': t('review.text') }, h('h2', {}, t('review.text')), sections),
      h('section', { class: 'decisions' }, h('h2', {}, t('review.decide')),
        h('div', { class: 'decision' }, approve, h('p', {}, t(claim ? 'review.approve.claim.leads' : 'review.approve.risk.leads'))),
        h('div', { class: 'decision' }, openBack, h('p', {}, t('review.return.leads')), back),
        h('div', { class: 'decision' }, h('a', { class: 'button second', href: '#/' }, t('review.wait')), h('p', {}, t('review.wait.leads'))),
        trouble));
  }

  life.on('review.changed', (event) => {
    if (event.held === id && event.state !== 'waiting') fill(trouble, h('p', {}, t('error.held.decided')));
  });
  load();
  return { parts: [el], name: 'review', title: t('review.title'), end: () => { life.end(); composer?.destroy(); } };
}
