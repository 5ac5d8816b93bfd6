// What customers wrote with their rating: a list to read, and a quiet count of the low ones that are new here.

import { ask, coalesced } from "/assets/look/live.js";
import { nameIn, SCORES, timeOfDay } from "/assets/look/words.js";

const SEEN = "lobby-written-seen"; // when the newest was rated that somebody at this browser has looked at
const APART_MS = 3000; // between two readings, however many rate
const AT_ONCE = 200; // the branch gives so many
const LOW = 2; // of 5, and below

const at = (id) => document.getElementById(id);

export class Written {
  /** `look()` gives {token, words, language, nameOf}; `changed()`: the count may be another one. */
  constructor(look, changed) {
    this.look = look;
    this.changed = changed;
    this.ratings = [];
    this.due = true; // to be read, for the first time or as nothing was answered
    this.drawn = "";
    this.read = coalesced(() => this.fetch(), APART_MS);
  }

  async fetch() {
    const { token } = this.look();
    if (!token) return;
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await ask("/api/v1/ratings", { headers }).catch(() => null);
    this.due = !answer?.ok || token !== this.look().token;
    if (this.due) return; // a lost connection is said elsewhere
    this.ratings = answer.body.ratings;
    this.draw();
    this.changed();
  }

  /** Nobody is signed in any more. */
  clear() {
    this.ratings = [];
    this.due = true;
    this.draw();
  }

  get some() {
    return this.ratings.length > 0;
  }

  /** How many low ones have come since the last look. */
  get fresh() {
    const seen = Number(localStorage.getItem(SEEN) ?? 0);
    return this.ratings.filter((one) => one.score <= LOW && Date.parse(one.at) > seen).length;
  }

  draw() {
    const { words, language, nameOf } = this.look();
    const { ratings } = this;
    const now = JSON.stringify([language, ...ratings.map((one) => [one.seq, nameOf(one.service)])]);
    if (this.drawn !== now) at("written-list").replaceChildren(...ratings.map((one) => item(one, words, language, nameOf)));
    this.drawn = now;
    at("written-none").hidden = this.some;
    at("written-more").hidden = ratings.length < AT_ONCE;
    if (this.some && at("opinions-dialog").open && !at("opinions-written").hidden) {
      localStorage.setItem(SEEN, Date.parse(ratings[0].at));
    }
  }
}

function item(rating, words, language, nameOf) {
  const one = made("li", rating.score <= LOW ? "low" : "", "");
  one.dataset.label = rating.label;
  const head = made("p", "head", "");
  const score = words.scoreOf(SCORES[language][rating.score - 1], rating.score);
  const when = made("span", "when", `${dayOf(rating.business_day, language)} ${timeOfDay(rating.at)}`);
  head.append(made("b", "label", rating.label), made("b", "score", score), made("span", "", nameOf(rating.service)), when);
  one.append(head);
  const reasons = rating.reasons.map((reason) => nameIn(reason.names, language));
  if (reasons.length) one.append(made("p", "soft", words.reasonsWere(reasons)));
  one.append(made("p", "comment", rating.comment));
  return one;
}

function dayOf(day, language) {
  return new Intl.DateTimeFormat(language, { month: "long", day: "numeric" }).format(new Date(`${day}T12:00`));
}

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
