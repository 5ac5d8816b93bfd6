// The calm lines under the calls: who is back in line, and what customers should know of the branch itself.

import { branchNow } from "/assets/look/live.js";

const BACK_MS = 3 * 60 * 1000;
const LABELS = 5; // as many as one line holds
const NOBODY = {
  open: ["请取号后在此等候叫号", "Please take a ticket and wait for your number"],
  closed: ["请等候叫号", "Please wait for your number"],
};
const NOTICES = {
  failing: ["取号和叫号稍有延误，请稍候", "Tickets and calls are delayed, please bear with us"],
  slow: ["叫号可能稍有延迟", "Calls may come a little late"],
  closed: ["现已停止取号，已取号的客户请等候叫号", "No more tickets now; if you have one, please wait for your number"],
};

const OFFICE_MS = 8000; // each message of head office's stands so long before the next

const at = (id) => document.getElementById(id);
let back = [];
let office = [];

export function drawNotices(queues) {
  back = queues.back;
  office = (queues.notices ?? []).filter((one) => one.where.includes("hall"));
  drawBack();
  const name = queues.journal !== "ok" ? queues.journal : queues.open ? "" : "closed";
  both("notice", NOTICES[name] ?? ["", ""]);
  at("notice").hidden = !name;
  both("nobody", NOBODY[queues.open ? "open" : "closed"]);
}

/** Of head office's messages the one whose turn it is; an urgent one leaves the others no turn. */
function drawOffice() {
  const now = branchNow();
  const all = office.filter((one) => Date.parse(one.from) <= now && now < Date.parse(one.until));
  const urgent = all.filter((one) => one.urgent);
  const turn = urgent.length ? urgent : all;
  const one = turn[Math.floor(now / OFFICE_MS) % turn.length];
  const chinese = one?.words["zh-Hans"] ?? one?.words["zh-Hant"] ?? "";
  both("office", [chinese, one?.words.en ?? ""]);
  at("office").classList.toggle("urgent", Boolean(one?.urgent));
  at("office").hidden = !one;
}

/** Also without news: the lines end by themselves. */
export function drawBack() {
  drawOffice();
  const shown = back.filter((one) => branchNow() - Date.parse(one.at) < BACK_MS).slice(0, LABELS);
  write("back-labels", shown.map((one) => one.label).join("  "));
  at("back").hidden = !shown.length;
}

function both(id, [chinese, english]) {
  write(`${id}-zh`, chinese);
  write(`${id}-en`, english);
}

/** Only when it differs: an announced text must not be announced again. */
function write(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}
