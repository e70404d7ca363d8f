// The seam to the scanner. Everything the page knows about what may identify someone comes through `check`.

import { ask } from './live.js';

/** Positions come in Unicode code points; the browser's own strings count UTF-16 units. */
export function toIndex(text, point) {
  if (!/[\ud800-\udfff]/.test(text)) return point;
  let index = 0;
  for (let n = 0; n < point && index < text.length; n += 1) index += text.codePointAt(index) > 0xffff ? 2 : 1;
  return index;
}

export function toPoint(text, index) {
  return [...text.slice(0, index)].length;
}

function place(text, finding) {
  const coarser = finding.coarser === undefined || finding.coarser === null ? [] : [finding.coarser].flat();
  return { ...finding, coarser, from: toIndex(text, finding.start), to: toIndex(text, finding.end) };
}

/** For findings that came by another way (a refusal, a review). */
export const placed = (text, findings) => (findings ?? []).map((f) => place(text, f)).sort((a, b) => a.from - b.from);

/**
 * check({unit, thread, fields: {situation: '…'}}) ->
 *   {fields: {situation: {findings: [{from, to, category, level, structured, replacement, coarser, evidence}], notes}}, risk}
 */
export async function check({ unit, thread, fields }) {
  const body = { fields };
  if (unit) body.unit = unit;
  if (thread) body.thread = thread;
  const ok = await ask('scan.check', body);
  const out = {};
  for (const [name, text] of Object.entries(fields)) {
    const report = ok.fields?.[name] ?? {};
    out[name] = { findings: placed(text, report.findings), notes: placed(text, report.notes) };
  }
  return { fields: out, risk: ok.risk ?? null };
}
