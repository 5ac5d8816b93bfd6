// Why somebody was called, in one sentence a branch manager would say.

import { duration, running } from "/assets/look/words.js";
import { space } from "/assets/program/chinese.js";

const MINUTE = 60;
const whole = (seconds) => Math.round(Math.abs(seconds) / MINUTE);

const SAID = {
  "zh-Hans": {
    kinds: { vip: "VIP 客户", care: "关爱客户", appointment: "预约客户", ordinary: "普通客户" },
    waited: (time) => `等候${space(time)}${time}`,
    capped: "已到最长等候上限，先于所有人",
    arrival: "等得最久",
    strict: (kind, rank) => `${kind}，级别 ${rank}`,
    forKind: (kind, minutes) => `${kind}另计 ${minutes} 分钟`,
    preferred: (minutes) => `本窗口优先办理此业务，另计 ${minutes} 分钟`,
    head_start: "按等候时间排在最前",
    over: (minutes) => `超出时限 ${minutes} 分钟`,
    within: (minutes) => `离时限只剩 ${minutes} 分钟`,
    noTarget: "此业务没有规定时限",
    only: "只有这一位在等",
    of: (count) => `共 ${count} 人在等`,
    before: (label, time) => `先于 ${label}（等候${space(time)}${time}）`,
    comma: "，",
    semicolon: "；",
    stop: "。",
  },
  en: {
    kinds: { vip: "VIP customers", care: "care customers", appointment: "appointments", ordinary: "ordinary customers" },
    waited: (time) => `Waited ${time}`,
    capped: "the longest anyone may wait, so before all others",
    arrival: "longest of all",
    strict: (kind, rank) => `${kind} have rank ${rank}`,
    forKind: (kind, minutes) => `${kind} count ${minutes} min more`,
    preferred: (minutes) => `preferred at this counter, counts ${minutes} min more`,
    head_start: "first by waiting time",
    over: (minutes) => `${minutes} min over the target`,
    within: (minutes) => `${minutes} min left to the target`,
    noTarget: "no target for this service",
    only: "nobody else is waiting",
    of: (count) => `${count} were waiting`,
    before: (label, time) => `ahead of ${label} (${time})`,
    comma: ", ",
    semicolon: "; ",
    stop: ".",
  },
};

/** What the rule weighed. A deadline score not below the wait means that there is no target. */
const RULES = {
  arrival: (_chosen, said) => said.arrival,
  strict: (chosen, said) => said.strict(said.kinds[chosen.segment] ?? chosen.segment, chosen.score_s),
  head_start: (chosen, said) => {
    const minutes = whole(chosen.score_s - chosen.waited_s - chosen.preferred_s);
    if (minutes) return said.forKind(said.kinds[chosen.segment] ?? chosen.segment, minutes);
    return chosen.preferred_s ? "" : said.head_start;
  },
  deadline: (chosen, said) => {
    const over = chosen.score_s - chosen.preferred_s;
    if (over >= chosen.waited_s) return said.noTarget;
    return over >= 0 ? said.over(whole(over)) : said.within(whole(over));
  },
};

/** The whole sentence. `candidates` are the first of each line, so the second one may not be who comes next. */
export function reason(why, language) {
  const said = SAID[language];
  const { chosen, candidates, of } = why;
  const other = candidates.find((one) => one.label !== chosen.label);
  const rule = chosen.capped ? said.capped : of > 1 && RULES[why.rule]?.(chosen, said);
  const preferred = !chosen.capped && of > 1 && chosen.preferred_s && said.preferred(whole(chosen.preferred_s));
  const waited = said.waited(duration(chosen.waited_s, language));
  const first = [waited, rule, preferred].filter(Boolean).join(said.comma);
  const among = of > 1 ? said.of(of) : said.only;
  const ahead = other && said.before(other.label, duration(other.waited_s, language));
  return [first, [among, ahead].filter(Boolean).join(said.comma)].join(said.semicolon) + said.stop;
}

/** What the rule compared, for the table. */
export function score(candidate, rule, language) {
  if (rule === "strict") return String(candidate.score_s);
  if (rule !== "deadline") return running(candidate.score_s);
  const minutes = whole(candidate.score_s);
  return candidate.score_s >= 0 ? SAID[language].over(minutes) : SAID[language].within(minutes);
}
