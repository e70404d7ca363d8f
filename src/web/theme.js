// Runs before the first paint, so that a dark room stays dark while the page loads.
(function () {
  try {
    var chosen = localStorage.getItem('radrum.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch (e) { /* storage may be closed; the system's own theme then rules */ }
})();
