// The live board of all branches; with /branches/{id} in the address, the page of one.

import { OneBranch } from "./branch.js";
import { coverage, totals } from "./model.js";
import { ask, follow, officeNow } from "./net.js";
import { ratingWords, Rows } from "./rows.js";
import { duration, WORDS } from "./words.js";

const KEPT = "lobby-language";
const AGE_MS = 15000;
const TOTALS_MS = 500;

const at = (id) => document.getElementById(id);
const wanted = /^\/branches\/([^/]+)/.exec(location.pathname);
const only = wanted ? decodeURIComponent(wanted[1]) : null;
let language = WORDS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : "zh-Hans";
let lastTotals = 0;
const look = () => ({ words: WORDS[language], language });
const rows = only ? null : new Rows(at("rows"), look, totalsSoon);
const one = only ? new OneBranch(only, look) : null;

function show(id) {
  for (const part of ["door", "all", "one", "missing"]) at(part).hidden = part !== id;
  at("search-field").hidden = id !== "all";
}

/** Read everything anew; true when it could be drawn. */
async function read() {
  const answer = await ask(only ? `/api/v1/branches/${encodeURIComponent(only)}` : "/api/v1/branches");
  at("lost").hidden = answer.status !== 0;
  if (answer.status === 401) return door();
  if (answer.status === 404) return show("missing");
  if (!answer.ok) return lost();
  show(only ? "one" : "all");
  if (only) one.take(answer.body);
  else rows.takeAll(answer.body.branches);
  drawTotals();
}

function lost() {
  at("lost").hidden = false;
}

function door() {
  location.replace(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
}

function heard(event) {
  if (event.type === "Following") read();
  if (event.type !== "Branch") return;
  if (rows) rows.take(event.branch);
  else if (event.branch.branch === only) one.take(event.branch);
}

function totalsSoon() {
  if (lastTotals) return;
  lastTotals = setTimeout(drawTotals, TOTALS_MS);
}

function drawTotals() {
  clearTimeout(lastTotals);
  lastTotals = 0;
  if (!rows) return;
  const { words } = look();
  const all = totals(rows.all(), officeNow());
  write("total-online", `${all.online} / ${all.branches}`);
  write("total-waiting", all.waiting.toLocaleString("en"));
  write("total-longest", all.waiting ? duration(all.longest, language) : "–");
  write("total-served", all.served.toLocaleString("en"));
  const rated = coverage(all);
  write("total-rated", rated ? `${rated.share}%` : "–");
  write("total-ratings", rated ? ratingWords({ ...rated, share: null }, words, " · ") : "");
  const found = rows.found();
  write("found", all.branches ? (found ? words.found(found, all.branches) : words.noneFound) : words.noneYet);
}

function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

function say() {
  const { words } = look();
  document.documentElement.lang = language;
  document.title = words.title;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = words[element.dataset.hint];
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  rows?.drawAll();
  one?.draw();
  drawTotals();
}

async function signIn(event) {
  event.preventDefault();
  const answer = await ask("/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: at("token").value }),
  });
  if (answer.ok) return location.reload();
  at("token-problem").textContent = answer.status === 0 ? look().words.notReached : look().words.wrongToken;
  at("token-problem").hidden = false;
  at("token").select();
}

at("token-form").addEventListener("submit", signIn);
at("search").addEventListener("input", () => rows.find(at("search").value));
at("language").addEventListener("click", () => {
  language = language === "en" ? "zh-Hans" : "en";
  localStorage.setItem(KEPT, language);
  say();
});
setInterval(() => (rows ? rows.age() : one.draw()), AGE_MS);
say();
await read();
if (at("door").hidden) {
  follow("/api/v1/stream", heard, (yes) => {
    at("lost").hidden = yes;
    if (!yes) read(); // the session may be over
  });
}
