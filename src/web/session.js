// Signing in and out, over plain HTTP. Everything else goes over the socket.

export class Refused extends Error {
  constructor(error, status) {
    super(error.code);
    this.code = error.code;
    this.error = error;
    this.status = status;
  }
}

async function call(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : undefined,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch {
    throw new Refused({ code: 'no_contact' }, 0);
  }
  const text = await answer.text();
  let data = {};
  try {
    data = text ? JSON.parse(text) : {};
  } catch { /* a proxy's own page: the status says enough */ }
  if (!answer.ok) throw new Refused({ code: answer.status >= 500 ? 'unavailable' : 'internal', ...data }, answer.status);
  return data;
}

export const whoami = () => call('GET', '/api/v1/session');
export const signIn = (login, password) => call('POST', '/api/v1/session', { login, password });
/** Closes the session until the password is given again, also for whoever reloads the page. */
export const lock = () => fetch('/api/v1/session.lock', {
  method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }, body: '{}', credentials: 'same-origin', keepalive: true,
}).catch(() => {});
export const unlock = (password) => call('POST', '/api/v1/session/unlock', { password });
export const signOut = (everywhere = false) => call('DELETE', everywhere ? '/api/v1/session?everywhere=true' : '/api/v1/session');
