// Machines and what ails them, in words. The causes are XFS4IoT's; an unknown one is said as it came.

const KINDS = {
  "zh-Hans": {
    kiosk: "取号机",
    ticket_printer: "打印机",
    magnetic_stripe: "刷卡器",
    card_reader: "插卡读卡器",
    contactless: "感应读卡器",
    id_card: "身份证阅读器",
    fingerprint: "指纹仪",
    camera: "摄像头",
    scanner: "扫码器",
    call_pad: "叫号键盘",
    counter_sign: "窗口屏",
    pole_display: "客显屏",
    ups: "不间断电源",
  },
  en: {
    kiosk: "kiosk",
    ticket_printer: "printer",
    magnetic_stripe: "swipe reader",
    card_reader: "card slot",
    contactless: "contactless reader",
    id_card: "ID card reader",
    fingerprint: "fingerprint reader",
    camera: "camera",
    scanner: "code scanner",
    call_pad: "call pads",
    counter_sign: "counter signs",
    pole_display: "pole display",
    ups: "power supply (UPS)",
  },
};

const CAUSES = {
  "zh-Hans": {
    paperOut: "缺纸，请添加纸卷",
    lensCovered: "镜头被遮住",
    tooDark: "摄像头前光线太暗",
    tooBright: "摄像头前光线太亮",
    frozen: "摄像头画面不动，请重新插拔",
    paperLow: "纸张即将用完",
    coverOpen: "上盖未关",
    cutterJam: "切刀卡住，请取出卡住的纸",
    mechanical: "机械故障，请检查后重新上电",
    unrecoverable: "故障，请断电后重新上电",
    headHot: "打印头过热，稍候会自动恢复",
    voltage: "供电电压不正常",
    mediaJam: "出票口卡纸，请取出",
    offline: "已离线，请检查面板",
    jammed: "卡片卡住，请取出",
    cardLeft: "客户的卡还在卡口，请归还客户",
    binFull: "回收箱已满，请清空",
    sensor: "传感器故障",
    motor: "电机故障",
    solenoid: "电磁铁故障",
    notInitialised: "未能初始化，请断电后重新上电",
    overheated: "过热，稍候会自动恢复",
    overCurrent: "电流过大，请检查供电",
    samSelfTest: "安全模块自检失败，请联系厂家",
    samAuthentication: "安全模块认证失败，请联系厂家",
    noLicence: "安全模块没有授权，请联系厂家",
    wrongPassword: "模块密码不对，请检查配置",
    captureFailed: "采集失败，请清洁表面",
    flashError: "存储器故障",
    notWiped: "指纹模板未清除，请断电重启模块",
    lineNoisy: "线路干扰大，请检查接线和波特率",
    onBattery: "市电中断，正由电池供电",
    batteryLow: "电池即将耗尽，设备即将断电",
    upsFailed: "不间断电源故障，请联系厂家",
    noDevice: "未连接",
    deviceBusy: "端口被其他程序占用",
    permissionDenied: "没有打开端口的权限",
    ambiguous: "有几个相同的适配器，请在配置中写明序列号",
    badSettings: "端口配置不可用，请检查地址和波特率",
    writeTimeout: "不接收数据，请检查电源和接线",
    notResponding: "没有回应，请检查电源和接线",
    unknownProtocol: "回应无法识别，请检查是否接错机器或波特率",
    wrongDevice: "接的是另一台机器，请检查插头",
    restarted: "刚刚重新启动",
    internalError: "驱动程序出错，请联系技术人员",
    silent: "没有回应，请检查电源和网络",
    hardwareError: "硬件故障",
    fault: "故障",
    absent: "未连接",
    degraded: "工作不完全正常",
  },
  en: {
    paperOut: "out of paper, please load a roll",
    lensCovered: "lens covered",
    tooDark: "too dark before the camera",
    tooBright: "too bright before the camera",
    frozen: "the camera's picture does not move; unplug it and plug it in again",
    paperLow: "paper is running low",
    coverOpen: "cover is open",
    cutterJam: "cutter is jammed, please clear it",
    mechanical: "mechanical fault, check it and switch it off and on",
    unrecoverable: "fault, switch it off and on",
    headHot: "print head too hot, recovers by itself",
    voltage: "supply voltage is wrong",
    mediaJam: "paper is stuck at the mouth, please take it out",
    offline: "is offline, look at its panel",
    jammed: "a card is jammed, please take it out",
    cardLeft: "a customer's card is still in the slot, please return it",
    binFull: "its bin is full, please empty it",
    sensor: "sensor fault",
    motor: "motor fault",
    solenoid: "solenoid fault",
    notInitialised: "could not be started, switch it off and on",
    overheated: "too hot, recovers by itself",
    overCurrent: "draws too much current, check its supply",
    samSelfTest: "its security module fails its self-test, call the maker",
    samAuthentication: "its security module is not accepted, call the maker",
    noLicence: "its security module has no licence, call the maker",
    wrongPassword: "its password is another one, check the configuration",
    captureFailed: "cannot take a picture, clean its surface",
    flashError: "memory fault",
    notWiped: "template not wiped: switch the module off and on",
    lineNoisy: "much noise on its line, check wiring and speed",
    onBattery: "no mains, runs on its battery",
    batteryLow: "battery is nearly empty, power will fail",
    upsFailed: "has failed and protects nothing, call the maker",
    noDevice: "not connected",
    deviceBusy: "its port is held by another program",
    permissionDenied: "its port may not be opened",
    ambiguous: "several such adapters, name the serial number in the configuration",
    badSettings: "its port cannot be used so, check address and speed",
    writeTimeout: "takes no data, check power and wiring",
    notResponding: "does not answer, check power and wiring",
    unknownProtocol: "answers in another language, check plugs and speed",
    wrongDevice: "another machine is plugged in here, check the plugs",
    restarted: "has just restarted",
    internalError: "its driver failed, tell your technicians",
    silent: "does not answer, check power and network",
    hardwareError: "hardware fault",
    fault: "fault",
    absent: "not connected",
    degraded: "works, but not fully",
  },
};

const LEFT = {
  "zh-Hans": (tickets) => `（约够 ${tickets} 张）`,
  en: (tickets) => ` (about ${tickets} tickets left)`,
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
  const cause = CAUSES[language][device.detail || device.state] ?? device.detail;
  if (device.detail !== "paperLow" || device.tickets_left == null) return cause;
  return cause + LEFT[language](device.tickets_left);
}
