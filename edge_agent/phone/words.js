// Everything the customer reads on the phone.

import { branchNow } from "/assets/look/live.js";
import { counterName, SCORES } from "/assets/look/words.js";

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
    failed: "暂时办不到，请再试一次，或请工作人员帮助。",
    then: (services) => `接下来：${services.join(" → ")}`,
    imHere: "我到了，重新排队",
    imDone: "我办好了，现在重新排队",
    rate: "您对这次服务满意吗？",
    scores: SCORES["zh-Hans"],
    reasons: "主要原因（最多选 5 项，也可不选）",
    comment: "想说的话（可不填）",
    commentUse: "留言由本网点工作人员阅读，不会传到网点以外。请不要填写姓名、电话或证件号码。",
    sendRating: "提交评价",
    chooseScore: "请先选择满意程度。",
    thanks: (score) => `感谢您的评价：${score}。`,
    yourOpinion: "您的意见编号",
    opinionTitle: "您的意见",
    opinionWaits: "已收到您的意见",
    opinionWaitsText: "网点答复后，会显示在这里。请保存本页或编号。",
    opinionAnswered: "网点已答复",
    answerTitle: "网点的答复",
    steps: { given: "已提交", taken: "由网点处理", answered: "已答复" },
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
    failed: "This is not possible just now. Please try again, or ask our staff.",
    then: (services) => `Then: ${services.join(" → ")}`,
    imHere: "I am here: back in line",
    imDone: "I am done: back in line",
    rate: "How was our service?",
    scores: SCORES.en,
    reasons: "The main reasons (up to 5, or none)",
    comment: "Anything you would like to say (optional)",
    commentUse: "The staff of this branch read it; it does not leave the branch. Please leave out names, phone and document numbers.",
    sendRating: "Send",
    chooseScore: "Please choose a rating first.",
    thanks: (score) => `Thank you for your rating: ${score}.`,
    yourOpinion: "The number of your suggestion",
    opinionTitle: "What you told us",
    opinionWaits: "We have your suggestion",
    opinionWaitsText: "The branch's answer will stand here. Please keep this page, or the number.",
    opinionAnswered: "The branch has answered",
    answerTitle: "The branch's answer",
    steps: { given: "Given", taken: "With the branch", answered: "Answered" },
  },
};

const STATES = {
  "zh-Hans": {
    waiting: (ticket) => ["正在等候", ticket.news ?? "请留意叫号，不要走远。"],
    back: () => ["您已重新排队", "请留意叫号，不要走远。"],
    next: (ticket) => ["即将轮到您", ticket.news ?? "请在大厅等候，留意叫号。"],
    called: (ticket) => [`请现在到\n${counterName(ticket.counter, "zh-Hans")}`, "正在呼叫您的号码"],
    serving: (ticket) => ["正在办理", `${counterName(ticket.counter, "zh-Hans")}正在为您服务。`],
    parked: (ticket) => [
      "号码已暂存",
      `请先办好工作人员交代的事情，${inMinutes(ticket, "zh-Hans")}自动重新排队，先后次序不变。`,
    ],
    served: () => ["已办理完毕", "感谢您的光临，再见。"],
    missed: () => ["您已过号", "请联系大堂工作人员，或在取号机重新取号。"],
    mayReturn: () => ["您已过号", "如果您已到网点，请按下面的按钮，不必重新取号。"],
    cancelled: () => ["已取消排队", "如需办理业务，请在取号机重新取号。"],
    expired: () => ["号码已失效", "当日营业已结束，请下次来时重新取号。"],
    unknown: () => ["查不到这个号码", "请核对二维码或网址，或请大堂工作人员帮助。"],
  },
  en: {
    waiting: (ticket) => ["Waiting", ticket.news ?? "Please stay near and listen for your number."],
    back: () => ["You are back in line", "Please stay near and listen for your number."],
    next: (ticket) => ["You are next", ticket.news ?? "Please stay in the hall and listen for your number."],
    called: (ticket) => [`Please go to\n${counterName(ticket.counter, "en")} NOW`, "Your number is being called."],
    serving: (ticket) => ["Being served", `At ${counterName(ticket.counter, "en")}.`],
    parked: (ticket) => [
      "Your ticket is parked",
      `Please do first what our staff asked of you. It goes back in line by itself ${inMinutes(ticket, "en")}, keeping its place.`,
    ],
    served: () => ["All done", "Thank you for your visit."],
    missed: () => [
      "Your number was called and has passed",
      "Please speak to our staff in the hall, or take a new ticket.",
    ],
    mayReturn: () => [
      "Your number was called and has passed",
      "If you are in the branch now, press the button below. You need no new ticket.",
    ],
    cancelled: () => ["Cancelled", "To be served, please take a new ticket at the kiosk."],
    expired: () => ["No longer valid", "The business day has ended. Please take a new ticket next time."],
    unknown: () => ["We do not know this ticket", "Please check the code or address, or ask our staff in the hall."],
  },
};

