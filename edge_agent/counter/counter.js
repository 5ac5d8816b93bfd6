// The teller's console: sign in, choose the counter, call and serve.

import { ask, coalesced, live } from "/assets/look/live.js";
import { ailing } from "/assets/program/machines.js";
import { forgetUnsure, press } from "/assets/look/press.js";
import { keepLanguage, keptLanguage, nameIn, say, timeOfDay } from "/assets/look/words.js";
import { drawAccuracy, drawOthers, drawQueues, drawRatings, fillCounters } from "./around.js";
import { beginTabs, drawAside, tickAside } from "./aside.js";
import { askBranch, askPark, askReprint, askTransfer, beginDialogs, destination, showWhy } from "./dialogs.js";
import { HelpCalls } from "./help.js";
import { listKeys, onKey, showLetters, useLetters } from "./keys.js";
import { Opinions } from "./opinions.js";
import { ends, problemWords } from "./problems.js";
import { drawButtons, drawTicket, namer, tickTicket } from "./ticket.js";
import { Troubles } from "./troubles.js";
import { WORDS } from "./words.js";

const at = (id) => document.getElementById(id);
const DEVICES_MS = 20000; // a printer low on paper makes no event
const NEWS_MS = 8000;
const TICK_MS = 250;

let language = keptLanguage();
let words = WORDS[language];
let token = sessionStorage.getItem("lobby-token");
let counter = localStorage.getItem("lobby-counter") ?? "";
let queues = null;
let nameOf = (service) => service;
let busy = false;
let branch = null; // the live connection, once signed in
let before = null; // {label, finished}: whom the latest call here has finished
let goneOn = null; // {label, service}: whose visit goes on elsewhere
let newsEnd = 0;
const troubles = new Troubles(at("troubles"), reprint);
const helpCalls = new HelpCalls(at("help-calls"), helped);
const opinions = new Opinions(() => ({ token, words, language, nameOf }));

function signedOut(problem) {
  token = null;
  sessionStorage.removeItem("lobby-token");
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  opinions.clear();
  showDoor();
  if (problem) tell("sign-in-problem", problemWords(problem, language));
}

function showDoor() {
  at("door").hidden = Boolean(token);
  at("help-calls").hidden = !token;
  for (const id of ["desk", "counter-choice", "sign-out", "branch", "help", "reprint"]) at(id).hidden = !token;
  at("who").textContent = token ? (sessionStorage.getItem("lobby-name") ?? "") : "";
  if (!token) at("name").focus();
}

async function signIn(event) {
  event.preventDefault();
  if (busy) return;
  setBusy(at("sign-in"), true);
  tell("sign-in-problem", "");
  const answer = await ask("/api/v1/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: at("name").value.trim(), pin: at("pin").value }),
  }).catch(() => null);
  setBusy(at("sign-in"), false);
  at("pin").value = "";
  if (!answer?.ok) {
    tell("sign-in-problem", answer ? problemWords(answer.body, language) : words.signInLost);
    return at("pin").focus();
  }
  enter(answer.body);
}

function enter(signedIn) {
  token = signedIn.token;
  sessionStorage.setItem("lobby-token", token);
  sessionStorage.setItem("lobby-name", signedIn.name);
  showDoor();
  begin();
}

function begin() {
  fetchDevices();
  if (branch) return branch.refresh();
  branch = live({ heard, drawn, connected, token: () => token, turnedAway: signedOut });
  setInterval(fetchDevices, DEVICES_MS);
}

function heard(event) {
  if (/^Device|^Following$/.test(event.type)) fetchDevices();
  opinions.heard(event);
  if (event.type === "ReprintOrdered") troubles.dismiss(event.label);
  if (event.type === "TicketPrinted") troubles.printed(event.label, event.outcome);
  if (event.counter !== counter) return;
  if (event.type === "TicketCalled") before = { label: event.label, finished: event.finished };
  if (event.type === "ServiceFinished" && event.next_service) {
    goneOn = { label: event.label, service: event.next_service };
  }
}

function drawn(now) {
  queues = now;
  draw();
}

function connected(yes) {
  document.body.classList.toggle("lost", !yes);
  troubles.lost = !yes;
  if (yes) tell("said", "");
  troubles.draw(words, language);
}

const fetchDevices = coalesced(async () => {
  if (!token) return;
  const answer = await ask("/api/v1/devices", {
    headers: { Authorization: `Bearer ${token}` },
  }).catch(() => null);
  if (answer?.ok) troubles.machines = ailing(answer.body.devices);
  else if (ends(answer?.body)) signedOut(answer.body);
  troubles.draw(words, language);
});

function here() {
  return queues?.counters.find((one) => one.counter === counter) ?? null;
}

function draw() {
  if (!queues) return;
  nameOf = namer(queues, language);
  at("branch-name").textContent = nameIn(queues.name, language);
  at("branch-word").textContent = queues.open ? words.branchClose : words.branchOpen;
  fillCounters(at("counter"), queues.counters, counter, words);
  drawQueues(at("queues"), queues.queues, words, language);
  drawAccuracy(at("accuracy"), queues.accuracy, words);
  drawRatings(at("ratings"), queues.ratings, words);
  opinions.draw(queues.open_opinions);
  drawOthers(at("others"), queues.counters, counter, words);
  drawAside(queues, words, language);
  noticeChange(here());
  drawTicket(here(), nameOf, words, language);
  drawButtons(here(), before?.label === here()?.label && before?.finished, words);
  helpCalls.draw(queues.help_wanted, language);
  troubles.server = queues;
  troubles.draw(words, language);
  tick();
}

