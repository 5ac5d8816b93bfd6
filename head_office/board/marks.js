// A branch's state as a mark: its colour and its shape say the same.

const SVG = "http://www.w3.org/2000/svg";
export const SHAPES = {
  urgent: "M0-9.5 9.5 0 0 9.5-9.5 0Z",
  warning: "M0-8.5 9.5 7.5H-9.5Z",
  notice: "M-7-7H7V7H-7Z",
  never: "M0-6A6 6 0 1 0 .01-6ZM0-3A3 3 0 1 1-.01-3Z",
  well: "M0-6A6 6 0 1 0 .01-6Z",
};

export function svg(tag, attributes, ...inside) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

/** Beside words that say the same, so it is not read aloud. */
export function mark(state) {
  const made = svg("svg", { viewBox: "-10 -10 20 20", class: "mark", "aria-hidden": "true", "data-state": state });
  made.append(svg("path", { d: SHAPES[state] }));
  return made;
}

export function setMark(made, state) {
  if (made.dataset.state === state) return;
  made.dataset.state = state;
  made.firstChild.setAttribute("d", SHAPES[state]);
}
