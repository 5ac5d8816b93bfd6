// The teller's console: sign in, choose the counter, call and serve.

import { ask, branchNow, coalesced, live } from "/assets/look/live.js";
import { ailing } from "/assets/program/machines.js";
import { forgetUnsure, press } from "/assets/look/press.js";
import { keepLanguage, keptLanguage, nameIn, running, say } from "/assets/look/words.js";
import { drawOthers, drawQueues, fillCounters } from "./around.js";
import { Troubles } from "./troubles.js";
import { ends, problemWords, WORDS } from "./words.js";

const at = (id) => document.getElementById(id);
const POSSIBLE = {
  idle: ["call-next"],
  called: ["start", "recall", "no-show"],
  serving: ["call-next", "finish"],
};
const DEVICES_MS = 20000; // a printer low on paper makes no event

let language = keptLanguage();
let words = WORDS[language];
let token = sessionStorage.getItem("lobby-token");
let counter = localStorage.getItem("lobby-counter") ?? "";
let queues = null;
let busy = false;
let branch = null; // the live connection, once signed in
const troubles = new Troubles(at("troubles"));

function signedOut(problem) {
  token = null;
  sessionStorage.removeItem("lobby-token");
  showDoor();
  if (problem) tell("sign-in-problem", problemWords(problem, language));
}

function showDoor() {
  at("door").hidden = Boolean(token);
  at("desk").hidden = !token;
  at("counter-choice").hidden = !token;
  at("sign-out").hidden = !token;
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
  branch = live({ heard, drawn, connected });
  setInterval(fetchDevices, DEVICES_MS);
}

function heard(event) {
  if (/^Device|^Following$/.test(event.type)) fetchDevices();
  if (event.type === "TicketPrinted") troubles.printed(event.label, event.outcome);
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
  at("branch").textContent = nameIn(queues.name, language);
  fillCounters(at("counter"), queues.counters, counter, words);
  drawQueues(at("queues"), queues.queues, words, language);
  drawOthers(at("others"), queues.counters, counter, words);
  drawTicket(here());
  drawButtons(here());
  tick();
}

function drawTicket(now) {
  const what = `${now?.counter} ${now?.state} ${now?.label} ${now?.since}`;
  if (at("work").dataset.what && at("work").dataset.what !== what) {
    forgetUnsure();
    if (!busy) tell("said", "");
  }
  at("work").dataset.what = what;
  at("work").dataset.state = now?.state ?? "none";
  const service = queues.queues.find((queue) => queue.service === now?.service);
  write("state", now ? words[now.state] : "");
  at("state").hidden = !now;
  write("label", now ? (now.label ?? words.nobodyHere) : words.chooseFirst);
  at("label").classList.toggle("nobody", !now?.label);
  at("label").toggleAttribute("data-long", (now?.label?.length ?? 0) > 4);
  write("service", service ? nameIn(service.names, language) : (now?.service ?? ""));
  document.title = now?.label ? `${now.label} · ${words.title}` : words.title;
}

/** Only when it differs: an announced text must not be announced again. */
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

function drawButtons(now) {
  const possible = POSSIBLE[now?.state] ?? [];
  for (const button of document.querySelectorAll("[data-press]")) {
    button.hidden = !possible.includes(button.dataset.press);
  }
  at("call-next-word").textContent = now?.state === "serving" ? words.finishAndCall : words.callNext;
}

function tick() {
  const now = here();
  at("time").hidden = !now?.since;
  if (!now?.since) return;
  at("time-word").textContent = now.state === "serving" ? words.sinceStarted : words.sinceCalled;
  at("time-value").textContent = running((branchNow() - Date.parse(now.since)) / 1000);
}

async function pressed(button) {
  if (busy || button.hidden || !token) return;
  setBusy(button, true);
  tell("said", "");
  const answer = await press(`/api/v1/counters/${encodeURIComponent(counter)}/${button.dataset.press}`, token, () =>
    tell("said", words.retrying),
  );
  if (answer) await branch.refresh();
  setBusy(button, false);
  drawAnswer(answer);
}

function drawAnswer(answer) {
  if (!answer) return tell("said", words.notAnswered);
  if (answer.status === 204) return tell("said", words.nobodyWaiting, true);
  if (ends(answer.body)) return signedOut(answer.body);
  tell("said", answer.ok ? "" : problemWords(answer.body, language) || String(answer.status));
}

function setBusy(button, yes) {
  busy = yes;
  for (const one of document.querySelectorAll("[data-press], #sign-in")) {
    if (yes) one.setAttribute("aria-disabled", "true");
    else one.removeAttribute("aria-disabled");
  }
  button.setAttribute("aria-busy", String(yes));
}

function tell(id, text, calm = false) {
  at(id).hidden = !text;
  at(id).classList.toggle("calm", calm);
  at(id).textContent = text;
}

function onKey(event) {
  if (event.repeat || !token || event.ctrlKey || event.altKey || event.metaKey) return;
  const inField = event.target.closest?.("button, input, select, a");
  if (event.key !== "F2" && (event.key !== " " || inField)) return;
  event.preventDefault();
  pressed(at("call-next"));
}

function chooseCounter() {
  counter = at("counter").value;
  localStorage.setItem("lobby-counter", counter);
  at("counter").blur(); // so that Space calls the next one
  tell("said", "");
  draw();
}

function setLanguage(next) {
  language = next;
  words = WORDS[language];
  say(words, language);
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  tell("said", "");
  tell("sign-in-problem", "");
  troubles.draw(words, language);
  draw();
}

at("sign-in-form").addEventListener("submit", signIn);
at("sign-out").addEventListener("click", () => signedOut());
at("counter").addEventListener("change", chooseCounter);
at("language").addEventListener("click", () => {
  setLanguage(language === "en" ? "zh-Hans" : "en");
  keepLanguage(language);
});
for (const button of document.querySelectorAll("[data-press]")) {
  button.addEventListener("click", () => pressed(button));
}
document.addEventListener("keydown", onKey);
setLanguage(WORDS[language] ? language : "zh-Hans");
setInterval(tick, 500);
showDoor();
if (token) begin();
