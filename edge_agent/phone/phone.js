// The customer's own ticket: where it stands, live; giving it up, and going back in line. Or, from the same kind of
// paper, the customer's own suggestion or complaint.

import { ask, coalesced, follow, heedClock } from "/assets/look/live.js";
import { press } from "/assets/look/press.js";
import { keepLanguage, keptLanguage, nameIn, say, timeOfDay, waitRange } from "/assets/look/words.js";
import { drawOpinion, isOpinion, opinionState } from "./opinion.js";
import { beginRating, drawRating } from "./rating.js";
import { refusal, stateWords, WORDS } from "./words.js";

const APART_MS = 1000; // between two questions to the branch
const QUIET_MS = 15000;
const MAY_CANCEL = ["waiting", "called", "parked"];

const at = (id) => document.getElementById(id);
const id = location.pathname.split("/").filter(Boolean).at(-1);
const address = `/api/v1/tickets/${id}`;
const OPINION = `/api/v1/opinions/${id}`; // a paper's code leads here for either

let language = keptLanguage("");
let words = WORDS["zh-Hans"];
let ticket = null;
let services = [];
let reasons = [];
let branch = null;
let seen = null; // when the ticket was last read
let busy = false;
const up = { stream: true, answers: true };

const refresh = coalesced(async () => {
  const answer = await find().catch(() => null);
  reached("answers", answer !== null && answer.status < 500);
  if (!answer) return;
  if (answer.status === 404) return unknown();
  if (!answer.ok) return;
  seen = new Date();
  if (!language) setLanguage(answer.body.language === "en" ? "en" : "zh-Hans");
  draw(answer.body);
}, APART_MS);

/** The ticket with this id, or else the suggestion or complaint. */
async function find() {
  if (isOpinion(ticket)) return ask(OPINION);
  const answer = await ask(address);
  if (answer.status !== 404 || ticket?.label) return answer;
  return ask(OPINION);
}

function unknown() {
  if (!language) setLanguage("zh-Hans");
  draw({ state: "unknown" });
}

async function fetchNames() {
  if (branch) return;
  const sent = Date.now();
  const [offered, queues] = await Promise.all(["/api/v1/services", "/api/v1/queues"].map((path) => ask(path)));
  services = offered.body.services;
  reasons = offered.body.reasons;
  heedClock(queues.body.at, sent);
  branch = queues.body.name;
  draw(ticket);
}

function draw(now) {
  if (branch) at("branch").textContent = nameIn(branch, language);
  if (!now) return;
  const news = ticket?.state !== now.state || ticket?.calls !== now.calls;
  ticket = now;
  drawTicket();
  drawState(news);
  drawWait();
  drawReturn();
  drawRating(ticket, words, reasons, language);
  if (isOpinion(ticket)) drawOpinion(ticket, words, language);
  at("cancel").hidden = !MAY_CANCEL.includes(ticket.state);
  if (at("cancel").hidden && at("sure").open) at("sure").close();
  at("updated").textContent = seen ? words.updated(timeOfDay(seen)) : "";
}

function drawTicket() {
  at("ticket").hidden = !ticket.label;
  write("label", ticket.label ?? "");
  write("number-word", isOpinion(ticket) ? words.yourOpinion : words.yourNumber);
  if (isOpinion(ticket)) return write("service", nameIn(ticket.topic, language));
  write("service", services.length ? nameOf(ticket.service) : "");
  write("then", ticket.then?.length ? words.then(ticket.then.map(nameOf)) : "");
}

function nameOf(service) {
  const known = services.find((one) => one.code === service);
  return known ? nameIn(known.names, language) : service;
}

function drawReturn() {
  const may = ticket.may_return && ["missed", "parked"].includes(ticket.state);
  at("return").hidden = !may;
  at("return").classList.toggle("main", ticket.state === "missed");
  if (may) write("return", ticket.state === "missed" ? words.imHere : words.imDone);
}

function drawState(news) {
  const [title, text] = isOpinion(ticket) ? opinionState(ticket, words) : stateWords(ticket, nameOf, language);
  write("state-title", title);
  write("state-text", text);
  document.title = [ticket.label, title.replace("\n", " ")].filter(Boolean).join(" · ");
  if (!news) return;
  at("problem").hidden = true;
  delete at("state").dataset.state;
  void at("state").offsetWidth; // so that a second call flashes again
  at("state").dataset.state = ticket.state;
  if (ticket.state === "called" && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([300, 150, 300]);
}

function drawWait() {
  at("wait").hidden = ticket.state !== "waiting";
  if (ticket.state !== "waiting") return;
  const range = waitRange(ticket.estimated_wait, language);
  write("ahead", words.people(ticket.ahead ?? 0));
  write("estimate", range ?? words.noEstimate);
  at("estimate").classList.toggle("none", !range);
}

/** Only when it differs: an announced text must not be announced again. */
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

function reached(part, yes) {
  up[part] = yes;
  at("lost").hidden = up.stream && up.answers;
}

/** Sends what a button asks for, once; true when the branch has agreed. */
async function send(what, button, asked = null) {
  if (busy) return false;
  busy = true;
  button.setAttribute("aria-disabled", "true");
  const answer = await press(`${address}/${what}`, null, () => {}, asked);
  button.removeAttribute("aria-disabled");
  busy = false;
  at("problem").hidden = true;
  if (answer?.ok) draw({ ...answer.body, history: ticket.history });
  else problem(answer);
  refresh();
  return Boolean(answer?.ok);
}

async function cancel() {
  await send("cancel", at("cancel-yes"));
  at("sure").close();
}

function problem(answer) {
  at("problem").textContent = answer ? (refusal(answer.body, language) ?? words.failed) : words.notSent;
  at("problem").hidden = false;
}

function setLanguage(next) {
  language = next;
  words = WORDS[language];
  say(words, language);
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  at("problem").hidden = true;
  draw(ticket);
}

at("language").addEventListener("click", () => {
  setLanguage(document.documentElement.lang === "en" ? "zh-Hans" : "en");
  keepLanguage(language);
});
at("cancel").addEventListener("click", () => at("sure").showModal());
at("cancel-no").addEventListener("click", () => at("sure").close());
at("cancel-yes").addEventListener("click", cancel);
at("return").addEventListener("click", () => send("return", at("return")));
beginRating((asked) => send("rating", at("send-rating"), asked), () => words);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
if (WORDS[language]) setLanguage(language);
else language = "";
refresh();
follow("/api/v1/stream", refresh, (yes) => {
  reached("stream", yes);
  if (yes) fetchNames().catch(() => {});
});
setInterval(refresh, QUIET_MS);
