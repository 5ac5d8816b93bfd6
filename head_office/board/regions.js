// The regions as a tree: those above the chosen one, and those below it.

import { mark } from "./marks.js";
import { figure } from "./words.js";

/** `choice.address` gives each its link; `chosen(path)` is called when one is followed. */
export function drawRegions(area, tree, choice, words, chosen) {
  const key = JSON.stringify([choice.address({}), words.allRegions, said(tree)]);
  if (area.dataset.drawn === key) return;
  const had = area.contains(document.activeElement) ? document.activeElement.dataset.region : null;
  area.dataset.drawn = key;
  area.replaceChildren(level([[words.allRegions, tree]], choice, words, chosen));
  if (had !== null) area.querySelector(`[data-region="${CSS.escape(had)}"]`)?.focus();
}

function said(region) {
  return [region.path, region.branches, region.ill, region.state, [...region.below.values()].map(said)];
}

function level(regions, choice, words, chosen) {
  const list = document.createElement("ul");
  list.append(...regions.map(([name, region]) => item(name, region, choice, words, chosen)));
  return list;
}

function item(name, region, choice, words, chosen) {
  const made = document.createElement("li");
  made.append(link(name, region, choice, words, chosen));
  const open = region.path === "" || choice.region === region.path || choice.region.startsWith(`${region.path}/`);
  if (!open || !region.below.size) return made;
  const below = [...region.below.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  made.append(level(below.map((one) => [one.name, one]), choice, words, chosen));
  return made;
}

function link(name, region, choice, words, chosen) {
  const made = document.createElement("a");
  made.href = choice.address({ region: region.path, at: "" });
  made.dataset.region = region.path;
  if (region.path === choice.region) made.setAttribute("aria-current", "true");
  const state = document.createElement("span");
  state.className = "only-read-aloud";
  state.textContent = words.regionState(figure(region.branches), figure(region.ill), words.states[region.state]);
  made.append(mark(region.state), part("name", name), part("ill", region.ill ? figure(region.ill) : ""), part("count", figure(region.branches)), state);
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    chosen(region.path);
  });
  return made;
}

function part(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  if (name !== "name") made.setAttribute("aria-hidden", "true");
  return made;
}
