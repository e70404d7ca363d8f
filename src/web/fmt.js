// Times in Swedish time, numbers as people say them.

import { t, locale } from './i18n.js';

const ZONE = 'Europe/Stockholm';
const tag = () => (locale() === 'sv' ? 'sv-SE' : 'en-GB');

const civil = (date) => {
  const [y, m, d] = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(date).split('-').map(Number);
  return Date.UTC(y, m - 1, d) / 86_400_000;
};

export const clock = (at) =>
  new Intl.DateTimeFormat(tag(), { timeZone: ZONE, hour: '2-digit', minute: '2-digit' }).format(new Date(at));

/** "i dag", "i morgon", "fredag 27 november" */
export function day(at) {
  const date = new Date(at);
  const away = civil(date) - civil(new Date());
  if (away === 0) return t('day.today');
  if (away === 1) return t('day.tomorrow');
  if (away === -1) return t('day.yesterday');
  const far = Math.abs(away) > 300;
  return new Intl.DateTimeFormat(tag(), { timeZone: ZONE, weekday: far ? undefined : 'long', day: 'numeric', month: 'long', year: far ? 'numeric' : undefined }).format(date);
}

export const moment = (at) => t('day.at', { day: day(at), time: clock(at) });

/** The day an answer is due, in a form that stands after "senast". */
export function due(at) {
  const away = civil(new Date(at)) - civil(new Date());
  const full = new Intl.DateTimeFormat(tag(), { timeZone: ZONE, weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(at));
  if (away === 0) return t('due.today', { time: clock(at) });
  if (away === 1) return t('due.tomorrow', { day: full });
  return full;
}

export const number = (n) => new Intl.NumberFormat(tag()).format(n);

/** A count of people, as roughly as it is known. */
export function roughly(n) {
  if (n < 10) return n;
  const step = 10 ** (Math.floor(Math.log10(n)) - (n < 100 ? 0 : 1));
  return number(Math.round(n / step) * step);
}

export function capital(text) {
  return text ? text[0].toLocaleUpperCase(tag()) + text.slice(1) : text;
}
