// Degrees to the plane (Mercator) and back, and branches that stand close together as one. Pure.

export const WORLD = 1000; // the plane's width and height
const STEEPEST = 85;

export function project(latitude, longitude) {
  const steep = (Math.max(-STEEPEST, Math.min(STEEPEST, latitude)) * Math.PI) / 180;
  return [
    ((longitude + 180) / 360) * WORLD,
    (0.5 - Math.log(Math.tan(Math.PI / 4 + steep / 2)) / (2 * Math.PI)) * WORLD,
  ];
}

export function unproject(x, y) {
  const up = (0.5 - y / WORLD) * 2 * Math.PI;
  return [((2 * Math.atan(Math.exp(up)) - Math.PI / 2) * 180) / Math.PI, (x / WORLD) * 360 - 180];
}

/**
 * `points`: [{x, y, ...}] on the plane, always in the same order; `scale`: pixels for one unit. Those nearer than
 * `apart` pixels to the first of a cluster are in it. Moving the map changes no cluster.
 */
export function clustered(points, scale, apart) {
  const cells = new Map();
  const found = [];
  for (const point of points) {
    const [x, y] = [point.x * scale, point.y * scale];
    const [column, row] = [Math.floor(x / apart), Math.floor(y / apart)];
    const near = nearest(cells, column, row, x, y, apart);
    if (near) {
      near.members.push(point);
      continue;
    }
    const made = { x, y, members: [point] };
    const key = `${column},${row}`;
    if (cells.has(key)) cells.get(key).push(made);
    else cells.set(key, [made]);
    found.push(made);
  }
  return found;
}

function nearest(cells, column, row, x, y, apart) {
  for (let dx = -1; dx <= 1; dx += 1) {
    for (let dy = -1; dy <= 1; dy += 1) {
      for (const one of cells.get(`${column + dx},${row + dy}`) ?? []) {
        if (Math.hypot(one.x - x, one.y - y) < apart) return one;
      }
    }
  }
  return null;
}

/** [left, top, right, bottom] of points on the plane; null of none. */
export function bounds(points) {
  if (!points.length) return null;
  const [xs, ys] = [points.map((one) => one.x), points.map((one) => one.y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

const ROUND = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];

/** The lines of the graticule in a window on the plane: {meridians, parallels} in degrees, as far apart as `apart` px. */
export function graticule([left, top, right, bottom], scale, apart) {
  const wide = (apart / scale / WORLD) * 360;
  const step = ROUND.filter((one) => one >= wide).at(-1) ?? ROUND[0];
  const [north, west] = unproject(left, top);
  const [south, east] = unproject(right, bottom);
  return { meridians: every(step, Math.max(-180, west), Math.min(180, east)), parallels: every(step, south, north) };
}

function every(step, from, to) {
  const lines = [];
  for (let n = Math.ceil(from / step); n * step <= to; n += 1) lines.push(Math.round(n * step * 100) / 100);
  return lines;
}

/** The `d` of a path of any GeoJSON, on the plane. */
export function pathOf(geo) {
  if (!geo) return "";
  if (geo.type === "FeatureCollection") return geo.features.map((one) => pathOf(one.geometry)).join("");
  if (geo.type === "Feature") return pathOf(geo.geometry);
  if (geo.type === "GeometryCollection") return geo.geometries.map(pathOf).join("");
  return linesIn(geo.coordinates).map(drawn).join("");
}

/** The runs of positions in coordinates of any depth. */
function linesIn(coordinates) {
  if (!Array.isArray(coordinates?.[0])) return [];
  return Array.isArray(coordinates[0][0]) ? coordinates.flatMap(linesIn) : [coordinates];
}

const drawn = (line) => `M${line.map(([longitude, latitude]) => project(latitude, longitude).map((n) => n.toFixed(3)).join(" ")).join("L")}`;
