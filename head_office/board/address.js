// What the reader has chosen stands in the address: it can be passed on, and the back button goes back to it.

const NAMES = ["q", "region", "trouble", "view"];

export class Choice {
  /** `changed()` is called when the back or forward button was used. */
  constructor(changed) {
    this.read();
    addEventListener("popstate", () => {
      this.read();
      changed();
    });
  }

  read() {
    const given = new URLSearchParams(location.search);
    for (const name of NAMES) this[name] = given.get(name) ?? "";
    this.at = given.get("at") ?? "";
  }

  get sought() {
    return this.q.trim().toLowerCase();
  }

  /** Choose; `quietly`: as a further letter of the same search, not as a step to go back to. */
  set(chosen, quietly = false) {
    Object.assign(this, chosen);
    const address = this.address({});
    if (address === location.pathname + location.search) return;
    if (quietly) history.replaceState(history.state, "", address);
    else history.pushState(null, "", address);
  }

  /** The address with this chosen besides. */
  address(chosen) {
    const values = { q: this.q, region: this.region, trouble: this.trouble, view: this.view, at: this.at, ...chosen };
    const given = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
    for (const name of ["lang", "theme"]) {
      const kept = new URLSearchParams(location.search).get(name);
      if (kept) given.set(name, kept);
    }
    const said = given.toString();
    return location.pathname + (said ? `?${said}` : "");
  }
}

const LEFT = "lobby-left-board";

/** The board is left for a branch's page: who comes back finds their place, and `branch` in focus. */
export function leaving(branch) {
  history.replaceState({ top: scrollY, branch }, "");
  sessionStorage.setItem(LEFT, "yes");
}

/** Whether the page before this one is the board: one step back in the history. */
export function cameFromBoard() {
  if (sessionStorage.getItem(LEFT)) history.replaceState({ fromBoard: true }, "");
  sessionStorage.removeItem(LEFT);
  return Boolean(history.state?.fromBoard);
}
