// The field at the end of a thread: a reply, a question back, or advice with its paragraph and limits.

import { h, fill, uid, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import { createComposer } from '../composer.js';
import { recipient } from '../words.js';
import { command } from '../live.js';
import { moment } from '../fmt.js';
import * as drafts from '../drafts.js';

const KINDS = { asking: ['reply'], answering: ['reply', 'ask_back', 'advice'] };

/** `name` is what the text is: the kind, an addition of the asking side, or a correction. */
const specs = (kind, name) => (kind === 'advice' ? [
  { name: 'advice', label: t('advice.advice'), hint: t('advice.advice.hint'), required: true, rows: 4, missing: t('send.advice') },
  { name: 'paragraph', label: t('advice.paragraph'), hint: t('advice.paragraph.hint'), rows: 1 },
  { name: 'limits', label: t('advice.limits'), hint: t('advice.limits.hint'), rows: 2 },
] : [
  { name: 'text', label: t(`${name}.text`), hint: name === 'ask_back' ? t('ask_back.hint') : null, required: true, rows: 3, missing: t(`send.${name}`) },
]);

/** writing({thread(), ground(), labels(), held, typing, sent(ok, texts, kind, heldId, corrects), changed}) */
export function writing(o) {
  const plain = `thread.${o.thread().id}`;
  const mending = `correct.${o.thread().id}`;
  const { side } = o.thread();
  /** {id, at}: the own letter that is being corrected, with a draft apart from what else is being written. */
  let correcting = drafts.get(mending)?.correcting ?? null;
  let slot = correcting ? mending : plain;
  const returned = o.held ? drafts.get(`held.${o.held}`) : null;
  let kind = (returned ?? drafts.get(slot))?.kind ?? 'reply';
  let needsName = (returned ?? drafts.get(slot))?.needsName ?? null;
  if (!KINDS[side].includes(kind)) kind = 'reply';
  let composer = null;

  const title = h('h2', { id: 'writing-title' });
  const pick = h('div', { class: 'kinds' });
  const place = h('div');
  const el = h('section', { class: 'writing', 'aria-labelledby': 'writing-title' }, title, pick, place);

  function heading() {
    if (correcting) return t('writing.correct');
    if (side === 'answering') return t('writing.answering');
    return t(o.thread().turn === 'asking' ? 'writing.asking' : 'writing.more');
  }

  function paintPick() {
    title.textContent = heading();
    if (correcting) {
      fill(pick, h('p', { class: 'notice' }, t('correct.lead', { at: moment(correcting.at) }), ' ',
        h('button', { type: 'button', class: 'plain', on: { click: () => stopCorrecting() } }, t('correct.stop'))));
      return;
    }
    if (KINDS[side].length === 1) return fill(pick);
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

  /** An own letter again, as a new one that says what it corrects. */
  function correct(message) {
    composer.flush();
    composer.destroy();
    correcting = { id: message.id, at: message.at };
    kind = message.kind === 'question' ? 'reply' : message.kind;
    needsName = message.fields?.needs_name ?? null;
    slot = mending;
    build(message.kind === 'question' ? {} : message.fields);
    composer.focus();
  }

  function stopCorrecting() {
    const was = correcting;
    correcting = null;
    composer.destroy();
    drafts.remove(mending);
    slot = plain;
    kind = drafts.get(plain)?.kind ?? 'reply';
    needsName = drafts.get(plain)?.needsName ?? null;
    build();
    focusOn(document.querySelector(`[data-key="correct-${CSS.escape(was.id)}"]`) ?? composer.fields[0].area);
  }

  function build(initial = null) {
    paintPick();
    const current = kind;
    const mends = correcting;
    composer = createComposer({
      slot, initial,
      fields: specs(kind, correcting ? 'correct' : kind === 'reply' && side === 'asking' ? 'more' : kind),
      context: o.ground,
      recipient: () => recipient(o.thread()),
      labels: o.labels,
      typing: o.typing,
      changed: o.changed,
      extra: kind === 'advice' ? [nameQuestion()] : null,
      keep: () => ({ kind: current, needsName, ...(mends ? { correcting: mends } : {}) }),
      sendLabel: () => t(mends ? 'send.correct.go' : `send.${side === 'asking' && o.thread().turn !== 'asking' ? 'more' : current}.go`, { unit: recipient(o.thread()) ?? t('unit.other') }),
      build: (texts) => ({ op: 'message.post', body: { thread: o.thread().id, kind: current, ...texts, ...(mends ? { corrects: mends.id } : {}), ...(current === 'advice' && needsName !== null ? { needs_name: needsName } : {}) } }),
      done(ok, sent, { held }) {
        if (o.held) {
          // What came back has gone again: the old row has nothing more to say.
          drafts.remove(`held.${o.held}`);
          command('held.withdraw', { held: o.held }).catch(() => {});
          o.held = null;
        }
        const fields = current === 'advice' && needsName !== null ? { ...sent, needs_name: needsName } : sent;
        needsName = null;
        if (mends || current !== 'reply') {
          composer.destroy();
          drafts.remove(slot);
          correcting = null;
          slot = plain;
          kind = (mends && drafts.get(plain)?.kind) || 'reply';
          build();
        }
        o.sent(ok, fields, current, held, mends?.id ?? null);
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
    update: () => { title.textContent = heading(); composer.refresh(); },
    correct,
    end: () => composer.destroy(),
  };
}
