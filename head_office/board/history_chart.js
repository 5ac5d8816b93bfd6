// A chart of waits: a bar for each mean, a line for what nine in ten wait at most. Knows no page.

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 260;
const LEFT = 48;
const RIGHT = 24;
const BELOW = 40;
const ABOVE = 12;
const NARROWEST = 12;
const LABEL_PX = 88;

/** `bars`: [{label, mean, high}] in minutes or null; `width` in px. */
export function chart(bars, width, title) {
  const svg = made("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": title });
  const most = nice(Math.max(1, ...bars.map((one) => Math.max(one.mean ?? 0, one.high ?? 0))));
  const y = (value) => HEIGHT - BELOW - (value / most) * (HEIGHT - BELOW - ABOVE);
  const step = (width - LEFT - RIGHT) / Math.max(1, bars.length);
  for (const value of [0, most / 2, most]) {
    svg.append(made("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), class: "rule" }));
    svg.append(text(value, { x: LEFT - 8, y: y(value) + 5, class: "tick end" }));
  }
  const every = Math.max(1, Math.ceil(LABEL_PX / step));
  bars.forEach((one, n) => {
    const x = LEFT + n * step;
    const bar = Math.max(2, Math.min(step - 4, 56));
    if (one.mean !== null) {
      const mark = made("rect", { x: x + (step - bar) / 2, y: y(one.mean), width: bar, height: y(0) - y(one.mean), class: "bar" });
      mark.append(named(`${one.label}: ${one.mean.toFixed(1)}`));
      svg.append(mark);
    }
    if (n % every === 0) svg.append(text(short(one.label, step * every), { x: x + step / 2, y: HEIGHT - 14, class: "tick middle" }));
  });
  const points = bars.map((one, n) => [LEFT + (n + 0.5) * step, one.high]).filter(([, high]) => high !== null);
  svg.append(made("polyline", { points: points.map(([x, high]) => `${x},${y(high)}`).join(" "), class: "high" }));
  if (step >= NARROWEST) for (const [x, high] of points) svg.append(made("circle", { cx: x, cy: y(high), r: 4, class: "dot" }));
  return svg;
}

/** A round number at least as large, whose half is round too. */
function nice(value) {
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 10].map((n) => n * ten).find((n) => n >= value);
}

const WIDE = /[\u2e80-\uffff]/;

function short(label, px) {
  let room = px - 8;
  let kept = "";
  for (const letter of label) {
    room -= WIDE.test(letter) ? 14 : 8;
    if (room < 0) return `${kept.slice(0, -1)}…`;
    kept += letter;
  }
  return kept;
}

function made(name, attributes) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(content, attributes) {
  const element = made("text", attributes);
  element.textContent = content;
  return element;
}

function named(content) {
  const element = made("title", {});
  element.textContent = content;
  return element;
}
