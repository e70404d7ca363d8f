// Texts with marks: the layer under a text field, the preview of what the other side reads, and texts under review.

import { h } from './dom.js';

/** What a finding asks of the writer: `must` go, `narrow`s the circle, `check`; or the writer has spoken: `claimed`, `kept`. */
export function standing(finding, decision) {
  if (finding.level === 'block') return decision === 'claim' && !finding.structured ? 'claimed' : 'must';
  if (finding.level === 'warn') return decision === 'keep' ? 'kept' : 'narrow';
  return decision === 'seen' ? 'seen' : 'check';
}

/** Whether the finding's words are replaced in what goes out, as things stand. */
export const masked = (stands) => stands === 'must' || stands === 'narrow';

/** Two scans of the same text may overlap in notes; the first found wins, a direct finding before a note. */
export function lined(findings, notes) {
  const rows = [...findings];
  for (const note of notes) if (!findings.some((f) => note.from < f.to && f.from < note.to)) rows.push(note);
  return rows.sort((a, b) => a.from - b.from);
}

/** Keeps marks on their words while the writer types and the scanner has not yet answered. */
export function shift(marks, before, after) {
  let head = 0;
  const most = Math.min(before.length, after.length);
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const end = before.length - tail;
  const by = after.length - before.length;
  return marks.flatMap((m) => {
    if (m.to <= head) return [m];
    if (m.from >= end) return [{ ...m, from: m.from + by, to: m.to + by }];
    return [];
  });
}

/**
 * The text as it goes out: {text, segments, claims}. A segment is {text, from, to, finding?, stands?, outFrom, outTo};
 * `claims` are the places, in the outgoing text, that the writer says are no name.
 */
export function outcome(text, findings, decide) {
  const segments = [];
  const claims = [];
  let at = 0;
  let out = '';
  const push = (piece, from, to, finding, stands) => {
    segments.push({ text: piece, from, to, finding, stands, outFrom: out.length, outTo: out.length + piece.length });
    out += piece;
  };
  for (const finding of findings) {
    if (finding.from < at) continue;
    if (finding.from > at) push(text.slice(at, finding.from), at, finding.from);
    const stands = standing(finding, decide(finding));
    const own = text.slice(finding.from, finding.to);
    if (stands === 'claimed') claims.push({ from: out.length, to: out.length + own.length });
    push(masked(stands) ? finding.replacement : own, finding.from, finding.to, finding, stands);
    at = finding.to;
  }
  if (at < text.length) push(text.slice(at), at, text.length);
  return { text: out, segments, claims };
}

/** The layer that lies under a text field, letter by letter in the same places. */
export function underlay(text, findings, decide, current) {
  const nodes = [];
  let at = 0;
  for (const finding of findings) {
    if (finding.from < at) continue;
    nodes.push(text.slice(at, finding.from));
    const stands = standing(finding, decide(finding));
    const here = current === finding ? ' current' : '';
    nodes.push(h('mark', { class: `mark ${stands}${here}` }, text.slice(finding.from, finding.to)));
    at = finding.to;
  }
  // A last line without letters has no height of its own.
  nodes.push(text.slice(at), '\u200b');
  return nodes;
}

/** A text that is done, its masks set apart so that nobody takes them for the writer's own words. */
export function withMasks(text) {
  return text.split(/(\[[^[\]\n]{1,60}\])/).map((part, i) => (i % 2 ? h('span', { class: 'mask' }, part) : part));
}

/** What the other side will read. What was just replaced stands out; what stays though it was found, too. */
export function preview(segments) {
  return segments.map((s) => {
    if (!s.finding) return withMasks(s.text);
    if (masked(s.stands)) return h('span', { class: `mask fresh ${s.stands}` }, s.text);
    return s.stands === 'claimed' || s.stands === 'kept' ? h('mark', { class: `mark ${s.stands}` }, s.text) : s.text;
  });
}

/** A text under review, with its marks readable to ear as well as eye. */
export function reviewed(text, findings, word) {
  const nodes = [];
  let at = 0;
  for (const finding of findings) {
    if (finding.from < at) continue;
    nodes.push(withMasks(text.slice(at, finding.from)));
    nodes.push(h('mark', { class: `mark ${finding.stands}` }, text.slice(finding.from, finding.to), h('span', { class: 'unseen' }, ` (${word(finding)}) `)));
    at = finding.to;
  }
  nodes.push(withMasks(text.slice(at)));
  return nodes;
}
