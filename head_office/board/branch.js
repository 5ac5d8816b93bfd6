// The page of one branch: its queues, counters, machines and its last entries, live.

import { AILING, machineCause, machineName } from "/assets/program/machines.js";
import { coverageOf, waitOf } from "./model.js";
import { ask, officeNow } from "./net.js";
import { ratingWords, statusWords } from "./rows.js";
import { duration, eventName, moment, nameIn, outcomeName, waitRange, withSeconds } from "./words.js";

const SHOWN = 50;
const at = (id) => document.getElementById(id);

export class OneBranch {
  /** `look()` gives {words, language}. */
  constructor(id, look) {
    this.id = id;
    this.look = look;
    this.now = null;
    this.events = [];
    this.reading = false;
    this.asked = false;
  }

  take(now) {
    if (this.now && this.now.epoch !== now.epoch) this.events = [];
    this.now = now;
    this.readEvents();
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => this.draw());
  }

  /** The entries after those shown; of a long history only the last ones. */
  async readEvents() {
    const last = this.events.at(-1)?.seq ?? 0;
    const there = this.now.acked ?? 0;
    if (this.reading || there <= last) return;
    this.reading = true;
    const after = Math.max(last, there - SHOWN);
    const answer = await ask(`/api/v1/branches/${encodeURIComponent(this.id)}/events?after=${after}&limit=${SHOWN}`);
    this.reading = false;
    if (!answer.ok) return;
    this.events = [...this.events, ...answer.body.events].slice(-SHOWN);
    this.drawEvents();
    if (answer.body.events.length) this.readEvents();
  }

  draw() {
    this.asked = false;
    if (!this.now) return;
    const { words, language } = this.look();
    const name = nameIn(this.now.queues?.name ?? this.now.name, language) || this.id;
    at("branch-name").textContent = name;
    document.title = `${name} · ${words.title}`;
    this.drawStatus(words, language);
    at("queues").replaceChildren(...this.queueRows(words, language));
    at("counters").replaceChildren(...(this.now.queues?.counters ?? []).map((one) => counterItem(one, words)));
    at("machines").replaceChildren(...this.machineItems(words, language));
    this.drawEvents();
  }

  drawStatus(words, language) {
    const now = this.now;
    at("branch-status").dataset.status = now.alert || now.status;
    at("branch-status").textContent = statusWords(now, officeNow(), words, language);
    const facts = [this.id, now.version && words.version(now.version)];
    if (now.seen_at) facts.push(`${words.news} ${moment(now.seen_at, officeNow())}`);
    if (now.queues) facts.push(`${words.served} ${now.queues.served}`);
    const rated = coverageOf(now);
    if (rated) facts.push(`${words.ratings} ${ratingWords(rated, words, " · ")}`);
    if (now.queues?.open_opinions) facts.push(words.openOpinions(now.queues.open_opinions));
    if (now.missing) facts.push(words.notHere(now.missing));
    at("branch-facts").textContent = facts.filter(Boolean).join(" · ");
  }

  queueRows(words, language) {
    return (this.now.queues?.queues ?? []).map((queue) => {
      const row = document.createElement("tr");
      const name = made("th", "", nameIn(queue.names, language));
      name.scope = "row";
      const wait = queue.waiting ? duration(waitOf(queue, this.now, officeNow()), language) : "–";
      const estimate = waitRange(queue.estimated_wait, language) ?? words.noEstimate;
      row.append(name, made("td", "", queue.waiting), made("td", "", wait), made("td", "", estimate));
      return row;
    });
  }

  machineItems(words, language) {
    if (!this.now.devices.length) return [made("li", "soft", words.noMachines)];
    return this.now.devices.map((device) => {
      const ails = AILING.has(device.state);
      const state = ails ? machineCause(device, language) : words.machinesWell;
      const since = ails ? words.from(moment(device.since, officeNow())) : "";
      return made("li", ails ? "ails" : "", words.trouble(machineName(device, language), state + since));
    });
  }

  drawEvents() {
    const { words, language } = this.look();
    const items = [...this.events].reverse().map((event) => eventItem(event, words, language));
    at("events").replaceChildren(...(items.length ? items : [made("li", "soft", words.noEvents)]));
  }
}

function counterItem(one, words) {
  const item = made("li", one.state, "");
  item.append(made("b", "", one.counter), [words[one.state] ?? one.state, one.label].filter(Boolean).join(" "));
  return item;
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

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
