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

/** The answer, or null when none came. `retrying()` is called before it is sent again. */
export async function press(path, token, retrying) {
  const key = keyFor(path);
  const answer = await sendUntilAnswered(path, token, key, retrying);
  unsure = answer ? null : { path, key, at: branchNow() };
  return answer;
}

/** The branch has moved on: the next press is a new one. */
export function forgetUnsure() {
  unsure = null;
}

function keyFor(path) {
  const same = unsure?.path === path && branchNow() - unsure.at < KEY_LASTS_MS;
  return same ? unsure.key : newKey();
}

async function sendUntilAnswered(path, token, key, retrying) {
  const headers = { "Idempotency-Key": key, ...(token && { Authorization: `Bearer ${token}` }) };
  for (const ms of [0, ...PAUSES_MS]) {
    if (ms) {
      retrying();
      await pause(ms);
    }
    try {
      return await ask(path, { method: "POST", headers });
    } catch {
      // no answer: the same press again
    }
  }
  return null;
}
