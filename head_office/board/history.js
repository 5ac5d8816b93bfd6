// The page of past days: what is asked is in the address, so that it can be sent to somebody.

import { chart } from "./history_chart.js";
import { minutes, more, range, share, WORDS } from "./history_words.js";
import { ask } from "./net.js";
import { nameIn } from "./words.js";

const KEPT = "lobby-language";
const MOST_ROWS = 100;
const DAY_MS = 86400000;
const FIELDS = ["period", "from", "to", "region", "branch", "service", "by", "measure"];
const COLUMNS = ["arrivals", "wait_mean_s", "wait_p50_s", "wait_p90_s", "within", "missed_share", "service_mean_s", "rating", "coverage", "utilisation"];
const TIMES = new Set(["wait_mean_s", "wait_p50_s", "wait_p90_s", "service_mean_s"]);
const SHARES = new Set(["within", "missed_share", "coverage", "utilisation"]);
const TILES = ["arrivals", "wait_mean_s", "wait_p90_s", "within", "missed_share", "coverage"];

const at = (id) => document.getElementById(id);
let language = WORDS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : "zh-Hans";
let choices = { first: null, last: null, regions: [], branches: [], services: {} };
let answer = null;
let asked = "";

const words = () => WORDS[language];
const iso = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

/** First and last day of what is chosen. */
function days() {
  const today = new Date();
  const kind = at("period").value;
  if (kind === "own") return [at("from").value, at("to").value];
  if (kind === "month") return [iso(new Date(today.getFullYear(), today.getMonth() - 1, 1)), iso(new Date(today.getFullYear(), today.getMonth(), 0))];
  if (kind === "this") return [iso(new Date(today.getFullYear(), today.getMonth(), 1)), iso(today)];
  return [iso(new Date(today - kind * DAY_MS)), iso(new Date(today - DAY_MS))];
}

function question() {
  const [from, to] = days();
  const given = new URLSearchParams({ from, to, by: at("by").value, compare: at("measure").value });
  for (const name of ["region", "service"]) if (at(name).value) given.set(name, at(name).value);
  const branch = branchOf(at("branch").value.trim());
  if (branch) given.set("branch", branch);
  return given;
}

/** The list offers names; what is asked for is the id. */
function branchOf(typed) {
  const found = choices.branches.find((one) => labelOf(one) === typed);
  return found ? found.branch : typed;
}

const labelOf = (one) => {
  const name = nameIn(one.names, language);
  return name && name !== one.branch ? `${name} (${one.branch})` : one.branch;
};

async function read() {
  const own = at("period").value === "own";
  for (const field of document.querySelectorAll(".own")) field.hidden = !own;
  if (own && !(at("from").value && at("to").value)) return;
  keepInAddress();
  asked = question().toString();
  const mine = asked;
  at("state").textContent = words().reading;
  const got = await ask(`/api/v1/history?${mine}`);
  if (mine !== asked) return;
  if (got.status === 401) return location.assign("/");
  at("lost").hidden = got.status !== 0;
  at("lost").textContent = words().lost;
  answer = got.ok ? got.body : null;
  at("state").textContent = got.ok || got.status === 0 ? "" : got.status === 503 ? words().noHistory : (got.body?.detail ?? words().lost);
  draw();
}

function keepInAddress() {
  const kept = new URLSearchParams();
  for (const name of FIELDS) if (at(name).value && (at("period").value === "own" || !["from", "to"].includes(name))) kept.set(name, at(name).value);
  history.replaceState(null, "", `?${kept}`);
}

function draw() {
  const there = answer?.total;
  at("answer").hidden = !there;
  if (answer && !there) at("state").textContent = words().nothing;
  if (!there) return;
  at("totals").replaceChildren(...TILES.map((name) => tile(name, answer.total.figures)));
  drawComparison();
  drawChart();
  drawTable();
  drawCompleteness();
  for (const form of ["csv", "parquet"]) at(form).href = `/api/v1/history?${asked}&format=${form}`;
}

function tile(name, figures) {
  const box = document.createElement("div");
  box.append(made("dt", "", words().columns[name]), made("dd", "", said(name, figures[name])));
  return box;
}

function said(name, value) {
  if (value === null) return "–";
  if (TIMES.has(name)) return minutes(value, words());
  if (SHARES.has(name)) return share(value);
  return name === "rating" ? value.toFixed(2) : value.toLocaleString("en");
}

function drawComparison() {
  const change = answer.total.change;
  const measure = words().measures[answer.measure];
  at("comparison").hidden = !change;
  if (!change) return;
  at("verdict").dataset.verdict = change.verdict;
  at("verdict").textContent = comparisonWords(measure, change);
  at("basis").textContent = words().basis(answer.before_first, answer.before_last, share(change.confidence));
}

function comparisonWords(measure, change) {
  if (change.low === null) return words().tooFew(measure, change.days);
  const amount = more(answer.measure, change.difference, words());
  const interval = range(answer.measure, change.low, change.high, words());
  if (change.verdict === "cannot be told") return words().untold(measure, amount, interval, change.days);
  return words().told(measure, words().verdicts[change.verdict], amount, interval, change.days);
}

/** Days and hours in their order, others by the longest wait. */
function rows() {
  const by = answer.question.by;
  if (by === "day" || by === "hour") return answer.rows;
  return [...answer.rows].sort((a, b) => (b.figures.wait_mean_s ?? -1) - (a.figures.wait_mean_s ?? -1));
}

