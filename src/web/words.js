// A thread in words: whose turn, until when, who is who. The same sentence wherever the thread is shown.

import { t, firstText } from './i18n.js';
import { due, moment } from './fmt.js';

export const otherSide = (side) => (side === 'asking' ? 'answering' : 'asking');

export function askedBy(thread) {
  return thread.asked_by?.name ?? t('unit.hidden');
}

export function answeredBy(thread) {
  return thread.answered_by?.name ?? null;
}

/** Who someone is in a thread. The alias itself is only a key; letter and colour are what people see. */
export const aliasName = (from) => (from?.letter ? t('alias', { letter: from.letter }) : t('unit.other'));

/** The units that the question stands with, while nobody has taken it. */
export const askedUnits = (thread) => (thread.asked ?? []).map((unit) => unit.name).filter(Boolean);

/** The unit that reads what I write here. */
export function recipient(thread) {
  if (thread.side === 'answering') return thread.asked_by?.name ?? null;
  return answeredBy(thread) ?? (askedUnits(thread).join(t('list.and')) || null);
}

/** Stands with our unit, and nobody has taken it. */
export const isFree = (thread) => thread.side === 'answering' && thread.turn === 'answering' && !thread.claimed_by;

/** Whether it is for me: I take part in it, or it waits for anyone of us. */
export const concernsMe = (thread) => thread.mine !== false || isFree(thread);

export const ourTurn = (thread) => thread.turn !== null && thread.turn === thread.side;

/** Whose turn it is, said to the one who reads. */
export function turnText(thread) {
  const { side, status, turn, mine } = thread;
  if (status === 'closed') return t('turn.closed');
  if (side === 'answering') {
    if (isFree(thread)) return t('turn.unclaimed');
    if (turn === 'answering') return mine === false ? t('turn.colleague', { who: thread.claimed_by?.name ?? t('turn.someone') }) : t('turn.you.answer');
    const done = status === 'answered' ? 'advised' : thread.last === 'ask_back' ? 'asked' : 'replied';
    return t(`turn.${mine === false ? 'unit' : 'you'}.${done}`);
  }
  if (status === 'open') return t('turn.nobody.yet');
  if (turn === 'answering') return t('turn.they', { unit: answeredBy(thread) ?? t('unit.other') });
  const what = status === 'answered' ? 'close' : thread.last === 'ask_back' ? 'reply' : 'read';
  return t(`turn.${mine === false ? 'unit' : 'you'}.${what}`);
}

export function dueText(thread) {
  if (!thread.due_at || thread.status === 'closed' || thread.status === 'answered') return null;
  return thread.overdue || new Date(thread.due_at) < new Date() ? t('due.past', { day: due(thread.due_at) }) : t(thread.side === 'asking' && thread.turn === 'asking' ? 'due.you' : 'due.by', { day: due(thread.due_at) });
}

export const isLate = (thread) => thread.status !== 'closed' && thread.status !== 'answered' && Boolean(thread.overdue || (thread.due_at && new Date(thread.due_at) < new Date()));

export const leaseText = (thread) => (thread.lease_until ? t('lease.until', { at: moment(thread.lease_until) }) : null);

export const subjectText = (subject) => firstText([`subject.${subject}`, 'subject.other']);

const PALETTE = 8;

/** One of the page's own eight colours, the same one for the same word: what the server names need not be legible in both themes. */
export function colourOf(from) {
  const text = String(from?.colour ?? from?.alias ?? '');
  const own = ['teal', 'plum', 'moss', 'rust', 'slate', 'ochre', 'rose', 'indigo'].indexOf(text);
  if (own >= 0) return own;
  if (/^\d+$/.test(text)) return Number(text) % PALETTE;
  let sum = 0;
  for (const c of text) sum = (sum * 31 + c.codePointAt(0)) % 9973;
  return sum % PALETTE;
}
