// What the page of alerts says.

import { space } from "/assets/program/chinese.js";

export const WORDS = {
  "zh-Hans": {
    title: "告警",
    otherLanguage: "English",
    back: "返回总览",
    lost: (time) => `与总行服务器的连接已中断，以下是 ${time} 的情况，正在重新连接……`,
    show: "显示",
    openOnly: "未结束",
    all: "全部",
    kind: "类别",
    anyKind: "所有类别",
    branch: "网点编号",
    older: "更早的告警",
    none: "没有未结束的告警",
    noneFound: "没有符合的告警",
    counts: (n) => `未结束 ${n} 条`,
    severity: { urgent: "紧急", warning: "警告", notice: "提示" },
    history: "处理记录",
    note: "备注或负责人",
    acknowledge: "确认知悉",
    assign: "指派给此人",
    keepNote: "添加备注",
    began: (time, ago) => `${time} 开始，已持续${space(ago)}${ago}`,
    ended: (from, to) => `${from} 开始，${to} 结束`,
    acknowledged: (who, time) => `${who} 于 ${time} 确认知悉`,
    assigned: (who) => `负责人：${who}`,
    steps: { began: "开始", ended: "结束", acknowledged: "确认知悉", assigned: "指派给", noted: "备注" },
    program: "系统",
    nobody: "（无人）",
    signIn: "请先以区域经理或管理员身份登录，再处理告警。",
    failed: "未能保存，请稍后再试。",
    writeName: "请先写上负责人的姓名。",
    writeNote: "请先写上备注。",
  },
  en: {
    title: "Alerts",
    otherLanguage: "中文",
    back: "Back to all branches",
    lost: (time) => `The connection to head office is lost; this is how it was at ${time}. Trying again…`,
    show: "Show",
    openOnly: "Open ones",
    all: "All",
    kind: "Kind",
    anyKind: "Every kind",
    branch: "Branch id",
    older: "Older alerts",
    none: "No alert is open",
    noneFound: "No alert matches",
    counts: (n) => `${n} open`,
    severity: { urgent: "Urgent", warning: "Warning", notice: "Notice" },
    history: "History",
    note: "Note, or whose work it is",
    acknowledge: "Acknowledge",
    assign: "Assign to this person",
    keepNote: "Add the note",
    began: (time, ago) => `since ${time}, for ${ago}`,
    ended: (from, to) => `from ${from} to ${to}`,
    acknowledged: (who, time) => `acknowledged by ${who} at ${time}`,
    assigned: (who) => `assigned to ${who}`,
    steps: { began: "began", ended: "ended", acknowledged: "acknowledged", assigned: "assigned to", noted: "note" },
    program: "Lobby",
    nobody: "(nobody)",
    signIn: "To answer alerts, sign in as a regional manager or an administrator.",
    failed: "This could not be kept. Please try again in a moment.",
    writeName: "Please write whose work it is.",
    writeNote: "Please write a note.",
  },
};

const KINDS = {
  silent: ["网点失联", "branch silent"],
  cloned: ["网点编号重复", "two servers with one id"],
  "journal-failing": ["网点无法记账", "journal cannot be written"],
  "entries-missing": ["缺少记录", "entries missing"],
  "clock-wrong": ["时钟不准", "clock wrong"],
  "wait-over-target": ["等候超时", "wait over target"],
  "wait-near-target": ["等候即将超时", "wait near target"],
  "help-unanswered": ["客户求助无人应答", "nobody came to help"],
  "device-down": ["设备故障", "machine down"],
  "paper-low": ["纸张即将用完", "paper low"],
  backlog: ["记录积压", "entries waiting"],
  configuration: ["配置未生效", "configuration not taken"],
};

export const kinds = Object.keys(KINDS);

/** A kind that a newer head office knows is shown as it came. */
export const kindName = (kind, language) => KINDS[kind]?.[language === "en" ? 1 : 0] ?? kind;

const minutes = (seconds) => Math.floor(seconds / 60);

const FACTS = {
  "zh-Hans": {
    silent: (f) => (f.status === "offline" ? "网点服务器已停止或断线" : "网点没有任何消息"),
    cloned: () => "两台服务器在用同一编号，请给其中一台另设编号",
    "journal-failing": () => "网点服务器的磁盘无法写入，请立即检查",
    "entries-missing": (f) => `总行尚缺 ${f.entries} 条记录，正在要求补传`,
    "clock-wrong": (f) => `时钟偏差约 ${Math.abs(f.off_s)} 秒，请检查校时`,
    "wait-over-target": (f) => `最长等候 ${minutes(f.longest_s)} 分钟，目标 ${minutes(f.target_s)} 分钟`,
    "wait-near-target": (f) => `最长等候 ${minutes(f.longest_s)} 分钟，新客户预计 ${minutes(f.likely_s)} 分钟，目标 ${minutes(f.target_s)} 分钟`,
    "help-unanswered": (f) => `客户已等 ${minutes(f.waited_s)} 分钟`,
    backlog: (f) => `${f.entries} 条记录尚未送达总行`,
    configuration: (f) => `${f.state === "refused" ? "网点拒绝了新配置" : "网点已自动恢复原配置"}：${f.reason}`,
    "paper-low": (f) => (f.tickets_left === undefined ? "请准备纸卷" : `约剩 ${f.tickets_left} 张`),
  },
  en: {
    silent: (f) => (f.status === "offline" ? "its server has stopped or lost its line" : "nothing is heard of it"),
    cloned: () => "two servers use one id; give one of them another",
    "journal-failing": () => "its server cannot write to its disk; see to it at once",
    "entries-missing": (f) => (f.entries === 1 ? "1 entry is not here and is being asked for" : `${f.entries} entries are not here and are being asked for`),
    "clock-wrong": (f) => `its clock is off by some ${Math.abs(f.off_s)} s; check its time server`,
    "wait-over-target": (f) => `longest wait ${minutes(f.longest_s)} min, target ${minutes(f.target_s)}`,
    "wait-near-target": (f) => `longest wait ${minutes(f.longest_s)} min, who comes now ${minutes(f.likely_s)}, target ${minutes(f.target_s)}`,
    "help-unanswered": (f) => `a customer has waited ${minutes(f.waited_s)} min`,
    backlog: (f) => `${f.entries} entries have not reached head office`,
    configuration: (f) => `${f.state === "refused" ? "the branch refused it" : "the branch went back by itself"}: ${f.reason}`,
    "paper-low": (f) => (f.tickets_left === undefined ? "have a roll ready" : `some ${f.tickets_left} tickets left`),
  },
};

/** What is known of it, in a sentence; empty where its name says all. */
export const factsOf = (alert, language) => FACTS[language][alert.kind]?.(alert.facts) ?? "";
