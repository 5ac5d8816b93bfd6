// A teller's press reaches the branch once: what the network may have swallowed is sent again with the same key.

import { ask, branchNow, pause } from "/assets/look/live.js";

const PAUSES_MS = [400, 1200, 2500];
const KEY_LASTS_MS = 20000; // a press much later is meant anew

let unsure = null; // the press whose answer never came

/** Works on plain http too, where crypto.randomUUID is missing. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The answer, or null when none came. `retrying()` is called before it is sent again; `asked` is what the
 * press says beside its address.
 */
export async function press(path, token, retrying, asked = null) {
  const body = asked && JSON.stringify(asked);
  const key = keyFor(path, body);
  const answer = await sendUntilAnswered(path, { token, key, body }, retrying);
  unsure = answer ? null : { path, body, key, at: branchNow() };
  return answer;
}

/** The branch has moved on: the next press is a new one. */
export function forgetUnsure() {
  unsure = null;
}

function keyFor(path, body) {
  const same = unsure?.path === path && unsure.body === body && branchNow() - unsure.at < KEY_LASTS_MS;
  return same ? unsure.key : newKey();
}

async function sendUntilAnswered(path, { token, key, body }, retrying) {
  const headers = {
    "Idempotency-Key": key,
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(body && { "Content-Type": "application/json" }),
  };
  for (const ms of [0, ...PAUSES_MS]) {
    if (ms) {
      retrying();
      await pause(ms);
    }
    try {
      return await ask(path, { method: "POST", headers, body });
    } catch {
      // no answer: the same press again
    }
  }
  return null;
}
