// How satisfied the customer was: once, when the visit is over.

const at = (id) => document.getElementById(id);
let drawn = ""; // the scores' words now on the screen

/** `send({score, comment?})` gives the rating to the branch; `words()` are those of the moment. */
export function beginRating(send, words) {
  at("rating").addEventListener("submit", (event) => {
    event.preventDefault();
    const score = Number(new FormData(at("rating")).get("score"));
    const comment = at("comment").value.trim();
    if (!score) return noScore(words());
    send(comment ? { score, comment } : { score });
  });
}

function noScore(words) {
  at("problem").textContent = words.chooseScore;
  at("problem").hidden = false;
  at("scores").querySelector("input").focus();
}

export function drawRating(ticket, words) {
  const served = ticket.state === "served";
  at("rating").hidden = !served || ticket.rating !== null;
  at("thanks").hidden = !served || ticket.rating === null;
  if (!served) return;
  if (ticket.rating !== null) at("thanks").textContent = words.thanks(words.scores[ticket.rating - 1]);
  else drawScores(words.scores);
}

/** The best first; what has been chosen stays chosen in another language. */
function drawScores(names) {
  if (drawn === names.join()) return;
  drawn = names.join();
  const chosen = at("scores").querySelector("input:checked")?.value;
  const tiles = names.map((name, n) => scoreTile(name, n + 1)).reverse();
  at("scores").replaceChildren(...tiles);
  const again = chosen && at("scores").querySelector(`[value="${chosen}"]`);
  if (again) again.checked = true;
}

function scoreTile(name, score) {
  const label = document.createElement("label");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "score", value: score });
  label.append(radio, Object.assign(document.createElement("span"), { textContent: name }));
  return label;
}
