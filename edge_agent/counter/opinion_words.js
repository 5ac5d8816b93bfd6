// What the teller reads about what customers think.

import { space } from "/assets/program/chinese.js";

export const OPINION_WORDS = {
  "zh-Hans": {
    opinions: "意见",
    opinionsTitle: "待答复的意见和投诉",
    opinionsText: "客户在手机上阅读答复。请在 24 小时内答复；不要写姓名、电话、卡号或证件号码。",
    opinionsNone: "没有待答复的意见。",
    opinionsClose: "关闭",
    waitedSince: (time) => `已等候${space(time)}${time}`,
    opinionLate: "已超过 20 小时，请尽快答复",
    customerUses: (language) => `客户使用的语言：${language}`,
    handwriting: "客户手写的内容",
    answerField: (label) => `给 ${label} 的答复（最多 300 字）`,
    sendAnswer: "发送答复",
    answered: (label) => `${label} 已答复。`,
    opinionGone: "这条意见已由同事答复，您写的内容没有发送。",
    ratings: (rated, visits, share) => `今日评价：已办结 ${visits} 位，其中 ${rated} 位已评价（${share}%）`,
    ratingsMean: (mean) => `，平均 ${mean} 分（满分 5 分）`,
  },
  en: {
    opinions: "Opinions",
    opinionsTitle: "Suggestions and complaints to answer",
    opinionsText:
      "The customer reads the answer on the phone. Please answer within 24 hours, and leave out names, phone, card and document numbers.",
    opinionsNone: "Nothing waits for an answer.",
    opinionsClose: "Close",
    waitedSince: (time) => `waiting for ${time}`,
    opinionLate: "over 20 hours, please answer soon",
    customerUses: (language) => `The customer's language: ${language}`,
    handwriting: "What the customer wrote by hand",
    answerField: (label) => `Answer to ${label} (at most 300 characters)`,
    sendAnswer: "Send the answer",
    answered: (label) => `${label} is answered.`,
    opinionGone: "A colleague has answered this one; what you wrote was not sent.",
    ratings: (rated, visits, share) => `Rated today: ${rated} of ${visits} visits (${share}%)`,
    ratingsMean: (mean) => `, ${mean} of 5 on average`,
  },
};
