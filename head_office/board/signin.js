// Signing in: name and password, then whatever is asked for next.

import { at, drawCodes, drawFactor, made, onSubmit, problemOf, read, send, speak, tell, words } from "./account_page.js";

const STEPS = ["who", "code-form", "new-form", "factor"];
const FIRST = { who: "name", "code-form": "code", "new-form": "new" };
const NEXT = { code: "code-form", "new-password": "new-form" };
const asked = new URLSearchParams(location.search);
let provider = null;
let problem = null; // () => text
let drawn = () => {}; // the step that is drawn here, in the language of now

function show(step) {
  for (const one of STEPS) at(one).hidden = one !== step;
  at(FIRST[step])?.focus();
}

function say(what) {
  problem = what;
  tell(at("problem"), problem?.());
}

/** The page they came from, if it is one of ours. */
function leave() {
  const to = new URL(asked.get("to") ?? "/", location.origin);
  location.replace(to.origin === location.origin ? to.href : "/");
}

async function after(answer, field) {
  say(answer.ok ? null : () => problemOf(answer));
  if (answer.ok) return go(answer.body.next);
  const over = ["signed-out", "other-step"].some((one) => answer.body?.type?.endsWith(one));
  if (over) return show("who");
  at(field).select();
}

async function go(next) {
  for (const field of document.querySelectorAll("input")) field.value = "";
  if (next === "done") return leave();
  if (next !== "set-up") return show(NEXT[next]);
  show("factor");
  const begun = await send("/api/v1/account/second-factor", {});
  if (!begun.ok) return after(begun, "name");
  say(null);
  draw(() => {
    drawFactor(at("factor"), begun.body, setUp, (answer) => say(() => problemOf(answer)));
    at("factor").prepend(made("p", "", words().factorNeeded));
  });
}

function setUp(answer) {
  say(null);
  draw(() => drawCodes(at("factor"), answer.body.recovery_codes, leave));
}

function draw(how) {
  drawn = how;
  drawn();
}

onSubmit(at("password-form"), async () => {
  const given = { name: at("name").value, password: at("password").value };
  await after(await send("/sign-in/password", given), "password");
});
onSubmit(at("code-form"), async () => after(await send("/sign-in/code", { code: at("code").value }), "code"));
onSubmit(at("new-form"), async () => {
  if (at("new").value !== at("new-again").value) {
    say(() => words().notTheSame);
    return at("new-again").select();
  }
  await after(await send("/api/v1/account/password", { new: at("new").value }), "new");
});
onSubmit(at("token-form"), async () => {
  const answer = await send("/sign-in", { token: at("token").value });
  if (answer.ok) return leave();
  say(() => problemOf(answer));
  at("token").select();
});
for (const button of document.querySelectorAll(".again")) {
  button.addEventListener("click", () => {
    say(null);
    show("who");
  });
}
speak("signInTitle", () => {
  at("provider").textContent = words().provider(provider);
  tell(at("problem"), problem?.());
  drawn();
});
if (asked.has("problem")) say(() => words().problems[asked.get("problem")] ?? words().failed);
show("who");
const ways = await read("/sign-in/ways");
provider = ways.body?.provider ?? null;
at("provider").hidden = provider === null;
at("provider").textContent = words().provider(provider);
