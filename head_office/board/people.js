// For administrators: who may sign in and what they may, and what was done.

import { at, language, made, onSubmit, problemOf, read, send, speak, tell, words } from "./account_page.js";
import { moment } from "./words.js";

const API = "/api/v1/people";
const PAGE = 50;
const ROLES = ["viewer", "manager", "administrator"];
let people = [];
let entries = [];
let older = false;
let said = null; // [element, () => text]
const open = new Set(); // ids whose line is open

function say(id, what) {
  said = what ? [id, what] : null;
  for (const one of ["problem", "good"]) tell(at(one), one === id ? what?.() : null);
  if (what) at(id).scrollIntoView({ block: "nearest" });
}

const regionsOf = (text) => text.split(/[,，、;；]/).map((one) => one.trim()).filter(Boolean);

async function look() {
  const answer = await read(API);
  if (answer.status === 401) return location.assign("/sign-in?to=/people");
  at("all").hidden = !answer.ok;
  at("barred").hidden = answer.status !== 403;
  if (answer.status === 403) return say("problem", () => words().notAllowed);
  if (!answer.ok) return say("problem", () => problemOf(answer));
  people = answer.body.people;
  await lookAtAudit();
}

async function lookAtAudit() {
  const answer = await read(`/api/v1/audit?limit=${PAGE}`);
  if (!answer.ok) return say("problem", () => problemOf(answer));
  entries = answer.body.entries;
  older = entries.length === PAGE;
  draw();
}

async function lookAtOlder() {
  const answer = await read(`/api/v1/audit?limit=${PAGE}&before=${entries.at(-1).id}`);
  if (!answer.ok) return say("problem", () => problemOf(answer));
  entries.push(...answer.body.entries);
  older = answer.body.entries.length === PAGE;
  drawAudit();
}

function draw() {
  const role = at("role").value || "viewer";
  at("role").replaceChildren(...roleOptions(role));
  at("people").replaceChildren(...people.map(personLine));
  drawAudit();
}

function roleOptions(chosen) {
  return ROLES.map((role) => Object.assign(made("option", "", words().roles[role]), { value: role, selected: role === chosen }));
}

function personLine(one) {
  const rights = words().you(words().roles[one.role], one.regions?.join(language === "en" ? ", " : "、") ?? words().everywhere);
  const facts = [
    one.elsewhere ? words().byProvider : one.new ? words().isNew : one.second_factor ? words().withFactor : words().withoutFactor,
    one.signed_in ? words().lastIn(moment(one.signed_in, Date.now())) : words().never,
  ];
  const change = made("details", "", null, made("summary", "", words().change), changeForm(one));
  change.open = open.has(one.id);
  change.addEventListener("toggle", () => (change.open ? open.add(one.id) : open.delete(one.id)));
  const line = made("li", "", null, made("h3", "", one.name), made("p", "fold", rights), made("p", "soft", facts.join(" · ")), change);
  line.dataset.person = one.name;
  return line;
}

function changeForm(one) {
  const role = made("select", "role", null, ...roleOptions(one.role));
  const regions = Object.assign(made("input", "regions"), { value: one.regions?.join(", ") ?? "", maxLength: 2000, autocomplete: "off", placeholder: words().regionsHint });
  const save = made("button", "button", words().save);
  const rights = made("form", "row", null, field(words().role, role), field(words().regions, regions), save);
  onSubmit(rights, async () => {
    await change(`${API}/${one.id}/rights`, { role: role.value, regions: regionsOf(regions.value) }, () => say("good", () => words().saved));
  });
  const buttons = made("div", "row", null,
    ...(one.elsewhere ? [] : [press("password", words().resetPassword, one), press("second-factor", words().removeFactor, one)]),
    press("sign-out", words().signOutThem, one),
    press("remove", words().remove, one, "careful"),
  );
  return made("div", "step", null, ...(one.elsewhere ? [] : [rights]), buttons);
}

function field(text, input) {
  return made("label", "field", null, made("span", "", text), input);
}

function press(what, text, one, kind = "") {
  const button = made("button", `button small ${kind}`, text);
  button.type = "button";
  button.value = what;
  button.addEventListener("click", async () => {
    if (!(await sure(words().sure[what](one.name)))) return;
    const reset = ["password", "second-factor"].includes(what);
    const path = `${API}/${one.id}/${reset ? "reset" : what}`;
    await change(path, reset ? { what } : undefined, () => say(null));
  });
  return button;
}

/** Ask head office, say what came of it, and show everything anew. */
async function change(path, body, well) {
  const answer = await send(path, body);
  if (answer.status === 401) return location.assign("/sign-in?to=/people");
  if (!answer.ok) return say("problem", () => problemOf(answer));
  well(answer);
  if (answer.body.password) await tellOnce(answer.body);
  await look();
}

function sure(text) {
  at("ask-text").textContent = text;
  return shown(at("ask")).then((said) => said === "yes");
}

function tellOnce({ person, password }) {
  at("once-title").textContent = words().once(person.name);
  at("once-password").textContent = password;
  return shown(at("once")).then(() => {
    at("once-password").textContent = "";
  });
}

function shown(dialog) {
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
}

function drawAudit() {
  at("columns").replaceChildren(...Object.values(words().columns).map((name) => Object.assign(made("th", "", name), { scope: "col" })));
  at("entries").replaceChildren(...entries.map(entryLine));
  at("older").hidden = !older;
}

function entryLine(one) {
  const what = [words().what[one.what] ?? one.what, one.detail].filter(Boolean).join(" · ");
  const cells = [moment(one.at, Date.now()), one.person || words().nobody, what, one.of, one.address];
  return made("tr", "", null, ...cells.map((text) => made("td", "", text)));
}

onSubmit(at("add-form"), async () => {
  const given = { name: at("name").value, role: at("role").value, regions: regionsOf(at("regions").value) };
  await change(API, given, () => {
    say(null);
    at("add-form").reset();
  });
});
at("older").addEventListener("click", lookAtOlder);
speak("peopleTitle", () => {
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = words()[element.dataset.hint];
  draw();
  if (said) tell(at(said[0]), said[1]());
});
await look();
