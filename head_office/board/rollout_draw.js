// Draws what the page of configurations and messages knows. Changes nothing.

import { moment } from "./words.js";
import { stageName } from "./rollout_words.js";

const FAILED = new Set(["refused", "rolled_back"]);

const at = (id) => document.getElementById(id);
const failed = (one) => one.wanted !== 0 && one.about === one.wanted && FAILED.has(one.state);

/** `sure`: the version that somebody has clicked once to go back from. */
export function drawPlan(now, words, sure) {
  const plan = now.plan;
  const note = now.versions.find((one) => one.version === plan?.version)?.note ?? "";
  write(at("plan-state"), plan ? words.plan(plan.version, note, words.states[plan.state]) : words.nothing);
  const last = !plan || plan.at === plan.stages.length - 1;
  const onward = plan && plan.state === "running" && !last ? (plan.healthy_h === null ? words.byHand : words.byItself(plan.healthy_h)) : "";
  write(at("plan-reason"), plan?.reason || onward);
  at("plan-reason").className = plan?.reason ? "problem" : "soft";
  at("plan-reason").hidden = !(plan?.reason || onward);
  at("stages").replaceChildren(...(plan?.stages ?? []).map((stage, n) => stageItem(stage, n, now, words)));
  const open = plan && plan.state !== "done";
  at("next").hidden = !open || last;
  at("resume").hidden = !["paused", "stopped"].includes(plan?.state);
  at("pause").hidden = plan?.state !== "running";
  at("go-back").hidden = !plan;
  const goBack = plan ? words.goBack(plan.before) : "";
  write(at("go-back"), plan && sure === plan.version ? words.sure(goBack) : goBack);
}

function stageItem(stage, n, now, words) {
  const item = document.createElement("li");
  const begun = n <= now.plan.at;
  item.className = begun ? "begun" : "later";
  const { branches, running } = now.reach[n];
  item.append(part("span", words.stage(n + 1, stageName(stage, words))), part("span", words.progress(running, branches)));
  return item;
}

export function drawBranches(now, words, search, at_) {
  write(at("counts"), words.counts(now.as_wanted, now.wanted, now.failed));
  at("branches").replaceChildren(...now.branches.map((one) => row(one, words, at_)));
  const rest = now.found - now.branches.length;
  write(at("more"), rest ? words.more(rest) : search ? words.noneFound : words.allThere);
  at("more").hidden = !(rest || !now.branches.length);
}

function row(one, words, now) {
  const line = document.createElement("tr");
  line.classList.toggle("failed", failed(one));
  const state = one.about && one.about !== one.version ? words.about(words.says[one.state], one.about) : words.says[one.state];
  const away = words.status[one.status];
  const last = cell(words.state, [state, away].filter(Boolean).join(" · "), "state");
  if (one.reason) last.append(part("span", one.reason, "reason"));
  line.append(
    cell(words.branch, one.branch),
    cell(words.region, one.region),
    cell(words.wanted, one.wanted ? String(one.wanted) : "–", "number"),
    cell(words.runs, one.version ? String(one.version) : words.own, "number"),
    last,
    cell(words.since, one.since ? moment(one.since, now) : "", "since"),
  );
  return line;
}

function cell(title, text, name = "") {
  const made = document.createElement("td");
  made.className = name;
  made.dataset.title = title;
  if (text) made.append(part("span", text));
  return made;
}

/** Items stay, so that what is open stays open and what is being written is kept. */
export function drawVersions(now, words, at_, act) {
  const list = at("versions");
  const known = new Map([...list.children].map((item) => [Number(item.dataset.version), item]));
  now.versions.forEach((one, place) => {
    const item = known.get(one.version) ?? versionItem(one, act);
    act.translate(item);
    write(item.querySelector(".name"), words.version(one.version));
    write(item.querySelector(".what"), one.note);
    write(item.querySelector(".who"), `${one.made_by} · ${moment(one.made_at, at_)}`);
    item.querySelector(".roll").hidden = one.version <= (now.plan?.version ?? 0);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  at("no-version").hidden = now.versions.length > 0;
}

function versionItem(one, act) {
  const item = at("version").content.firstElementChild.cloneNode(true);
  item.dataset.version = String(one.version);
  item.querySelector("details").addEventListener("toggle", (event) => event.target.open && act.opened(one.version, item));
  item.querySelector(".again").addEventListener("click", () => act.again(item));
  item.querySelector(".roll").addEventListener("submit", (event) => act.rollOut(event, one.version, item));
  return item;
}

export function drawNotices(now, words, at_, withdraw) {
  at("no-notice").hidden = now.notices.length > 0;
  at("notices").replaceChildren(...now.notices.map((line) => noticeItem(line, words, at_, withdraw, now.may_change)));
}

function noticeItem({ notice, branches, shown }, words, at_, withdraw, mayChange) {
  const item = document.createElement("li");
  const { document: said, to } = notice;
  const text = part("div", "");
  text.append(part("p", Object.values(said.words).join(" / "), notice.withdrawn_at ? "gone" : ""));
  const facts = [
    said.urgent ? words.urgent : "",
    stageName(to, words),
    said.where.map((one) => (one === "hall" ? words.hall : words.counters)).join(", "),
    `${moment(said.from, at_)} – ${moment(said.until, at_)}`,
    words.shown(shown, branches),
    notice.withdrawn_at ? words.withdrawn(notice.withdrawn_by) : notice.made_by,
  ];
  text.append(part("p", facts.filter(Boolean).join(" · "), "soft"));
  item.append(text);
  if (mayChange && !notice.withdrawn_at) {
    const button = part("button", words.withdraw, "button small");
    button.type = "button";
    button.addEventListener("click", () => withdraw(said.id));
    item.append(button);
  }
  return item;
}

export function drawDeeds(now, words, at_) {
  const lines = now.deeds.map((deed) => {
    const version = deed.version ? words.version(deed.version) : "";
    const facts = [moment(deed.at, at_), deed.who || words.program, words.did[deed.what], version, deed.detail];
    return part("li", facts.filter(Boolean).join(" · "));
  });
  at("deeds").replaceChildren(...lines);
}

function part(name, text, kind = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

/** Only when it differs: an announced text must not be announced again. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
