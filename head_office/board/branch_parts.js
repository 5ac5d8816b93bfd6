// The queues, counters and machines of one branch.

import { AILING, machineCause, machineName } from "/assets/program/machines.js";
import { svg } from "./marks.js";
import { duration, figure, moment, nameIn, waitRange } from "./words.js";

const FULL = 1.5; // of the target: the whole length of a bar

export function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

/** A wait goes on growing while its branch is online. */
export function queueRows(now, at, words, language) {
  const since = now.status === "online" && now.queues ? Math.min(60, Math.max(0, (at - Date.parse(now.queues.at)) / 1000)) : 0;
  return (now.queues?.queues ?? []).map((queue) => {
    const row = document.createElement("tr");
    const name = made("th", "", nameIn(queue.names, language));
    name.scope = "row";
    const wait = queue.waiting ? queue.longest_wait_s + since : 0;
    const longest = made("td", "wait", queue.waiting ? duration(wait, language) : "–");
    if (queue.waiting) longest.append(bar(wait / now.target_s));
    const estimate = waitRange(queue.estimated_wait, language) ?? words.noEstimate;
    row.append(name, made("td", "", figure(queue.waiting)), longest, made("td", "", estimate));
    return row;
  });
}

/** A wait against its target, which is the line across. */
function bar(share) {
  const state = share > 1 ? "warning" : share > 0.8 ? "notice" : "well";
  const long = (Math.min(FULL, share) / FULL) * 100;
  const line = 100 / FULL;
  return svg(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", class: "bar", "data-state": state, "aria-hidden": "true" },
    svg("rect", { width: 100, height: 8, class: "ground" }),
    svg("rect", { width: long, height: 8, class: "long" }),
    svg("path", { d: `M${line} 0V8`, class: "line" }),
  );
}

export function counterItems(now, at, words, language) {
  const counters = now.queues?.counters ?? [];
  if (!counters.length) return [made("li", "soft", words.noCounters)];
  const names = new Map(now.queues.queues.map((queue) => [queue.service, nameIn(queue.names, language)]));
  return counters.map((one) => {
    const item = made("li", one.state, "");
    const what = made("span", "what", [words[one.state] ?? one.state, one.label].filter(Boolean).join(" "));
    const ago = one.since && one.label ? words.forSince(duration((at - Date.parse(one.since)) / 1000, language)) : "";
    item.append(made("b", "", one.counter), what, made("span", "soft", [names.get(one.service) ?? one.service, ago].filter(Boolean).join(" · ")));
    return item;
  });
}

export function machineItems(now, at, words, language) {
  if (!now.devices.length) return [made("li", "soft", words.noMachines)];
  const order = [...now.devices].sort((one, other) => AILING.has(other.state) - AILING.has(one.state));
  return order.map((device) => {
    const ails = AILING.has(device.state);
    const state = ails ? machineCause(device, language) : words.well;
    const since = ails ? words.from(moment(device.since, at)) : "";
    return made("li", ails ? "ails" : "", words.ailing(machineName(device, language), state + since));
  });
}
