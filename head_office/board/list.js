// The list of branches. Only the rows that can be seen are in the page; the rest is only counted.

import { mark, setMark } from "./marks.js";
import * as model from "./model.js";
import { officeNow } from "./net.js";
import { ratingWords, statusWords, troubleWords } from "./said.js";
import { duration, exactly, figure, nameIn } from "./words.js";

const MORE = 4; // rows beyond what can be seen, above and below
const CELLS = ["name", "trouble", "waiting", "longest", "counters", "ratings", "news"];
const KEYS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -Infinity, End: Infinity };

export class List {
  /** `area`: the row group; `look()` gives {words, language}. */
  constructor(area, look) {
    this.area = area;
    this.look = look;
    this.order = [];
    this.rows = new Map(); // branch id -> its row, of those in the page
    this.current = ""; // the branch whose link the tab key reaches
    this.asked = false;
    for (const name of ["scroll", "resize"]) addEventListener(name, () => this.soon(), { passive: true });
    area.addEventListener("keydown", (event) => this.key(event));
    area.addEventListener("focusin", (event) => this.focused(event));
  }

  /** Whether somebody is in it with the keyboard: rows then stay where they are. */
  get inUse() {
    return this.area.contains(document.activeElement);
  }

  /** The branches in their order. */
  show(order) {
    this.order = order;
    if (!order.some((now) => now.branch === this.current)) this.current = order[0]?.branch ?? "";
    this.area.parentElement.setAttribute("aria-rowcount", order.length + 1);
    this.draw();
  }

  soon() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    if (!this.area.offsetParent) return;
    this.height = parseFloat(getComputedStyle(this.area).getPropertyValue("--row"));
    this.area.style.height = `${this.order.length * this.height}px`;
    const top = -this.area.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / this.height) - MORE);
    const last = Math.min(this.order.length, Math.ceil((top + innerHeight) / this.height) + MORE);
    const wanted = new Map();
    for (let place = first; place < last; place += 1) wanted.set(this.order[place].branch, place);
    const kept = this.order.findIndex((now) => now.branch === this.current);
    if (kept >= 0) wanted.set(this.current, kept); // or the tab key would not find it
    for (const [id, row] of this.rows) if (!wanted.has(id)) this.rows.delete(id) && row.element.remove();
    for (const [id, place] of wanted) this.drawRow(this.rows.get(id) ?? this.add(id), place);
    this.inOrder(wanted);
  }

  /** Who reads aloud goes by the order in the page, not by where a row is drawn. */
  inOrder(wanted) {
    if (this.inUse) return;
    const rows = [...wanted].sort(([, one], [, other]) => one - other).map(([id]) => this.rows.get(id).element);
    rows.forEach((row, place) => {
      if (this.area.children[place] !== row) this.area.insertBefore(row, this.area.children[place] ?? null);
    });
  }

  add(id) {
    const element = made("div", "row branch");
    element.setAttribute("role", "row");
    element.dataset.branch = id;
    const cells = {};
    for (const name of CELLS) {
      cells[name] = made("div", name);
      cells[name].setAttribute("role", "gridcell");
      element.append(cells[name]);
    }
    const link = made("a", "");
    link.href = `/branches/${encodeURIComponent(id)}`;
    const row = { element, cells, link, mark: mark("well"), state: made("span", "only-read-aloud"), status: made("span", "status"), where: made("span", "where"), text: made("span", "text"), more: made("span", "more") };
    cells.name.append(row.mark, row.state, link, row.where);
    cells.trouble.append(row.status, row.text, row.more);
    this.area.append(element);
    this.rows.set(id, row);
    return row;
  }

  drawRow(row, place) {
    const now = this.order[place];
    const at = officeNow();
    const { words, language } = this.look();
    const { state } = now;
    row.element.dataset.state = state;
    row.element.dataset.away = model.away(now) ? "yes" : "no";
    row.element.setAttribute("aria-rowindex", place + 2);
    row.element.style.transform = `translateY(${place * this.height}px)`;
    row.link.tabIndex = now.branch === this.current ? 0 : -1;
    setMark(row.mark, state);
    write(row.state, words.states[state]);
    write(row.link, nameIn(now.names, language) || now.branch);
    write(row.status, statusWords(now, at, words, language));
    write(row.where, [now.branch, now.region].filter(Boolean).join(" · "));
    this.drawFigures(row, now, at, words, language);
  }

  drawFigures({ cells, text, more }, now, at, words, language) {
    const trouble = troubleWords(now, at, words, language);
    write(text, trouble.text);
    write(more, trouble.more ? words.more(trouble.more) : "");
    const told = now.counters > 0 || now.served > 0 || now.waiting > 0;
    write(cells.waiting, told ? figure(now.waiting) : "–");
    write(cells.longest, now.waiting ? words.ofTarget(duration(model.longestWait(now, at), language), duration(now.target_s, language)) : "–");
    write(cells.counters, now.counters ? `${now.busy} / ${now.open}` : "–");
    write(cells.ratings, ratingWords(model.coverage(now.ratings), words, "\n"));
    const news = now.status === "never" ? "–" : exactly(now.seen * 1000, at);
    write(cells.news, now.missing ? `${news} · ${words.notHere(figure(now.missing))}` : news);
    for (const name of CELLS.slice(2)) if (cells[name].dataset.title !== words[name]) cells[name].dataset.title = words[name];
  }

  key(event) {
    const by = KEYS[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const here = this.order.findIndex((now) => now.branch === this.current);
    this.go(this.order[Math.min(this.order.length - 1, Math.max(0, here + by))]?.branch);
  }

  /** Bring a branch's row into sight, its link in focus. */
  go(id) {
    const place = this.order.findIndex((now) => now.branch === id);
    if (place < 0) return;
    this.current = id;
    this.height = parseFloat(getComputedStyle(this.area).getPropertyValue("--row"));
    const above = this.area.previousElementSibling?.getBoundingClientRect().height ?? 0; // the titles, which stay
    const top = this.area.getBoundingClientRect().top + place * this.height;
    if (top < above) scrollBy(0, top - above - this.height);
    else if (top + this.height > innerHeight) scrollBy(0, top + 2 * this.height - innerHeight);
    this.draw();
    this.rows.get(id).link.focus({ preventScroll: true });
  }

  focused(event) {
    const id = event.target.closest("[data-branch]")?.dataset.branch;
    if (!id || id === this.current) return;
    this.current = id;
    for (const [one, row] of this.rows) row.link.tabIndex = one === id ? 0 : -1;
  }
}

function made(tag, name) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
