// The page of configurations and messages: what is on its way, what each branch really runs, and changes of both.

import { drawBranches, drawDeeds, drawNotices, drawPlan, drawVersions } from "./rollout_draw.js";
import { stageOf, WORDS } from "./rollout_words.js";
import { ask, officeNow } from "./net.js";

const KEPT = "lobby-language";
const LOOK_MS = 3000;
const SURE_MS = 4000;
const API = "/api/v1/rollout";

const at = (id) => document.getElementById(id);
let language = WORDS[localStorage.getItem(KEPT)] ? localStorage.getItem(KEPT) : "zh-Hans";
let now = null; // all of it, as head office last said it
let sure = 0; // the version that somebody has clicked once to go back from

async function read() {
  const asked = new URLSearchParams({ which: at("which").value, search: at("search").value.trim() });
  const answer = await ask(`${API}?${asked}`);
  at("lost").hidden = answer.status !== 0;
  at("unset").hidden = answer.status !== 404;
  if (answer.status === 401) return location.assign("/sign-in?to=/rollout");
  at("door").hidden = !(answer.ok && !answer.body.may_change);
  at("all").hidden = !(answer.ok || (now && answer.status === 0));
  if (!answer.ok) return;
  now = answer.body;
  draw();
}

function draw() {
  if (!now) return;
  const words = WORDS[language];
  document.body.classList.toggle("only-looks", !now.may_change);
  drawPlan(now, words, sure);
  drawBranches(now, words, at("search").value.trim(), officeNow());
  drawVersions(now, words, officeNow(), { opened, again, rollOut, translate });
  drawNotices(now, words, officeNow(), withdraw);
  drawDeeds(now, words, officeNow());
  at("key").textContent = now.key;
}

/** Null when it failed; the page has said why. */
async function post(path, body) {
  const answer = await ask(`${API}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  at("problem").hidden = answer.ok;
  if (answer.ok) return answer.body;
  const words = WORDS[language];
  at("problem").textContent = answer.status === 403 ? words.onlyLook : (answer.body?.detail ?? words.failed);
  at("problem").scrollIntoView({ block: "nearest" });
  return null;
}

async function step(event) {
  await post(event.currentTarget.dataset.step);
  await read();
}

/** Clicked twice, and both times with the same version on the page: else it is drawn anew, and asks anew. */
async function goBack() {
  const { version } = now.plan;
  if (sure !== version) {
    sure = version;
    draw();
    setTimeout(() => {
      sure = 0;
      draw();
    }, SURE_MS);
    return;
  }
  sure = 0;
  await post("back", { version });
  await read();
}

async function opened(number, item) {
  const answer = await ask(`${API}/versions/${number}`);
  if (!answer.ok) return;
  const words = WORDS[language];
  const { version, before, changes } = answer.body;
  item.querySelector(".before").textContent = words.changesTo(before);
  item.querySelector(".contents").textContent = version.contents;
  const lines = changes.length ? changes : [` ${words.noChanges}`];
  item.querySelector(".changes").replaceChildren(...lines.map(changedLine));
}

function changedLine(text) {
  const line = document.createElement("span");
  line.className = { "+": "plus", "-": "minus", "@": "place" }[text[0]] ?? "";
  line.textContent = `${text}\n`;
  return line;
}

function again(item) {
  at("contents").value = item.querySelector(".contents").textContent;
  at("new").open = true;
  at("contents").focus();
}

async function rollOut(event, number, item) {
  event.preventDefault();
  const stages = item.querySelector(".stages").value.split("\n").map(stageOf).filter(Boolean);
  if (!stages.length) return say("problem", WORDS[language].stagesWrong);
  const hours = item.querySelector(".hours").value;
  const given = { stages, healthy_h: hours ? Number(hours) : null, when: item.querySelector(".when").value };
  if (!(await post(`versions/${number}/plan`, given))) return;
  item.querySelector("details").open = false;
  await read();
  at("plan").scrollIntoView();
}

async function edit(event) {
  event.preventDefault();
  const words = WORDS[language];
  const given = { contents: at("contents").value, note: at("note").value.trim() };
  if (event.submitter.value === "check") {
    const found = await post("check", given);
    if (found) said(found.problem || words.fine, Boolean(found.problem));
    return;
  }
  const made = await post("versions", given);
  if (!made) return said(at("problem").textContent, true);
  said(words.kept(made.version), false);
  await read();
}

function said(text, wrong) {
  at("said").classList.toggle("wrong", wrong);
  say("said", text);
}

function say(id, text) {
  at(id).textContent = text;
  at(id).hidden = false;
}

async function send(event) {
  event.preventDefault();
  const words = {};
  for (const one of ["zh-Hans", "zh-Hant", "en"]) if (at(`words-${one}`).value.trim()) words[one] = at(`words-${one}`).value.trim();
  const where = ["hall", "counter"].filter((one) => at(one).checked);
  const to = stageOf(at("to").value) ?? { branches: [] };
  const times = { from: new Date(at("from").value).toISOString(), until: new Date(at("until").value).toISOString() };
  if (!(await post("notices", { words, where, to, urgent: at("urgent").checked, ...times }))) return;
  at("say").reset();
  at("new-notice").open = false;
  usualTimes();
  await read();
}

async function withdraw(id) {
  await post(`notices/${id}/withdraw`);
  await read();
}

/** From now until tonight, in this machine's own time. */
function usualTimes() {
  const local = (date) => new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  const tonight = new Date();
  tonight.setHours(23, 59, 0, 0);
  at("from").value = local(new Date());
  at("until").value = local(tonight);
}

function translate(part) {
  for (const element of part.querySelectorAll("[data-word]")) element.textContent = WORDS[language][element.dataset.word];
}

function translateAll() {
  document.documentElement.lang = language;
  document.title = WORDS[language].title;
  at("language").lang = language === "en" ? "zh-Hans" : "en";
  translate(document);
  at("said").hidden = true;
  at("problem").hidden = true;
  draw();
}

for (const button of document.querySelectorAll("[data-step]")) button.addEventListener("click", step);
at("go-back").addEventListener("click", goBack);
at("edit").addEventListener("submit", edit);
at("say").addEventListener("submit", send);
at("which").addEventListener("change", read);
at("search").addEventListener("input", read);
at("language").addEventListener("click", () => {
  language = language === "en" ? "zh-Hans" : "en";
  localStorage.setItem(KEPT, language);
  translateAll();
});
usualTimes();
translateAll();
await read();
setInterval(read, LOOK_MS);
