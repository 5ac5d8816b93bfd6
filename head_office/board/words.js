// Everything the head office reads: texts, durations, times, names.

export const WORDS = {
  "zh-Hans": {
    title: "网点总览",
    otherLanguage: "English",
    account: "我的账户",
    search: "查找网点名称或编号",
    lost: "与总行服务器的连接已中断，以下内容可能不是最新，正在重新连接……",
    signInTitle: "登录网点总览",
    token: "访问口令",
    signIn: "登录",
    wrongToken: "口令不正确。",
    notReached: "无法连接总行服务器，请稍后再试。",
    branchesOnline: "在线网点",
    waiting: "等候人数",
    waitingBy: "各业务等候人数",
    longest: "最长等候",
    served: "今日已办理",
    ratings: "今日评价",
    rated: (n, visits, share) => `${n} / ${visits}` + (share === null ? "" : `（${share}%）`),
    mean: (score) => `平均 ${score} 分`,
    openOpinions: (n) => `待答复意见 ${n} 条`,
    branch: "网点",
    counters: "忙碌窗口",
    countersAll: "窗口",
    machines: "设备",
    news: "最近消息",
    back: "返回总览",
    queues: "排队情况",
    service: "业务",
    estimate: "预计等候",
    noEstimate: "暂无预计",
    events: "最近 50 条记录",
    noEvents: "暂无记录",
    missing: "没有这个网点，请核对网址。",
    online: "在线",
    away: {
      offline: (time, ago) => `${time} 起离线（${ago}）`,
      silent: (time, ago) => `${time} 起无消息（${ago}）`,
    },
    alerts: { cloned: "网点编号重复：两台服务器在用同一编号" },
    trouble: (machine, cause) => `${machine}：${cause}`,
    from: (time) => `（${time} 起）`,
    machinesWell: "正常",
    noMachines: "尚无设备信息",
    noQueues: "尚无排队信息",
    notHere: (n) => `尚缺 ${n} 条记录`,
    version: (text) => `软件版本 ${text}`,
    found: (n, all) => (n === all ? `共 ${all} 个网点` : `找到 ${n} 个，共 ${all} 个网点`),
    noneFound: "没有符合的网点",
    noneYet: "还没有网点接入",
    idle: "空闲",
    paused: "暂停",
    closed: "未开",
    called: "已呼叫",
    serving: "正在办理",
    at: (counter) => `${counter} 号窗口`,
  },
  en: {
    title: "All branches",
    otherLanguage: "中文",
    account: "Your account",
    search: "Find a branch by name or id",
    lost: "The connection to head office is lost; this may not be up to date. Trying again…",
    signInTitle: "Sign in to the board",
    token: "Token",
    signIn: "Sign in",
    wrongToken: "This token is not known.",
    notReached: "Head office cannot be reached. Please try again in a moment.",
    branchesOnline: "Branches online",
    waiting: "Waiting",
    waitingBy: "Waiting by service",
    longest: "Longest wait",
    served: "Served today",
    ratings: "Rated today",
    rated: (n, visits, share) => `${n} of ${visits}` + (share === null ? "" : ` (${share}%)`),
    mean: (score) => `mean ${score}`,
    openOpinions: (n) => `${n} opinions to answer`,
    branch: "Branch",
    counters: "Busy counters",
    countersAll: "Counters",
    machines: "Machines",
    news: "Last news",
    back: "Back to all branches",
    queues: "Queues",
    service: "Service",
    estimate: "Estimate",
    noEstimate: "none yet",
    events: "Last 50 entries",
    noEvents: "Nothing yet",
    missing: "There is no such branch. Please check the address.",
    online: "online",
    away: {
      offline: (time, ago) => `offline since ${time} (${ago})`,
      silent: (time, ago) => `silent since ${time} (${ago})`,
    },
    alerts: { cloned: "Duplicate id: two servers use this branch's id" },
    trouble: (machine, cause) => `${machine}: ${cause}`,
    from: (time) => ` (since ${time})`,
    machinesWell: "all well",
    noMachines: "not known yet",
    noQueues: "not known yet",
    notHere: (n) => (n === 1 ? "1 entry not here yet" : `${n} entries not here yet`),
    version: (text) => `version ${text}`,
    found: (n, all) => (n === all ? `${all} branches` : `${n} of ${all} branches`),
    noneFound: "No branch matches",
    noneYet: "No branch has reported yet",
    idle: "Free",
    paused: "Paused",
    closed: "Closed",
    called: "Called",
    serving: "Serving",
    at: (counter) => `counter ${counter}`,
  },
};

