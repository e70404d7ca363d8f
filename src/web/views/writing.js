// The field at the end of a thread: a reply, a question back, or advice with its paragraph and limits.

import { h, fill, uid } from '../dom.js';
import { t } from '../i18n.js';
import { createComposer } from '../composer.js';
import { recipient } from '../words.js';
import * as drafts from '../drafts.js';

const KINDS = { asking: ['reply'], answering: ['reply', 'ask_back', 'advice'] };

const specs = (kind) => (kind === 'advice' ? [
  { name: 'advice', label: t('advice.advice'), hint: t('advice.advice.hint'), required: true, rows: 4, missing: t('send.advice') },
  { name: 'paragraph', label: t('advice.paragraph'), hint: t('advice.paragraph.hint'), rows: 1 },
  { name: 'limits', label: t('advice.limits'), hint: t('advice.limits.hint'), rows: 2 },
] : [
  { name: 'text', label: t(`${kind}.text`), hint: kind === 'ask_back' ? t('ask_back.hint') : null, required: true, rows: 3, missing: t(`send.${kind}`) },
]);

/** writing({thread(), unit, labels(), held, typing, sent(ok, texts, kind, heldId), changed}) */
export function writing(o) {
  const slot = `thread.${o.thread().id}`;
  const { side } = o.thread();
  const returned = o.held ? drafts.get(`held.${o.held}`) : null;
  let kind = (returned ?? drafts.get(slot))?.kind ?? 'reply';
  let needsName = (returned ?? drafts.get(slot))?.needsName ?? null;
  if (!KINDS[side].includes(kind)) kind = 'reply';
  let composer = null;

  const pick = h('div', { class: 'kinds' });
  const place = h('div');
  const el = h('section', { class: 'writing', 'aria-labelledby': 'writing-title' },
    h('h2', { id: 'writing-title' }, t(side === 'asking' ? 'writing.asking' : 'writing.answering')), pick, place);

  function paintPick() {
    if (KINDS[side].length === 1) return;
    fill(pick, h('fieldset', { class: 'segments' }, h('legend', { class: 'unseen' }, t('writing.kind')),
      KINDS[side].map((name) => {
        const id = uid('kind');
        return h('span', { class: 'segment' },
          h('input', { type: 'radio', name: 'kind', id, value: name, checked: name === kind, data: { key: `kind-${name}` }, on: { change: () => turn(name) } }),
          h('label', { for: id }, t(`kind.${name}.do`)));
      })));
  }

  function turn(next) {
    const texts = composer.texts();
    const main = texts.text ?? texts.advice ?? '';
    const more = next === 'advice' ? { advice: main } : { text: main + (texts.paragraph ? `\n${texts.paragraph}` : '') + (texts.limits ? `\n${texts.limits}` : '') };
    kind = next;
    composer.destroy();
    drafts.put(slot, { ...(drafts.get(slot) ?? {}), kind, needsName, fields: more });
    build();
  }

  function nameQuestion() {
    const ids = [uid('n'), uid('n')];
    return h('fieldset', { class: 'block' }, h('legend', {}, t('advice.needs_name'), h('span', { class: 'optional' }, ` ${t('field.optional')}`)), h('div', { class: 'chips' },
      [[true, 'yes'], [false, 'no']].map(([value, word], i) => h('div', { class: 'option' },
        h('input', { type: 'radio', name: 'needs-name', id: ids[i], checked: needsName === value, on: { change: () => { needsName = value; composer.save(); } } }),
        h('label', { for: ids[i] }, t(word))))));
  }

  function build() {
    paintPick();
    const current = kind;
    composer = createComposer({
      slot,
      fields: specs(kind),
      context: () => ({ unit: o.unit, thread: o.thread().id }),
      recipient: () => recipient(o.thread()),
      labels: o.labels,
      typing: o.typing,
      changed: o.changed,
      extra: kind === 'advice' ? [nameQuestion()] : null,
      keep: () => ({ kind: current, needsName }),
      sendLabel: () => t(`send.${current}.go`, { unit: recipient(o.thread()) ?? t('unit.other') }),
      build: (texts) => ({ op: 'message.post', body: { thread: o.thread().id, kind: current, ...texts, ...(current === 'advice' && needsName !== null ? { needs_name: needsName } : {}) } }),
      done(ok, sent, { held }) {
        if (!held && o.held) drafts.remove(`held.${o.held}`);
        const fields = current === 'advice' && needsName !== null ? { ...sent, needs_name: needsName } : sent;
        needsName = null;
        if (current !== 'reply') {
          kind = 'reply';
          composer.destroy();
          drafts.remove(slot);
          build();
        }
        o.sent(ok, fields, current, held);
      },
    });
    fill(place, composer.el);
  }

  build();
  if (returned && !composer.sending()) composer.insert(returned.fields ?? {});

  return {
    el,
    focus: () => composer.focus(),
    flush: () => composer.flush(),
    update: () => composer.refresh(),
    end: () => composer.destroy(),
  };
}
