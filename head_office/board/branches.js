// All branches as head office tells of them: one object each, which stays the same object while its branch lives. What
// ails it is worked out when it is told, not each time somebody asks.

import { severityOf, troubles, weight } from "./model.js";

// As the fields stand in head_office/board/row.py.
const ABOUT = ["branch", "names", "region", "latitude", "longitude", "target_s", "version"];
const STANDING = [
  "branch", "status", "since", "seen", "waiting", "longest_s", "counted_at", "open", "busy", "counters", "served",
  "ailing", "behind", "missing", "kinds", "ratings", "clock_off_s",
];
const AILING = ["device", "kind", "state", "detail", "tickets_left"];
const RATINGS = ["visits", "rated", "mean"];

const WELL = 900; // beyond the weight of any trouble

export class Branches {
  constructor() {
    this.byId = new Map();
    this.version = 0;
    this.expected = 0; // how many there are at head office
    this.severities = {}; // kind of trouble -> urgent, warning or notice; the worst kind first
    this.placed = 0; // grows when a place or name has changed
  }

  all() {
    return [...this.byId.values()];
  }

  /** Everything anew: what is not in it is gone. */
  takeAll(said) {
    const here = new Set(said.standing.map(([id]) => id));
    for (const id of this.byId.keys()) if (!here.has(id)) this.byId.delete(id);
    this.severities = said.severities;
    this.placed += 1;
    this.take(said);
  }

  take(said) {
    this.version = Math.max(this.version, said.version);
    this.expected = said.branches;
    for (const row of said.about) this.know(named(ABOUT, row));
    for (const row of said.standing) this.stand(standing(row));
  }

  /** `troubles`: kinds, the worst first; `state`: urgent, warning, notice, never or well. */
  stand(standing) {
    const one = Object.assign(this.of(standing.branch), standing);
    one.troubles = troubles(one, this.severities);
    const [worst] = one.troubles;
    one.state = worst ? severityOf(worst, this.severities) : "well";
    one.weight = worst ? weight(worst, this.severities) : WELL;
  }

  know(about) {
    const one = Object.assign(this.of(about.branch), about);
    one.sought = [one.branch, one.region, ...Object.values(one.names)].join(" ").toLowerCase();
    this.placed += 1;
  }

  of(id) {
    let one = this.byId.get(id);
    if (!one) {
      one = { branch: id, names: {}, region: "", sought: id.toLowerCase(), kinds: [], troubles: [], ailing: [], state: "well", weight: WELL, target_s: 0 };
      this.byId.set(id, one);
    }
    return one;
  }
}

function standing(row) {
  const now = named(STANDING, row);
  now.ailing = now.ailing.map((one) => named(AILING, one));
  now.ratings = now.ratings && named(RATINGS, now.ratings);
  return now;
}

function named(names, row) {
  return Object.fromEntries(names.map((name, place) => [name, row[place]]));
}
