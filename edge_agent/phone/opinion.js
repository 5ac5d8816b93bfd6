// The customer's own suggestion or complaint: what was said, how far it is, and the answer.

import { nameIn } from "/assets/look/words.js";

const at = (id) => document.getElementById(id);

export const isOpinion = (now) => Array.isArray(now?.phrases);

/** Title and sentence of how far it is. */
export function opinionState(opinion, words) {
  return opinion.answer === null ? [words.opinionWaits, words.opinionWaitsText] : [words.opinionAnswered, ""];
}

export function drawOpinion(opinion, words, language) {
  at("opinion").hidden = false;
  const answered = opinion.answer !== null;
  at("answer").hidden = !answered;
  if (answered) at("answer-text").textContent = opinion.answer;
  at("phrases").replaceChildren(...opinion.phrases.map((names) => item(nameIn(names, language))));
  at("steps").replaceChildren(
    step("done", words.steps.given, moment(opinion.at, language)),
    step(answered ? "done" : "now", words.steps.taken, ""),
    step(answered ? "done" : "", words.steps.answered, answered ? moment(opinion.answered_at, language) : ""),
  );
}

function step(state, text, when) {
  const made = item(text);
  made.className = state;
  if (state === "now") made.setAttribute("aria-current", "step");
  if (when) made.append(Object.assign(document.createElement("time"), { textContent: when }));
  return made;
}

function item(text) {
  const made = document.createElement("li");
  made.append(Object.assign(document.createElement("span"), { textContent: text }));
  return made;
}

/** With the day: an answer may come on another one. */
function moment(at_, language) {
  const said = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(at_).toLocaleString(language === "en" ? "en-GB" : "zh-CN", said);
}
