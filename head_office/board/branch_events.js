// The last entries of a branch's journal, as they are committed here.

import { machineCause, machineName } from "/assets/program/machines.js";
import { made } from "./branch_parts.js";
import { eventName, outcomeName } from "./branch_words.js";
import { ask } from "./net.js";
import { withSeconds } from "./words.js";

const SHOWN = 50;

export class BranchEvents {
  constructor(path, look) {
    Object.assign(this, { path, look, events: [], epoch: null, reading: false, drawn: "" });
  }

  take(now) {
    if (this.epoch !== now.epoch) this.events = [];
    this.epoch = now.epoch;
    this.there = now.acked ?? 0;
    this.read();
  }

  /** The entries after those shown; of a long history only the last ones. */
  async read() {
    const last = this.events.at(-1)?.seq ?? 0;
    if (this.reading || this.there <= last) return;
    this.reading = true;
    const after = Math.max(last, this.there - SHOWN);
    const answer = await ask(`${this.path}/events?after=${after}&limit=${SHOWN}`);
    this.reading = false;
    if (!answer.ok) return;
    this.events = [...this.events, ...answer.body.events].slice(-SHOWN);
    this.draw();
    if (answer.body.events.length) this.read();
  }

  draw() {
    const { words, language } = this.look();
    const key = `${language} ${this.epoch} ${this.events.at(-1)?.seq}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const items = [...this.events].reverse().map((event) => eventItem(event, words, language));
    document.getElementById("events").replaceChildren(...(items.length ? items : [made("li", "soft", words.noEvents)]));
  }
}

function eventItem(event, words, language) {
  const item = made("li", "", "");
  item.dataset.seq = event.seq;
  const what = [eventName(event.type, language), event.label];
  if (event.counter) what.push(words.at(event.counter));
  if (event.device) what.push(machineName({ device: event.device, kind: "" }, language));
  if (event.detail) what.push(machineCause({ detail: event.detail }, language));
  if (event.outcome) what.push(outcomeName(event.outcome, language));
  item.append(made("time", "soft", withSeconds(event.at)), made("span", "", what.filter(Boolean).join(" · ")));
  return item;
}
