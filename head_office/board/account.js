// One's own account: who one is, password, second factor, and where one is signed in.

import { at, drawCodes, drawFactor, language, made, onSubmit, problemOf, read, send, speak, tell, words } from "./account_page.js";
import { moment } from "./words.js";

const API = "/api/v1/account";
let me = null;
let said = null; // [element, () => text]
let drawn = () => {};

function say(id, what) {
  said = what ? [id, what] : null;
  for (const one of ["problem", "good"]) tell(at(one), one === id ? what?.() : null);
  if (what) at(id).scrollIntoView({ block: "nearest" });
}

function wrong(answer) {
  if (answer.status === 401 && answer.body?.type?.endsWith("signed-out")) return toSignIn();
  const own = answer.body?.type?.endsWith("wrong-password");
  say("problem", () => (own ? words().problems["wrong-own-password"] : problemOf(answer)));
}

function toSignIn() {
  location.assign("/sign-in?to=/account");
}

async function look() {
  const answer = await read(API);
  if (answer.status === 401) return toSignIn();
  if (!answer.ok) return say("problem", () => problemOf(answer));
  me = answer.body;
  draw();
}

function draw() {
  if (!me) return;
  const own = me.signed_in && !me.elsewhere;
  at("account").hidden = false;
  at("name").textContent = me.here ? words().here : me.name;
  at("user").value = me.name;
  at("rights").textContent = words().you(words().roles[me.role], me.regions?.join(language === "en" ? ", " : "、") ?? words().everywhere);
  at("to-people").hidden = me.role !== "administrator" || me.regions !== null;
  at("to-sign-in").hidden = me.signed_in;
  at("sign-out").hidden = me.here;
  tell(at("how"), me.elsewhere ? words().elsewhere : me.signed_in ? null : me.here ? words().notSignedIn : words().byTokenNow);
  for (const card of ["password-card", "factor-card"]) at(card).hidden = !own;
  at("sessions-card").hidden = !me.signed_in;
  at("factor-state").textContent = me.second_factor ? words().factorOn(me.recovery_codes) : me.second_factor_needed ? words().factorNeeded : words().factorOff;
  at("set-up").textContent = me.second_factor ? words().factorReplace : words().factorSetUp;
  at("new-codes").hidden = !me.second_factor;
  at("sessions").replaceChildren(...me.sessions.map(sessionLine));
  drawn();
}

function sessionLine(one) {
  const when = words().session(moment(one.since, Date.now()), moment(one.seen, Date.now()));
  const where = [browserName(one.agent), one.address].filter(Boolean).join(" · ");
  const line = made("div", "two", null, made("div", "", null, made("p", "fold", where), made("p", "soft", when)));
  if (one.this) line.append(made("b", "", words().thisOne));
  else line.append(endButton(one));
  return made("li", "", null, line);
}

function endButton(one) {
  const button = made("button", "button small", words().end);
  button.type = "button";
  button.addEventListener("click", async () => {
    const answer = await send(`${API}/sessions/${one.id}/end`);
    if (!answer.ok) return wrong(answer);
    me = answer.body;
    say(null);
    draw();
  });
  return button;
}

/** Chrome on Windows, as far as a browser tells. */
function browserName(agent) {
  const kind = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : agent.slice(0, 40);
  const system = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"].find((one) => agent.includes(one)) ?? "";
  return [kind, system].filter(Boolean).join(" ");
}

async function signOut(everywhere) {
  const answer = await send("/sign-out", { everywhere });
  if (!answer.ok) return wrong(answer);
  location.assign(answer.body.go ?? "/sign-in");
}

function settled() {
  drawn = () => {};
  at("factor").replaceChildren();
  at("factor-form").hidden = false;
  look();
}

function show(how) {
  drawn = how;
  at("factor-form").hidden = true;
  drawn();
}

onSubmit(at("password-form"), async () => {
  if (at("new").value !== at("again").value) return say("problem", () => words().notTheSame);
  const answer = await send(`${API}/password`, { password: at("present").value, new: at("new").value });
  if (!answer.ok) return wrong(answer);
  at("password-form").reset();
  say("good", () => words().passwordChanged);
  await look();
});

let pressed = "factor";
for (const id of ["set-up", "new-codes"]) at(id).addEventListener("click", () => (pressed = at(id).value));
onSubmit(at("factor-form"), async () => {
  const given = { password: at("factor-password").value };
  const answer = await send(pressed === "codes" ? `${API}/recovery-codes` : `${API}/second-factor`, given);
  at("factor-form").reset();
  if (!answer.ok) return wrong(answer);
  say(null);
  if (pressed === "codes") return show(() => drawCodes(at("factor"), answer.body.recovery_codes, settled));
  show(() => drawFactor(at("factor"), answer.body, confirmed, wrong));
});

function confirmed(answer) {
  say("good", () => words().factorDone);
  show(() => drawCodes(at("factor"), answer.body.recovery_codes, settled));
}

at("sign-out").addEventListener("click", () => signOut(false));
at("everywhere").addEventListener("click", () => signOut(true));
speak("accountTitle", () => {
  draw();
  if (said) tell(at(said[0]), said[1]());
});
await look();
