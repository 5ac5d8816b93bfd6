// How many wait through the day, beside what is usual: the middle of other days, and most of their range.

import { svg } from "./marks.js";
import { write } from "./around.js";
import { figure } from "./words.js";

const [WIDTH, HEIGHT] = [900, 240];
const [LEFT, BELOW, ABOVE] = [44, 28, 10];
const at = (id) => document.getElementById(id);

/** `told`: {day, slots: [{at, waiting, longest_s}], usual: [{at, median, low, high}]}, or null where there is none. */
export function drawCurve(told, words, language) {
  const drawable = Boolean(told?.slots?.length);
  at("curve").hidden = !drawable;
  if (!drawable) return write(at("curve-said"), words.noCurve);
  const key = JSON.stringify([told, language]);
  write(at("curve-said"), lastSaid(told, words));
  if (at("curve-lines").dataset.drawn === key) return;
  at("curve-lines").dataset.drawn = key;
  at("curve-lines").setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  at("curve-lines").setAttribute("aria-label", lastSaid(told, words));
  at("curve-lines").replaceChildren(...lines(told));
  at("curve-legend").replaceChildren(...legend(told, words));
}

const clock = (time) => new Date(time).toTimeString().slice(0, 5);

function lastSaid({ slots, usual }, words) {
  const last = slots.at(-1);
  const then = usual?.find((one) => minuteOf(one.at) === minuteOf(last.at));
  return words.curveSaid(clock(last.at), figure(last.waiting), then ? figure(Math.round(then.median)) : null);
}

/** A usual day has its own date, or none: only the time of day counts. */
function minuteOf(time) {
  const clockTime = /^(\d\d):(\d\d)/.exec(time);
  if (clockTime) return Number(clockTime[1]) * 60 + Number(clockTime[2]);
  const date = new Date(time);
  return date.getHours() * 60 + date.getMinutes();
}

function lines({ slots, usual = [] }) {
  const minutes = [...slots, ...usual].map((one) => minuteOf(one.at));
  const [from, to] = [Math.min(...minutes), Math.max(...minutes, Math.min(...minutes) + 60)];
  const most = Math.max(4, ...slots.map((one) => one.waiting), ...usual.map((one) => one.high));
  const x = (one) => LEFT + ((minuteOf(one.at) - from) / (to - from)) * (WIDTH - LEFT - 10);
  const y = (value) => HEIGHT - BELOW - (value / most) * (HEIGHT - BELOW - ABOVE);
  const path = (points, value) => points.map((one, n) => `${n ? "L" : "M"}${x(one).toFixed(1)} ${y(value(one)).toFixed(1)}`).join("");
  const range = path(usual, (one) => one.high) + [...usual].reverse().map((one) => `L${x(one).toFixed(1)} ${y(one.low).toFixed(1)}`).join("");
  return [
    ...axes(from, to, most, y),
    ...(usual.length ? [svg("path", { d: `${range}Z`, class: "range" }), svg("path", { d: path(usual, (one) => one.median), class: "usual" })] : []),
    svg("path", { d: path(slots, (one) => one.waiting), class: "today" }),
  ];
}

function axes(from, to, most, y) {
  const made = [];
  const step = Math.max(1, Math.ceil(most / 4));
  for (let n = 0; n <= most; n += step) {
    made.push(svg("path", { d: `M${LEFT} ${y(n)}H${WIDTH - 10}`, class: "axis" }), svg("text", { x: LEFT - 8, y: y(n) + 5, "text-anchor": "end" }, `${n}`));
  }
  const hours = Math.max(1, Math.ceil((to - from) / 60 / 10));
  for (let hour = Math.ceil(from / 60); hour * 60 <= to; hour += hours) {
    const x = LEFT + ((hour * 60 - from) / (to - from)) * (WIDTH - LEFT - 10);
    made.push(svg("text", { x, y: HEIGHT - 6, "text-anchor": "middle" }, `${hour}:00`));
  }
  return made;
}

function legend({ usual }, words) {
  const names = usual?.length ? ["today", "usual", "range"] : ["today"];
  return names.map((name) => {
    const item = document.createElement("span");
    const d = name === "range" ? "M0 2H24V14H0Z" : "M0 8H24";
    item.append(svg("svg", { viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" }, svg("path", { d, class: name })), words[name]);
    return item;
  });
}
