// Suggestions and complaints that wait for an answer: a badge with their count, and the place to answer them, beside what
// customers wrote with their rating.

import { ask, branchNow, coalesced } from "/assets/look/live.js";
import { press } from "/assets/look/press.js";
import { duration, nameIn } from "/assets/look/words.js";
import { problemWords } from "./problems.js";
import { Written } from "./written.js";

const LATE_MS = 20 * 3600 * 1000; // the first answer is due within 24 hours
const LONGEST = 300; // characters, as the branch takes them
const TABS = ["open", "written"];
const SVG = "http://www.w3.org/2000/svg";
const TONGUES = { "zh-Hans": "简体中文", "zh-Hant": "繁體中文", en: "English" };

const at = (id) => document.getElementById(id);
const lateBy = (opinion) => branchNow() - Date.parse(opinion.at) > LATE_MS;

export class Opinions {
  /** `look()` gives {token, words, language, nameOf}. */
  constructor(look) {
    this.look = look;
    this.open = [];
    this.due = false; // to be read again: nothing was answered
    this.count = 0; // of the branch
    this.written = new Written(look, () => this.drawButton());
    this.items = new Map(); // id -> its item in the list
    this.drawn = ""; // the language of the items
    this.sending = false;
    this.read = coalesced(() => this.fetch());
    at("opinions").addEventListener("click", () => this.show());
    at("opinions-tabs").addEventListener("click", (event) => this.turnTo(event.target.id.replace("tab-", "")));
    at("opinions-tabs").addEventListener("keydown", (event) => {
      if (/^Arrow(Left|Right)$/.test(event.key)) this.turnTo(TABS.find((name) => at(`opinions-${name}`).hidden));
    });
  }

  heard(event) {
    if (/^Opinion|^Following$/.test(event.type)) this.read();
    if (/^TicketRated$|^Following$/.test(event.type)) this.written.read();
  }

  show() {
    at("opinions-said").textContent = "";
    this.read();
    this.drawList();
    at("opinions-dialog").showModal();
    this.turnTo(this.count || !this.written.some ? "open" : "written");
    this.written.read();
  }

  turnTo(shown) {
    if (!TABS.includes(shown)) return; // between two tabs
    for (const name of TABS) {
      at(`opinions-${name}`).hidden = name !== shown;
      at(`tab-${name}`).ariaSelected = String(name === shown);
      at(`tab-${name}`).tabIndex = name === shown ? 0 : -1;
    }
    at(`tab-${shown}`).focus();
    this.written.draw();
    this.drawButton();
  }

  async fetch() {
    const { token } = this.look();
    if (!token) return;
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await ask("/api/v1/opinions?open=true", { headers }).catch(() => null);
    this.due = !answer?.ok;
    if (this.due) return; // a lost connection, or a token that has ended, is said elsewhere
    this.open = answer.body.opinions;
    this.drawList();
  }

  /** Nobody is signed in any more. */
  clear() {
    at("opinions").hidden = true;
    this.open = [];
    this.drawList();
    this.written.clear();
  }

  /** The badge; `count` is the branch's. */
  draw(count) {
    this.count = count;
    this.drawButton();
    if (this.drawn !== this.look().language) this.drawList();
    if (this.due) this.read();
    if (this.written.due) this.written.read();
    this.written.draw();
    this.tick();
  }

  drawButton() {
    const { token, words } = this.look();
    const fresh = this.written.fresh;
    at("opinions").hidden = !token || !(this.count || this.written.some);
    at("opinions-count").hidden = !this.count;
    at("opinions-count").textContent = this.count;
    at("written-fresh").hidden = !fresh;
    at("written-fresh").textContent = words.lowOnes(fresh);
    at("written-fresh").title = words.lowOnesAre(fresh);
  }

  drawList() {
    const { words, language } = this.look();
    const typed = new Map([...this.items].map(([id, one]) => [id, one.querySelector("textarea").value]));
    if (this.drawn !== language) this.items.clear();
    this.drawn = language;
    for (const opinion of this.open) {
      if (!this.items.has(opinion.id)) this.items.set(opinion.id, this.item(opinion, typed.get(opinion.id) ?? ""));
    }
    for (const [id, one] of this.items) if (!this.open.some((opinion) => opinion.id === id)) this.gone(id, one, words);
    const kept = new Set(this.items.values());
    for (const one of [...at("opinions-list").children]) if (!kept.has(one)) one.remove();
    for (const one of kept) if (!one.isConnected) at("opinions-list").append(one); // where one types, the focus stays
    at("opinions-none").hidden = this.items.size > 0;
    this.tick();
  }

