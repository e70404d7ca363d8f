// What stands around every view: the head with its menu, the line about lost contact, theme and language.

import { h, fill } from './dom.js';
import { t, locale, setLocale } from './i18n.js';
import { state, on, hasRole } from './state.js';
import { queued } from './live.js';

export const canAsk = () => hasRole('handler');

function themeNow() {
  return document.documentElement.dataset.theme ?? 'auto';
}

function setTheme(theme) {
  if (theme === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem('radrum.theme');
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('radrum.theme', theme);
  }
}

/** Theme and language, the same on the sign-in page as in the menu. */
export function preferences() {
  const choose = (legend, name, rows, now, set) => h('fieldset', { class: 'pick' }, h('legend', {}, legend),
    rows.map(([value, label, lang]) => h('label', { class: 'pick-one', lang },
      h('input', { type: 'radio', name, value, checked: value === now, data: { key: `${name}-${value}` }, on: { change: () => set(value) } }), h('span', {}, label))));
  return h('div', { class: 'preferences' },
    choose(t('pref.theme'), 'theme', [['auto', t('pref.auto')], ['light', t('pref.light')], ['dark', t('pref.dark')]], themeNow(), setTheme),
    choose(t('pref.language'), 'language', [['sv', 'Svenska', 'sv'], ['en', 'English', 'en']], locale(), (l) => setLocale(l, { keep: true })));
}

/** shell({signOut(everywhere), keys()}) -> {el, places, current(route)} */
export function shell({ signOut, keys }) {
  const { me } = state;
  const units = [...new Set(me.roles.map((r) => r.unit_name).filter(Boolean))].join(', ');
  const panel = h('div', { class: 'menu-panel', id: 'menu', hidden: true },
    h('p', { class: 'menu-who' }, h('strong', {}, me.person.name), h('br'), units || me.authority?.name),
    preferences(),
    h('div', { class: 'menu-rows' },
      h('button', { type: 'button', class: 'plain', on: { click: () => { toggle(false); keys(); } } }, t('menu.keys')),
      h('button', { type: 'button', class: 'plain', on: { click: () => signOut(false) } }, t('menu.signout')),
      h('button', { type: 'button', class: 'plain', on: { click: () => signOut(true) } }, t('menu.signout.all'))),
    h('p', { class: 'hint' }, t('menu.signout.note')));
  const button = h('button', { type: 'button', class: 'menu-button', 'aria-expanded': 'false', 'aria-controls': 'menu', on: { click: () => toggle() } }, t('menu.title'));
  const wrap = h('div', { class: 'menu', on: { keydown: (e) => { if (e.key === 'Escape' && !panel.hidden) { toggle(false); button.focus(); } } } }, button, panel);

  function toggle(open = panel.hidden) {
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  }
  const outside = (e) => { if (!wrap.contains(e.target)) toggle(false); };
  document.addEventListener('pointerdown', outside);
  wrap.addEventListener('focusout', (e) => { if (e.relatedTarget && !wrap.contains(e.relatedTarget)) toggle(false); });

  const links = [
    ['#/', t('nav.inbox'), 'inbox'],
    canAsk() ? ['#/fraga', t('nav.ask'), 'ask'] : null,
    ['#/sok', t('nav.search'), 'search'],
  ].filter(Boolean).map(([href, label, name]) => h('a', { href, data: { name } }, label));

  const line = h('div', { class: 'contact', role: 'status' });
  const tell = () => {
    const n = queued();
    if (state.online === false) fill(line, h('p', {}, t('contact.lost'), n > 0 ? ` ${t('contact.queued', { n })}` : ''));
    else fill(line);
  };
  const off = [on('contact', tell), on('outbox', tell)];
  tell();

  const places = h('div', { class: 'places' });
  const el = h('div', { class: 'shell' },
    h('a', { class: 'skip', href: '#main', on: { click: (e) => { e.preventDefault(); document.getElementById('main')?.focus(); } } }, t('skip')),
    h('header', { class: 'top' },
      h('a', { class: 'brand', href: '#/', 'aria-label': t('nav.home') }, 'Rådrum'),
      h('nav', { class: 'top-nav', 'aria-label': t('nav.label') }, links),
      wrap),
    line, places);

  return {
    el, places,
    current(name) {
      for (const link of links) {
        if (link.dataset.name === name) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      }
      toggle(false);
    },
    end: () => { off.forEach((f) => f()); document.removeEventListener('pointerdown', outside); },
  };
}
