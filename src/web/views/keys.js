// The keys, in a dialogue of their own. Single letters can be switched off: dictation and unsteady hands type them by mistake.

import { h, focusOn } from '../dom.js';
import { t } from '../i18n.js';

const NAME = 'radrum.letters';
export const lettersOn = () => localStorage.getItem(NAME) !== 'off';

const ROWS = [
  ['?', 'keys.help', true], ['i', 'keys.inbox', true], ['n', 'keys.ask', true], ['/', 'keys.search', true], ['j / k', 'keys.rows', true], ['r', 'keys.write', true],
  ['Tab', 'keys.tab'], ['Enter', 'keys.enter'], ['↓ ↑', 'keys.arrows'], ['Esc', 'keys.escape'], ['F8', 'keys.next'], ['Ctrl + Enter', 'keys.send'], ['Ctrl + Z', 'keys.undo'],
];

export function openKeys() {
  const close = h('button', { type: 'button', class: 'primary', on: { click: () => dialog.close() } }, t('keys.close'));
  const letters = h('input', { type: 'checkbox', id: 'letters', checked: lettersOn(), on: { change: () => localStorage.setItem(NAME, letters.checked ? 'on' : 'off') } });
  const dialog = h('dialog', { class: 'keys-dialog', 'aria-labelledby': 'keys-title', on: { close: () => dialog.remove() } },
    h('h2', { id: 'keys-title' }, t('keys.title')),
    h('dl', { class: 'key-list' }, ROWS.map(([key, text]) => h('div', {}, h('dt', {}, h('kbd', {}, key)), h('dd', {}, t(text))))),
    h('p', { class: 'tick' }, letters, h('label', { for: 'letters' }, t('keys.letters'))),
    close);
  document.body.append(dialog);
  dialog.showModal();
  // The heading, not the button at the end: with large text the list would open scrolled to its last row.
  focusOn(dialog.querySelector('h2'));
}
