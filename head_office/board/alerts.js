// The page of alerts: the open ones or all, what was done about each, and what people answer.

import { machineCause, machineName } from "/assets/program/machines.js";
import { factsOf, kindName, kinds, WORDS } from "./alerts_words.js";
import { ask, officeNow } from "./net.js";
import { duration, moment, nameIn } from "./words.js";

const KEPT = "lobby-language";
const LOOK_MS = 5000;
const PAGE = 100;
const ROUTE = { acknowledge: "note", assign: "to", note: "note" }; // what each answer's text is called

const at = (id) => document.getElementById(id);
let language = WORDS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : "zh-Hans";
let shown = []; // the alerts, in head office's order
let counts = {}; // open ones, by severity
let names = {}; // branch -> its names
let older = false; // whether there may be some
let readAt = Date.now();
const items = new Map(); // id -> its element

function asked(skip) {
  const given = new URLSearchParams({ state: at("state").value, limit: PAGE });
  for (const name of ["kind", "branch"]) if (at(name).value.trim()) given.set(name, at(name).value.trim());
  if (skip) given.set("skip", skip);
  return given;
}

/** The first page anew; what was read of older ones stays. */
async function read() {
  const of = asked().toString();
  const answer = await ask(`/api/v1/alerts?${of}`);
  if (of !== asked().toString()) return;
  if (answer.status === 401) return location.assign("/");
  at("lost").hidden = answer.ok;
  if (!answer.ok) return draw();
  readAt = officeNow();
  take(answer.body);
  if (shown.length <= PAGE) older = answer.body.alerts.length === PAGE;
  const new_ = new Set(answer.body.alerts.map((one) => one.id));
  shown = [...answer.body.alerts, ...shown.slice(PAGE).filter((one) => !new_.has(one.id))];
  draw();
}

async function readOlder() {
  const answer = await ask(`/api/v1/alerts?${asked(shown.length)}`);
  if (!answer.ok) return;
  take(answer.body);
  older = answer.body.alerts.length === PAGE;
  const known = new Set(shown.map((one) => one.id));
  shown = [...shown, ...answer.body.alerts.filter((one) => !known.has(one.id))];
  draw();
}

function take(body) {
  counts = body.open;
  names = { ...names, ...body.names };
}

function draw() {
  const words = WORDS[language];
  const open = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const each = Object.keys(words.severity).filter((one) => counts[one]).map((one) => `${words.severity[one]} ${counts[one]}`);
  at("lost").textContent = words.lost(moment(readAt, officeNow()));
  at("counts").textContent = shown.length ? [words.counts(open), ...each].join(" · ") : at("state").value === "open" && !at("kind").value && !at("branch").value ? words.none : words.noneFound;
  at("older").hidden = !older;
  const ids = new Set(shown.map((one) => one.id));
  for (const [id, item] of items) if (!ids.has(id)) items.delete(id) && item.remove();
  shown.forEach((alert, place) => {
    const item = items.get(alert.id) ?? made(alert);
    fill(item, alert, words);
    if (at("alerts").children[place] !== item) at("alerts").insertBefore(item, at("alerts").children[place] ?? null);
  });
}

function made(alert) {
  const item = at("alert").content.firstElementChild.cloneNode(true);
  items.set(alert.id, item);
  item.querySelector(".branch").href = `/branches/${encodeURIComponent(alert.branch)}`;
  item.querySelector("form").addEventListener("submit", (event) => answer(event, alert.id, item));
  item.querySelector("details").addEventListener("toggle", (event) => event.target.open && readHistory(alert.id, item));
  translate(item);
  return item;
}

