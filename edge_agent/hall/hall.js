// The wall display: the latest call large, with a chime; the calls before it; who waits for what.

import { branchNow, live } from "/assets/look/live.js";
import { timeOfDay } from "/assets/look/words.js";
import { Calls } from "./calls.js";
import { chime, onSilence } from "/assets/look/chime.js";
import { drawBack, drawNotices } from "./notices.js";

const SHOWN_MS = 1600; // each call is prominent at least so long
const FLASH_MS = 6000;
const LISTED = 6;
const ASKED_TWICE_MS = 1500; // how long the stream may lag behind the branch before we draw without it

const at = (id) => document.getElementById(id);
const calls = new Calls(branchNow);
const toShow = [];
let showing = false;
let prominent = null;
let chimes = 0;
let flash = 0;
let lastNews = null;
let late = 0;

function heard(event) {
  lastNews = Date.now();
  if (event.type === "TicketCallUndone") takeBack(event);
  if (event.type !== "TicketCalled" && event.type !== "TicketRecalled") return;
  const call = calls.heard(event);
  if (call) announce(call);
}

function drawn(queues, newest) {
  lastNews = Date.now();
  drawBranch(queues.name);
  drawWaiting(queues.queues);
  drawNotices(queues);
  clearTimeout(late);
  if (queues.journal_seq <= newest) reconcile(queues);
  else late = setTimeout(() => reconcile(queues), ASKED_TWICE_MS);
}

/** Calls that the stream did not bring: after opening the page, or a break without its events. */
function reconcile(queues) {
  const missed = calls.reconcile(queues);
  if (calls.forgotten) forget();
  missed.forEach(announce);
  withdraw();
}

function takeBack(event) {
  calls.takeBack(event);
  withdraw();
}

/** What is no longer a call leaves the screen; the call before it stands there again, without a sound. */
function withdraw() {
  toShow.splice(0, toShow.length, ...toShow.filter((call) => calls.has(call)));
  if (prominent && !calls.has(prominent)) {
    const latest = calls.newestFirst().find((call) => !toShow.includes(call));
    if (latest) show({ ...latest, fresh: false });
    else showNobody();
  }
  drawList();
}

function announce(call) {
  if (call.fresh) {
    toShow.push(call);
  } else if (!showing) {
    show(call);
  }
  drawList();
  if (!showing) showNext();
}

function showNext() {
  const call = toShow.shift();
  showing = Boolean(call);
  if (!call) return;
  show(call);
  setTimeout(showNext, SHOWN_MS);
}

function show(call) {
  prominent = call;
  at("nobody").hidden = true;
  at("call").hidden = false;
  write("call-label", call.label);
  write("call-counter", call.counter);
  at("call-counter-en").textContent = call.counter;
  at("call-word").textContent = /^\d+$/.test(call.counter) ? "号窗口" : "窗口";
  if (call.fresh) attract();
  drawList();
  document.body.dataset.lastCall = `${call.label}@${call.counter}`;
}

function write(id, text) {
  const element = at(id);
  element.textContent = text;
  if (text.length > 4) element.dataset.long = String(Math.min(6, text.length));
  else delete element.dataset.long;
}

function attract() {
  const panel = at("now");
  panel.classList.remove("fresh");
  void panel.offsetWidth; // so that the flashing starts anew
  panel.classList.add("fresh");
  clearTimeout(flash);
  flash = setTimeout(() => panel.classList.remove("fresh"), FLASH_MS);
  chimes += 1;
  document.body.dataset.chimes = String(chimes);
  chime();
}

function forget() {
  toShow.length = 0;
  showNobody();
}

function showNobody() {
  prominent = null;
  delete document.body.dataset.lastCall;
  at("now").classList.remove("fresh");
  at("call").hidden = true;
  at("nobody").hidden = false;
}

function drawList() {
  const others = calls.newestFirst().filter((call) => call.label !== prominent?.label);
  const waiting = new Set(toShow);
  at("calls").replaceChildren(
    ...others.slice(0, LISTED).map((call) => row(call, waiting.has(call))),
  );
}

function row(call, next) {
  const item = document.createElement("li");
  item.dataset.call = `${call.label}@${call.counter}`;
  item.classList.toggle("next", next);
  item.classList.toggle("long", call.label.length > 4 || call.counter.length > 2);
  item.append(part("label", call.label), arrow(), part("to", call.counter));
  const word = document.createElement("small");
  word.textContent = /^\d+$/.test(call.counter) ? " 号窗口" : " 窗口";
  item.lastChild.append(word);
  return item;
}

function part(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

function arrow() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("class", "arrow");
  svg.setAttribute("viewBox", "0 0 28 20");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M1 10h24M17 2l8 8-8 8");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "3");
  svg.append(path);
  return svg;
}

function drawBranch(names) {
  at("branch-zh").textContent = names["zh-Hans"] ?? "";
  at("branch-en").textContent = names.en ?? "";
  document.title = `${names["zh-Hans"] ?? ""} 叫号显示屏`;
}

function drawWaiting(queues) {
  at("waiting").replaceChildren(...queues.map(waitingItem));
}

function waitingItem(queue) {
  const item = document.createElement("li");
  const name = part("name", queue.names["zh-Hans"] ?? queue.service);
  if (queue.names.en) {
    const english = part("", queue.names.en);
    english.lang = "en";
    name.append(english);
  }
  item.append(name, part("count", String(queue.waiting)));
  return item;
}

function connected(yes) {
  at("lost").hidden = yes;
  if (yes) return;
  const time = lastNews ? timeOfDay(lastNews) : "";
  at("lost-zh").textContent = time ? `连接中断，内容截至 ${time}` : "正在连接";
  at("lost-en").textContent = time ? `Connection lost, as of ${time}` : "Connecting";
}

function tick() {
  at("clock").textContent = timeOfDay(branchNow());
  drawBack();
}

document.body.dataset.chimes = "0";
onSilence((silent) => {
  at("sound").hidden = !silent;
});
live({ heard, drawn, connected });
tick();
setInterval(tick, 1000);
