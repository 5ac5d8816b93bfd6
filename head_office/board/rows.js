// The list of branches: one row each, redrawn only when its branch changed, moved only when its rank did.

import { machineCause, machineName } from "/assets/program/machines.js";
import * as model from "./model.js";
import { officeNow } from "./net.js";
import { duration, moment, nameIn } from "./words.js";

const PER_FRAME = 400; // rows drawn in one animation frame; the rest follow in the next
const SORT_MS = 5000; // rows move at most so often
const CELLS = ["name", "queues", "longest", "counters", "ratings", "machines", "news"];
const TITLED = ["longest", "counters", "ratings", "machines", "news"]; // on a narrow screen each bears its title

export class Rows {
  /** `look()` gives {words, language}. */
  constructor(area, look, told) {
    this.area = area;
    this.look = look;
    this.told = told;
    this.kept = new Map(); // branch id -> {now, row, cells, rank, find, texts}
    this.dirty = new Set();
    this.asked = false;
    this.sought = "";
    setInterval(() => this.sort(), SORT_MS);
  }

  take(now) {
    const one = this.kept.get(now.branch) ?? this.add(now);
    one.now = now;
    one.find = model.searchable(now);
    this.dirty.add(one);
    this.soon();
  }

  /** The whole list: what is not in it is gone. */
  takeAll(branches) {
    const first = this.kept.size === 0;
    const ids = new Set(branches.map((now) => now.branch));
    for (const [id, one] of this.kept) {
      if (ids.has(id)) continue;
      one.row.remove();
      this.dirty.delete(one);
      this.kept.delete(id);
    }
    branches.forEach((now) => this.take(now));
    if (first) this.sort();
  }

  add(now) {
    const row = document.createElement("div");
    row.className = "row branch";
    row.setAttribute("role", "row");
    row.dataset.branch = now.branch;
    const cells = CELLS.map((name) => cell(row, name));
    const link = document.createElement("a");
    link.href = `/branches/${encodeURIComponent(now.branch)}`;
    const status = document.createElement("span");
    status.className = "status";
    cells[0].append(link, status);
    const one = { now, row, cells, link, status, texts: [], rank: 99 };
    this.kept.set(now.branch, one);
    this.area.append(row);
    return one;
  }

  all() {
    return [...this.kept.values()].map((one) => one.now);
  }

  drawAll() {
    for (const one of this.kept.values()) this.dirty.add(one);
    this.soon();
  }

  /** Durations go on by themselves. */
  age() {
    for (const one of this.kept.values()) {
      if (model.away(one.now) || model.waiting(one.now)) this.dirty.add(one);
    }
    this.soon();
  }

  soon() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.frame());
  }

  frame() {
    this.asked = false;
    const at = officeNow();
    let left = PER_FRAME;
    for (const one of this.dirty) {
      if (left-- === 0) break;
      this.dirty.delete(one);
      this.draw(one, at);
    }
    if (this.dirty.size) this.soon();
    this.told();
  }

  draw(one, at) {
    const { now, row } = one;
    const { words, language } = this.look();
    const faults = model.faults(now).length > 0;
    const kind = `row branch${model.away(now) ? " away" : ""}${now.alert ? " alert" : ""}${faults ? " trouble" : ""}${model.slow(now, at) ? " slow" : ""}`;
    if (row.className !== kind) row.className = kind;
    row.hidden = !one.find.includes(this.sought);
    const texts = [
      nameIn(now.queues?.name ?? now.name, language) || now.branch,
      statusWords(now, at, words, language),
      queueWords(now, words, language),
      model.waiting(now) ? duration(model.longestWait(now, at), language) : "–",
      now.queues ? `${model.busyCounters(now)} / ${now.queues.counters.length}` : "–",
      ratingWords(model.coverageOf(now), words, "\n"),
      machineWords(now, words, language),
      newsWords(now, at, words),
    ];
    for (const name of TITLED) title(one.cells[CELLS.indexOf(name)], words[name]);
    texts.forEach((text, place) => text !== one.texts[place] && put(one, place, text));
    one.texts = texts;
  }

  find(text) {
    this.sought = text.trim().toLowerCase();
    for (const one of this.kept.values()) one.row.hidden = !one.find.includes(this.sought);
    this.told();
  }

  found() {
    if (!this.sought) return this.kept.size;
    return [...this.kept.values()].filter((one) => one.find.includes(this.sought)).length;
  }

  /** Worst first. Rows of equal rank keep their order by id; a row in use is left alone. */
  sort() {
    if (this.area.contains(document.activeElement)) return;
    const at = officeNow();
    const movers = new Set();
    for (const one of this.kept.values()) {
      const rank = model.rank(one.now, at);
      if (rank !== one.rank) movers.add(one.row);
      one.rank = rank;
    }
    const order = [...this.kept.values()].sort(
      (one, other) => one.rank - other.rank || (one.now.branch < other.now.branch ? -1 : 1),
    );
    let here = this.area.firstElementChild;
    for (const { row } of order) {
      while (here !== row && movers.has(here)) here = here.nextElementSibling; // its turn comes
      if (row === here) here = here.nextElementSibling;
      else this.area.insertBefore(row, here);
    }
  }
}

function cell(row, name) {
  const made = document.createElement("div");
  made.className = name;
  made.setAttribute("role", "cell");
  row.append(made);
  return made;
}

function title(cell, text) {
  if (cell.dataset.title !== text) cell.dataset.title = text;
}

function put(one, place, text) {
  if (place === 0) one.link.textContent = text;
  else if (place === 1) one.status.textContent = text;
  else if (place === 2) one.cells[1].replaceChildren(...queueParts(text));
  else one.cells[place - 1].textContent = text;
}

export function statusWords(now, at, words, language) {
  if (words.alerts[now.alert]) return words.alerts[now.alert];
  if (!model.away(now)) return words.online;
  const ago = duration((at - Date.parse(now.since)) / 1000, language);
  const say = words.away[now.status] ?? words.away.silent;
  return say(moment(now.since, at), ago);
}

/** One text, so that it can be compared; `queueParts` makes elements of it. */
function queueWords(now, words, language) {
  if (!now.queues) return words.noQueues;
  return now.queues.queues.map((queue) => `${nameIn(queue.names, language)}\t${queue.waiting}`).join("\n");
}

function queueParts(text) {
  return text.split("\n").map((line) => {
    const [name, count] = line.split("\t");
    const part = document.createElement("span");
    part.append(name);
    if (count === undefined) return part;
    const number = document.createElement("b");
    number.textContent = count;
    part.append(" ", number);
    return part;
  });
}

export function ratingWords(known, words, between) {
  if (!known) return "–";
  const said = [words.rated(known.rated, known.visits, known.share)];
  if (known.mean !== null) said.push(words.mean(known.mean));
  return said.join(between);
}

function machineWords(now, words, language) {
  if (!now.devices.length) return words.noMachines;
  const separator = language === "en" ? "; " : "；";
  const said = model.troubles(now).map((one) => words.trouble(machineName(one, language), machineCause(one, language)));
  return said.join(separator) || words.machinesWell;
}

function newsWords(now, at, words) {
  const seen = now.seen_at ? moment(now.seen_at, at) : "–";
  return now.missing ? `${seen} · ${words.notHere(now.missing)}` : seen;
}
