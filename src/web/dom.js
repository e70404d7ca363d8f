// Builds elements. Text only ever becomes a text node: nothing that a person wrote is parsed as markup.

/** h('button', {class: 'primary', on: {click}}, 'Skicka') */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, handler] of Object.entries(value)) el.addEventListener(event, handler);
    } else if (name === 'data') {
      for (const [key, datum] of Object.entries(value)) if (datum !== null && datum !== undefined) el.dataset[key] = datum;
    } else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'readOnly') {
      el[name] = value;
    } else {
      el.setAttribute(name, value === true ? '' : String(value));
    }
  }
  add(el, children);
  return el;
}

function add(el, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    el.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Puts new content in place of the old. Focus stays on the element with the same `data-key`, if there still is one. */
export function fill(el, ...children) {
  const held = el.contains(document.activeElement) ? document.activeElement.closest('[data-key]')?.dataset.key : null;
  el.replaceChildren();
  add(el, children);
  if (held) [...el.querySelectorAll('[data-key]')].find((node) => node.dataset.key === held)?.focus({ preventScroll: true });
}

/** Attributes for every field where someone may write about a person: no browser service may read or keep it. */
export const PRIVATE = {
  spellcheck: 'false',
  autocomplete: 'off',
  autocapitalize: 'off',
  autocorrect: 'off',
  translate: 'no',
  writingsuggestions: 'false',
  'data-gramm': 'false',
  'data-lpignore': 'true',
};

export function focusOn(el) {
  if (!el) return;
  if (!el.matches('a[href],button,input,textarea,select,[tabindex]')) el.setAttribute('tabindex', '-1');
  el.focus();
}

let serial = 0;
export const uid = (stem) => `${stem}-${++serial}`;
