// Head office's answers and its stream.

const ANSWER_MS = 15000;
const LONGEST_PAUSE_MS = 15000;
const QUIET_MS = 25000; // head office says at least that it is still there, every 10 s

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
    const answer = await fetch(path, { cache: "no-store", ...options, signal: limit.signal });
    setClock(Date.parse(answer.headers.get("date") ?? ""));
    const body = await answer.json().catch(() => null);
    return { status: answer.status, ok: answer.ok, body };
  } catch {
    return { status: 0, ok: false, body: null };
  } finally {
    clearTimeout(timer);
  }
}

function setClock(there) {
  if (Math.abs(there - Date.now()) > 2000) ahead = there - Date.now();
  else ahead = 0;
}

/**
 * Open the stream and keep it open. `path()` says where, at each attempt of ours; `heard(event)` for each event,
 * `connected(yes)` on each change. A line that is open and dumb counts as lost.
 */
export function follow(path, heard, connected) {
  let wait = 1000;
  let source = null;
  let quiet = 0;
  const again = () => {
    source.close();
    connected(false);
    clearTimeout(quiet);
    setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  };
  const listen = () => {
    clearTimeout(quiet);
    quiet = setTimeout(again, QUIET_MS);
  };
  const open = () => {
    source = new EventSource(path());
    listen();
    source.onopen = () => {
      wait = 1000;
      connected(true);
      listen();
    };
    source.onmessage = (message) => {
      listen();
      heard(JSON.parse(message.data));
    };
    source.onerror = again;
  };
  open();
}
