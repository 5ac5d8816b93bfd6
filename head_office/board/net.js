// Head office's answers and its stream.

const ANSWER_MS = 15000;
const LONGEST_PAUSE_MS = 15000;

let ahead = 0; // how far head office's clock is ahead of this machine's, in ms

/** Head office's time in ms: this machine's clock may be wrong. */
export function officeNow() {
  return Date.now() + ahead;
}

/** Status and JSON; status 0 when head office cannot be reached. */
export async function ask(path, options = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ANSWER_MS);
  try {
    const answer = await fetch(path, { ...options, cache: "no-store", signal: limit.signal });
    setClock(answer.headers.get("date"));
    const body = await answer.json().catch(() => null);
    return { status: answer.status, ok: answer.ok, body };
  } catch {
    return { status: 0, ok: false, body: null };
  } finally {
    clearTimeout(timer);
  }
}

function setClock(date) {
  const there = Date.parse(date ?? "");
  if (Math.abs(there - Date.now()) > 2000) ahead = there - Date.now();
  else ahead = 0;
}

/** Open the stream and keep it open. `heard(event)` for each event, `connected(yes)` on each change. */
export function follow(path, heard, connected) {
  let wait = 1000;
  const open = () => {
    const source = new EventSource(path);
    source.onopen = () => {
      wait = 1000;
      connected(true);
    };
    source.onmessage = (message) => heard(JSON.parse(message.data));
    source.onerror = () => {
      connected(false);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
    };
  };
  open();
}
