// Closing: two clicks, and a comment for who wants to leave one.

import { h, fill } from '../dom.js';
import { t } from '../i18n.js';
import { createComposer } from '../composer.js';
import { command } from '../live.js';
import { errorText } from '../errors.js';
import { recipient } from '../words.js';

/** closeout({thread(), ground(), done(), cancel}) */
export function closeout({ thread, ground, done, cancel }) {
  let used = null;
  const choice = (name, values, pick) => h('div', { class: 'chips' }, values.map(([value, label]) =>
    h('button', { type: 'button', class: 'chip', 'aria-pressed': name === 'used' ? 'false' : null, data: { value }, on: { click: (e) => pick(value, e.currentTarget) } }, label)));
  const trouble = h('div', { class: 'trouble', role: 'alert' });

  const first = choice('used', [['yes', t('close.used.yes')], ['partly', t('close.used.partly')], ['no', t('close.used.no')]], (value, button) => {
    used = value;
    for (const b of first.children) b.setAttribute('aria-pressed', String(b === button));
    second.hidden = false;
    second.querySelector('button').focus();
  });
  const comment = createComposer({
    slot: `close.${thread().id}`, canHold: false,
    fields: [{ name: 'comment', label: t('close.comment'), hint: t('close.comment.hint'), rows: 2 }],
    context: ground,
    recipient: () => recipient(thread()),
    sendLabel: () => '', build: () => ({}), done() {},
  });
  comment.el.classList.add('bare');

  async function finish(otherwise) {
    fill(trouble);
    const out = comment.clean();
    if (!out) {
      fill(trouble, h('p', {}, t('close.comment.blocked')));
      more.open = true;
      comment.fields[0].openFirst(false) || comment.focus();
      return;
    }
    second.setAttribute('aria-busy', 'true');
    try {
      const ok = await command('thread.close', { thread: thread().id, used, otherwise, ...(out.comment ? { comment: out.comment } : {}) }, `close.${thread().id}`);
      done(ok);
    } catch (refused) {
      fill(trouble, h('p', {}, errorText(refused.error ?? { code: 'internal' })));
    } finally {
      second.removeAttribute('aria-busy');
    }
  }

  const more = h('details', { class: 'more' }, h('summary', {}, t('close.comment.open')), comment.el);
  const second = h('div', { class: 'close-second', hidden: true },
    h('p', { class: 'field-label', id: 'close-otherwise' }, t('close.otherwise')),
    h('div', { role: 'group', 'aria-labelledby': 'close-otherwise' },
      choice('otherwise', [['phoned', t('close.phoned')], ['waited', t('close.waited')], ['guessed', t('close.guessed')], ['not_asked', t('close.not_asked')]], finish)),
    h('p', { class: 'hint' }, t('close.leads')));
  const el = h('section', { class: 'sheet close', 'aria-labelledby': 'close-title' },
    h('h2', { id: 'close-title', tabindex: '-1' }, t('close.title')),
    h('p', { class: 'field-label', id: 'close-used' }, t('close.used')),
    h('div', { role: 'group', 'aria-labelledby': 'close-used' }, first),
    more, second, trouble,
    cancel ? h('button', { type: 'button', class: 'plain', on: { click: cancel } }, t('cancel')) : null);
  return { el, end: comment.destroy, focus: () => first.children[0].focus() };
}
