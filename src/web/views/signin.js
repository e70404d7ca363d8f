// Signing in, and opening a session that was locked for idleness.

import { h, fill, focusOn } from '../dom.js';
import { t } from '../i18n.js';
import * as session from '../session.js';
import { errorText } from '../errors.js';
import { preferences } from '../shell.js';

/** signIn({locked: null or the person's name, signedIn(me), signOut}) */
export function signInView({ locked, signedIn, signOut, notice }) {
  const login = h('input', { id: 'login', name: 'username', type: 'text', autocomplete: 'username', autocapitalize: 'off', spellcheck: 'false', required: true });
  const password = h('input', { id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true });
  const trouble = h('div', { class: 'trouble', role: 'alert', id: 'signin-trouble' });
  const button = h('button', { class: 'primary', type: 'submit' }, t(locked ? 'lock.open' : 'signin.go'));

  async function go(event) {
    event.preventDefault();
    fill(trouble);
    const blank = [locked ? null : login, password].find((el) => el && el.value === '');
    if (blank) {
      fill(trouble, h('p', {}, t(blank === login ? 'signin.need.login' : 'signin.need.password')));
      focusOn(blank);
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    try {
      signedIn(locked ? await session.unlock(password.value) : await session.signIn(login.value.trim(), password.value));
    } catch (refused) {
      if (locked && refused.code === 'auth.required') return signOut('expired');
      fill(trouble, h('p', {}, errorText(refused.error ?? { code: 'internal' })));
      password.value = '';
      focusOn(password);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  }

  const el = h('div', { class: 'gate' },
    h('header', { class: 'gate-head' }, h('p', { class: 'brand' }, 'Rådrum')),
    h('main', { id: 'main', tabindex: '-1', class: 'gate-main' },
      h('h1', {}, t(locked ? 'lock.title' : 'signin.title')),
      h('p', { class: 'lead' }, locked ? t(locked === true ? 'lock.lead.unknown' : 'lock.lead', { name: locked }) : t('signin.lead')),
      notice ? h('p', { class: 'notice' }, notice) : null,
      h('form', { on: { submit: go }, novalidate: true, 'aria-describedby': 'signin-trouble' },
        locked ? null : [h('label', { for: 'login' }, t('signin.login')), login],
        h('label', { for: 'password' }, t('signin.password')), password,
        trouble,
        h('div', { class: 'send-row' }, button,
          locked ? h('button', { type: 'button', class: 'second', on: { click: () => signOut() } }, t('menu.signout')) : null)),
      h('p', { class: 'hint' }, t(locked ? 'lock.kept' : 'signin.note'))),
    h('footer', { class: 'gate-foot' }, preferences()));
  return { el, title: t(locked ? 'lock.title' : 'signin.title'), focus: () => focusOn(locked ? password : login), end() {} };
}
