// A branch in words.

import { machineCause, machineName } from "/assets/program/machines.js";
import * as model from "./model.js";
import { duration, figure, kindName, moment } from "./words.js";

const OF_STATUS = new Set(["silent", "offline", "never", "cloned"]);

export function statusWords(now, at, words, language) {
  if (now.kinds.includes("cloned")) return words.cloned;
  if (!model.away(now)) return words.online;
  const ago = duration(at / 1000 - now.since, language);
  return (words.away[now.status] ?? words.away.silent)(moment(now.since * 1000, at), ago);
}

/** Its worst trouble with its figures, and how many more there are; of what its status does not say. */
export function troubleWords(now, at, words, language) {
  const kinds = now.troubles.filter((kind) => !OF_STATUS.has(kind));
  if (!kinds.length) return { text: "", more: 0 };
  return { text: oneTrouble(kinds[0], now, at, words, language), more: kinds.length - 1 };
}

/** The worst of it in one text: how it stands, where that is the trouble. */
export function worstWords(now, at, words, language) {
  if (now.troubles.length && OF_STATUS.has(now.troubles[0])) return statusWords(now, at, words, language);
  return troubleWords(now, at, words, language).text;
}

function oneTrouble(kind, now, at, words, language) {
  if (kind === "device-down" || kind === "paper-low") return machinesWords(kind, now, words, language);
  if (kind.startsWith("wait-")) {
    const longest = duration(model.longestWait(now, at), language);
    return words.overTarget(longest, duration(now.target_s, language));
  }
  if (kind === "clock-wrong") return words.clockOff(duration(Math.abs(now.clock_off_s), language));
  if (kind === "entries-missing") return words.notHere(figure(now.missing));
  if (kind === "backlog") return words.behind(figure(now.behind));
  return kindName(kind, words, language);
}

function machinesWords(kind, now, words, language) {
  const low = (one) => one.detail === "paperLow" && one.state === "degraded";
  const them = now.ailing.filter((one) => (kind === "paper-low" ? low(one) : one.state !== "degraded"));
  const separator = language === "en" ? "; " : "；";
  return them.map((one) => words.ailing(machineName(one, language), machineCause(one, language))).join(separator);
}

export function ratingWords(known, words, between) {
  if (!known) return "–";
  const said = [words.rated(figure(known.rated), figure(known.visits), known.share)];
  if (known.mean !== null) said.push(words.mean(known.mean));
  return said.join(between);
}
