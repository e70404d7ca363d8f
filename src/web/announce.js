// Says something to a screen reader, politely, one thing after the other.

const queue = [];
let busy = false;

export function announce(text) {
  if (!text) return;
  queue.push(text);
  if (!busy) next();
}

function next() {
  const el = document.getElementById('announce');
  const text = queue.shift();
  if (!el || text === undefined) {
    busy = false;
    return;
  }
  busy = true;
  // Emptied first: the same words twice would otherwise be no change, and be silent.
  el.textContent = '';
  setTimeout(() => {
    el.textContent = text;
    setTimeout(next, 1200);
  }, 60);
}
