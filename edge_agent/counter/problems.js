// What a refused press says to the teller.

const PROBLEMS = {
  "zh-Hans": {
    "ticket-still-called": "当前号码已呼叫但尚未处理。请先“开始办理”或标记“过号”，再叫下一位。",
    "nobody-at-counter": "本窗口目前没有号码，请先叫下一位。",
    "wrong-state": "号码的状态已变化，此操作现在不能执行。",
    "unknown-counter": "本网点没有这个窗口，请重新选择。",
    "unknown-service": "本网点没有这项业务，请重新选择。",
    "unknown-ticket": "今天没有这个号码。",
    "recall-limit": "这个号码已呼叫多次。请标记“过号”，客户来了还可以重新排队。",
    "recall-too-soon": "刚刚才呼叫过，请稍等几秒再呼叫。",
    "nothing-to-undo": "本窗口没有可以撤销的叫号。",
    "too-late-to-undo": "已超过可以撤销的时间。客户没来请标记“过号”，叫错了请“转办”。",
    "return-limit": "这个号码重新排队的次数已用完，或过号太久。请客户重新取号。",
    "counter-busy": "本窗口还有号码。请先办完、暂存或标记过号，再暂停或关闭窗口。",
    "no-help-wanted": "那里的客户已不需要协助。",
    "no-printer-works": "现在没有可用的打印机。号码仍然有效，请为客户手写号码。",
    "unknown-ticket@reprint": "今天没有这个号码，请核对后再试。",
    "wrong-state@reprint": "这个号码已经结束，不需要再打印。",
    "unusable-wish": "这样做不到，请重新选择。",
    "unusable-wish@park": "暂存时间超出规定的范围，请选短一些。",
    "unusable-wish@transfer": "该去向不能为这位客户办理此项业务，请另选业务或窗口。",
    "answer-unusable": "答复里像是有电话、卡号或证件号码，或没有文字。请改一改再发送（可以写不超过 10 位的客服电话）。",
    "already-answered": "这条意见已由同事答复。",
    "unknown-opinion": "这条意见已不在本网点的记录中。",
    "bad-request@answer": "答复不能用，请写 1 到 300 个字。",
    "bad-request": "填写的内容不能用，请重新选择。",
    "idempotency-key-reused": "这次操作与前一次混淆了，请再按一次。",
    "not-recorded": "网点服务器暂时无法保存，本次操作没有生效，请再试一次。",
    "unknown-token": "登录已失效，请重新登录。",
    "token-missing": "请先登录。",
    "not-allowed": "您没有此项操作的权限。",
    "wrong-pin": "姓名或密码不正确。",
    locked: "密码输入错误次数过多，请一分钟后再试。",
  },
  en: {
    "ticket-still-called":
      "The called customer has neither come nor been marked. Start, or mark as no-show, then call the next.",
    "nobody-at-counter": "No ticket stands at this counter. Call the next one first.",
    "wrong-state": "The ticket has changed meanwhile; this is not possible now.",
    "unknown-counter": "This branch has no such counter. Please choose again.",
    "unknown-service": "This branch has no such service. Please choose again.",
    "unknown-ticket": "There is no such ticket today.",
    "recall-limit": "Called often enough. Mark it as no-show; it can go back in line when the customer comes.",
    "recall-too-soon": "It has only just been called. Wait some seconds, then recall.",
    "nothing-to-undo": "There is no call at this counter that could be undone.",
    "too-late-to-undo": "It is too late to undo. Mark a no-show if nobody came, or transfer it.",
    "return-limit": "It has been back in line already, or was missed too long ago. Please take a new ticket.",
    "counter-busy": "A ticket stands here. Finish it, park it or mark it as no-show, then pause or close.",
    "no-help-wanted": "The customer there no longer needs help.",
    "no-printer-works": "No printer works now. The number stays valid: write it down for the customer.",
    "unknown-ticket@reprint": "There is no such ticket today. Check the number and try again.",
    "wrong-state@reprint": "This ticket has ended; it needs no paper any more.",
    "unusable-wish": "This is not possible. Please choose again.",
    "unusable-wish@park": "That is longer than the rules allow. Please choose a shorter time.",
    "unusable-wish@transfer": "This customer cannot be served there. Please choose another service or counter.",
    "answer-unusable":
      "The answer seems to hold a phone, card or document number, or has no words. Change it and send again (a hotline of at most 10 digits may stand).",
    "already-answered": "A colleague has answered this one.",
    "unknown-opinion": "This one is no longer among the branch's records.",
    "bad-request@answer": "This answer cannot be used. Please write 1 to 300 characters.",
    "bad-request": "What was filled in is unusable. Please choose again.",
    "idempotency-key-reused": "This press was mixed up with an earlier one. Please press again.",
    "not-recorded": "The branch could not record this, so nothing has changed. Please try again.",
    "unknown-token": "Your sign-in has ended. Please sign in again.",
    "token-missing": "Please sign in first.",
    "not-allowed": "You are not allowed to do this.",
    "wrong-pin": "Name and PIN do not belong together.",
    locked: "Too many wrong PINs. Please try again in a minute.",
  },
};

/** The sentence of a problem in this language; what is not known here is said as it came. */
export function problemWords(problem, language, press = "") {
  const known = PROBLEMS[language] ?? {};
  const name = problem?.type?.replace("urn:lobby:problem:", "");
  return known[`${name}@${press}`] ?? known[name] ?? problem?.detail ?? problem?.title ?? "";
}

export const ends = (problem) => /:(unknown-token|token-missing)$/.test(problem?.type ?? "");
