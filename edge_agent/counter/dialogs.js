// What is asked before a press: how long to park, where to transfer to, and whether to stop tickets.

import { counterName, running } from "/assets/look/words.js";
import { score, reason } from "./reason.js";

const PARK_MINUTES = [5, 10, 20, 30];
const DIGITS_MS = 900; // so soon after the first digit, a second one belongs to the same counter

const at = (id) => document.getElementById(id);

/** The form's answers once confirmed; null when the teller has left. */
function answered(dialog) {
  return new Promise((tell) => {
    const form = dialog.querySelector("form");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => tell(dialog.returnValue === "yes" ? new FormData(form) : null), {
      once: true,
    });
    dialog.showModal();
  });
}

/** {minutes}, {} for what the rules say, or null. */
export async function askPark(label, words) {
  at("park-title").textContent = words.parkTitle(label);
  at("minutes").value = "";
  const choices = [tile("minutes", "", words.byRule), ...PARK_MINUTES.map((n) => tile("minutes", n, words.minutes(n)))];
  fill(at("park-choices"), choices);
  const form = await answered(at("park-dialog"));
  if (!form) return null;
  const minutes = Number(form.get("other") || form.get("minutes"));
  return minutes ? { minutes } : {};
}

/** {service}, {counter}, both, or null. */
export async function askTransfer(own, queues, nameOf, words) {
  at("transfer-title").textContent = words.transferTitle(own.label);
  fill(at("to-services"), serviceTiles(own, queues, nameOf, words));
  fill(at("to-counters"), counterTiles(queues, words));
  at("transfer-problem").hidden = true;
  const form = await answered(at("transfer-dialog"));
  if (!form) return null;
  const chosen = { service: form.get("service"), counter: form.get("counter") };
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
}

function serviceTiles(own, queues, nameOf, words) {
  const others = queues.queues.filter((queue) => queue.service !== own.service);
  const tiles = others.map((queue, n) => tile("service", queue.service, nameOf(queue.service), n + 1));
  return [tile("service", "", words.sameService(nameOf(own.service)), 0), ...tiles];
}

function counterTiles(queues, words) {
  const away = { closed: words.closed, paused: words.pausedShort };
  const tiles = queues.counters.map((one) => tile("counter", one.counter, one.counter, null, away[one.state]));
  return [tile("counter", "", words.anyCounter), ...tiles];
}

/** {label}, or null; begins with the ticket at hand. */
export async function askReprint(label) {
  at("reprint-label").value = label ?? "";
  const form = await answered(at("reprint-dialog"));
  const given = form?.get("label").trim().toUpperCase();
  return given ? { label: given } : null;
}

export async function askBranch(open, words) {
  at("branch-title").textContent = open ? words.branchCloseTitle : words.branchOpenTitle;
  at("branch-text").textContent = open ? words.branchCloseText : words.branchOpenText;
  return (await answered(at("branch-dialog"))) !== null;
}

export function showWhy(why, nameOf, words, language) {
  at("why-title").textContent = words.whyTitle(why.chosen.label);
  at("why-text").textContent = reason(why, language);
  at("why-policy").textContent = words.whyPolicy(why.policy, why.of);
  at("why-score").textContent = words.scores[why.rule] ?? why.rule;
  const rows = why.candidates.map((one) => candidateRow(one, why, nameOf, words, language));
  at("candidates").replaceChildren(...rows);
  at("why-dialog").showModal();
}

function candidateRow(one, why, nameOf, words, language) {
  const kind = words.segments[one.segment] ?? one.segment;
  const row = document.createElement("tr");
  row.classList.toggle("chosen", one.label === why.chosen.label);
  for (const text of [one.label, nameOf(one.service), kind, running(one.waited_s), score(one, why.rule, language)]) {
    row.append(Object.assign(document.createElement("td"), { textContent: text }));
  }
  return row;
}

function tile(name, value, text, digit = null, note = "") {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name, value });
  label.append(radio, Object.assign(document.createElement("span"), { textContent: text }));
  if (digit !== null) label.append(Object.assign(document.createElement("kbd"), { textContent: digit }));
  if (note) label.append(Object.assign(document.createElement("small"), { textContent: note }));
  return label;
}

/** The first one is chosen, and has the focus in the first group. */
function fill(group, tiles) {
  group.replaceChildren(...tiles);
  const first = group.querySelector("input");
  first.checked = true;
  first.autofocus = true;
}

let typed = { group: null, digits: "", at: 0 };

/** Digits choose within the group that has the focus; among the minutes they begin the field beside it. */
function onDigit(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (!digit || event.target.type !== "radio" || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  if (event.target.name === "minutes") return beginField(digit);
  const group = event.target.closest(".tiles");
  const goesOn = typed.group === group && event.timeStamp - typed.at < DIGITS_MS;
  const digits = [goesOn ? typed.digits + digit : digit, digit].find((one) => tileOf(group, one)) ?? digit;
  typed = { group, digits, at: event.timeStamp };
  const radio = tileOf(group, digits)?.querySelector("input");
  radio?.focus();
  if (radio) radio.checked = true;
}

/** The tile with this digit on it, or with this number for its name. */
function tileOf(group, digits) {
  const name = (label) => (label.querySelector("kbd") ?? label.querySelector("span")).textContent;
  return [...group.querySelectorAll("label")].find((label) => name(label) === digits);
}

function beginField(digit) {
  at("minutes").value = digit;
  at("minutes").focus();
}

/** `word(name)` gives a word in the language of the moment. */
export function beginDialogs(word) {
  document.addEventListener("keydown", (event) => event.target.closest?.("dialog") && onDigit(event));
  at("park-choices").addEventListener("change", () => (at("minutes").value = ""));
  at("transfer-dialog").querySelector("form").addEventListener("submit", (event) => {
    const form = new FormData(event.target);
    if (event.submitter?.value !== "yes" || form.get("service") || form.get("counter")) return;
    event.preventDefault();
    at("transfer-problem").textContent = word("nowhere");
    at("transfer-problem").hidden = false;
  });
}

/** Where a transfer went, in words. */
export function destination(asked, nameOf, language) {
  const counter = asked.counter && counterName(asked.counter, language);
  return [asked.service && nameOf(asked.service), counter].filter(Boolean).join(language === "en" ? ", " : "，");
}
