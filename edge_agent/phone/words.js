// Everything the customer reads on the phone.

import { counterName } from "/assets/look/words.js";

export const WORDS = {
  "zh-Hans": {
    title: "我的排队号",
    otherLanguage: "English",
    lost: "网络连接已中断，以下内容可能不是最新，正在重新连接……",
    yourNumber: "您的号码",
    loading: "正在查询……",
    ahead: "前面还有",
    people: (n) => `${n} 人`,
    estimate: "预计等候",
    noEstimate: "暂时无法预计",
    cancel: "取消排队",
    sure: "确定取消排队吗？",
    sureText: "取消后号码作废，需要重新取号。",
    keep: "继续等候",
    cancelYes: "确定取消",
    updated: (time) => `更新于 ${time}`,
    notSent: "网络没有回应，请再试一次。",
    tooLate: "号码状态已变化，现在不能取消。",
    failed: "暂时无法取消，请再试一次，或请工作人员帮助。",
  },
  en: {
    title: "My ticket",
    otherLanguage: "中文",
    lost: "The connection is lost; this may not be up to date. Trying again…",
    yourNumber: "Your number",
    loading: "One moment…",
    ahead: "Ahead of you",
    people: (n) => (n === 1 ? "1 person" : `${n} people`),
    estimate: "Estimated wait",
    noEstimate: "no estimate yet",
    cancel: "Give up my place",
    sure: "Give up your place?",
    sureText: "The number ends, and you would have to take a new ticket.",
    keep: "Keep waiting",
    cancelYes: "Give it up",
    updated: (time) => `As of ${time}`,
    notSent: "The network did not answer. Please try again.",
    tooLate: "The ticket has changed meanwhile and cannot be cancelled now.",
    failed: "This is not possible just now. Please try again, or ask our staff.",
  },
};

const STATES = {
  "zh-Hans": {
    waiting: () => ["正在等候", "请留意叫号，不要走远。"],
    next: () => ["即将轮到您", "请在大厅等候，留意叫号。"],
    called: (ticket) => [`请现在到\n${counterName(ticket.counter, "zh-Hans")}`, "正在呼叫您的号码"],
    serving: (ticket) => ["正在办理", `${counterName(ticket.counter, "zh-Hans")}正在为您服务。`],
    served: () => ["已办理完毕", "感谢您的光临，再见。"],
    missed: () => ["您已过号", "请联系大堂工作人员，或在取号机重新取号。"],
    cancelled: () => ["已取消排队", "如需办理业务，请在取号机重新取号。"],
    ended: () => ["号码已失效", "当日营业已结束，请下次来时重新取号。"],
    unknown: () => ["查不到这个号码", "请核对二维码或网址，或请大堂工作人员帮助。"],
  },
  en: {
    waiting: () => ["Waiting", "Please stay near and listen for your number."],
    next: () => ["You are next", "Please stay in the hall and listen for your number."],
    called: (ticket) => [`Please go to\n${counterName(ticket.counter, "en")} NOW`, "Your number is being called."],
    serving: (ticket) => ["Being served", `At ${counterName(ticket.counter, "en")}.`],
    served: () => ["All done", "Thank you for your visit."],
    missed: () => [
      "Your number was called and has passed",
      "Please speak to our staff in the hall, or take a new ticket.",
    ],
    cancelled: () => ["Cancelled", "To be served, please take a new ticket at the kiosk."],
    ended: () => ["No longer valid", "The business day has ended. Please take a new ticket next time."],
    unknown: () => ["We do not know this ticket", "Please check the code or address, or ask our staff in the hall."],
  },
};

/** Title and sentence for a ticket's state. */
export function stateWords(ticket, language) {
  return (STATES[language][stateName(ticket)] ?? (() => [ticket.state, ""]))(ticket);
}

function stateName(ticket) {
  if (ticket.state === "waiting" && ticket.ahead === 0) return "next";
  const ended = ticket.history?.some((one) => one.reason === "day_ended");
  return ticket.state === "cancelled" && ended ? "ended" : ticket.state;
}
