// For whoever belongs to no unit (administrator, auditor, steering group, registrar): what they can do here today, and what not yet.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { state } from '../state.js';

const WIDE = ['admin', 'auditor', 'steering', 'registrar'];

export function startPage() {
  const roles = WIDE.filter((role) => state.me.roles.some((r) => r.role === role));
  const part = (role) => h('section', { class: 'sheet' },
    h('h2', {}, t(`role.${role}`)),
    h('p', {}, t(`start.${role}.is`)),
    h('dl', { class: 'start-facts' },
      h('div', {}, h('dt', {}, t('start.today')), h('dd', {}, t(`start.${role}.today`))),
      h('div', {}, h('dt', {}, t('start.later')), h('dd', {}, t(`start.${role}.later`)))));
  const el = h('main', { id: 'main', tabindex: '-1', class: 'inbox start' },
    h('h1', {}, t('start.title', { name: state.me.person.name })),
    h('p', { class: 'lead' }, t(roles.length > 0 ? 'start.lead' : 'start.none')),
    roles.map(part));
  return { parts: [el], name: 'inbox', title: t('nav.start'), end() {} };
}
