// What the board works out of a branch's row. Knows no page.

const BANDS = [3, 2, 1.5, 1.2, 1]; // of the target; a wait moves its branch only when it passes one of these
export const STATES = ["urgent", "warning", "notice", "never", "well"]; // the worst first

export const away = (now) => now.status !== "online";
const SEVERITY = { never: "never", offline: "urgent" };

/** Seconds. It goes on growing while the branch is online; what an absent branch said last is kept as it was. */
export function longestWait(now, at) {
  if (!now.waiting) return 0;
  const since = away(now) ? 0 : Math.max(0, at / 1000 - now.counted_at);
  return now.longest_s + since;
}

/** What ails it, the worst first: kinds of alerts; one that is offline is told apart, and one that never reported. */
export function troubles(now, severities) {
  if (now.status === "never") return ["never"];
  const kinds = now.kinds.map((kind) => (kind === "silent" && now.status === "offline" ? "offline" : kind));
  if (kinds.length < 2) return kinds;
  return kinds.sort((one, other) => weight(one, severities) - weight(other, severities));
}

/** Where a kind of trouble stands among all: first by severity. */
export function weight(kind, severities) {
  const order = Object.keys(severities);
  const place = kind === "offline" ? order.indexOf("silent") + 0.5 : order.indexOf(kind);
  return 100 * STATES.indexOf(severityOf(kind, severities)) + (place < 0 ? 99 : place);
}

export const severityOf = (kind, severities) => SEVERITY[kind] ?? severities[kind] ?? "notice";

/** Smaller is worse. Coarse, so that rows stay where they are while little changes. */
function rank(now, at) {
  const share = away(now) ? 0 : longestWait(now, at) / (now.target_s || 1);
  const band = BANDS.findIndex((limit) => share >= limit);
  return 10 * now.weight + (band < 0 ? BANDS.length : band);
}

/** The worst first, of equal rank by id. */
export function sorted(branches, at) {
  const ranked = branches.map((now) => [rank(now, at), now]);
  ranked.sort(([one, a], [other, b]) => one - other || (a.branch < b.branch ? -1 : 1));
  return ranked.map(([, now]) => now);
}

/** Whether a region's path is in or below another. */
export const inside = (region, of) => !of || region === of || region.startsWith(`${of}/`);

export const ill = (now) => now.state !== "well" && now.state !== "never";

/** `choice`: {sought, region, trouble}; `trouble` is a kind, `any`, or empty. */
export function fits(now, choice) {
  if (!inside(now.region, choice.region)) return false;
  if (choice.sought && !choice.sought.split(/\s+/).every((word) => now.sought.includes(word))) return false;
  if (!choice.trouble) return true;
  return choice.trouble === "any" ? ill(now) : now.troubles.includes(choice.trouble);
}

/** Of today's finished visits: how many were rated, in percent, and their mean; null while there are none. */
export function coverage(ratings) {
  if (!ratings?.visits) return null;
  const { visits, rated, mean } = ratings;
  return { visits, rated, share: Math.round((100 * rated) / visits), mean: mean?.toFixed(1) ?? null };
}

export function totals(branches, at) {
  const all = { branches: 0, online: 0, ill: 0, waiting: 0, longest: null, served: 0, ratings: null, kinds: {}, states: {} };
  const rated = { visits: 0, rated: 0, scores: 0 };
  for (const now of branches) {
    all.branches += 1;
    count(all, now);
    all.served += now.served;
    addRatings(rated, now.ratings);
    if (away(now)) continue;
    all.online += 1;
    all.waiting += now.waiting;
    if (now.waiting && !(longestWait(all.longest ?? {}, at) >= longestWait(now, at))) all.longest = now;
  }
  all.ratings = { ...rated, mean: rated.rated ? rated.scores / rated.rated : null };
  return all;
}

function count(all, now) {
  for (const kind of now.troubles) all.kinds[kind] = (all.kinds[kind] ?? 0) + 1;
  all.states[now.state] = (all.states[now.state] ?? 0) + 1;
  if (ill(now)) all.ill += 1;
}

/** The mean of many branches weighs each by its ratings. */
function addRatings(all, ratings) {
  if (!ratings) return;
  all.visits += ratings.visits;
  all.rated += ratings.rated;
  all.scores += ratings.rated * (ratings.mean ?? 0);
}

/** The regions as a tree: {path, name, branches, ill, state, below: [...]}, each level by name. */
export function regionTree(branches) {
  const root = { path: "", name: "", branches: 0, ill: 0, state: "well", below: new Map() };
  for (const now of branches) {
    let here = root;
    add(here, now);
    for (const name of now.region ? now.region.split("/") : []) {
      if (!here.below.has(name)) here.below.set(name, { path: here.path ? `${here.path}/${name}` : name, name, branches: 0, ill: 0, state: "well", below: new Map() });
      here = here.below.get(name);
      add(here, now);
    }
  }
  return root;
}

function add(region, now) {
  region.branches += 1;
  if (ill(now)) region.ill += 1;
  if (STATES.indexOf(now.state) < STATES.indexOf(region.state)) region.state = now.state;
}
