// The branches on a map without internet: points by their place, close ones as one, on the bank's own outline.

import { SHAPES, svg } from "./marks.js";
import * as model from "./model.js";
import { bounds, clustered, graticule, pathOf, project, unproject, WORLD } from "./projection.js";
import { figure, nameIn } from "./words.js";

const APART = 52; // px between two marks
const FARTHEST = 0.3; // px for one unit of the plane
const NEAREST = 400_000;
const EDGE = 48; // px kept free around what is fitted

export class BranchMap {
  /**
   * `area`: an empty svg; `look()` as for the list; `opened(branch)` when one is chosen; `moved()` when
   * another part is in view.
   */
  constructor(area, { look, opened, moved, scale = 1 }) {
    Object.assign(this, { area, look, opened, moved, larger: scale });
    this.points = [];
    this.marks = new Map(); // the first member's id -> its drawing
    this.centre = [WORLD / 2, WORLD / 2];
    this.scale = 1; // px for one unit
    this.outline = svg("path", { class: "outline" });
    this.lines = svg("path", { class: "graticule" });
    this.degrees = svg("g", { class: "degrees" });
    this.over = svg("g", { class: "marks" });
    area.append(this.lines, this.outline, this.degrees, this.over);
    new ResizeObserver(() => this.soon()).observe(area);
  }

  setOutline(geo) {
    this.outline.setAttribute("d", pathOf(geo));
  }

  /** The branches that have a place are drawn. */
  show(branches) {
    const placed = branches.filter((now) => now.latitude != null && now.longitude != null);
    placed.sort((one, other) => (one.branch < other.branch ? -1 : 1));
    this.points = placed.map((now) => {
      const [x, y] = project(now.latitude, now.longitude);
      return { x, y, now };
    });
    this.soon();
  }

  get size() {
    return [this.area.clientWidth || 1, this.area.clientHeight || 1];
  }

  /** So that all of these are in view. */
  fit(points = this.points) {
    const [left, top, right, bottom] = bounds(points) ?? [0, 0, WORLD, WORLD];
    const [width, height] = this.size;
    const edge = EDGE * this.larger;
    this.centre = [(left + right) / 2, (top + bottom) / 2];
    this.scaleTo(Math.min((width - 2 * edge) / (right - left || 1e-6), (height - 2 * edge) / (bottom - top || 1e-6), 4000));
  }

  scaleTo(scale) {
    this.scale = Math.max(FARTHEST, Math.min(NEAREST, scale));
    this.soon();
  }

  move(dx, dy) {
    this.centre = [this.centre[0] + dx / this.scale, this.centre[1] + dy / this.scale];
    this.centre = this.centre.map((n) => Math.max(0, Math.min(WORLD, n)));
    this.soon();
  }

  /** Nearer by a factor; the point under (x, y) of the area stays where it is. */
  zoom(by, x = this.size[0] / 2, y = this.size[1] / 2) {
    const [dx, dy] = [x - this.size[0] / 2, y - this.size[1] / 2];
    const before = this.scale;
    this.scaleTo(this.scale * by);
    const stay = 1 / before - 1 / this.scale;
    this.centre = [this.centre[0] + dx * stay, this.centre[1] + dy * stay];
  }

  /** As it stands in an address: latitude, longitude, scale. */
  get said() {
    const [latitude, longitude] = unproject(...this.centre);
    return `${latitude.toFixed(3)},${longitude.toFixed(3)},${Math.round(this.scale * 10) / 10}`;
  }

  goTo(said) {
    const [latitude, longitude, scale] = said.split(",").map(Number);
    if (![latitude, longitude, scale].every(Number.isFinite)) return false;
    this.centre = project(latitude, longitude);
    this.scaleTo(scale);
    return true;
  }

  inView() {
    const [left, top, right, bottom] = this.window();
    return this.points.filter(({ x, y }) => x >= left && x <= right && y >= top && y <= bottom).map((one) => one.now);
  }

  window() {
    const [width, height] = this.size;
    const [x, y] = this.centre;
    return [x - width / 2 / this.scale, y - height / 2 / this.scale, x + width / 2 / this.scale, y + height / 2 / this.scale];
  }

