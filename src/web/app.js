// The page's heart: who is signed in, which view stands, and what reaches it from outside.

import { fill, focusOn } from './dom.js';
import { t, setLocale, firstLocale } from './i18n.js';
import { state, on, emit, forget, hasUnit } from './state.js';
import * as session from './session.js';
import * as live from './live.js';
import * as engine from './engine.js';
import * as drafts from './drafts.js';
import { announce } from './announce.js';
import { parse } from './route.js';
import { shell, canAsk } from './shell.js';
import { signInView } from './views/signin.js';
import { inboxView, loadInbox } from './views/inbox.js';
import { askView } from './views/ask.js';
import { sentView } from './views/sent.js';
import { threadView } from './views/thread.js';
import { reviewView } from './views/review.js';
import { searchView } from './views/search.js';
import { openKeys, lettersOn } from './views/keys.js';

const app = document.getElementById('app');
const VIEWS = { '': inboxView, fraga: askView, skickat: sentView, trad: threadView, granska: reviewView, sok: searchView };

let frame = null;
let view = null;
let gate = null;
let lockedName = null;
let idleTimer = 0;

const setTitle = (text) => { document.title = `${text} – Rådrum`; };

// Who is here

async function boot() {
  setLocale(firstLocale());
  // While somebody signs in, the scanner comes.
  engine.load();
  try {
    await enter(await session.whoami());
  } catch (refused) {
    if (refused.code === 'session.locked') showLock(refused.error.name ?? null);
    else if (refused.code === 'no_contact' || refused.status >= 500) {
      showGate(t('contact.none'));
      setTimeout(() => gate && !state.me && boot(), 4000);
    } else showGate();
  }
}

async function enter(me) {
  state.me = me;
  lockedName = null;
  gate = null;
  setLocale(firstLocale(me.person.locale));
  engine.load();
  await drafts.open(me.draft_key, me.person.id);
  stand();
  live.start();
  rest();
}

/** The frame around the views, anew: after signing in and when the language changes. */
function stand() {
  view?.end();
  view = null;
  frame?.end();
  frame = shell({ signOut: leave, lock: lockNow, keys: openKeys });
  fill(app, frame.el);
  route(true);
}

function showGate(notice = null) {
  close();
  gate = () => showGate(notice);
  const page = signInView({ locked: null, notice, signedIn: enter });
  fill(app, page.el);
  setTitle(page.title);
  page.focus();
}

/** The hand that locks, or no hand at all for a while: the server's session is closed too. */
function lockNow() {
  showLock();
  session.lock();
}

/** Nothing of what was read stays in the page while it is locked. */
function showLock(name) {
  if (gate && lockedName) return;
  lockedName = name ?? state.me?.person.name ?? true;
  view?.flush?.();
  close();
  drafts.shut();
  gate = () => { gate = null; showLock(lockedName); };
  const page = signInView({ locked: lockedName, signedIn: enter, signOut: (why) => (why === 'expired' ? ended(why) : leave(false)) });
  fill(app, page.el);
  setTitle(page.title);
  page.focus();
}

function close() {
  clearTimeout(idleTimer);
  view?.end();
  view = null;
  live.stop();
  if (state.me) engine.forget();
  frame?.end();
  frame = null;
  forget();
}

let leaving = false;
async function leave(everywhere) {
  leaving = true;
  try {
    await session.signOut(everywhere);
  } catch (refused) {
    // Without contact the cookie stays valid at the server: say so rather than pretend.
    if (refused.status === 0) return announceTrouble();
  } finally {
    leaving = false;
  }
  ended(everywhere ? 'signed_out_everywhere' : 'signed_out');
}

function announceTrouble() {
  announce(t('signout.nocontact'));
  const line = document.querySelector('.contact');
  if (line) line.textContent = t('signout.nocontact');
}

function ended(why) {
  lockedName = null;
  close();
  drafts.clear();
  if (location.hash !== '#/') history.replaceState(null, '', '#/');
  showGate(t({ signed_out: 'ended.signed_out', elsewhere: 'ended.elsewhere', signed_out_everywhere: 'ended.everywhere', role_lost: 'ended.role' }[why] ?? 'ended.expired'));
}

let asking = false;
on('session.check', async (why) => {
  if (asking || leaving || !state.me) return;
  if (why === 'locked' || why === 'session.locked') return showLock();
  if (why === 'signed_out') return ended('elsewhere');
  if (why === 'expired') return ended(why);
  asking = true;
  try {
    const me = await session.whoami();
    if (me.person.id !== state.me?.person.id) return location.reload();
    if (why === 'role_lost' || why === 'ended') {
      state.me = me;
      live.stop();
      stand();
      live.start();
    }
  } catch (refused) {
    if (refused.code === 'session.locked') showLock();
    else if (refused.status === 401) ended('expired');
  } finally {
    asking = false;
  }
});

