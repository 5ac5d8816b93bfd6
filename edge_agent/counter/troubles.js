// The banners above the console: a lost connection, a server that ails, a closed branch, machines that ail,
// tickets that were not printed.

import { branchNow } from "/assets/look/live.js";
import { duration } from "/assets/look/words.js";
import { machineCause, machineName } from "/assets/program/machines.js";

const UNPRINTED_SHOWN = 3;
const UNPRINTED_MS = 10 * 60 * 1000;

export class Troubles {
  /** `reprint(label, button)`: the teller wants a second paper. */
  constructor(area, reprint) {
    this.area = area;
    this.reprint = reprint;
    this.lost = false;
    this.server = { journal: "ok", clock_off_s: 0, line: [], open: true }; // as in the branch's state
    this.machines = [];
    this.unprinted = new Map(); // label -> outcome
    this.drawn = "";
  }

  /** What the printer proved about a ticket's paper. */
  printed(label, outcome) {
    this.unprinted.delete(label);
    if (outcome !== "confirmed") {
      this.unprinted.set(label, outcome);
      setTimeout(() => this.dismiss(label), UNPRINTED_MS);
    }
    while (this.unprinted.size > UNPRINTED_SHOWN) {
      this.unprinted.delete(this.unprinted.keys().next().value);
    }
    this.draw(this.words, this.language);
  }

  dismiss(label) {
    this.unprinted.delete(label);
    this.draw(this.words, this.language);
  }

  draw(words, language) {
    this.words = words;
    this.language = language;
    const lines = [...this.lines(words, language)];
    const now = JSON.stringify([lines, language]);
    if (now === this.drawn) return; // said already
    this.drawn = now;
    this.area.replaceChildren(...lines.map((line) => this.banner(line, words)));
  }

  *lines(words, language) {
    if (this.lost) yield { name: "lost", text: words.lost };
    yield* this.serverLines(words, language);
    for (const device of this.machines) {
      const text = words.trouble(machineName(device, language), machineCause(device, language));
      yield { name: device.device, text };
    }
    for (const [label, outcome] of this.unprinted) {
      const text = outcome === "failed" ? words.notPrinted(label) : words.maybePrinted(label);
      yield { name: `unprinted-${label}`, text, label };
    }
  }

  *serverLines(words, language) {
    const { journal, clock_off_s: off, line, open } = this.server;
    yield* this.officeLines(words, language);
    if (journal !== "ok") yield { name: `journal-${journal}`, text: words[journal] };
    if (off) yield { name: "clock", text: words.clockOff(duration(Math.abs(off), language)) };
    for (const name of line) if (words.line[name]) yield { name: `line-${name}`, text: words.line[name] };
    if (!open) yield { name: "branch-closed", text: words.branchClosed };
  }

  /** Messages of head office's, for as long as they are meant. */
  *officeLines(words, language) {
    const now = branchNow();
    for (const one of this.server.notices ?? []) {
      const due = one.where.includes("counter") && Date.parse(one.from) <= now && now < Date.parse(one.until);
      const text = one.words[language] ?? one.words["zh-Hans"] ?? Object.values(one.words)[0];
      if (due) yield { name: `office-${one.id}`, text: words.fromOffice(text, one.urgent) };
    }
  }

  banner({ name, text, label }, words) {
    const banner = document.createElement("div");
    banner.className = "trouble";
    banner.dataset.trouble = name;
    const sentence = document.createElement("p");
    sentence.textContent = text;
    banner.append(warningSign(), sentence);
    if (label) {
      banner.append(smallButton(words.reprint, (button) => this.reprint(label, button)));
      banner.append(smallButton(words.dismiss, () => this.dismiss(label)));
    }
    return banner;
  }
}

function smallButton(text, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = text;
  button.addEventListener("click", () => pressed(button));
  return button;
}

function warningSign() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M12 3 1.5 21h21ZM12 9.5v5.5M12 17v1.8");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2.2");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}
