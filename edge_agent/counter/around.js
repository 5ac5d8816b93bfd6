// What stands beside the teller's own ticket: the queues and the other counters.

import { duration, nameIn, waitRange } from "/assets/look/words.js";

const DOING = {
  closed: "closed",
  paused: "pausedShort",
  idle: "idle",
  called: "calledShort",
  serving: "servingShort",
};

export function drawQueues(body, queues, words, language) {
  body.replaceChildren(...queues.map((queue) => queueRow(queue, words, language)));
}

function queueRow(queue, words, language) {
  const row = document.createElement("tr");
  row.dataset.service = queue.service;
  const name = element("th", "", nameIn(queue.names, language));
  name.scope = "row";
  const longest = queue.waiting ? duration(queue.longest_wait_s, language) : "–";
  const estimate = waitRange(queue.estimated_wait, language) ?? words.noEstimate;
  row.append(name, element("td", "count", queue.waiting), element("td", "", longest), element("td", "", estimate));
  return row;
}

/** How well today's promises were kept. */
export function drawAccuracy(line, accuracy, words) {
  line.hidden = !accuracy;
  if (!accuracy) return;
  const share = Math.round((100 * accuracy.within) / accuracy.promises);
  line.textContent = words.accuracy(share, accuracy.promises, Math.round(accuracy.mean_error_s / 60));
}

/** How many of today's visits were rated, and how. */
export function drawRatings(line, ratings, words) {
  line.hidden = !ratings?.visits;
  if (line.hidden) return;
  const share = Math.round((100 * ratings.rated) / ratings.visits);
  const mean = ratings.mean === null ? "" : words.ratingsMean(ratings.mean.toFixed(1));
  line.textContent = words.ratings(ratings.rated, ratings.visits, share) + mean;
}

export function drawOthers(list, counters, own, words) {
  const others = counters.filter((one) => one.counter !== own);
  list.replaceChildren(...others.map((one) => otherItem(one, words)));
}

function otherItem(one, words) {
  const item = element("li", one.state, "");
  item.dataset.counter = one.counter;
  const doing = words[DOING[one.state]] ?? one.state;
  item.append(
    element("span", "number", one.counter),
    element("span", "doing", doing),
    element("span", "label", one.label ?? ""),
  );
  return item;
}

export function fillCounters(select, counters, chosen, words) {
  const wanted = ["", ...counters.map((one) => one.counter)].join("\n") + words.chooseCounter;
  if (select.dataset.filled !== wanted) {
    const options = counters.map((one) => new Option(one.counter, one.counter));
    select.replaceChildren(new Option(words.chooseCounter, ""), ...options);
    select.dataset.filled = wanted;
  }
  select.value = counters.some((one) => one.counter === chosen) ? chosen : "";
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
