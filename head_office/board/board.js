// The page of all branches: their figures, the list or the map, and what the reader wants to see of them.

import { Choice, leaving } from "./address.js";
import { Around, write } from "./around.js";
import { WORDS } from "./board_words.js";
import { Branches } from "./branches.js";
import { drawKinds } from "./kinds.js";
import { List } from "./list.js";
import { MapPart } from "./map_part.js";
import * as model from "./model.js";
import { officeNow } from "./net.js";
import { drawRegions } from "./regions.js";
import { ratingWords } from "./said.js";
import { duration, exactly, figure, nameIn } from "./words.js";

const SORT_MS = 5000; // rows move at most so often
const ROOMY = matchMedia("(min-width: 1500px)"); // the regions stand beside the list

const at = (id) => document.getElementById(id);
const branches = new Branches();
const around = new Around(WORDS, drawAll);
const look = () => around.look();
const choice = new Choice(chosenAnew);
const list = new List(at("rows"), look);
const map = new MapPart({ look, choice });
let found = []; // the branches that fit the choice, in their order
let known = false; // whether head office has told of any
let reading = false;

async function read() {
  if (reading) return;
  reading = true;
  const answer = await around.read("/api/v1/board");
  reading = false;
  if (!answer.ok) return answer.status === 401 ? undefined : setTimeout(read, 3000);
  branches.takeAll(answer.body);
  if (!known) begin();
  sort();
}

/** The first time: where the reader was before they went to a branch. */
function begin() {
  known = true;
  around.show("all");
  sort();
  const { top, branch } = history.state ?? {};
  if (top !== undefined) scrollTo(0, top);
  if (branch) list.go(branch);
  around.follow(() => `/api/v1/board/stream?after=${branches.version}`, heard);
}

function heard(event) {
  if (event.type === "Anew") return read();
  if (event.type === "Rows") {
    const before = branches.byId.size;
    branches.take(event);
    if (branches.byId.size !== event.branches) read();
    if (branches.byId.size !== before && !list.inUse) return sort(); // a new one is in the list as soon as it is counted
  }
  drawFigures();
  if (event.type === "Rows") list.inUse || !at("map-part").hidden ? drawBranches() : list.soon();
}

function sort() {
  const now = officeNow();
  const fitting = branches.all().filter((one) => model.fits(one, choice));
  found = model.sorted(fitting, now);
  drawBranches();
  drawFigures();
}

function drawBranches() {
  const onMap = choice.view === "map";
  at("map-part").hidden = !onMap;
  if (onMap) map.show(found);
  const rows = onMap ? found.filter((one) => one.latitude == null || one.longitude == null) : found;
  at("branches").hidden = rows.length === 0; // before: what is hidden is not drawn
  list.show(rows);
  drawFound(onMap, rows);
}

function drawFound(onMap, rows) {
  const { words } = look();
  const all = branches.byId.size;
  const none = found.length === 0;
  at("nothing").hidden = !none;
  at("clear").hidden = all === 0;
  write(at("nothing-said"), all ? words.noneFound : words.noneYet);
  at("found").hidden = none || (onMap && rows.length === 0);
  if (none) return;
  write(at("found"), onMap ? words.noPlace(figure(rows.length)) : words.found(figure(found.length), figure(all)));
}

function drawFigures() {
  const { words, language } = look();
  const now = officeNow();
  const here = branches.all().filter((one) => model.inside(one.region, choice.region));
  const all = model.totals(here, now);
  write(at("total-online"), `${figure(all.online)} / ${figure(all.branches)}`);
  write(at("total-ill"), figure(all.ill));
  write(at("total-waiting"), figure(all.waiting));
  const longest = all.longest;
  write(at("total-longest"), longest ? duration(model.longestWait(longest, now), language) : "–");
  write(at("total-longest-at"), longest ? words.longestAt(nameIn(longest.names, language) || longest.branch, duration(longest.target_s, language)) : "");
  write(at("total-served"), figure(all.served));
  const rated = model.coverage(all.ratings);
  write(at("total-rated"), rated ? `${rated.share}%` : "–");
  write(at("total-ratings"), rated ? ratingWords({ ...rated, share: null }, words, " · ") : "");
  write(at("as-of-time"), around.newsAt ? words.asOf(exactly(around.newsAt, now)) : "");
  drawKinds(at("kinds"), all, choice, branches.severities, look(), choose);
  drawRegions(at("region-tree"), model.regionTree(branches.all()), choice, words, (region) => choose({ region, at: "" }));
  write(at("region-chosen"), choice.region.split("/").join(" › ") || words.allRegions);
}

function drawAll() {
  at("search").value = choice.q;
  for (const view of ["list", "map"]) {
    const link = at(`view-${view}`);
    link.href = choice.address({ view: view === "map" ? view : "", at: "" });
    if ((choice.view === "map") === (view === "map")) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  at("to-wall").href = choice.region ? `/wall?region=${encodeURIComponent(choice.region)}` : "/wall";
  map.say();
  if (known) sort();
}

/** What the reader wants to see now. */
function choose(chosen, quietly = false) {
  choice.set(chosen, quietly);
  chosenAnew();
}

function chosenAnew() {
  drawAll();
  if (choice.view === "map") map.begin();
}

/** Before the page is left for a branch: whoever comes back finds their place. */
function remember(event) {
  const link = event.target.closest?.("[data-branch] a, #worst a");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) leaving(link.closest("[data-branch]")?.dataset.branch);
}

at("search").addEventListener("input", () => {
  const fresh = choice.q === "";
  choice.set({ q: at("search").value }, !fresh);
  sort();
});
for (const view of ["list", "map"]) {
  at(`view-${view}`).addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose({ view: view === "map" ? view : "", at: "" });
  });
}
at("content").addEventListener("click", remember, true);
at("clear").addEventListener("click", (event) => {
  event.preventDefault();
  choose({ q: "", region: "", trouble: "", at: "" });
  at("search").focus();
});
const roomy = () => {
  at("regions").open = ROOMY.matches;
};
ROOMY.addEventListener("change", roomy);
roomy();
setInterval(() => {
  if (known && !list.inUse) sort();
}, SORT_MS);
history.scrollRestoration = "manual";
around.draw();
await read();