const EVENTS = {
  BranchOpened: ["网点开门", "branch opened"],
  BranchClosed: ["网点关门", "branch closed"],
  TicketIssued: ["取号", "ticket issued"],
  TicketHandedInLate: ["离线取号补登", "offline ticket of an earlier day"],
  NumbersLeased: ["预留号码", "numbers leased"],
  TicketPrinted: ["打印", "printing"],
  ReprintOrdered: ["补打", "reprint ordered"],
  TicketCalled: ["叫号", "called"],
  TicketRecalled: ["重新呼叫", "called again"],
  ServiceStarted: ["开始办理", "service started"],
  ServiceFinished: ["办理完毕", "service finished"],
  TicketMissed: ["过号", "missed"],
  TicketCallUndone: ["撤回叫号", "call undone"],
  ServiceResumed: ["继续办理", "service resumed"],
  TicketParked: ["暂存", "parked"],
  TicketTransferred: ["转移", "transferred"],
  TicketReturned: ["重新排队", "back in line"],
  TicketCancelled: ["取消", "cancelled"],
  TicketRated: ["评价", "rated"],
  OpinionGiven: ["客户意见", "opinion given"],
  OpinionAnswered: ["意见已答复", "opinion answered"],
  CounterOpened: ["窗口开放", "counter opened"],
  CounterPaused: ["窗口暂停", "counter paused"],
  CounterClosed: ["窗口关闭", "counter closed"],
  DeviceLost: ["设备故障", "machine lost"],
  DeviceBack: ["设备恢复", "machine back"],
  HelpAsked: ["请求协助", "help asked for"],
  HelpComing: ["前往协助", "help coming"],
  HelpDone: ["协助完成", "help done"],
  IdentityChecked: ["本人核验", "identity checked"],
  ConfigurationApplied: ["启用配置", "configuration applied"],
  ConfigurationRefused: ["拒绝配置", "configuration refused"],
  ConfigurationRolledBack: ["配置已退回", "configuration rolled back"],
  NoticeTaken: ["收到总行消息", "message from head office"],
  NoticeWithdrawn: ["总行消息已撤回", "message withdrawn"],
  Alert: ["提醒", "alert"],
};

const OUTCOMES = { confirmed: ["成功", "confirmed"], failed: ["失败", "failed"], indeterminate: ["结果不明", "not certain"] };

const pick = (pair, language) => pair?.[language === "en" ? 1 : 0];

/** An unknown type is shown as it came. */
export const eventName = (type, language) => pick(EVENTS[type], language) ?? type;
export const outcomeName = (outcome, language) => pick(OUTCOMES[outcome], language) ?? outcome;

export function nameIn(names, language) {
  return names?.[language] ?? names?.["zh-Hans"] ?? Object.values(names ?? {})[0] ?? "";
}

export function duration(seconds, language) {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  const zh = language !== "en";
  if (minutes < 1) return zh ? "不到 1 分钟" : "under 1 min";
  if (minutes < 90) return zh ? `${minutes} 分钟` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return zh ? `${Math.floor(hours / 24)} 天` : `${Math.floor(hours / 24)} days`;
  return zh ? `${hours} 小时 ${minutes % 60} 分` : `${hours} h ${minutes % 60} min`;
}

export function waitRange(estimate, language) {
  if (!estimate) return null;
  const low = Math.floor(estimate.low_s / 60);
  const high = Math.max(1, Math.ceil(estimate.high_s / 60));
  const range = low === high ? `${high}` : `${low}–${high}`;
  return language === "en" ? `${range} min` : `${range} 分钟`;
}

/** 10:24, or with the day before it when that is not today. */
export function moment(at, now) {
  const date = new Date(at);
  const pair = (n) => String(n).padStart(2, "0");
  const time = `${pair(date.getHours())}:${pair(date.getMinutes())}`;
  const today = new Date(now).toDateString() === date.toDateString();
  return today ? time : `${date.getMonth() + 1}-${pair(date.getDate())} ${time}`;
}

export function withSeconds(at) {
  return new Date(at).toTimeString().slice(0, 8);
}
