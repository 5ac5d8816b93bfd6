// Which key does what, by where it lies on the keyboard: an active input method does not change that.

const OFF = "lobby-letters-off";

const KEYS = {
  F2: "call-next",
  Space: "call-next",
  KeyS: "start",
  KeyF: "finish",
  KeyR: "recall",
  KeyN: "no-show",
  KeyK: "park",
  KeyT: "transfer",
  KeyZ: "undo",
  KeyO: "open",
  KeyP: "pause",
  KeyC: "close",
  KeyY: "why",
  Digit1: "tab-parked",
  Digit2: "tab-missed",
  Digit3: "tab-others",
  KeyG: "reprint",
  KeyI: "opinions",
  KeyX: "branch",
  Slash: "help",
};
const ALWAYS = ["F2", "Space"];
const CAPS = { Slash: "?" };

let letters = localStorage.getItem(OFF) === null;

/** Presses the button of a key. Who steers by voice may do without single letters (WCAG 2.1.4). */
export function onKey(event) {
  const code = event.code.replace("Numpad", "Digit");
  const button = document.getElementById(KEYS[code] ?? "");
  if (!button || !meant(event, code)) return;
  event.preventDefault();
  if (button.checkVisibility()) button.click();
}

function meant(event, code) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.shiftKey && code !== "Slash") return false;
  if (!letters && !ALWAYS.includes(code)) return false;
  if (document.querySelector("dialog[open]")) return false;
  if (code === "F2") return true;
  const inside = code === "Space" ? 'button:not([role="tab"]), input, select, a' : "input, select";
  return !event.target.closest?.(inside);
}

export function useLetters(yes) {
  letters = yes;
  if (yes) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  showLetters();
}

export function showLetters() {
  document.body.classList.toggle("no-letters", !letters);
  document.getElementById("letters").checked = letters;
}

/** Fills the list of keys: what each one does, in the words of its button. */
export function listKeys(list, words) {
  const rows = Object.entries(KEYS).map(([code, id]) => {
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = code === "Space" ? words.space : (CAPS[code] ?? code.replace(/^Key|^Digit/, ""));
    term.append(key);
    const does = document.createElement("dd");
    does.textContent = words.keyOf[id] ?? words[id.replace(/-(.)/, (_, letter) => letter.toUpperCase())];
    const row = document.createElement("div");
    row.append(term, does);
    return row;
  });
  list.replaceChildren(...rows);
}
