// What the pages of accounts do alike: language, asking head office, saying what went wrong, the second factor's steps.

import { WORDS } from "./accounts_words.js";

const KEPT = "lobby-language";
const ANSWER_MS = 20000;
const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // light modules around a QR code (ISO/IEC 18004)

export const at = (id) => document.getElementById(id);
export let language = WORDS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : "zh-Hans";
export const words = () => WORDS[language];

/** Status, body and how many seconds to wait; status 0 when head office cannot be reached. */
export async function send(path, body, method = "POST") {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), ANSWER_MS);
  const json = { "Content-Type": "application/json" };
  const said = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
  try {
    const answer = await fetch(path, { method, ...said, cache: "no-store", signal: limit.signal });
    const wait = Number(answer.headers.get("retry-after"));
    return { status: answer.status, ok: answer.ok, body: await answer.json().catch(() => null), wait };
  } catch {
    return { status: 0, ok: false, body: null, wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

export const read = (path) => send(path, undefined, "GET");

/** What went wrong, in the reader's words. */
export function problemOf(answer) {
  const name = answer.body?.type?.replace("urn:lobby:problem:", "");
  if (answer.status === 0) return words().notReached;
  if (name === "paused") return words().paused(answer.wait);
  return words().problems[name] ?? words().failed;
}

/** Say it in `element`, or nothing where all is well. */
export function tell(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}

/** The language on every marked element, now and whenever it is changed. `draw` for the rest. */
export function speak(title, draw) {
  const say = () => {
    document.documentElement.lang = language;
    document.title = words()[title];
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = words()[element.dataset.word];
    at("language").lang = language === "en" ? "zh-Hans" : "en";
    draw();
  };
  at("language").addEventListener("click", () => {
    language = language === "en" ? "zh-Hans" : "en";
    localStorage.setItem(KEPT, language);
    say();
  });
  say();
}

/** An element with a class, a text and children. */
export function made(kind, name, text, ...children) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

/** While `work` runs the form takes no second press. */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    try {
      await work();
    } finally {
      delete form.dataset.busy;
    }
  });
}

/** QR code and key, then the first code; `done(answer)` when it was right, `problem(answer)` when not. */
export function drawFactor(into, { key, qr }, done, problem) {
  const code = made("input");
  Object.assign(code, { id: "factor-code", autocomplete: "one-time-code", inputMode: "numeric", required: true, maxLength: 10 });
  const form = made("form", "step", null);
  const spaced = key.replace(/(.{4})/g, "$1 ").trim();
  form.append(
    made("p", "", words().factorScan),
    picture(qr),
    made("p", "", words().factorType),
    made("p", "secret", spaced),
    made("label", "field", null, made("span", "", words().factorThen), code),
    made("button", "button main", words().goOn),
  );
  into.replaceChildren(form);
  onSubmit(form, async () => {
    const answer = await send("/api/v1/account/second-factor/confirm", { code: code.value });
    if (answer.ok) return done(answer);
    problem(answer);
    code.select();
  });
  code.focus();
}

/** The ten codes; `kept()` when they have been put away. */
export function drawCodes(into, codes, kept) {
  const print = made("button", "button", words().print);
  const on = made("button", "button main", words().codesKept);
  const list = made("ul", "codes secret", null, ...codes.map((one) => made("li", "", one)));
  into.replaceChildren(
    made("h2", "", words().codesTitle),
    made("p", "", words().codesKeep),
    list,
    made("div", "row", null, print, on),
  );
  for (const button of [print, on]) button.type = "button";
  print.addEventListener("click", () => window.print());
  on.addEventListener("click", kept);
  on.focus();
}

function picture(rows) {
  const size = rows.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => [...row].map((one, x) => (one === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", words().factorTitle);
  svg.setAttribute("shape-rendering", "crispEdges");
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}
