// What troubles there are, how many branches have each: touched, only these are shown.

import { mark } from "./marks.js";
import * as model from "./model.js";
import { figure, kindName } from "./words.js";

/** `all`: the totals; `choose({trouble})` when one is touched. */
export function drawKinds(area, all, choice, severities, { words, language }, choose) {
  const kinds = Object.keys(all.kinds).sort((one, other) => model.weight(one, severities) - model.weight(other, severities));
  if (choice.trouble && choice.trouble !== "any" && !kinds.includes(choice.trouble)) kinds.push(choice.trouble);
  const lines = [
    ["", words.all, all.branches, null],
    ["any", words.any, all.ill, null],
    ...kinds.map((kind) => [kind, kindName(kind, words, language), all.kinds[kind] ?? 0, model.severityOf(kind, severities)]),
  ];
  const key = JSON.stringify([lines, choice.address({})]);
  if (area.dataset.drawn === key) return;
  area.dataset.drawn = key;
  const had = area.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
  area.replaceChildren(...lines.map((line) => item(line, choice, choose)));
  if (had !== null) area.querySelector(`[data-kind="${CSS.escape(had)}"]`)?.focus();
}

function item([kind, name, count, severity], choice, choose) {
  const made = document.createElement("li");
  const link = document.createElement("a");
  link.href = choice.address({ trouble: kind });
  link.dataset.kind = kind;
  if (kind === choice.trouble) link.setAttribute("aria-current", "true");
  const number = document.createElement("b");
  number.textContent = figure(count);
  if (severity) link.append(mark(severity));
  link.append(name, " ", number);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose({ trouble: kind });
  });
  made.append(link);
  return made;
}
