// What the board works out of a branch's state. Knows no page.

import { AILING } from "/assets/program/machines.js";

const BANDS_S = [3600, 2400, 1200, 600]; // a wait moves its branch only when it passes one of these
const SLOW_S = 1200;
const AT_WORK = new Set(["called", "serving"]);

export const away = (now) => now.status !== "online";
export const slow = (now, at) => longestWait(now, at) >= SLOW_S;
export const troubles = (now) => now.devices.filter((device) => AILING.has(device.state));
export const faults = (now) => now.devices.filter((device) => ["absent", "fault"].includes(device.state));
export const waiting = (now) => sum(now.queues?.queues ?? [], (queue) => queue.waiting);
export const busyCounters = (now) => (now.queues?.counters ?? []).filter((one) => AT_WORK.has(one.state)).length;

/** Seconds. It goes on growing while the branch is online; what an absent branch said last is kept as it was. */
export function longestWait(now, at) {
  return Math.max(0, ...(now.queues?.queues ?? []).map((queue) => waitOf(queue, now, at)));
}

export function waitOf(queue, now, at) {
  if (!queue.waiting) return 0;
  const since = away(now) ? 0 : Math.max(0, (at - Date.parse(now.queues.at)) / 1000);
  return queue.longest_wait_s + since;
}

/** Smaller is worse. Coarse, so that rows stay where they are while little changes. */
export function rank(now, at) {
  if (now.alert || now.status === "silent") return 0;
  if (now.status === "offline") return 1;
  const wait = longestWait(now, at);
  const band = BANDS_S.findIndex((limit) => wait >= limit);
  return (faults(now).length ? 2 : 10) + (band < 0 ? BANDS_S.length : band);
}

/** Of today's finished visits: how many were rated, in percent, and their mean; null while there are none. */
export function coverage({ visits, rated, mean }) {
  return visits ? { visits, rated, share: Math.round((100 * rated) / visits), mean: mean?.toFixed(1) ?? null } : null;
}

export const coverageOf = (now) => (now.queues?.ratings ? coverage(now.queues.ratings) : null);

export function totals(branches, at) {
  const all = { branches: 0, online: 0, waiting: 0, longest: 0, served: 0, visits: 0, rated: 0, scores: 0 };
  for (const now of branches) {
    all.branches += 1;
    all.served += now.queues?.served ?? 0;
    addRatings(all, now.queues?.ratings);
    if (away(now)) continue;
    all.online += 1;
    all.waiting += waiting(now);
    all.longest = Math.max(all.longest, longestWait(now, at));
  }
  return all;
}

/** The mean of many branches weighs each by its ratings. */
function addRatings(all, ratings) {
  if (!ratings) return;
  all.visits += ratings.visits;
  all.rated += ratings.rated;
  all.scores += ratings.rated * (ratings.mean ?? 0);
  all.mean = all.rated ? all.scores / all.rated : null;
}

/** Lower case name and id, for the search. */
export function searchable(now) {
  return [now.branch, ...Object.values(now.queues?.name ?? now.name ?? {})].join(" ").toLowerCase();
}

function sum(list, of) {
  return list.reduce((total, one) => total + of(one), 0);
}