// why a ticket that has been at a counter waits again
const NEWS = {
  "zh-Hans": {
    TicketReturned: () => "您已重新排队，请留意叫号，不要走远。",
    TicketCallUndone: () => "刚才的叫号已撤销，请继续等候，号码的次序不变。",
    ServiceFinished: (service) => `上一项业务已办完，请等候下一项：${service}。`,
    TicketTransferred: (service, counter) =>
      `已为您转办：${[service, counter].filter(Boolean).join("，")}。号码的次序不变，请留意叫号。`,
  },
  en: {
    TicketReturned: () => "You are back in line. Please stay near and listen for your number.",
    TicketCallUndone: () => "That call was taken back. Please keep waiting: you have not lost your place.",
    ServiceFinished: (service) => `The first part is done. Please wait for the next: ${service}.`,
    TicketTransferred: (service, counter) =>
      `You have been transferred: ${[service, counter].filter(Boolean).join(", ")}. You have not lost your place.`,
  },
};
const AT_COUNTER = ["TicketCalled", "ServiceStarted", "ServiceResumed", ...Object.keys(NEWS.en)];

const REFUSED = {
  "zh-Hans": {
    "return-limit": "重新排队的次数已用完，或过号已超过时限。请重新取号，或请工作人员帮助。",
    "wrong-state": "号码状态已变化，现在不能这样做。",
    "already-rated": "您已评价过，谢谢。",
    "unknown-ticket": "这个号码已不在今天的队列中。",
    "not-recorded": "网点暂时无法保存，请稍后再试，或请工作人员帮助。",
  },
  en: {
    "return-limit": "It has been back in line already, or too much time has passed. Please take a new ticket, or ask our staff.",
    "wrong-state": "The ticket has changed meanwhile, and this is not possible now.",
    "already-rated": "You have rated this visit already. Thank you.",
    "unknown-ticket": "This ticket is no longer among today's.",
    "not-recorded": "The branch cannot record this just now. Please try again later, or ask our staff.",
  },
};

/** Why something was refused; null when no words are known. */
export function refusal(problem, language) {
  return REFUSED[language][problem?.type?.replace("urn:lobby:problem:", "")] ?? null;
}

/** Title and sentence for a ticket's state. */
export function stateWords(ticket, nameOf, language) {
  const news = ticket.state === "waiting" ? newsOf(ticket, nameOf, language) : null;
  return (STATES[language][stateName(ticket)] ?? (() => [ticket.state, ""]))({ ...ticket, news });
}

function newsOf(ticket, nameOf, language) {
  const last = lastOf(ticket);
  const counter = ticket.for_counter && counterName(ticket.for_counter, language);
  return NEWS[language][last]?.(nameOf(ticket.service), counter);
}

/** What last happened to it at a counter. */
function lastOf(ticket) {
  return ticket.history?.findLast((one) => AT_COUNTER.includes(one.type))?.type;
}

function stateName(ticket) {
  if (ticket.state === "waiting" && ticket.ahead === 0) return "next";
  if (ticket.state === "waiting" && lastOf(ticket) === "TicketReturned") return "back";
  if (ticket.state === "missed" && ticket.may_return) return "mayReturn";
  return ticket.state;
}

function inMinutes(ticket, language) {
  const minutes = Math.ceil((Date.parse(ticket.parked_until) - branchNow()) / 60000);
  if (minutes <= 0) return language === "en" ? "in a moment" : "马上";
  return language === "en" ? `in ${minutes} min` : `${minutes} 分钟后`;
}
