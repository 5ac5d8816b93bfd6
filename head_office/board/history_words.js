// What the page of history says, and how it says figures.

export const WORDS = {
  "zh-Hans": {
    title: "历史数据",
    otherLanguage: "English",
    back: "返回总览",
    lost: "无法连接总行服务器，请稍后再试。",
    noHistory: "此处未保存历史数据。请在 head_office.toml 的 [history] 中设置保存位置。",
    period: "时间",
    periods: { 7: "最近 7 天", 28: "最近 28 天", month: "上个月", this: "本月", own: "自选日期" },
    from: "从",
    to: "至",
    region: "区域",
    allRegions: "全部区域",
    noRegion: "（未划分区域）",
    noHour: "取号记录缺失",
    branch: "网点",
    allBranches: "全部网点",
    service: "业务",
    allServices: "全部业务",
    by: "分组",
    bys: { day: "按日期", hour: "按时段", service: "按业务", segment: "按客户类别", region: "按区域", branch: "按网点" },
    segments: { ordinary: "普通客户", vip: "贵宾客户", care: "关爱客户", appointment: "预约客户" },
    measure: "比较指标",
    measures: {
      wait: "平均等候",
      within: "达标率",
      missed: "过号率",
      service: "平均办理时间",
      rating: "平均评分",
      coverage: "评价覆盖率",
    },
    comparison: "与此前相比",
    figures: "明细",
    completeness: "数据是否完整",
    downloads: "下载",
    csv: "表格（CSV）",
    parquet: "表格（Parquet）",
    month: "月份",
    report: "服务质量改进报告（PDF）",
    reading: "正在计算……",
    nothing: "所选范围内没有数据。",
    group: { day: "日期", hour: "时段", service: "业务", segment: "客户类别", region: "区域", branch: "网点" },
    columns: {
      arrivals: "取号人数",
      wait_mean_s: "平均等候",
      wait_p50_s: "等候中位数",
      wait_p90_s: "九成客户等候不超过",
      within: "达标率",
      missed_share: "过号率",
      service_mean_s: "平均办理时间",
      rating: "平均评分",
      coverage: "评价覆盖率",
      utilisation: "窗口利用率",
      change: "变化",
    },
    chart: (by) => `${by}：平均等候（柱）与九成客户等候（线），分钟`,
    verdicts: { better: "有改善", worse: "变差", "cannot be told": "无法判断" },
    told: (measure, verdict, amount, range, days) =>
      `${measure}：${verdict}。每天约${amount}，可信区间 ${range}，依据 ${days} 对同星期日期。`,
    untold: (measure, amount, range, days) =>
      `${measure}：无法判断是否有变化，差别可能只是偶然。每天约${amount}，可信区间 ${range}，依据 ${days} 对同星期日期。`,
    tooFew: (measure, days) => `${measure}：无法判断。可比较的同星期日期只有 ${days} 对，至少需要 6 对。`,
    basis: (from, to, percent) =>
      `与 ${from} 至 ${to} 的同星期日期逐日比较；置信度 ${percent}。以天为单位，因为同一天的客户彼此相关。`,
    up: (amount) => `增加 ${amount}`,
    down: (amount) => `减少 ${amount}`,
    whole: (complete, all) => `${all} 个网点日中，${complete} 个已核对完整。`,
    verdictsOfDays: {
      missing: (n) => `缺少 ${n} 条记录`,
      altered: () => "记录被改动",
      unproved: () => "网点软件较旧，无法核对",
      open: () => "当日未正常结束",
      absent: () => "没有当日数据",
    },
    others: (n) => `另有 ${n} 个`,
    shown: (n, all) => `显示等候最长的 ${n} 个，共 ${all} 个；全部见下载。`,
    minutes: (n) => `${n} 分钟`,
    seconds: (n) => `${n} 秒`,
    points: (n) => `${n} 个百分点`,
    scores: (n) => `${n} 分`,
  },
  en: {
    title: "History",
    otherLanguage: "中文",
    back: "Back to all branches",
    lost: "Head office cannot be reached. Please try again later.",
    noHistory: "Past days are not kept here. Name a folder for them in section [history] of head_office.toml.",
    period: "Time",
    periods: { 7: "Last 7 days", 28: "Last 28 days", month: "Last month", this: "This month", own: "Other days" },
    from: "From",
    to: "To",
    region: "Region",
    allRegions: "All regions",
    noRegion: "(no region)",
    noHour: "not on record",
    branch: "Branch",
    allBranches: "All branches",
    service: "Service",
    allServices: "All services",
    by: "Rows",
    bys: { day: "By day", hour: "By hour", service: "By service", segment: "By customer group", region: "By region", branch: "By branch" },
    segments: { ordinary: "Ordinary", vip: "VIP", care: "Care", appointment: "Appointment" },
    measure: "Compare",
    measures: {
      wait: "Mean wait",
      within: "Within target",
      missed: "Missed",
      service: "Mean service time",
      rating: "Mean rating",
      coverage: "Rating coverage",
    },
    comparison: "Compared with before",
    figures: "Figures",
    completeness: "Are the data whole?",
    downloads: "Downloads",
    csv: "Table (CSV)",
    parquet: "Table (Parquet)",
    month: "Month",
    report: "Service quality report (PDF)",
    reading: "Working it out…",
    nothing: "Nothing is kept of what you have chosen.",
    group: { day: "Day", hour: "Hour", service: "Service", segment: "Customers", region: "Region", branch: "Branch" },
    columns: {
      arrivals: "Tickets",
      wait_mean_s: "Mean wait",
      wait_p50_s: "Median wait",
      wait_p90_s: "Nine in ten wait at most",
      within: "Within target",
      missed_share: "Missed",
      service_mean_s: "Mean service",
      rating: "Mean rating",
      coverage: "Rated",
      utilisation: "Counters in use",
      change: "Change",
    },
    chart: (by) => `${by}: mean wait (bars) and what nine in ten wait at most (line), minutes`,
    verdicts: { better: "better", worse: "worse", "cannot be told": "cannot be told" },
    told: (measure, verdict, amount, range, days) =>
      `${measure}: ${verdict}. A day is typically ${amount}; interval ${range}, from ${days} pairs of days.`,
    untold: (measure, amount, range, days) =>
      `${measure}: whether it has changed cannot be told; the difference may be chance. A day is typically ${amount}; interval ${range}, from ${days} pairs of days.`,
    tooFew: (measure, days) =>
      `${measure}: cannot be told. Only ${days} ${days === 1 ? "pair" : "pairs"} of days can be compared; at least 6 are needed.`,
    basis: (from, to, percent) =>
      `Each day beside one of its weekday, ${from} to ${to}; confidence ${percent}. Days are compared, not customers: those of one day are not independent.`,
    up: (amount) => `${amount} more`,
    down: (amount) => `${amount} less`,
    whole: (complete, all) => `Of ${all} branch days ${complete} are proved to be whole.`,
    verdictsOfDays: {
      missing: (n) => (n === 1 ? "1 entry is missing" : `${n} entries are missing`),
      altered: () => "entries were altered",
      unproved: () => "an older version that cannot be checked",
      open: () => "the day was not closed",
      absent: () => "nothing of that day",
    },
    others: (n) => `and ${n} more`,
    shown: (n, all) => `The ${n} with the longest waits of ${all}; the downloads have all.`,
    minutes: (n) => `${n} min`,
    seconds: (n) => `${n} s`,
    points: (n) => `${n} points`,
    scores: (n) => `${n}`,
  },
};

export const minutes = (seconds, words) => (seconds === null ? "–" : words.minutes((seconds / 60).toFixed(1)));
export const share = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)}%`);

/** How much of a measure: seconds as minutes, shares as points, scores as they are. Without a sign. */
export function amount(measure, value, words) {
  const size = Math.abs(value);
  if (measure === "wait" || measure === "service")
    return size < 60 ? words.seconds(Math.round(size)) : words.minutes((size / 60).toFixed(1));
  if (measure === "rating") return words.scores(size.toFixed(2));
  return words.points((100 * size).toFixed(1));
}

export const more = (measure, value, words) =>
  value > 0 ? words.up(amount(measure, value, words)) : words.down(amount(measure, value, words));

/** From the least to the most, each said whether it is more or less. */
export const range = (measure, low, high, words) =>
  words === WORDS.en
    ? `${more(measure, low, words)} to ${more(measure, high, words)}`
    : `${more(measure, low, words)}至${more(measure, high, words)}`;
