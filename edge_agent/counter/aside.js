// The tickets set aside: parked ones and missed ones, with the way back in line.

import { branchNow } from "/assets/look/live.js";
import { counterName, duration, nameIn, running } from "/assets/look/words.js";

const KEPT = "lobby-tab";
const TABS = ["parked", "missed", "others"];

const at = (id) => document.getElementById(id);
let said = {}; // the words of the last drawing, for the running times

/** `back(label, button)`: the customer of this ticket is here. */
export function beginTabs(back) {
  for (const name of TABS) at(`tab-${name}`).addEventListener("click", () => choose(name, true));
  at("tabs").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") firstOf(event.target.id.replace("tab-", "")).focus();
    else step(event, TABS.map((name) => at(`tab-${name}`)));
  });
  for (const list of [at("parked"), at("missed")]) {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button && button.ariaDisabled !== "true") back(button.dataset.label, button);
    });
    list.addEventListener("keydown", (event) => step(event, [...list.querySelectorAll("button")]));
  }
  choose(sessionStorage.getItem(KEPT) ?? "others", false);
}

function choose(name, focus) {
  sessionStorage.setItem(KEPT, name);
  for (const one of TABS) {
    at(`list-${one}`).hidden = one !== name;
    at(`tab-${one}`).ariaSelected = String(one === name);
    at(`tab-${one}`).tabIndex = one === name ? 0 : -1;
  }
  if (focus) at(`tab-${name}`).focus(); // not a ticket's button: Space there would be no call
}

function firstOf(name) {
  return at(`list-${name}`).querySelector("button:not([aria-disabled])") ?? at(`tab-${name}`);
}

function step(event, among) {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const here = among.indexOf(document.activeElement);
  if (!by || here < 0) return;
  event.preventDefault();
  const next = among[(here + by + among.length) % among.length];
  if (next.role === "tab") choose(next.id.replace("tab-", ""), false);
  next.focus();
}

export function drawAside(queues, words, language) {
  said = { words, language };
  const names = Object.fromEntries(queues.queues.map((queue) => [queue.service, nameIn(queue.names, language)]));
  drawList("parked", queues.parked, words.nobodyParked, names);
  drawList("missed", queues.missed_calls, words.nobodyMissed, names);
  tickAside();
}

function drawList(id, tickets, nobody, names) {
  at(`count-${id}`).textContent = tickets.length;
  const now = JSON.stringify([tickets, said.language]);
  if (at(id).dataset.drawn === now) return; // whoever is about to press must not lose the button
  at(id).dataset.drawn = now;
  const focused = at(id).contains(document.activeElement) ? document.activeElement.dataset.label : null;
  at(id).replaceChildren(...tickets.map((ticket) => row(ticket, names)));
  if (!tickets.length) at(id).append(part("li", "soft", nobody));
  if (focused) refocus(id, focused);
}

function refocus(id, label) {
  const buttons = [...at(id).querySelectorAll("button")];
  (buttons.find((button) => button.dataset.label === label) ?? at(`tab-${id}`)).focus();
}

function row(ticket, names) {
  const { words } = said;
  const item = document.createElement("li");
  item.dataset.label = ticket.label;
  const when = part("span", "when soft", "");
  Object.assign(when.dataset, { until: ticket.until ?? "", at: ticket.at, counter: ticket.counter ?? "" });
  const what = part("span", "what", names[ticket.service] ?? ticket.service);
  const button = part("button", "button small", ticket.until ? words.backNow : words.customerHere);
  button.type = "button";
  button.dataset.label = ticket.label;
  item.append(part("span", "label", ticket.label), what, when, button);
  if (!ticket.may_return) refuse(item, button);
  return item;
}

function refuse(item, button) {
  const reason = part("span", "reason", said.words.noReturn);
  reason.id = `no-return-${item.dataset.label}`;
  button.ariaDisabled = "true";
  button.setAttribute("aria-describedby", reason.id);
  item.append(reason);
}

/** The times that run. */
export function tickAside() {
  for (const when of document.querySelectorAll(".aside-list .when")) {
    const text = whenWords(when.dataset);
    if (when.textContent !== text) when.textContent = text;
  }
}

function whenWords({ until, at: since, counter }) {
  const { words, language } = said;
  if (!until) {
    const ago = duration((branchNow() - Date.parse(since)) / 1000, language);
    return words.missedAt(counter && counterName(counter, language), ago);
  }
  const left = (Date.parse(until) - branchNow()) / 1000;
  return left > 0 ? words.left(running(left)) : words.dueNow;
}

function part(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
