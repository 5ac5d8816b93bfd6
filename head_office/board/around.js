// What all pages of the board have around them: language, the door, the line to head office, open alerts.

import { ask, follow, officeNow } from "./net.js";
import { exactly, figure, keepLanguage, keptLanguage, WORDS, zoneName } from "./words.js";

const at = (id) => document.getElementById(id);

/** Write a text where it is another one. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export class Around {
  /** `own`: the page's words by language; `say()` draws the page anew in another language. */
  constructor(own, say) {
    this.own = own;
    this.say = say;
    this.language = keptLanguage();
    this.connected = true;
    this.newsAt = 0; // when head office was heard last, by its clock in ms
    this.alerts = null;
    at("language")?.addEventListener("click", () => this.speak(this.language === "en" ? "zh-Hans" : "en"));
  }

  look() {
    return { words: { ...WORDS[this.language], ...this.own[this.language] }, language: this.language };
  }

  speak(language) {
    this.language = language;
    keepLanguage(language);
    this.draw();
  }

  draw() {
    const { words, language } = this.look();
    document.documentElement.lang = language;
    document.title = words.title;
    for (const element of document.querySelectorAll("[data-word]")) write(element, words[element.dataset.word]);
    for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = words[element.dataset.hint];
    for (const element of document.querySelectorAll("[data-named]")) element.ariaLabel = words[element.dataset.named];
    if (at("language")) at("language").lang = language === "en" ? "zh-Hans" : "en";
    if (at("zone")) write(at("zone"), words.zone(zoneName()));
    this.drawAlerts();
    this.drawLine();
    this.say();
  }

  drawAlerts() {
    const link = at("open-alerts");
    if (!link) return;
    link.hidden = this.alerts === null;
    link.dataset.open = this.alerts ? "yes" : "no";
    write(link, this.look().words.openAlerts(this.alerts && figure(this.alerts)));
  }

  /** Everything on the page is as old as the last news. */
  drawLine() {
    const { words } = this.look();
    document.body.dataset.stale = this.connected ? "no" : "yes";
    at("lost").hidden = this.connected;
    write(at("lost"), this.newsAt ? words.lost(exactly(this.newsAt, officeNow())) : words.lostAtOnce);
  }

  /** Whether `part` is shown, and nothing else of the page. */
  show(part) {
    for (const main of document.querySelectorAll("main")) main.hidden = main.id !== part;
  }

  /** What head office answers; who must sign in first is sent to do so. */
  async read(path) {
    const answer = await ask(path, { cache: "default" }); // or what the page has loaded ahead would not be taken
    if (answer.status === 401) this.door();
    if (answer.status === 0) this.lines(false);
    if (answer.ok) this.heardNow();
    return answer;
  }

  door() {
    location.replace(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
  }

  /** A stream says nothing of why it ended: the session may be over. */
  async known() {
    const answer = await ask("/api/v1/alerts?limit=1");
    if (answer.status === 401) this.door();
  }

  lines(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.drawLine();
  }

  heardNow() {
    this.newsAt = officeNow();
  }

  /** `heard(event)` for each event; whether the line stands is shown. */
  follow(path, heard) {
    const take = (event) => {
      this.heardNow();
      if (event.type !== "Alerts") return heard(event);
      this.alerts = event.open;
      this.drawAlerts();
    };
    follow(path, take, (yes) => {
      this.lines(yes);
      if (!yes) this.known();
    });
  }
}
