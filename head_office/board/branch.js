// The page of one branch, live.

import { factsOf, kindName } from "./alerts_words.js";
import { cameFromBoard } from "./address.js";
import { Around, write } from "./around.js";
import { BranchEvents } from "./branch_events.js";
import { counterItems, machineItems, queueRows } from "./branch_parts.js";
import { WORDS } from "./branch_words.js";
import { drawCurve } from "./curve.js";
import { ask, officeNow } from "./net.js";
import { drawProof } from "./proof.js";
import { statusWords } from "./said.js";
import { coverage } from "./model.js";
import { duration, exactly, figure, moment, nameIn } from "./words.js";

const AGE_MS = 5000;
const OTHERS_MS = 60000; // alerts, proof and curve are asked for anew

const at = (id) => document.getElementById(id);
const id = decodeURIComponent(location.pathname.split("/")[2]);
const path = `/api/v1/branches/${encodeURIComponent(id)}`;
const around = new Around(WORDS, draw);
const look = () => around.look();
const events = new BranchEvents(path, look);
const beside = { alerts: [], proof: null, provedAt: 0, curve: null };
let now = null;

async function read() {
  const answer = await around.read(path);
  if (answer.status === 401) return;
  if (answer.status === 404) return around.show("missing");
  if (!answer.ok) return setTimeout(read, 3000);
  around.show("one");
  take(answer.body);
  around.follow(() => `${path}/stream`, (event) => event.type === "Branch" && take(event.branch));
  readBeside();
  setInterval(readBeside, OTHERS_MS);
}

function take(said) {
  now = said;
  events.take(now);
  draw();
}

async function readBeside() {
  await Promise.all([readAlerts(), prove(), readCurve()]);
}

async function readAlerts() {
  const answer = await ask(`/api/v1/alerts?state=open&branch=${encodeURIComponent(id)}`);
  if (answer.ok) beside.alerts = answer.body.alerts;
  draw();
}

async function prove() {
  const answer = await ask(`${path}/proof`);
  if (answer.status === 0 && beside.proof) return;
  beside.proof = answer.ok ? answer.body : { verdict: "failed", missing: [] };
  beside.provedAt = officeNow();
  draw();
}

async function readCurve() {
  const answer = await ask(`${path}/curve`);
  if (answer.status) beside.curve = answer.ok ? answer.body : null;
  draw();
}

function draw() {
  if (!now) return;
  const { words, language } = look();
  const name = nameIn(now.queues?.name ?? now.name, language) || id;
  write(at("branch-name"), name);
  document.title = `${name} · ${words.board}`;
  drawHead(words, language);
  drawAlerts(words, language);
  drawTotals(words, language);
  at("queues").replaceChildren(...queueRows(now, officeNow(), words, language));
  at("queues").parentElement.hidden = !now.queues;
  at("no-queues").hidden = Boolean(now.queues);
  at("counters").replaceChildren(...counterItems(now, officeNow(), words, language));
  at("machines").replaceChildren(...machineItems(now, officeNow(), words, language));
  drawProof(beside.proof, beside.provedAt, words);
  drawCurve(beside.curve, words, language);
  events.draw();
}

function drawHead(words, language) {
  at("one").dataset.away = now.status === "online" ? "no" : "yes";
  const since = Date.parse(now.since) / 1000;
  const said = { status: now.status, since, kinds: now.alert ? [now.alert] : [] };
  at("branch-status").dataset.status = now.alert || now.status;
  write(at("branch-status"), statusWords(said, officeNow(), words, language));
  const facts = [now.region.split("/").join(" › "), id, now.version && words.version(now.version)];
  if (now.epoch) facts.push(words.epoch(now.epoch), words.acked(figure(now.acked)));
  if (now.behind) facts.push(words.behind(figure(now.behind)));
  if (now.missing) facts.push(words.notHere(figure(now.missing)));
  if (now.queues) facts.push(...ofQueues(now.queues, words, language));
  write(at("branch-facts"), facts.filter(Boolean).join(" · "));
  write(at("as-of-time"), now.status === "never" ? words.never : words.asOf(exactly(now.seen_at, officeNow())));
}

function ofQueues(queues, words, language) {
  return [
    queues.open_opinions && words.openOpinions(figure(queues.open_opinions)),
    queues.clock_off_s && words.clockOff(duration(Math.abs(queues.clock_off_s), language)),
    queues.line?.length && words.line(queues.line.join(", ")),
    words.journal[queues.journal],
    queues.config_state && words.config(queues.config_version, queues.config_about, queues.config_state),
  ];
}

function drawAlerts(words, language) {
  at("alerts-part").hidden = beside.alerts.length === 0;
  at("alerts").replaceChildren(...beside.alerts.map((alert) => alertItem(alert, words, language)));
}

function alertItem(alert, words, language) {
  const item = document.createElement("li");
  item.dataset.state = alert.severity;
  const link = document.createElement("a");
  link.href = `/alerts?branch=${encodeURIComponent(id)}`;
  link.textContent = kindName(alert.kind, language);
  const ago = duration((officeNow() - Date.parse(alert.began)) / 1000, language);
  const said = [alert.subject, factsOf(alert, language), words.since(moment(alert.began, officeNow()), ago)];
  if (alert.acknowledged) said.push(words.seenBy(alert.acknowledged_by));
  item.append(link, document.createElement("span"));
  item.lastChild.textContent = said.filter(Boolean).join(" · ");
  return item;
}

function drawTotals(words, language) {
  const { queues } = now;
  at("totals").hidden = !queues;
  if (!queues) return;
  const lines = queues.queues.filter((line) => line.waiting);
  const longest = Math.max(0, ...lines.map((line) => line.longest_wait_s + aged()));
  const target = duration(now.target_s, language);
  const over = longest - now.target_s;
  write(at("total-waiting"), figure(lines.reduce((sum, line) => sum + line.waiting, 0)));
  write(at("total-longest"), lines.length ? duration(longest, language) : "–");
  write(at("total-target"), over >= 60 ? words.overBy(target, duration(over, language)) : words.target(target));
  const open = queues.counters.filter((one) => !["closed", "paused"].includes(one.state));
  const busy = open.filter((one) => one.state !== "idle");
  write(at("total-counters"), `${busy.length} / ${open.length}`);
  write(at("total-served"), figure(queues.served));
  write(at("total-issued"), words.issued(figure(queues.issued), figure(queues.missed)));
  const rated = coverage(queues.ratings);
  write(at("total-rated"), rated?.mean ?? "–");
  write(at("total-ratings"), rated ? words.rated(figure(rated.rated), figure(rated.visits), rated.share) : "");
}

/** How old the branch's count is, in s. */
function aged() {
  return now.status === "online" ? Math.max(0, Math.min(60, (officeNow() - Date.parse(now.queues.at)) / 1000)) : 0;
}

/** To where the reader came from, with what they had chosen there. */
at("past").href = `/history?branch=${encodeURIComponent(id)}`;
const fromBoard = cameFromBoard();
at("back").addEventListener("click", (event) => {
  if (!fromBoard) return;
  event.preventDefault();
  history.back();
});
at("prove").addEventListener("click", () => {
  write(at("proof"), look().words.proving);
  prove();
});
setInterval(draw, AGE_MS);
around.draw();
await read();
