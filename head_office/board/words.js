// What all pages of the board read: their common texts, durations, times, names, figures.

import { kindName as alertName } from "./alerts_words.js";

const KEPT = "lobby-language";
const CHOSEN = new URLSearchParams(location.search).get("lang");

export const WORDS = {
  "zh-Hans": {
    otherLanguage: "English",
    lost: (time) => `与总行服务器的连接已中断，以下是 ${time} 的情况，正在重新连接……`,
    lostAtOnce: "无法连接总行服务器，正在重新连接……",
    openAlerts: (n) => (n ? `未结束告警 ${n}` : "没有告警"),
    history: "历史",
    rollout: "配置",
    account: "我的账户",
    board: "网点总览",
    wall: "大屏",
    online: "在线",
    away: {
      offline: (time, ago) => `${time} 起离线（${ago}）`,
      silent: (time, ago) => `${time} 起无消息（${ago}）`,
      never: () => "从未上报",
    },
    cloned: "网点编号重复：两台服务器在用同一编号",
    ailing: (machine, cause) => `${machine}：${cause}`,
    more: (n) => `，另有 ${n} 项`,
    well: "正常",
    states: { urgent: "紧急", warning: "警告", notice: "提示", never: "从未上报", well: "正常" },
    offline: "离线",
    silent: "无消息",
    never: "从未上报",
    overTarget: (longest, target) => `最长等候 ${longest}，目标 ${target}`,
    clockOff: (off) => `时钟偏差 ${off}`,
    config: (runs, about, state) => (runs ? `运行配置版本 ${runs}` : "使用本地配置") + ({ waiting: `，版本 ${about} 等待时机`, trying: "（试运行）", refused: `，已拒绝版本 ${about}`, rolled_back: `，版本 ${about} 已自动退回` }[state] ?? ""),
    behind: (n) => `${n} 条记录尚未送达`,
    notHere: (n) => `尚缺 ${n} 条记录`,
    rated: (n, visits, share) => `${n} / ${visits}` + (share === null ? "" : `（${share}%）`),
    mean: (score) => `平均 ${score} 分`,
    asOf: (time) => `截至 ${time}`,
    zone: (name) => `所有时间均为本机时区（${name}）`,
    allRegions: "全部地区",
    noRegion: "未分地区",
  },
  en: {
    otherLanguage: "中文",
    lost: (time) => `The connection to head office is lost; this is how it was at ${time}. Trying again…`,
    lostAtOnce: "Head office cannot be reached. Trying again…",
    openAlerts: (n) => (n ? (n === 1 ? "1 open alert" : `${n} open alerts`) : "No open alerts"),
    history: "Past days",
    rollout: "Configuration",
    account: "Your account",
    board: "All branches",
    wall: "Wall screen",
    online: "online",
    away: {
      offline: (time, ago) => `offline since ${time} (${ago})`,
      silent: (time, ago) => `silent since ${time} (${ago})`,
      never: () => "never reported",
    },
    cloned: "Duplicate id: two servers use this branch's id",
    ailing: (machine, cause) => `${machine}: ${cause}`,
    more: (n) => `, and ${n} more`,
    well: "all well",
    states: { urgent: "urgent", warning: "warning", notice: "notice", never: "never reported", well: "all well" },
    offline: "offline",
    silent: "silent",
    never: "never reported",
    overTarget: (longest, target) => `longest wait ${longest}, target ${target}`,
    clockOff: (off) => `clock off by ${off}`,
    config: (runs, about, state) => (runs ? `runs configuration ${runs}` : "works by its own file") + ({ waiting: `, version ${about} waits`, trying: " on trial", refused: `, refused version ${about}`, rolled_back: `, rolled version ${about} back` }[state] ?? ""),
    behind: (n) => `${n} entries on their way`,
    notHere: (n) => (n === "1" ? "1 entry not here yet" : `${n} entries not here yet`),
    rated: (n, visits, share) => `${n} of ${visits}` + (share === null ? "" : ` (${share}%)`),
    mean: (score) => `mean ${score}`,
    asOf: (time) => `as of ${time}`,
    zone: (name) => `All times are in this screen's time zone (${name})`,
    allRegions: "All regions",
    noRegion: "No region",
  },
};

/** The reader's language: of the address, else the one chosen last. */
export function keptLanguage() {
  return [CHOSEN, localStorage.getItem(KEPT)].find((one) => WORDS[one]) ?? "zh-Hans";
}

export const keepLanguage = (language) => localStorage.setItem(KEPT, language);

/** 12,345 */
export const figure = (n) => n.toLocaleString("en");

export function kindName(kind, words, language) {
  return ["offline", "never", "silent"].includes(kind) ? words[kind] : alertName(kind, language);
}

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

const pair = (n) => String(n).padStart(2, "0");

/** 10:24, or with the day before it when that is not today. */
export function moment(at, now) {
  const date = new Date(at);
  const time = `${pair(date.getHours())}:${pair(date.getMinutes())}`;
  const today = new Date(now).toDateString() === date.toDateString();
  return today ? time : `${date.getMonth() + 1}-${pair(date.getDate())} ${time}`;
}

/** 10:24:31, or with the day before it when that is not today. */
export function exactly(at, now) {
  return `${moment(at, now)}:${pair(new Date(at).getSeconds())}`;
}

export function withSeconds(at) {
  return new Date(at).toTimeString().slice(0, 8);
}

/** Asia/Shanghai, UTC+8 */
export function zoneName() {
  const ahead = -new Date().getTimezoneOffset();
  const minutes = Math.abs(ahead) % 60;
  const hours = Math.trunc(Math.abs(ahead) / 60);
  const off = `UTC${ahead < 0 ? "−" : "+"}${hours}${minutes ? `:${pair(minutes)}` : ""}`;
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === "UTC" ? name : `${name}, ${off}`;
}
