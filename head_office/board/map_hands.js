// The map moved and zoomed by mouse, finger and keyboard.

const NEARER = 1.6;
const STEP = 80; // px that an arrow key moves
const DRAG = 5; // px; less is a touch
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `entered()`: the enter key goes from the map to what is listed of it. */
export function withHands(map, entered) {
  const { area } = map;
  const fingers = new Map(); // pointer -> [x, y]
  let gone = 0; // px since the first finger came down
  area.addEventListener("pointerdown", (event) => {
    if (fingers.size === 0) gone = 0;
    map.dragged = false;
    fingers.set(event.pointerId, within(area, event));
  });
  area.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = spread(fingers);
    fingers.set(event.pointerId, within(area, event));
    const after = spread(fingers);
    gone += Math.abs(after.x - before.x) + Math.abs(after.y - before.y) + Math.abs(after.apart - before.apart);
    if (gone < DRAG) return;
    if (!map.dragged) area.setPointerCapture(event.pointerId);
    map.dragged = true;
    map.move(before.x - after.x, before.y - after.y);
    if (before.apart && after.apart) map.zoom(after.apart / before.apart, after.x, after.y);
  });
  for (const name of ["pointerup", "pointercancel"]) area.addEventListener(name, (event) => fingers.delete(event.pointerId));
  area.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = within(area, event);
    map.zoom(NEARER ** (-event.deltaY / 200), x, y);
  }, { passive: false });
  area.addEventListener("keydown", (event) => key(event, map, entered));
}

function key(event, map, entered) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const arrow = ARROWS[event.key];
  if (arrow) map.move(arrow[0] * STEP, arrow[1] * STEP);
  else if (event.key === "+" || event.key === "=") map.zoom(NEARER);
  else if (event.key === "-") map.zoom(1 / NEARER);
  else if (event.key === "0") map.fit();
  else if (event.key === "Enter") entered();
  else return;
  event.preventDefault();
}

function within(area, event) {
  const place = area.getBoundingClientRect();
  return [event.clientX - place.left, event.clientY - place.top];
}

/** The middle of the fingers, and how far two are apart. */
function spread(fingers) {
  const [one, other] = [...fingers.values()];
  if (!other) return { x: one[0], y: one[1], apart: 0 };
  return { x: (one[0] + other[0]) / 2, y: (one[1] + other[1]) / 2, apart: Math.hypot(one[0] - other[0], one[1] - other[1]) };
}