  /** Answered by somebody else: what was being typed here is not taken away unseen. */
  gone(id, one, words) {
    const text = one.querySelector("textarea");
    if (!at("opinions-dialog").open || !text.value) return this.items.delete(id);
    text.disabled = true;
    one.querySelector("button").hidden = true;
    tell(one, words.opinionGone);
  }

  /** The times that run. */
  tick() {
    const { words, language } = this.look();
    at("opinions").classList.toggle("late", this.open.some(lateBy));
    for (const opinion of this.open) {
      const one = this.items.get(opinion.id);
      const waited = words.waitedSince(duration((branchNow() - Date.parse(opinion.at)) / 1000, language));
      const text = lateBy(opinion) ? `${waited} · ${words.opinionLate}` : waited;
      one.classList.toggle("late", lateBy(opinion));
      if (one.querySelector(".waited").textContent !== text) one.querySelector(".waited").textContent = text;
    }
  }

  item(opinion, typed) {
    const { words, language } = this.look();
    const one = made("li", "", "");
    one.dataset.opinion = opinion.id;
    const head = made("p", "head", "");
    head.append(made("b", "label", opinion.label), made("b", "", nameIn(opinion.topic, language)), made("span", "waited", ""));
    const said = made("ul", "said", "");
    said.append(...opinion.phrases.map((names) => made("li", "", nameIn(names, language))));
    one.append(head, said, made("p", "soft", words.customerUses(TONGUES[opinion.language] ?? opinion.language)));
    if (opinion.writing.length) one.append(handwriting(opinion.writing, words.handwriting));
    one.append(this.form(opinion, typed, words));
    return one;
  }

  form(opinion, typed, words) {
    const form = made("form", "", "");
    const field = made("label", "field", words.answerField(opinion.label));
    const text = Object.assign(made("textarea", "", ""), { rows: 2, maxLength: LONGEST, required: true, value: typed });
    field.append(text);
    const problem = Object.assign(made("p", "problem", ""), { hidden: true });
    problem.setAttribute("role", "alert");
    form.append(field, problem, Object.assign(made("button", "button main small", words.sendAnswer), { type: "submit" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(opinion, form, text.value);
    });
    return form;
  }

  async send(opinion, form, text) {
    if (this.sending) return;
    this.sending = true;
    const { token, words, language } = this.look();
    form.querySelector("button").setAttribute("aria-disabled", "true");
    tell(form, "");
    const answer = await press(`/api/v1/opinions/${opinion.id}/answer`, token, () => tell(form, words.retrying), { text });
    form.querySelector("button").removeAttribute("aria-disabled");
    this.sending = false;
    if (!answer?.ok) return tell(form, answer ? problemWords(answer.body, language, "answer") : words.notAnswered);
    this.items.delete(opinion.id);
    at("opinions-said").textContent = words.answered(opinion.label);
    this.open = this.open.filter((one) => one.id !== opinion.id);
    this.drawList();
  }
}

function tell(within, text) {
  const problem = within.querySelector(".problem");
  problem.hidden = !text;
  problem.textContent = text;
}

/** The strokes as they were drawn; places are thousandths of the sheet's width. */
function handwriting(strokes, name) {
  const svg = document.createElementNS(SVG, "svg");
  const height = Math.max(120, ...strokes.map((stroke) => Math.max(0, ...stroke.filter((_, n) => n % 2)))) + 30;
  svg.setAttribute("viewBox", `0 0 1000 ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
  for (const stroke of strokes) svg.append(line(stroke));
  return svg;
}

function line(stroke) {
  const path = document.createElementNS(SVG, "path");
  const places = stroke.length === 2 ? [...stroke, ...stroke] : stroke; // a dot is a line to itself
  path.setAttribute("d", places.map((place, n) => (n === 0 ? "M" : n === 2 ? "L" : "") + place).join(" "));
  return path;
}

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