/** What was said about the ticket before is no longer true. */
function noticeChange(now) {
  const what = `${now?.counter} ${now?.state} ${now?.label} ${now?.since}`;
  const changed = at("work").dataset.what && at("work").dataset.what !== what;
  at("work").dataset.what = what;
  if (!changed) return;
  forgetUnsure();
  if (!busy) tell("said", "");
}

function tick() {
  tickTicket(here(), words);
  opinions.tick();
  tickAside();
  helpCalls.tick();
}

// what is asked before a press is sent; null: the teller has left it
const ASKED = {
  park: () => askPark(here().label, words),
  transfer: () => askTransfer(here(), queues, nameOf, words),
};

async function pressed(button) {
  if (busy || button.hidden || !token) return;
  const name = button.dataset.press;
  const asked = ASKED[name] ? await ASKED[name]() : undefined;
  if (asked !== null) await sent(`counters/${encodeURIComponent(counter)}/${name}`, button, name, asked);
}

async function back(label, button) {
  if (!counter) return tell("said", words.chooseFirst);
  await sent(`counters/${encodeURIComponent(counter)}/return`, button, "return", { label });
}

/** A second paper; `label` is known where a banner says that there is no first. */
async function reprint(label, button) {
  if (!counter) return tell("said", words.chooseFirst);
  const asked = label ? { label } : await askReprint(here()?.label);
  if (asked) await sent(`counters/${encodeURIComponent(counter)}/reprint`, button, "reprint", asked);
}

/** Whoever is no teller has no counter, and may help all the same. */
async function helped(kiosk, name, button) {
  const path = `kiosks/${encodeURIComponent(kiosk)}/help/${name}`;
  await sent(path, button, `help-${name}`, counter ? { counter } : {});
}

async function closeOrOpen() {
  const word = queues?.open ? "close" : "open";
  if (!queues || !(await askBranch(queues.open, words))) return;
  await sent(`branch/${word}`, at("branch"), `branch-${word}`);
}

async function sent(path, button, name, asked) {
  if (busy) return;
  setBusy(button, true);
  tell("said", "");
  tell("news", "");
  goneOn = null;
  const answer = await press(`/api/v1/${path}`, token, () => tell("said", words.retrying), asked);
  if (answer) await branch.refresh();
  setBusy(button, false);
  drawAnswer(answer, name, asked);
}

function drawAnswer(answer, name, asked) {
  if (!answer) return tell("said", words.notAnswered);
  if (ends(answer.body)) return signedOut(answer.body);
  const refused = answer.ok ? "" : problemWords(answer.body, language, name) || String(answer.status);
  tell("said", refused);
  if (answer.ok) tellNews(news(answer, name, asked));
}

/** What came of the press, where the ticket on the screen does not show it. */
function news(answer, name, asked) {
  const goes = goneOn ? words.goesOn(goneOn.label, nameOf(goneOn.service)) : "";
  if (name.startsWith("help-")) return helpCalls.news(answer.body, counter);
  if (answer.status === 204) return [goes, words.nobodyWaiting].filter(Boolean).join(" ");
  const ticket = answer.body;
  if (name === "branch-open" && !ticket.open) return words.stillClosed(ticket.reason?.name);
  if (name === "transfer") return words.transferred(ticket.label, destination(asked, nameOf, language));
  if (name === "finish" && ticket.state === "waiting") return words.goesOn(ticket.label, nameOf(ticket.service));
  const until = ticket.parked_until && timeOfDay(ticket.parked_until);
  return words.done[name]?.(ticket, until) ?? goes;
}

function tellNews(text) {
  tell("news", text);
  clearTimeout(newsEnd);
  newsEnd = setTimeout(() => tell("news", ""), NEWS_MS);
}

function setBusy(button, yes) {
  busy = yes;
  for (const one of document.querySelectorAll("[data-press], #sign-in, #branch, #reprint")) {
    if (yes) one.setAttribute("aria-disabled", "true");
    else one.removeAttribute("aria-disabled");
  }
  button.setAttribute("aria-busy", String(yes));
}

function tell(id, text) {
  at(id).hidden = !text;
  at(id).textContent = text;
}

function chooseCounter() {
  counter = at("counter").value;
  localStorage.setItem("lobby-counter", counter);
  at("counter").blur(); // so that the keys are for the counter again
  before = null;
  tell("said", "");
  tell("news", "");
  draw();
}

function setLanguage(next) {
  language = next;
  words = WORDS[language];
  say(words, language);
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  for (const id of ["said", "news", "sign-in-problem"]) tell(id, "");
  listKeys(at("keys"), words);
  troubles.draw(words, language);
  draw();
}

at("sign-in-form").addEventListener("submit", signIn);
at("sign-out").addEventListener("click", () => signedOut());
at("counter").addEventListener("change", chooseCounter);
at("branch").addEventListener("click", closeOrOpen);
at("reprint").addEventListener("click", () => reprint("", at("reprint")));
at("help").addEventListener("click", () => at("keys-dialog").showModal());
at("letters").addEventListener("change", () => useLetters(at("letters").checked));
at("why").addEventListener("click", () => {
  if (here()?.why) showWhy(here().why, nameOf, words, language);
});
at("language").addEventListener("click", () => {
  setLanguage(language === "en" ? "zh-Hans" : "en");
  keepLanguage(language);
});
for (const button of document.querySelectorAll("[data-press]")) {
  button.addEventListener("click", () => pressed(button));
}
document.addEventListener("keydown", onKey);
beginTabs(back);
beginDialogs((name) => words[name]);
showLetters();
setLanguage(WORDS[language] ? language : "zh-Hans");
setInterval(tick, TICK_MS);
showDoor();
if (token) begin();
