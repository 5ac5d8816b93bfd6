// The teller's own ticket: who it is, why it was called, and what can be done with it now.

import { branchNow } from "/assets/look/live.js";
import { nameIn, running } from "/assets/look/words.js";
import { reason } from "./reason.js";

const POSSIBLE = {
  closed: ["call-next", "open"],
  paused: ["call-next", "open", "close"],
  idle: ["call-next", "pause", "close"],
  called: ["start", "recall", "no-show", "park", "transfer", "undo"],
  serving: ["call-next", "finish", "park", "transfer"],
};
const NOBODY = { closed: "closedHere", paused: "pausedHere", idle: "nobodyHere" };

const at = (id) => document.getElementById(id);

export function drawTicket(now, nameOf, words, language) {
  at("work").dataset.state = now?.state ?? "none";
  write("state", now ? words[now.state] : "");
  at("state").hidden = !now;
  drawSegment(now, words);
  drawIdentity(now?.identity, now?.identity_reason, words);
  write("label", now?.label ?? words[NOBODY[now?.state]] ?? words.chooseFirst);
  at("label").classList.toggle("nobody", !now?.label);
  at("label").toggleAttribute("data-long", (now?.label?.length ?? 0) > 4);
  write("service", now?.service ? nameOf(now.service) : "");
  write("then", now?.then.length ? words.then(now.then.map(nameOf)) : "");
  drawErrand(now?.errand, words, language);
  write("reason", now?.why ? reason(now.why, language) : "");
  at("reason").hidden = at("why").hidden = !now?.why;
  document.title = now?.label ? `${now.label} · ${words.title}` : words.title;
}

/** What the customer has said at the kiosk, so that nobody asks again. */
function drawErrand(errand, words, language) {
  at("work").toggleAttribute("data-errand", Boolean(errand));
  at("errand").hidden = !errand;
  write("errand-what", errand ? words.errand(nameIn(errand.names, language), nameIn(errand.choice, language)) : "");
  write("errand-identified", errand ? (errand.identified ? words.identified : words.notIdentified) : "");
  at("errand").toggleAttribute("data-identified", Boolean(errand?.identified));
}

function drawSegment(now, words) {
  const special = now?.segment && now.segment !== "ordinary";
  at("segment").hidden = !special;
  write("segment", special ? (words.segments[now.segment] ?? now.segment) : "");
}

/** Whether the kiosk saw that it is the card's owner, and the code for why not; nothing where nobody looked. */
function drawIdentity(identity, reason, words) {
  at("identity").hidden = !identity;
  at("identity").dataset.identity = identity ?? "";
  const code = reason ? ` (${reason})` : "";
  write("identity", identity ? (words.identity[identity] ?? identity) + code : "");
}

/** Only when it differs: an announced text must not be announced again. */
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

/** `before`: whom the press that called this ticket has finished. */
export function drawButtons(now, before, words) {
  const possible = POSSIBLE[now?.state] ?? [];
  for (const button of document.querySelectorAll("[data-press]")) {
    button.hidden = !possible.includes(button.dataset.press);
  }
  write("call-next-word", now?.state === "serving" ? words.finishAndCall : words.callNext);
  write("undo-what", now ? undoWords(now.label ?? "", before, words) : "");
  tickUndo(now, words);
}

function undoWords(label, before, words) {
  if (!before) return words.undoBack(label);
  return before === label ? words.undoSame(label) : words.undoBoth(label, before);
}

export function tickTicket(now, words) {
  tickUndo(now, words);
  const timed = Boolean(now?.label && now.since);
  at("time").hidden = !timed;
  if (!timed) return;
  write("time-word", now.state === "serving" ? words.sinceStarted : words.sinceCalled);
  write("time-value", running((branchNow() - Date.parse(now.since)) / 1000));
}

function tickUndo(now, words) {
  const left = now?.state === "called" && now.undo_until ? Date.parse(now.undo_until) - branchNow() : 0;
  at("undo").hidden = left <= 0;
  if (left > 0) write("undo-word", words.undo(Math.ceil(left / 1000)));
}

export function namer(queues, language) {
  return (service) => {
    const known = queues.queues.find((queue) => queue.service === service);
    return known ? nameIn(known.names, language) : service;
  };
}