  soon() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    if (!this.area.clientWidth) return;
    const [left, top] = this.window();
    const [dx, dy] = [-left * this.scale, -top * this.scale];
    this.outline.setAttribute("transform", `translate(${dx} ${dy}) scale(${this.scale})`);
    this.drawLines();
    const wanted = new Set();
    for (const cluster of clustered(this.points, this.scale, APART * this.larger)) {
      const [x, y] = [cluster.x + dx, cluster.y + dy];
      if (x < -60 || y < -60 || x > this.size[0] + 60 || y > this.size[1] + 60) continue;
      wanted.add(cluster.members[0].now.branch);
      this.drawMark(cluster, x, y);
    }
    for (const [id, drawn] of this.marks) if (!wanted.has(id)) this.marks.delete(id) && drawn.element.remove();
    this.moved?.();
  }

  drawLines() {
    const [width, height] = this.size;
    const window = this.window();
    const { meridians, parallels } = graticule(window, this.scale, 110 * this.larger);
    const across = meridians.map((degree) => [degree, (project(0, degree)[0] - window[0]) * this.scale]);
    const down = parallels.map((degree) => [degree, (project(degree, 0)[1] - window[1]) * this.scale]);
    this.lines.setAttribute("d", across.map(([, x]) => `M${x} 0V${height}`).join("") + down.map(([, y]) => `M0 ${y}H${width}`).join(""));
    const text = (x, y, said) => svg("text", { x, y }, said);
    this.degrees.replaceChildren(
      ...across.filter(([, x]) => x < width - 60).map(([degree, x]) => text(x + 4, height - 6, degrees(degree, "E", "W"))),
      ...down.filter(([, y]) => y > 20 && y < height - 24).map(([degree, y]) => text(4, y - 4, degrees(degree, "N", "S"))),
    );
  }

  drawMark(cluster, x, y) {
    const id = cluster.members[0].now.branch;
    const states = counted(cluster.members);
    const key = `${cluster.members.length} ${JSON.stringify(states)} ${this.look().language} ${this.larger}`;
    let drawn = this.marks.get(id);
    if (drawn?.key !== key) {
      drawn?.element.remove();
      drawn = { key, element: this.made(cluster, states) };
      this.marks.set(id, drawn);
      this.over.append(drawn.element);
    }
    drawn.members = cluster.members;
    drawn.element.setAttribute("transform", `translate(${x} ${y}) scale(${this.larger})`);
  }

  made(cluster, states) {
    const { members } = cluster;
    const [worst] = model.STATES.filter((state) => states[state]);
    const made = svg("g", { class: "spot", "data-first": members[0].now.branch, "data-state": worst, "data-count": members.length });
    const { words, language } = this.look();
    const ill = members.length - (states.well ?? 0) - (states.never ?? 0);
    const name = members.length === 1 ? nameIn(members[0].now.names, language) || members[0].now.branch : words.cluster(figure(members.length), figure(ill));
    made.append(svg("title", {}, name));
    if (members.length === 1) made.append(svg("circle", { r: 13, class: "touch" }), svg("path", { d: SHAPES[worst], class: "shape", "data-state": worst }));
    else made.append(...ring(members.length, states), ...badge(worst, states[worst]));
    made.addEventListener("click", () => this.chosen(members[0].now.branch));
    return made;
  }

  chosen(first) {
    if (this.dragged) return;
    const members = this.marks.get(first)?.members ?? [];
    if (members.length === 1) this.opened(members[0].now);
    else this.fit(members);
  }
}

function degrees(degree, positive, negative) {
  if (degree === 0) return "0°";
  return `${Math.abs(degree)}°${degree > 0 ? positive : negative}`;
}

function counted(members) {
  const states = {};
  for (const { now } of members) states[now.state] = (states[now.state] ?? 0) + 1;
  return states;
}

/** How many of a cluster are in which state, around their number. */
function ring(all, states) {
  const radius = 15 + Math.min(5, Math.log10(all) * 1.7);
  const parts = [svg("circle", { r: radius + 3, class: "ground" })];
  let from = 0;
  for (const state of model.STATES.filter((one) => states[one])) {
    const part = states[state] / all;
    parts.push(arc(radius, from, from + part, state));
    from += part;
  }
  parts.push(svg("text", { "text-anchor": "middle", dy: "0.36em" }, all > 9999 ? `${Math.round(all / 1000)}k` : `${all}`));
  return parts;
}

function arc(radius, from, to, state) {
  if (to - from > 0.999) return svg("circle", { r: radius, class: "arc", "data-state": state });
  const at = (share) => [Math.sin(share * 2 * Math.PI) * radius, -Math.cos(share * 2 * Math.PI) * radius].map((n) => n.toFixed(2)).join(" ");
  const d = `M${at(from)}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${at(to)}`;
  return svg("path", { d, class: "arc", "data-state": state });
}

/** The shape of its worst state, with how many are in it. */
function badge(state, count) {
  if (state === "well" || state === "never") return [];
  const text = svg("text", { "text-anchor": "middle", dy: state === "warning" ? "0.5em" : "0.36em", class: "worst" }, count > 99 ? "99+" : `${count}`);
  const shape = svg("path", { d: SHAPES[state], class: "shape", "data-state": state, transform: `scale(${count > 9 ? 1.5 : 1.2})` });
  return [svg("g", { transform: "translate(20 -17)" }, shape, text)];
}
