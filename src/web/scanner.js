// The seam to the scanner. Everything the page knows about what may identify someone comes through `check`, and nothing that is asked here leaves the page.

import { state, unitById } from './state.js';
import { put } from './engine.js';

/** Every free-text field there is, in the order in which the server counts them too. */
const FREE = ['situation', 'question', 'considered', 'text', 'advice', 'paragraph', 'limits', 'reason', 'comment'];

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

/** The texts that a thread's messages leave visible. */
export const visible = (messages) => messages.filter((m) => m.kind !== 'event').flatMap((m) => FREE.map((name) => m.fields?.[name]).filter((text) => typeof text === 'string'));

/**
 * check({unit, earlier, fields: {situation: '…'}}) ->
 *   {fields: {situation: {findings: [{from, to, category, level, structured, replacement, coarser, evidence}], notes}}, risk}
 * `unit` is the own unit that asks; without it no risk is told, as to the answering side. `earlier` is what stands in the thread already.
 */
export async function check({ unit = null, earlier = [], fields }) {
  const place = unit && unitById(unit)?.municipality;
  const said = await put(place ? { fields, municipality: place, earlier, limit: state.me.risk_limit } : { fields });
  const out = {};
  for (const [name, text] of Object.entries(fields)) {
    const report = said.fields[name];
    out[name] = { findings: placed(text, report.findings), notes: placed(text, report.notes) };
  }
  return { fields: out, risk: said.risk };
}
