// Searching one's own threads. The words searched for are scanned too, before they leave the page: a name is no way into a thread.

import { h, fill, PRIVATE, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import { state } from '../state.js';
import { ask } from '../live.js';
import { check } from '../scanner.js';
import { standing } from '../engine.js';
import { withMasks } from '../marks.js';
import { errorText } from '../errors.js';

/** The server cuts an excerpt at a letter: whole words read better. */
export function whole(excerpt) {
  const words = excerpt.trim();
  const cut = words.length > 60 ? words.replace(/^\p{Ll}\S*\s/u, '… ').replace(/\s\S*[^.!?\s]$/u, ' …') : words;
  return cut;
}

export function searchView() {
  const input = h('input', { ...PRIVATE, id: 'search', type: 'text', maxlength: 200, enterkeyhint: 'search', 'aria-describedby': 'search-hint search-trouble' });
  const trouble = h('div', { class: 'trouble', role: 'alert', id: 'search-trouble' });
  const out = h('div', { class: 'hits' });
  const count = h('p', { class: 'lead', role: 'status' });

  function questionOf(id) {
    for (const heap of ['to_answer', 'waiting', 'closed']) {
      const row = state.inbox?.[heap]?.find((r) => r.id === id);
      if (row) return row.question;
    }
    return null;
  }

  async function run(event) {
    event.preventDefault();
    fill(trouble);
    fill(out);
    fill(count);
    const text = input.value.trim();
    if (!text) return focusOn(input);
    if (standing() === 'loading') fill(count, t('send.loading'));
    try {
      const report = await check({ fields: { text } });
      fill(count);
      if (report.fields.text.findings.some((f) => f.level === 'block')) throw { error: { code: 'scan.blocked' } };
      const { hits } = await ask('thread.search', { text });
      const threads = new Map();
      for (const hit of hits) threads.set(hit.thread, [...(threads.get(hit.thread) ?? []), hit.excerpt ?? '']);
      fill(count, threads.size === 0 ? t('search.none') : t('search.found', { n: threads.size }));
      fill(out, h('ul', { class: 'rows' }, [...threads].map(([id, excerpts]) => h('li', { class: 'row' }, h('a', { href: `#/trad/${id}` },
        h('span', { class: 'row-question', translate: 'no' }, withMasks(questionOf(id) ?? t('search.thread'))),
        excerpts.slice(0, 3).map((text) => h('span', { class: 'row-state', translate: 'no' }, withMasks(whole(text)))))))));
    } catch (refused) {
      fill(count);
      const error = refused.error ?? { code: 'internal' };
      fill(trouble, h('p', {}, error.code === 'scan.blocked' ? t('search.blocked') : errorText(error)));
    }
  }

  const el = h('main', { id: 'main', tabindex: '-1', class: 'search' },
    h('a', { class: 'back', href: '#/' }, t('back.inbox')),
    h('h1', {}, t('search.title')),
    h('form', { role: 'search', on: { submit: run }, novalidate: true },
      h('label', { for: 'search', class: 'field-label' }, t('search.label')),
      h('p', { class: 'hint', id: 'search-hint' }, t('search.hint')),
      h('div', { class: 'search-row' }, input, h('button', { type: 'submit', class: 'primary' }, t('search.go'))),
      trouble),
    count, out);
  return { parts: [el], name: 'search', title: t('search.title'), start: () => focusOn(input), end() {} };
}
