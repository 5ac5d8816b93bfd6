// The map on the page of all branches, with what is in view beside it in words.

import { leaving } from "./address.js";
import { write } from "./around.js";
import { BranchMap } from "./map.js";
import { withHands } from "./map_hands.js";
import { mark, setMark } from "./marks.js";
import * as model from "./model.js";
import { ask, officeNow } from "./net.js";
import { worstWords } from "./said.js";
import { figure, nameIn } from "./words.js";

const SHOWN = 12;
const STILL_MS = 400; // after a move, before it stands in the address

const at = (id) => document.getElementById(id);

export class MapPart {
  constructor({ look, choice }) {
    Object.assign(this, { look, choice, branches: [], begun: "" });
    this.map = new BranchMap(at("map"), { look, opened: open, moved: () => this.moved() });
    withHands(this.map, () => at("worst").querySelector("a")?.focus());
    at("zoom-in").addEventListener("click", () => this.map.zoom(1.6));
    at("zoom-out").addEventListener("click", () => this.map.zoom(1 / 1.6));
    at("zoom-all").addEventListener("click", () => this.map.fit());
  }

  say() {
    const { words } = this.look();
    const items = model.STATES.map((state) => {
      const item = document.createElement("li");
      item.append(mark(state), words.states[state]);
      return item;
    });
    at("legend").replaceChildren(...items);
  }

  show(branches) {
    this.branches = branches;
    this.map.show(branches);
    if (this.begun !== this.wanted()) this.begin();
    this.list();
  }

  wanted() {
    return `${this.choice.region}|${this.choice.q}|${this.choice.trouble}`;
  }

  /** Where the address says, else so that all are in view. */
  begin() {
    this.begun = this.wanted();
    if (!this.outlined) this.readOutline();
    if (!this.choice.at || !this.map.goTo(this.choice.at)) this.map.fit();
  }

  async readOutline() {
    this.outlined = true;
    const answer = await ask("/api/v1/board/outline");
    if (answer.ok && answer.body) this.map.setOutline(answer.body);
    this.outlined = answer.status !== 0;
  }

  moved() {
    this.list();
    clearTimeout(this.still);
    if (this.map.said !== this.choice.at) this.still = setTimeout(() => this.keep(), STILL_MS);
  }

  keep() {
    if (this.choice.view === "map") this.choice.set({ at: this.map.said }, true);
  }

  list() {
    const { words, language } = this.look();
    const now = officeNow();
    const there = this.map.inView();
    const sorted = model.sorted(there, now);
    const ill = there.filter(model.ill).length;
    write(at("in-view"), words.inView(figure(there.length), figure(ill)));
    const wanted = sorted.slice(0, SHOWN);
    while (at("worst").children.length > wanted.length) at("worst").lastElementChild.remove();
    while (at("worst").children.length < wanted.length) at("worst").append(item());
    wanted.forEach((one, place) => this.draw(at("worst").children[place], one, now, words, language));
  }

  draw(made, one, now, words, language) {
    const [shape, link, said] = made.children;
    setMark(shape, one.state);
    link.href = `/branches/${encodeURIComponent(one.branch)}`;
    write(link, nameIn(one.names, language) || one.branch);
    write(said, worstWords(one, now, words, language) || words.well);
  }
}

function item() {
  const made = document.createElement("li");
  made.className = "one";
  const said = document.createElement("span");
  made.append(mark("well"), document.createElement("a"), said);
  return made;
}

function open(now) {
  leaving();
  location.assign(`/branches/${encodeURIComponent(now.branch)}`);
}
