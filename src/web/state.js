// What the page knows right now, and who wants to hear when it changes. In memory only.

export const state = {
  me: null,
  units: [],
  subjects: [],
  /** Subjects that a single unit works with. */
  rare: [],
  inbox: null,
  /** null while the first contact is being made, then whether the server hears us. */
  online: null,
  /** The last thing that was sent, for the page that shows it. */
  sent: null,
};

const listeners = new Map();

export function on(name, fn) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(fn);
  return () => listeners.get(name).delete(fn);
}

export function emit(name, detail) {
  for (const fn of [...(listeners.get(name) ?? [])]) fn(detail);
}

/** Collects what a view must undo when it leaves. */
export function scope() {
  const undo = [];
  return {
    on: (name, fn) => undo.push(on(name, fn)),
    defer: (fn) => undo.push(fn),
    end: () => undo.splice(0).forEach((fn) => fn()),
  };
}

export function forget() {
  Object.assign(state, { me: null, units: [], subjects: [], rare: [], inbox: null, online: null, sent: null });
}

export const unitById = (id) => state.units.find((unit) => unit.id === id) ?? null;

/** The units for which this person may ask. */
export function ownUnits() {
  const ids = new Set(state.me?.roles.filter((r) => r.role === 'handler' && r.unit).map((r) => r.unit) ?? []);
  return [...ids].map((id) => {
    const role = state.me.roles.find((r) => r.unit === id);
    return unitById(id) ?? { id, name: role.unit_name, small: false, subjects: [] };
  });
}

export const hasUnit = () => state.me?.roles.some((r) => r.unit) ?? false;

export const hasRole = (...names) => state.me?.roles.some((r) => names.includes(r.role)) ?? false;
