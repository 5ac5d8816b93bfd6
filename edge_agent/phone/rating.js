// How satisfied the customer was: once, when the visit is over.

import { nameIn } from "/assets/look/words.js";

const at = (id) => document.getElementById(id);
const MOST_REASONS = 5; // as the branch takes them
let drawn = ""; // the scores' words now on the screen
let offered = { reasons: [], language: "" };

/** `send({score, reasons, comment?})` gives the rating to the branch; `words()` are those of the moment. */
export function beginRating(send, words) {
  at("rating").addEventListener("submit", (event) => {
    event.preventDefault();
    const score = chosenScore();
    const reasons = new FormData(at("rating")).getAll("reason");
    const comment = at("comment").value.trim();
    if (!score) return noScore(words());
    send(comment ? { score, reasons, comment } : { score, reasons });
  });
  at("scores").addEventListener("change", drawReasons);
  at("reason-tiles").addEventListener("change", keepWithinMost);
}

const chosenScore = () => Number(new FormData(at("rating")).get("score"));

function noScore(words) {
  at("problem").textContent = words.chooseScore;
  at("problem").hidden = false;
  at("scores").querySelector("input").focus();
}

/** `reasons` are those the branch offers, each with its scores. */
export function drawRating(ticket, words, reasons, language) {
  offered = { reasons, language };
  const served = ticket.state === "served";
  at("rating").hidden = !served || ticket.rating !== null;
  at("thanks").hidden = !served || ticket.rating === null;
  if (!served) return;
  if (ticket.rating !== null) at("thanks").textContent = words.thanks(words.scores[ticket.rating - 1]);
  else {
    drawScores(words.scores);
    drawReasons();
  }
}

/** Those offered with the chosen score; what has been chosen stays chosen where it is still offered. */
function drawReasons() {
  const score = chosenScore();
  const fitting = offered.reasons.filter((one) => one.scores.includes(score));
  at("reasons").hidden = !fitting.length;
  const now = JSON.stringify([fitting, offered.language]);
  if (at("reason-tiles").dataset.drawn === now) return;
  at("reason-tiles").dataset.drawn = now;
  const chosen = new FormData(at("rating")).getAll("reason");
  const tiles = fitting.map((one) => tile("checkbox", "reason", one.code, nameIn(one.names, offered.language)));
  at("reason-tiles").replaceChildren(...tiles);
  for (const box of at("reason-tiles").querySelectorAll("input")) box.checked = chosen.includes(box.value);
}

function keepWithinMost() {
  const boxes = [...at("reason-tiles").querySelectorAll("input")];
  const enough = boxes.filter((box) => box.checked).length >= MOST_REASONS;
  for (const box of boxes) box.disabled = enough && !box.checked;
}

/** The best first; what has been chosen stays chosen in another language. */
function drawScores(names) {
  if (drawn === names.join()) return;
  drawn = names.join();
  const chosen = at("scores").querySelector("input:checked")?.value;
  const tiles = names.map((name, n) => tile("radio", "score", n + 1, name)).reverse();
  at("scores").replaceChildren(...tiles);
  const again = chosen && at("scores").querySelector(`[value="${chosen}"]`);
  if (again) again.checked = true;
}

function tile(type, name, value, text) {
  const label = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type, name, value });
  label.append(input, Object.assign(document.createElement("span"), { textContent: text }));
  return label;
}
