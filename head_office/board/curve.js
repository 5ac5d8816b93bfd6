// How many wait through the day, beside what is usual on that weekday: the middle of other days, and most of their range.

import { write } from "./around.js";
import { svg } from "./marks.js";
import { figure } from "./words.js";

const [WIDTH, HEIGHT] = [900, 240];
const [LEFT, BELOW, ABOVE] = [44, 28, 10];
const HOUR = 60;
const at = (id) => document.getElementById(id);

/** `told`: as head_office/history/curve.py says it, or null where nothing is known of past days. */
export function drawCurve(told, words, language) {
  const drawable = Boolean(told?.quarters.length);
  at("curve").hidden = !drawable;
  if (!drawable) return write(at("curve-said"), words.noCurve);
  const key = JSON.stringify([told, language]);
  if (at("curve-lines").dataset.drawn === key) return;
  at("curve-lines").dataset.drawn = key;
  const said = inWords(told, words);
  write(at("curve-said"), said);
  at("curve-lines").setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  at("curve-lines").setAttribute("aria-label", said);
  at("curve-lines").replaceChildren(...lines(told));
  at("curve-legend").replaceChildren(...legend(told, words));
}

const clock = (minute) => `${Math.floor(minute / HOUR) % 24}:${String(minute % HOUR).padStart(2, "0")}`;

function inWords({ quarters, usual, time_zone: zone, days }, words) {
  const last = quarters.at(-1);
  const then = usual.find((one) => one.minute === last.minute);
  const said = words.curveSaid(clock(last.minute), figure(last.waiting), then ? figure(Math.round(then.waiting.middle)) : null);
  return [said, usual.length ? words.usualOf(days.length) : words.noUsual, zone].join(" · ");
}

function lines({ quarters, usual }) {
  const minutes = [...quarters, ...usual].map((one) => one.minute);
  const from = Math.min(...minutes);
  const to = Math.max(...minutes, from + HOUR);
  const most = Math.max(4, ...quarters.map((one) => one.waiting), ...usual.map((one) => one.waiting.high));
  const x = (minute) => LEFT + ((minute - from) / (to - from)) * (WIDTH - LEFT - 10);
  const y = (value) => HEIGHT - BELOW - (value / most) * (HEIGHT - BELOW - ABOVE);
  const path = (points, value) => points.map((one, n) => `${n ? "L" : "M"}${x(one.minute).toFixed(1)} ${y(value(one)).toFixed(1)}`).join("");
  const drawn = axes(from, to, most, x, y);
  if (usual.length) {
    const back = [...usual].reverse().map((one) => `L${x(one.minute).toFixed(1)} ${y(one.waiting.low).toFixed(1)}`);
    drawn.push(svg("path", { d: `${path(usual, (one) => one.waiting.high)}${back.join("")}Z`, class: "range" }));
    drawn.push(svg("path", { d: path(usual, (one) => one.waiting.middle), class: "usual" }));
  }
  return [...drawn, svg("path", { d: path(quarters, (one) => one.waiting), class: "today" })];
}

function axes(from, to, most, x, y) {
  const made = [];
  const step = Math.max(1, Math.ceil(most / 4));
  for (let n = 0; n <= most; n += step) {
    made.push(svg("path", { d: `M${LEFT} ${y(n)}H${WIDTH - 10}`, class: "axis" }), svg("text", { x: LEFT - 8, y: y(n) + 5, "text-anchor": "end" }, `${n}`));
  }
  const hours = Math.max(1, Math.ceil((to - from) / HOUR / 8));
  for (let hour = Math.ceil(from / HOUR); hour * HOUR <= to; hour += hours) {
    made.push(svg("text", { x: x(hour * HOUR), y: HEIGHT - 6, "text-anchor": "middle" }, clock(hour * HOUR)));
  }
  return made;
}

function legend({ usual }, words) {
  const names = usual.length ? ["today", "usual", "range"] : ["today"];
  return names.map((name) => {
    const item = document.createElement("span");
    const d = name === "range" ? "M0 2H24V14H0Z" : "M0 8H24";
    item.append(svg("svg", { viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" }, svg("path", { d, class: name })), words[name]);
    return item;
  });
}
