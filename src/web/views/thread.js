// A thread: the question pinned on top, letters below, the field at the end, help beside.

import { h, fill, focusOn } from '../dom.js';
import { t, firstText } from '../i18n.js';
import { state, scope, emit } from '../state.js';
import { ask, command, mention, heard, told, waiting } from '../live.js';
import { letter, happening, markCorrected } from './letters.js';
import { inboxList, loadInbox } from './inbox.js';
import { writing } from './writing.js';
import { helpFor } from './help.js';
import { closeout } from './closeout.js';
import { passOn } from './passon.js';
import { aliasName, turnText, dueText, isLate, ourTurn, askedBy, answeredBy } from '../words.js';
import { announce } from '../announce.js';
import { visible } from '../scanner.js';
import { errorText } from '../errors.js';
import { clock } from '../fmt.js';

export function threadView({ id, more: held }) {
  const life = scope();
  const list = inboxList({ compact: true, current: id });
  let thread = null;
  let messages = [];
  let risk = null;
  let presence = null;
  let typing = null;
  let write = null;
  let panel = null;
  let readTo = 0;
  let typingTimer = 0;
  let closedHere = false;

  const question = h('h1', { class: 'pinned', translate: 'no' });
  const whole = h('button', { type: 'button', class: 'plain whole', hidden: true, 'aria-expanded': 'false', on: { click: () => {
    const open = head.classList.toggle('open');
    whole.setAttribute('aria-expanded', String(open));
    whole.textContent = t(open ? 'thread.less' : 'thread.whole');
  } } }, t('thread.whole'));
  const stand = h('p', { class: 'stand' });
  const head = h('div', { class: 'thread-head' },
    h('a', { class: 'back', href: '#/' }, t('back.inbox')), question, whole, stand);
  const letters = h('div', { class: 'letters' });
  const notice = h('div', { class: 'arrived' });
  const field = h('div', { class: 'field' });
  const said = h('p', { class: 'said', role: 'status' });
  const tools = h('div', { class: 'thread-tools' });
  const extra = h('div', { class: 'thread-extra' });
  const trouble = h('div', { class: 'trouble', role: 'alert' });
  const main = h('main', { id: 'main', tabindex: '-1', class: 'thread' }, head, letters, h('div', { class: 'desk' }, notice, field, said), trouble, tools, extra);
  const aside = h('aside', { class: 'help', 'aria-label': t('help.label') });
  fill(letters, h('p', { class: 'hint' }, t('loading')));

  async function load() {
    try {
      const ok = await ask('thread.open', { thread: id });
      thread = { ...rowOf(), ...ok.thread };
      messages = ok.messages ?? [];
      risk = ok.risk ?? null;
      heard({ [thread.stream]: thread.n });
      fill(trouble);
    } catch (refused) {
      if (refused.code === 'session.stopped') return;
      if (!thread) fill(letters);
      fill(trouble, h('p', {}, errorText(refused.error ?? { code: 'internal' })));
      return;
    }
    paint();
    paintLetters();
    read();
  }

  function rowOf() {
    for (const heap of ['to_answer', 'waiting', 'closed']) {
      const row = state.inbox?.[heap]?.find((r) => r.id === id);
      if (row) return { mine: row.mine, claimed_by: row.claimed_by, lease_until: row.lease_until, overdue: row.overdue, own_unit: row.own_unit };
    }
    return {};
  }

  // Everything but the letters, which only grow

  function paint() {
    question.textContent = thread.question;
    requestAnimationFrame(() => { whole.hidden = !head.classList.contains('open') && question.scrollHeight <= question.clientHeight + 2; });
    head.classList.toggle('ours', ourTurn(thread));
    const when = dueText(thread);
    fill(stand, h('span', { class: 'turn' }, turnText(thread)), when ? h('span', { class: isLate(thread) ? 'due late' : 'due' }, when) : null);
    fill(aside, helpFor({ thread, messages, risk, presence, typing }));
    paintField();
    paintTools();
  }

  function paintField() {
    const may = thread.may ?? {};
    if (may.post) {
      if (!write) {
        write = writing({
          thread: () => thread, ground, labels: () => labels(), held, typing: sayTyping,
          sent: (ok, sent, kind, heldId, corrects) => (heldId ? heldBack() : posted(ok, sent, kind, corrects)),
          changed: () => paintWaiting(),
        });
        fill(field, write.el);
      }
      letters.classList.add('may-write');
      write.update();
      return;
    }
    write?.end();
    write = null;
    letters.classList.remove('may-write');
    if (may.claim) {
      fill(field, h('div', { class: 'sheet claim' },
        h('p', {}, t('claim.lead')),
        h('button', { type: 'button', class: 'primary', data: { key: 'claim' }, on: { click: (e) => act(e.currentTarget, 'thread.claim', {}, (ok) => {
          announce(t('claim.done'));
          thread = { ...thread, ...ok, status: 'claimed', mine: true };
          load().then(() => write?.focus());
        }) } }, t('claim.go'))));
    } else if (thread.status === 'closed') {
      fill(field, h('p', { class: 'sheet closed', tabindex: '-1', data: { key: 'closed' } }, t(closedHere ? 'close.thanks' : 'thread.closed'), ' ', closedHere ? h('a', { href: '#/' }, t('sent.inbox')) : null));
    } else fill(field);
  }

  const ownUnit = () => thread.own_unit?.unit ?? (thread.side === 'asking' ? thread.asked_by?.unit : thread.answered_by?.unit) ?? state.me.roles.find((r) => r.unit)?.unit ?? null;

  /** What the scanner reckons the risk from; the answering side is not told it. */
  const ground = () => (thread.side === 'asking' ? { unit: ownUnit(), earlier: visible(messages) } : {});

  function labels() {
    return (thread.labels ?? []).map((l) => (typeof l === 'string' ? l : l.label)).filter(Boolean);
  }

  function paintTools() {
    const may = thread.may ?? {};
    const release = may.release ?? (thread.side === 'answering' && may.post && thread.status !== 'closed' && thread.status !== 'open');
    const button = (key, run) => h('button', { type: 'button', class: 'second', data: { key }, on: { click: run } }, t(key));
    fill(tools,
      may.close && thread.status !== 'answered' ? button('tool.close', () => openPanel('close')) : null,
      may.route ? button('tool.route', () => openPanel('route')) : null,
      release ? button('tool.release', (e) => act(e.currentTarget, 'thread.release', {}, () => { announce(t('release.done')); load(); })) : null);
    // Advice has come: how it went is asked at once, so that closing is two clicks.
    if (may.close && thread.status === 'answered' && !panel) openPanel('close', false);
    if (thread.status === 'closed') shutPanel();
  }

  function openPanel(kind, focus = true) {
    shutPanel();
    const cancel = () => { shutPanel(); tools.querySelector(`[data-key="tool.${kind}"]`)?.focus(); };
    if (kind === 'close') {
      panel = closeout({ thread: () => thread, ground, cancel: thread.status === 'answered' ? null : cancel, done: () => {
        announce(t('close.done'));
        closedHere = true;
        thread = { ...thread, status: 'closed', turn: null, may: {} };
        shutPanel();
        paint();
        focusOn(field.querySelector('.closed'));
        loadInbox();
      } });
    } else {
      panel = passOn({ thread, unit: ownUnit(), ground, cancel, done: () => { announce(t('route.done')); shutPanel(); loadInbox(); load(); } });
    }
    fill(extra, panel.el);
    if (focus) panel.focus();
  }

  function shutPanel() {
    panel?.end();
    panel = null;
    fill(extra);
  }

  async function act(button, op, body, then) {
    button.setAttribute('aria-disabled', 'true');
    fill(trouble);
    try {
      then(await command(op, { thread: id, ...body }));
      loadInbox();
    } catch (refused) {
      if (refused.code === 'session.stopped') return;
      fill(trouble, h('p', {}, errorText(refused.error ?? { code: 'internal' })));
      load();
    } finally {
      button.removeAttribute('aria-disabled');
    }
  }

  // Letters

  const byId = (message) => letters.querySelector(`[data-message="${CSS.escape(message)}"]`);
  const show = (message) => {
    const node = byId(message);
    node?.scrollIntoView({ block: 'center' });
    focusOn(node);
  };

  function letterOf(message, at) {
    if (message.kind === 'event') return happening(message.text, message.reason);
    const before = messages.slice(0, at).filter((m) => m.kind !== 'event').pop() ?? null;
    return letter(message, thread, { before, show, correct: (m) => write?.correct(m), corrected: message.corrects ? messages.find((m) => m.id === message.corrects) ?? null : null });
  }

  function paintLetters() {
    steady(() => {
      fill(letters, messages.map(letterOf));
      for (const m of messages) if (m.corrects) markCorrected(byId(m.corrects), () => show(m.id));
    });
    paintWaiting();
  }

  /** What is under way, shown where it will stand. */
  function paintWaiting() {
    const frame = waiting(`thread.${id}`) ?? waiting(`correct.${id}`);
    letters.querySelector('.letter.waiting')?.remove();
    if (!frame || !thread) return;
    const { kind, text, advice, paragraph, limits, needs_name, corrects } = frame;
    letters.append(letter({ kind, corrects, from: { side: thread.side, ...thread.you }, fields: kind === 'advice' ? { advice, paragraph, limits, needs_name } : { text } }, thread, { waiting: true }));
  }

  function add(message, shown = true) {
    const at = messages.findIndex((m) => m.id === message.id);
    if (at >= 0) {
      messages[at] = { ...messages[at], ...message };
      return false;
    }
    messages.push(message);
    if (shown) steady(() => {
      const under = letters.querySelector('.letter.waiting');
      const node = letterOf(message, messages.length - 1);
      if (under) under.before(node);
      else letters.append(node);
      if (message.corrects) markCorrected(byId(message.corrects), () => show(message.id));
    });
    return true;
  }

  /** Changes what stands above the field without moving the field from under the hands. */
  function steady(change) {
    const hold = field.contains(document.activeElement) ? document.activeElement : null;
    const before = hold?.getBoundingClientRect().top;
    change();
    if (hold) scrollBy({ top: hold.getBoundingClientRect().top - before, behavior: 'instant' });
  }

  function posted(ok, sent, kind, corrects) {
    told(thread.stream, ok.n);
    const mine = { id: ok.message, kind, at: new Date().toISOString(), from: { side: thread.side, name: state.me.person.name, ...thread.you }, fields: sent, corrects };
    paintWaiting();
    add(mine);
    thread.n = Math.max(thread.n ?? 0, ok.n ?? 0);
    if (kind === 'advice') thread = { ...thread, status: 'answered', turn: 'asking' };
    else if (kind === 'ask_back') thread = { ...thread, turn: 'asking' };
    else thread = { ...thread, turn: thread.side === 'asking' ? 'answering' : 'asking' };
    thread.last = kind;
    paint();
    fill(said, t('said.sent', { unit: (thread.side === 'asking' ? answeredBy(thread) : askedBy(thread)) ?? t('unit.other'), time: clock(Date.now()) }));
    loadInbox();
  }

  function heldBack() {
    fill(said, t('said.held'));
    announce(t('said.held'));
    loadInbox();
  }

  /** A new letter: said aloud, and a quiet line above the field. */
  function arrive(message) {
    const who = t(`arrived.${['advice', 'ask_back'].includes(message.kind) ? message.kind : 'reply'}`, { alias: aliasName(message.from) });
    announce(who);
    fill(notice, h('div', { class: 'arrived-line' }, h('span', {}, who),
      h('button', { type: 'button', class: 'second', on: { click: () => {
        fill(notice);
        show(message.id);
      } } }, t('arrived.show')),
      h('button', { type: 'button', class: 'plain', on: { click: () => fill(notice) } }, t('arrived.hide'))));
  }

  // Events

  const mine = (frame) => thread && (frame.thread?.id ?? frame.thread) === id;

  life.on('message.posted', (frame) => {
    if (!mine(frame)) return;
    thread = { ...thread, ...frame.thread, n: frame.n };
    const fresh = add(frame.message);
    if (fresh && frame.message.from?.alias !== thread.you?.alias) arrive(frame.message);
    typing = null;
    if (fresh) refreshSoon();
    paint();
    read();
  });
  life.on('thread.changed', (frame) => {
    if (!mine(frame)) return;
    thread = { ...thread, ...frame.thread, n: frame.n };
    const unit = frame.thread?.answered_by?.name ?? answeredBy(thread) ?? t('unit.other');
    const text = firstText([`changed.${frame.change}`, 'changed.other'], { unit });
    if (frame.change === 'routed') add({ id: `event-${frame.n}`, kind: 'event', text, reason: frame.reason });
    if (frame.change !== 'answered') announce(text);
    refreshSoon();
    paint();
    read();
  });
  life.on('thread.left', (frame) => {
    if (!mine(frame)) return;
    thread = { ...thread, may: {} };
    fill(field, h('p', { class: 'sheet' }, t('thread.left')));
    announce(t('thread.left'));
  });
  life.on('typing', (frame) => {
    if (!mine(frame)) return;
    typing = frame.on ? frame.unit : null;
    clearTimeout(typingTimer);
    if (typing) typingTimer = setTimeout(() => { typing = null; fill(aside, helpFor({ thread, messages, risk, presence, typing })); }, 15_000);
    fill(aside, helpFor({ thread, messages, risk, presence, typing }));
  });
  life.on('presence', (frame) => {
    if (!mine(frame)) return;
    presence = frame.present;
    fill(aside, helpFor({ thread, messages, risk, presence, typing }));
  });
  life.on('resumed', (ok) => { if (!thread || ok.gone?.includes(thread.stream)) load(); });
  life.on('outbox', paintWaiting);
  life.on('answered', (what) => {
    // A letter that was under way before a reload has arrived.
    if ((what.slot === `thread.${id}` || what.slot === `correct.${id}`) && what.op === 'message.post' && thread && !what.ok.held) told(thread.stream, what.ok.n);
  });

  /** What one may do and the risk change with the thread; both are the server's to say. */
  let refreshTimer = 0;
  function refreshSoon() {
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(async () => {
      try {
        const ok = await ask('thread.open', { thread: id });
        thread = { ...thread, ...ok.thread };
        risk = ok.risk ?? null;
        for (const m of ok.messages ?? []) if (add(m) && m.from?.alias !== thread.you?.alias) arrive(m);
        paint();
      } catch { /* the next event tries again */ }
    }, 150);
  }

  function read() {
    if (!thread || document.hidden || thread.n <= readTo) return;
    readTo = thread.n;
    ask('thread.read', { thread: id, n: thread.n }).then(() => {
      const row = ['to_answer', 'waiting', 'closed'].flatMap((heap) => state.inbox?.[heap] ?? []).find((r) => r.id === id);
      if (row?.unread) { row.unread = 0; emit('inbox'); }
    }, () => {});
  }
  const seen = () => read();
  document.addEventListener('visibilitychange', seen);

  let lastTyping = 0;
  let isTyping = false;
  function sayTyping(on) {
    if (!thread || thread.side !== 'answering' || on === isTyping && performance.now() - lastTyping < 4000) return;
    isTyping = on;
    lastTyping = performance.now();
    mention('thread.typing', { thread: id, on });
  }

  load();
  return {
    parts: [h('nav', { class: 'list', 'aria-label': t('list.label') }, h('h2', { class: 'unseen' }, t('list.label')), list.el), main, aside],
    name: 'thread', title: t('thread.title'),
    write: () => write?.focus(),
    flush: () => write?.flush(),
    end() {
      life.end();
      list.end();
      write?.end();
      panel?.end();
      clearTimeout(refreshTimer);
      clearTimeout(typingTimer);
      document.removeEventListener('visibilitychange', seen);
    },
  };
}
