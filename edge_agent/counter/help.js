// The banners of customers who have called a person to their kiosk, with a sound for each new one.

import { chime, onSilence } from "/assets/look/chime.js";
import { branchNow } from "/assets/look/live.js";
import { counterName, duration } from "/assets/look/words.js";

const STAFF = "staff"; // somebody who has named no counter
const FRESH_MS = 60000; // an older call makes no sound: the page has only just been opened

const WORDS = {
  "zh-Hans": {
    wanted: (kiosk, screen) => `自助机 ${kiosk} 的客户请求协助（${screen}）`,
    since: (ago) => (ago ? `${ago}前呼叫` : "刚刚呼叫"),
    coming: (who) => `${who}正在前往`,
    first: (who) => `${who}已先前往协助。`,
    staff: "工作人员",
    go: "我过去",
    done: "已协助完毕",
    screens: {
      welcome: "首页",
      services: "选择业务",
      check_in: "预约签到",
      errand_identify: "快捷业务：刷卡或证件",
      errand_choose: "快捷业务：选择事项",
      errand_confirm: "快捷业务：确认",
      ticket: "取号结果",
      rate: "服务评价",
      opinion: "意见与建议",
      access: "显示与语音设置",
      away: "暂时无法连接",
      closed: "停止取号",
      maintenance: "维护页面",
    },
    reasons: { printer_failed: "打印机故障" },
  },
  en: {
    wanted: (kiosk, screen) => `A customer at ${kiosk} asks for help (${screen})`,
    since: (ago) => (ago ? `called ${ago} ago` : "called just now"),
    coming: (who) => `${who} is coming`,
    first: (who) => `${who} has said so before you and is going there.`,
    staff: "Somebody",
    go: "I am coming",
    done: "Done",
    screens: {
      welcome: "first screen",
      services: "choosing a service",
      check_in: "checking in for an appointment",
      errand_identify: "one-touch service: card or ID",
      errand_choose: "one-touch service: choosing",
      errand_confirm: "one-touch service: confirming",
      ticket: "ticket",
      rate: "rating",
      opinion: "suggestion or complaint",
      access: "display and voice settings",
      away: "branch cannot be reached",
      closed: "no tickets now",
      maintenance: "maintenance",
    },
    reasons: { printer_failed: "printer failed" },
  },
};

export class HelpCalls {
  /** `pressed(kiosk, press, button)`: the teller goes there (coming), or has been there (done). */
  constructor(area, pressed) {
    this.area = area;
    this.pressed = pressed;
    this.heard = new Set(); // calls that have had their sound
    this.drawn = "";
    onSilence(() => {});
  }

  draw(calls, language) {
    this.words = WORDS[language] ?? WORDS.en;
    this.language = language;
    this.sound(calls);
    const now = JSON.stringify([calls, language]);
    if (now === this.drawn) return; // whoever is about to press must not lose the button
    this.drawn = now;
    const focused = this.area.contains(document.activeElement) ? document.activeElement.id : "";
    this.area.replaceChildren(...calls.map((call) => this.banner(call)));
    if (focused) document.getElementById(focused)?.focus();
    this.tick();
  }

  sound(calls) {
    const fresh = calls.filter(
      ({ kiosk, at, coming_at: coming }) =>
        !this.heard.has(`${kiosk} ${at}`) && !coming && branchNow() - Date.parse(at) < FRESH_MS,
    );
    if (fresh.length) {
      document.body.dataset.helpChimes = String(Number(document.body.dataset.helpChimes ?? 0) + 1);
      chime();
    }
    this.heard = new Set(calls.map(({ kiosk, at }) => `${kiosk} ${at}`));
  }

  banner(call) {
    const banner = element("div", "trouble help");
    banner.dataset.kiosk = call.kiosk;
    banner.toggleAttribute("data-coming", Boolean(call.coming_at));
    const since = element("span", "since");
    since.dataset.at = call.at;
    since.ariaLive = "off"; // it runs
    const sentence = element("p", "", this.what(call));
    sentence.append(element("br"), since);
    if (call.coming_at) sentence.append(element("span", "coming", this.words.coming(this.who(call))));
    const go = this.button(call, "coming", this.words.go);
    go.style.visibility = call.coming_at ? "hidden" : ""; // its place stays: nothing moves under a pointer
    banner.append(sentence, go, this.button(call, "done", this.words.done));
    return banner;
  }

  what({ kiosk, screen, reason }) {
    const { wanted, screens, reasons } = this.words;
    const where = [screens[screen] ?? screen, reason && (reasons[reason] ?? reason)].filter(Boolean);
    return wanted(kiosk, where.join(this.language === "en" ? ", " : "，"));
  }

  who({ coming_by: by }) {
    const name = by === STAFF ? this.words.staff : counterName(by, this.language);
    return name.charAt(0).toUpperCase() + name.slice(1);
  }

  /** What came of a press of this counter: the first to say so is the one who goes. */
  news(call, counter) {
    const another = call && call.coming_by !== (counter || STAFF);
    return another ? this.words.first(this.who(call)) : "";
  }

  button({ kiosk }, press, text) {
    const button = element("button", "button small", text);
    button.type = "button";
    button.id = `help-${press}-${kiosk}`;
    button.addEventListener("click", () => this.pressed(kiosk, press, button));
    return button;
  }

  /** The times that run. */
  tick() {
    for (const since of this.area.querySelectorAll(".since")) {
      const seconds = (branchNow() - Date.parse(since.dataset.at)) / 1000;
      const text = this.words.since(seconds < 60 ? "" : duration(seconds, this.language));
      if (since.textContent !== text) since.textContent = text;
    }
  }
}

function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
