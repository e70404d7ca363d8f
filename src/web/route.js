// Where we are: the hash, so that the browser's own back works.

export function parse(hash = location.hash) {
  const [name = '', id = null, more = null] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { name, id, more };
}

export function go(hash) {
  if (location.hash === hash) dispatchEvent(new HashChangeEvent('hashchange'));
  else location.hash = hash;
}

/** The same place in history: going back does not lead here again. */
export function swap(hash) {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