function groupName(group) {
  const by = answer.question.by;
  if (by === "branch") {
    const known = choices.branches.find((one) => one.branch === group);
    return (known && nameIn(known.names, language)) || group;
  }
  if (by === "service") return nameIn(choices.services[group], language) || group;
  if (by === "segment") return words().segments[group] ?? group;
  if (by === "hour") return group ? `${group}:00` : words().noHour;
  if (by === "region") return group || words().noRegion;
  return group;
}

function drawChart() {
  const by = answer.question.by;
  const title = words().chart(words().bys[by]);
  at("chart-title").textContent = title;
  const known = rows().filter((row) => by !== "hour" || row.figures.group);
  const bars = known.slice(0, 40).map(({ figures }) => ({
    label: by === "day" ? groupName(figures.group).slice(5) : groupName(figures.group),
    mean: figures.wait_mean_s === null ? null : figures.wait_mean_s / 60,
    high: figures.wait_p90_s === null ? null : figures.wait_p90_s / 60,
  }));
  at("chart").replaceChildren(chart(bars, Math.max(280, at("chart").clientWidth), title));
}

function drawTable() {
  const by = answer.question.by;
  const counters = ["branch", "region", "day"].includes(by) && !answer.question.service;
  const columns = COLUMNS.filter((name) => name !== "utilisation" || counters);
  const compared = by !== "day" && answer.rows.some((row) => row.change);
  const titles = [words().group[by], ...columns.map((name) => words().columns[name]), ...(compared ? [words().columns.change] : [])];
  at("titles").replaceChildren(...titles.map((name) => scoped(made("th", "", name), "col")));
  const shown = rows();
  at("rows").replaceChildren(...shown.slice(0, MOST_ROWS).map((row) => tableRow(row, columns, compared)));
  at("more").hidden = shown.length <= MOST_ROWS;
  at("more").textContent = words().shown(MOST_ROWS, shown.length);
}

function tableRow({ figures, change }, columns, compared) {
  const row = document.createElement("tr");
  row.append(scoped(made("th", "", groupName(figures.group)), "row"));
  for (const name of columns) row.append(made("td", "", said(name, figures[name])));
  if (compared) row.append(changeCell(change));
  return row;
}

function changeCell(change) {
  const told = change && change.verdict !== "cannot be told";
  const cell = made("td", told ? "" : "soft", told ? "" : words().verdicts["cannot be told"]);
  if (change && change.low !== null) cell.title = range(answer.measure, change.low, change.high, words());
  if (!told) return cell;
  cell.dataset.verdict = change.verdict;
  cell.append(made("b", "", words().verdicts[change.verdict]), ` ${more(answer.measure, change.difference, words())}`);
  return cell;
}

function drawCompleteness() {
  const { branch_days, complete, incomplete, more: others } = answer.completeness;
  at("whole").textContent = words().whole(complete, branch_days);
  const items = incomplete.slice(0, 20).map((one) => {
    const known = choices.branches.find((branch) => branch.branch === one.branch);
    const name = (known && nameIn(known.names, language)) || one.branch;
    return made("li", "", `${one.day} · ${name} · ${words().verdictsOfDays[one.verdict](one.missing)}`);
  });
  const left = others + Math.max(0, incomplete.length - 20);
  if (left) items.push(made("li", "", words().others(left)));
  at("missing").replaceChildren(...items);
}

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

function scoped(cell, scope) {
  cell.scope = scope;
  return cell;
}

function fill(id, options) {
  const kept = at(id).value;
  at(id).replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  if (options.some(([value]) => String(value) === kept)) at(id).value = kept;
}

function say() {
  document.documentElement.lang = language;
  document.title = words().title;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words()[element.dataset.word];
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = words()[element.dataset.hint];
  for (const element of document.querySelectorAll("[data-name]")) element.setAttribute("aria-label", words()[element.dataset.name]);
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  fill("period", ["28", "7", "this", "month", "own"].map((name) => [name, words().periods[name]]));
  fill("region", [["", words().allRegions], ...choices.regions.map((name) => [name, name])]);
  fill("service", [["", words().allServices], ...Object.entries(choices.services).map(([code, names]) => [code, nameIn(names, language)])]);
  fill("by", Object.entries(words().bys));
  fill("measure", Object.entries(words().measures));
  at("branches").replaceChildren(...choices.branches.map((one) => new Option("", labelOf(one))));
  if (answer) draw();
}

function takeAddress() {
  const given = new URLSearchParams(location.search);
  for (const name of FIELDS) if (given.has(name)) at(name).value = given.get(name);
}

at("language").addEventListener("click", () => {
  language = language === "en" ? "zh-Hans" : "en";
  localStorage.setItem(KEPT, language);
  say();
});
at("choice").addEventListener("change", read);
at("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  read();
});
at("monthly").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new URLSearchParams({ language });
  if (at("region").value) given.set("region", at("region").value);
  location.assign(`/api/v1/reports/${at("month").value}.pdf?${given}`);
});
addEventListener("resize", () => answer?.total && drawChart());

say();
const known = await ask("/api/v1/history/choices");
if (known.status === 401) location.assign("/");
if (known.ok) choices = known.body;
say();
takeAddress();
at("month").value = (choices.last ?? iso(new Date())).slice(0, 7);
await read();
