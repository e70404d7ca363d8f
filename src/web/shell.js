// What stands around every view: the head with its menu, the line about lost contact, theme and language.

import { h, fill } from './dom.js';
import { t, locale, setLocale } from './i18n.js';
import { state, on, hasRole, hasUnit } from './state.js';
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

/** "Handläggare, Barn och unga": a role in several units is said once. */
function roleLines(roles) {
  const names = new Map();
  for (const { role, unit_name: unit } of roles) names.set(role, [...(names.get(role) ?? []), unit].filter(Boolean));
  return [...names].map(([role, units]) => [t(`role.${role}`), units.join(t('list.and'))].filter(Boolean).join(', '));
}

/** shell({signOut(everywhere), lock(), keys()}) -> {el, places, current(route)} */
export function shell({ signOut, lock, keys }) {
  const { me } = state;
  const panel = h('div', { class: 'menu-panel', id: 'menu', hidden: true },
    h('p', { class: 'menu-who' }, h('strong', {}, me.person.name), roleLines(me.roles).map((line) => [h('br'), line])),
    preferences(),
    h('div', { class: 'menu-rows' },
      h('button', { type: 'button', class: 'plain', on: { click: () => { toggle(false); keys(); } } }, t('menu.keys')),
      h('button', { type: 'button', class: 'plain', on: { click: () => lock() } }, t('menu.lock')),
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
    ['#/', t(hasUnit() ? 'nav.inbox' : 'nav.start'), 'inbox'],
    canAsk() ? ['#/fraga', t('nav.ask'), 'ask'] : null,
    hasUnit() ? ['#/sok', t('nav.search'), 'search'] : null,
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
