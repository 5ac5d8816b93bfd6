// The wall screen: read from three metres, turns the regions over by itself, runs for months.

import { Around, write } from "./around.js";
import { Branches } from "./branches.js";
import { BranchMap } from "./map.js";
import { mark, setMark } from "./marks.js";
import * as model from "./model.js";
import { ask, officeNow } from "./net.js";
import { worstWords } from "./said.js";
import { WORDS } from "./wall_words.js";
import { duration, exactly, figure, nameIn } from "./words.js";

const WORST = 10;
const TURN_S = 15;
const given = new URLSearchParams(location.search);
const top = given.get("region") ?? "";
const turn = Number(given.get("turn") ?? TURN_S) * 1000; // 0 stays with all
const DARK = matchMedia("(prefers-color-scheme: dark)");

const at = (id) => document.getElementById(id);
const branches = new Branches();
const around = new Around(WORDS, draw);
const look = () => around.look();
const map = new BranchMap(at("map"), { look, opened: () => undefined });
let region = top;
let tree = null;
let known = false;
let theme = given.get("theme");

async function read() {
  const answer = await around.read("/api/v1/board");
  if (answer.status === 401) return;
  if (!answer.ok) return setTimeout(read, 5000);
  branches.takeAll(answer.body);
  if (!known) begin();
  draw();
}

async function begin() {
  known = true;
  around.show("wall");
  around.follow(() => `/api/v1/board/stream?after=${branches.version}`, heard);
  if (turn) setInterval(turnOver, turn);
  const outline = await ask("/api/v1/board/outline");
  if (outline.ok && outline.body) map.setOutline(outline.body);
}

function heard(event) {
  if (event.type === "Anew") return read();
  if (event.type !== "Rows") return;
  branches.take(event);
  if (branches.byId.size !== event.branches) return read();
  draw();
}

/** The next region; after the last all of them again. */
function turnOver() {
  const paths = [top, ...regions().map((one) => one.path)];
  region = paths[(paths.indexOf(region) + 1) % paths.length];
  draw();
}

/** Those below the one that the screen is for. */
function regions() {
  let here = tree;
  for (const name of top ? top.split("/") : []) here = here?.below.get(name);
  return [...(here?.below.values() ?? [])].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function draw() {
  drawClock();
  if (!known) return;
  const { words, language } = look();
  const now = officeNow();
  const all = branches.all();
  tree = model.regionTree(all);
  const here = all.filter((one) => model.inside(one.region, region));
  write(at("where"), region.split("/").join(" › ") || words.allRegions);
  drawFigures(model.totals(here, now), now, words, language);
  drawTiles();
  drawWorst(model.sorted(here, now), now, words, language);
  drawMap(here);
  write(at("theme"), document.documentElement.dataset.theme === "dark" ? words.light : words.dark);
}

function drawFigures(all, now, words, language) {
  write(at("online"), figure(all.online));
  write(at("offline"), `${words.of(figure(all.branches))} · ${words.notOnline(figure(all.branches - all.online))}`);
  write(at("waiting"), figure(all.waiting));
  write(at("served"), words.served(figure(all.served)));
  const { longest } = all;
  const wait = longest ? model.longestWait(longest, now) : 0;
  write(at("longest"), longest ? duration(wait, language) : "–");
  write(at("longest-at"), longest ? words.longestAt(nameIn(longest.names, language) || longest.branch, duration(longest.target_s, language)) : words.nobodyWaits);
  at("longest-part").dataset.state = longest && wait > longest.target_s ? "warning" : "well";
  write(at("ill"), figure(all.ill));
  write(at("over"), words.over(figure(all.kinds["wait-over-target"] ?? 0)));
  at("ill-part").dataset.state = model.STATES.find((state) => state !== "never" && all.states[state]) ?? "well";
}

function drawTiles() {
  const tiles = regions();
  at("tiles").hidden = tiles.length === 0;
  sized(at("tiles"), tiles.length, () => {
    const tile = document.createElement("li");
    tile.append(mark("well"), part("name"), part("ill"));
    return tile;
  });
  tiles.forEach((one, place) => {
    const tile = at("tiles").children[place];
    const [shape, name, ill] = tile.children;
    setMark(shape, one.state);
    write(name, one.name);
    write(ill, `${figure(one.ill)} / ${figure(one.branches)}`);
    tile.dataset.now = one.path === region ? "yes" : "no";
  });
}

function drawWorst(sorted, now, words, language) {
  const worst = sorted.filter(model.ill).slice(0, WORST);
  at("all-well").hidden = worst.length > 0;
  write(at("all-well"), sorted.length ? words.allWell : words.noneYet);
  sized(at("worst"), worst.length, () => {
    const row = document.createElement("li");
    row.append(mark("well"), part("name"), part("said"));
    return row;
  });
  worst.forEach((one, place) => {
    const [shape, name, said] = at("worst").children[place].children;
    setMark(shape, one.state);
    at("worst").children[place].dataset.branch = one.branch;
    write(name, nameIn(one.names, language) || one.branch);
    write(said, worstWords(one, now, words, language));
  });
}

/** The map follows the region; without a place nobody is on it, and the regions have its room. */
function drawMap(here) {
  map.larger = parseFloat(getComputedStyle(document.documentElement).fontSize) / 13;
  map.show(here);
  const placed = map.points.length > 0;
  at("place-part").dataset.map = placed ? "yes" : "no";
  if (!placed || at("map").dataset.region === region) return;
  at("map").dataset.region = region;
  map.fit();
}

/** As many children as wanted; those that are there stay. */
function sized(list, count, make) {
  while (list.children.length > count) list.lastElementChild.remove();
  while (list.children.length < count) list.append(make());
}

function part(name) {
  const made = document.createElement("span");
  made.className = name;
  return made;
}

function drawClock() {
  const { words, language } = look();
  const now = officeNow();
  write(at("clock"), exactly(now, now));
  write(at("as-of"), around.newsAt ? words.asOf(exactly(around.newsAt, now)) : "");
  if (!around.connected && around.newsAt) write(at("lost"), words.lost(exactly(around.newsAt, now), duration((now - around.newsAt) / 1000, language)));
}

function dress() {
  document.documentElement.dataset.theme = ["dark", "light"].includes(theme) ? theme : DARK.matches ? "dark" : "light";
}

at("theme").addEventListener("click", () => {
  theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  dress();
  draw();
});
DARK.addEventListener("change", dress);
addEventListener("resize", () => {
  at("map").dataset.region = "-"; // fitted anew
  draw();
});
setInterval(drawClock, 1000);
at("to-board").href = top ? `/?region=${encodeURIComponent(top)}` : "/";
dress();
around.draw();
await read();
