// The branch as it happens: its stream, and its state fetched again after each event.

const QUIET_MS = 10000; // without any event, look again this often
const AGAIN_MS = 2000; // after a question without an answer
const ANSWER_MS = 5000;
const LONGEST_PAUSE_MS = 15000;
const QUEUES = "/api/v1/queues";

let ahead = 0; // how far the branch's clock is ahead of this machine's, in ms

/** The branch's own time in ms: a screen's clock may be wrong. */
export function branchNow() {
  return Date.now() + ahead;
}

/** The branch said at `at` what time it was there, to a question sent at `sent` (ms, this machine's clock). */
export function heedClock(at, sent) {
  ahead = Date.parse(at) - (sent + Date.now()) / 2;
}

/** Fetch with a limit of time. Rejects when the branch cannot be reached. */
export async function ask(path, options = {}) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), options.timeout ?? ANSWER_MS);
  try {
    const answer = await fetch(path, { ...options, cache: "no-store", signal: limit.signal });
    const text = await answer.text();
    return { status: answer.status, ok: answer.ok, body: read(text) };
  } finally {
    clearTimeout(timer);
  }
}

function read(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

export function pause(ms) {
  return new Promise((go) => setTimeout(go, ms));
}

/** Run `work` at most once at a time; calls that come meanwhile lead to one more run. */
export function coalesced(work, apart = 0) {
  let under = null;
  let again = null;
  const run = async () => {
    try {
      await work();
    } finally {
      if (apart) await pause(apart);
    }
  };
  const next = () => {
    under = run().finally(() => {
      under = null;
    });
    return under;
  };
  return () => {
    if (!under) return next();
    again ??= under.catch(() => {}).then(() => {
      again = null;
      return next();
    });
    return again;
  };
}

/** Open the stream and keep it open. `heard(event)` for each event, `connected(yes)` on a change. */
export function follow(path, heard, connected) {
  let source = null;
  let wait = 1000;
  const open = () => {
    source = new EventSource(path);
    source.onmessage = (message) => {
      wait = 1000;
      connected(true);
      heard(JSON.parse(message.data));
    };
    source.onerror = () => {
      connected(false);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
    };
  };
  open();
  return {
    reopen() {
      source.close();
      open();
    },
  };
}

/**
 * The whole of it. `heard(event)`: each event of the stream; `drawn(queues, newest)`: the branch as it
 * stands, and the number of the newest event heard;
 * `connected(yes)`: whether what is shown is live; `token()`: for a reader who may see more, with
 * `turnedAway(problem)` when it is no longer known. Gives back `refresh()`.
 */
export function live({ heard = () => {}, drawn, connected, token = () => null, turnedAway = () => {} }) {
  const up = { stream: false, answers: true };
  let well = null;
  const tell = (part, yes) => {
    up[part] = yes;
    const now = up.stream && up.answers;
    if (now !== well) connected((well = now));
  };
  let newest = -1; // number of the newest event heard
  let again = 0;
  const swallowed = swallowing();
  const refresh = coalesced(async () => {
    const queues = await fetchQueues(token(), turnedAway);
    if (queues) {
      drawn(queues, newest);
      if (swallowed(queues.journal_seq, newest)) stream.reopen();
    }
    tell("answers", queues !== null);
    clearTimeout(again);
    if (!queues) again = setTimeout(refresh, AGAIN_MS);
  });
  const stream = follow(
    "/api/v1/stream",
    (event) => {
      newest = event.type === "Following" ? event.journal_seq : Math.max(newest, event.journal_seq);
      heard(event);
      refresh();
    },
    (yes) => tell("stream", yes),
  );
  setInterval(refresh, QUIET_MS);
  return { refresh };
}

/** True when the branch has been ahead of an unmoving stream three times: something swallows it. */
function swallowing() {
  let behind = 0;
  let last = -1;
  return (there, here) => {
    behind = there > here && here === last ? behind + 1 : 0;
    last = here;
    if (behind < 3) return false;
    behind = 0;
    return true;
  };
}

async function fetchQueues(token, turnedAway) {
  try {
    const sent = Date.now();
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const { ok, status, body } = await ask(QUEUES, { headers });
    if (status === 401 && token) {
      turnedAway(body);
      return fetchQueues(null, turnedAway);
    }
    if (!ok) return null;
    heedClock(body.at, sent);
    return body;
  } catch {
    return null;
  }
}
