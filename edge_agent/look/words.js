// Language choice, and how scores, counters, durations and waits are said. Languages: zh-Hans and en.

const KEPT = "lobby-language";
/** A rating from 1 to 5 in words, the lowest first. */
export const SCORES = {
  "zh-Hans": ["非常不满意", "不满意", "一般", "满意", "非常满意"],
  en: ["Very poor", "Poor", "Fair", "Good", "Very good"],
};
const HAND_OVER = 90; // minutes; above it, hours are easier to read

export function keptLanguage(otherwise = "zh-Hans") {
  try {
    return localStorage.getItem(KEPT) || otherwise;
  } catch {
    return otherwise;
  }
}

export function keepLanguage(language) {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // a browser that keeps nothing: the choice lasts until the page is closed
  }
}

/** Fill every [data-word] of the page from this list and set the page's language. */
export function say(words, language) {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) {
    const word = words[element.dataset.word];
    if (typeof word === "string") element.textContent = word;
  }
}

export function nameIn(names, language) {
  return names?.[language] ?? names?.["zh-Hans"] ?? Object.values(names ?? {})[0] ?? "";
}

/** 3 -> "3 号窗口" / "counter 3" */
export function counterName(counter, language) {
  if (language === "en") return `counter ${counter}`;
  return /^\d+$/.test(counter) ? `${counter} 号窗口` : `${counter} 窗口`;
}

export function duration(seconds, language) {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  const zh = language !== "en";
  if (minutes < 1) return zh ? "不到 1 分钟" : "under 1 min";
  if (minutes < HAND_OVER) return zh ? `${minutes} 分钟` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return zh ? `${hours} 小时 ${rest} 分` : `${hours} h ${rest} min`;
}

/** 75 -> "1:15", for something that runs. */
export function running(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pair = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const end = pair(whole % 60);
  return hours ? `${hours}:${pair(minutes)}:${end}` : `${minutes}:${end}`;
}

/** An estimate as a range of whole minutes; null when there is none. */
export function waitRange(estimate, language) {
  if (!estimate) return null;
  const low = Math.floor(estimate.low_s / 60);
  const high = Math.max(1, Math.ceil(estimate.high_s / 60));
  const zh = language !== "en";
  if (high === 1 && low === 0) return zh ? "不到 1 分钟" : "under 1 min";
  if (low === 0) return zh ? `${high} 分钟以内` : `up to ${high} min`;
  if (low === high) return zh ? `约 ${high} 分钟` : `about ${high} min`;
  return zh ? `${low}–${high} 分钟` : `${low}–${high} min`;
}

export function timeOfDay(at) {
  const date = new Date(at);
  const pair = (n) => String(n).padStart(2, "0");
  return `${pair(date.getHours())}:${pair(date.getMinutes())}`;
}