function fill(item, alert, words) {
  const now = officeNow();
  const state = [alert.severity, alert.ended ? "over" : "", alert.acknowledged ? "seen" : ""].filter(Boolean).join(" ");
  item.className = `card alert ${state}`;
  const began = moment(alert.began, now);
  const ago = duration((now - Date.parse(alert.began)) / 1000, language);
  write(item, ".severity", words.severity[alert.severity]);
  write(item, ".kind", kindName(alert.kind, language));
  write(item, ".branch", nameIn(names[alert.branch], language) || alert.branch);
  write(item, ".facts", [aboutMachine(alert), factsOf(alert, language)].filter(Boolean).join(language === "en" ? "; " : "；"));
  write(item, ".when", alert.ended ? words.ended(began, moment(alert.ended, now)) : words.began(began, ago));
  const who = [alert.branch, alert.region];
  if (alert.acknowledged) who.push(words.acknowledged(alert.acknowledged_by, moment(alert.acknowledged, now)));
  if (alert.assigned_to) who.push(words.assigned(alert.assigned_to));
  write(item, ".who", who.filter(Boolean).join(" · "));
}

function aboutMachine(alert) {
  if (!alert.facts.machine) return alert.subject;
  const machine = { device: alert.subject, kind: alert.facts.machine, detail: alert.facts.cause, state: "fault" };
  return `${machineName(machine, language)}${language === "en" ? ": " : "："}${machineCause(machine, language)}`;
}

function write(item, part, text) {
  const element = item.querySelector(part);
  if (element.textContent !== text) element.textContent = text;
}

async function readHistory(id, item) {
  const known = await ask(`/api/v1/alerts/${id}`);
  if (known.ok) drawHistory(item, known.body.history);
}

function drawHistory(item, history) {
  const words = WORDS[language];
  const lines = history.map((step) => {
    const line = document.createElement("li");
    const note = step.what === "assigned" ? step.note || words.nobody : step.note;
    line.textContent = [moment(step.at, officeNow()), step.who || words.program, words.steps[step.what], note].filter(Boolean).join(" · ");
    return line;
  });
  item.querySelector(".history").replaceChildren(...lines);
}

async function answer(event, id, item) {
  event.preventDefault();
  const words = WORDS[language];
  const what = event.submitter.value;
  const text = item.querySelector(".note").value.trim();
  if (!text && what !== "acknowledge") return problem(item, what === "assign" ? words.writeName : words.writeNote);
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ [ROUTE[what]]: text });
  const kept = await ask(`/api/v1/alerts/${id}/${what}`, { method: "POST", headers, body });
  if (!kept.ok) return problem(item, [401, 403].includes(kept.status) ? words.signIn : kept.body?.detail ?? words.failed);
  item.querySelector(".problem").hidden = true;
  item.querySelector(".note").value = "";
  shown = shown.map((one) => (one.id === id ? kept.body.alert : one));
  fill(item, kept.body.alert, words);
  drawHistory(item, kept.body.history);
}

function problem(item, text) {
  item.querySelector(".problem").textContent = text;
  item.querySelector(".problem").hidden = false;
}

function translate(part) {
  for (const element of part.querySelectorAll("[data-word]")) element.textContent = WORDS[language][element.dataset.word];
}

function say() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.title = words.title;
  translate(document);
  const chosen = at("kind").value || new URLSearchParams(location.search).get("kind") || "";
  at("kind").replaceChildren(new Option(words.anyKind, ""), ...kinds.map((kind) => new Option(kindName(kind, language), kind)));
  at("kind").value = kinds.includes(chosen) ? chosen : "";
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  for (const item of items.values()) item.querySelector("details").open = false;
  draw();
}

function chosen() {
  const given = asked();
  given.delete("limit");
  history.replaceState(null, "", `?${given}`);
  shown = [];
  read();
}

at("state").value = new URLSearchParams(location.search).get("state") === "all" ? "all" : "open";
at("branch").value = new URLSearchParams(location.search).get("branch") ?? "";
at("choice").addEventListener("change", chosen);
at("choice").addEventListener("submit", (event) => event.preventDefault());
at("older").addEventListener("click", readOlder);
at("language").addEventListener("click", () => {
  language = language === "en" ? "zh-Hans" : "en";
  localStorage.setItem(KEPT, language);
  say();
});
say();
await read();
setInterval(read, LOOK_MS);
