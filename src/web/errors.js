// What went wrong, in words that say what to do.

import { t, hasText } from './i18n.js';
import { moment } from './fmt.js';

export function errorText(error) {
  if (!error) return '';
  if (error.code === 'signin.locked') return t('error.signin.locked', { until: error.until ? moment(error.until) : t('error.later') });
  const key = `error.${error.code}`;
  return hasText(key) ? t(key) : error.title || t('error.internal');
}