// Locking after a time without a hand on the page

let touched = Date.now();
function rest() {
  clearTimeout(idleTimer);
  const limit = (state.me?.idle_minutes ?? 15) * 60_000;
  idleTimer = setTimeout(() => {
    if (!state.me) return;
    if (Date.now() - touched >= limit) lockNow();
    else rest();
  }, Math.max(1000, limit - (Date.now() - touched)));
}
for (const name of ['keydown', 'pointerdown', 'scroll']) addEventListener(name, () => { touched = Date.now(); }, { passive: true, capture: true });

// Where we are

function route(first = false) {
  if (!frame || !state.me) return;
  const { name, id, more } = parse();
  const make = (hasUnit() && VIEWS[name]) || inboxView;
  view?.end();
  view = make({ id, more, held: name === 'fraga' ? id : null });
  fill(frame.places, view.parts);
  frame.places.dataset.view = view.name;
  frame.current(view.name);
  setTitle(view.title);
  if (!first) {
    scrollTo(0, 0);
    if (view.start) view.start();
    else focusOn(document.getElementById('main'));
    announce(view.announce ?? null);
  }
}
addEventListener('hashchange', () => route());

// What comes from the server and concerns no view alone

on('hello', async (hello) => {
  if (hello.roles && state.me) state.me.roles = hello.roles;
  live.ask('units.list').then((ok) => {
    const fresh = state.units.length === 0;
    state.units = ok.units;
    state.subjects = ok.subjects;
    state.rare = ok.rare_subjects ?? [];
    if (fresh && view?.name === 'ask') route(true);
    emit('units');
  }, () => {});
  loadInbox();
});

let soon = 0;
const reloadInbox = () => {
  clearTimeout(soon);
  soon = setTimeout(() => state.me && loadInbox(), 200);
};
on('event', (event) => {
  if (['thread.asked', 'thread.changed', 'thread.left', 'message.posted', 'held.changed', 'review.changed', 'thread.read'].includes(event.event)) reloadInbox();
  const open = parse();
  const here = open.name === 'trad' && open.id === (event.thread?.id ?? event.thread);
  if (event.event === 'thread.asked' && event.thread.side === 'answering') announce(t('arrived.question'));
  if (event.event === 'message.posted' && !here && event.message.from?.name !== state.me?.person.name) announce(t('arrived.elsewhere'));
  if (event.event === 'review.changed' && event.state === 'waiting') announce(t('arrived.review'));
  if (event.event === 'held.changed') {
    if (event.state === 'approved') drafts.remove(`held.${event.held}`);
    if (['returned', 'approved'].includes(event.state)) announce(t(`arrived.${event.state}`));
  }
});
on('resumed', reloadInbox);

/** A send was answered: its draft has done its work. Held words stay with the writer until the manager has decided. */
on('answered', ({ slot, ok }) => {
  if (!slot) return;
  if (ok.held) drafts.move(slot, `held.${ok.held}`);
  else drafts.remove(slot);
});

on('locale', () => {
  if (gate) gate();
  else if (frame) {
    view?.flush?.();
    stand();
    document.querySelector('.menu-button')?.click();
    document.querySelector('[name="language"]:checked')?.focus();
  }
});

document.addEventListener('visibilitychange', async () => {
  if (document.hidden || !state.me) return;
  live.probe();
  // Someone may have signed in as another in a window beside this one: the browser has one cookie for both.
  const me = await session.whoami().catch(() => null);
  if (me && state.me && me.person.id !== state.me.person.id) location.reload();
});
addEventListener('pagehide', () => view?.flush?.());

// Keys

addEventListener('keydown', (event) => {
  if (!state.me || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.('input:not([type="radio"]):not([type="checkbox"]), textarea, select') || document.querySelector('dialog[open]')) return;
  if (!lettersOn()) return;
  const go = (hash) => { location.hash = hash; };
  const keys = {
    '?': openKeys,
    i: () => go('#/'),
    n: () => canAsk() && go('#/fraga'),
    '/': () => go('#/sok'),
    r: () => view?.write?.(),
    j: () => step(1),
    k: () => step(-1),
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

function step(by) {
  const rows = [...document.querySelectorAll('.rows a')];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
}

boot();
