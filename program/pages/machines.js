// Machines and what ails them, in words. The causes are XFS4IoT's; an unknown one is said as it came.

const KINDS = {
  "zh-Hans": {
    kiosk: "取号机",
    ticket_printer: "打印机",
    printer: "打印机",
    magnetic_stripe: "磁条读卡器",
    card_reader: "读卡器",
    id_reader: "身份证阅读器",
    qr_scanner: "扫码器",
    camera: "摄像头",
    hall_display: "显示屏",
    counter_display: "窗口显示屏",
    speaker: "扬声器",
  },
  en: {
    kiosk: "kiosk",
    ticket_printer: "printer",
    printer: "printer",
    magnetic_stripe: "magnetic stripe reader",
    card_reader: "card reader",
    id_reader: "ID reader",
    qr_scanner: "QR scanner",
    camera: "camera",
    hall_display: "wall display",
    counter_display: "counter display",
    speaker: "speaker",
  },
};

const CAUSES = {
  "zh-Hans": {
    paperOut: "缺纸，请添加纸卷",
    paperLow: "纸张即将用完",
    paperJam: "卡纸",
    paperJammed: "卡纸",
    coverOpen: "上盖未关",
    cutterJam: "切刀卡住",
    headHot: "打印头过热，稍候会自动恢复",
    cardJam: "卡片卡住",
    cardJammed: "卡片卡住",
    mediaJammed: "介质卡住",
    noDevice: "未连接",
    deviceNotFound: "未连接",
    silent: "没有回应，请检查电源和网络",
    offline: "未连接",
    powerOff: "没有通电",
    hardwareError: "硬件故障",
    hwError: "硬件故障",
    userError: "需要现场处理",
    fault: "故障",
    absent: "未连接",
    degraded: "工作不完全正常",
  },
  en: {
    paperOut: "out of paper, please load a roll",
    paperLow: "paper is running low",
    paperJam: "paper jam",
    paperJammed: "paper jam",
    coverOpen: "cover is open",
    cutterJam: "cutter is jammed",
    headHot: "print head too hot, recovers by itself",
    cardJam: "card is jammed",
    cardJammed: "card is jammed",
    mediaJammed: "media is jammed",
    noDevice: "not connected",
    deviceNotFound: "not connected",
    silent: "does not answer, check power and network",
    offline: "not connected",
    powerOff: "has no power",
    hardwareError: "hardware fault",
    hwError: "hardware fault",
    userError: "needs someone on the spot",
    fault: "fault",
    absent: "not connected",
    degraded: "works, but not fully",
  },
};

export const AILING = new Set(["absent", "fault", "degraded"]);

export const ailing = (devices) => devices.filter((device) => AILING.has(device.state));

/** "kiosk-1/printer" of kind ticket_printer -> "打印机 kiosk-1", "kiosk-1 printer" */
export function machineName(device, language) {
  const [place, own] = device.device.split("/");
  const kind = KINDS[language][device.kind || own] ?? own ?? device.kind;
  if (language === "en") return own ? `${place} ${kind}` : place;
  return `${kind} ${place}`;
}

export function machineCause(device, language) {
  return CAUSES[language][device.detail || device.state] ?? device.detail;
}
