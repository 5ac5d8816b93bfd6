"""The states in which every screen is looked at: realistic ones, and the worst a branch can make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from edge_agent.messages import (
    Appointment,
    Choice,
    Errand,
    EstimatedWait,
    IssuedTicket,
    Names,
    Reason,
    Service,
    Services,
    Ticket,
    Topic,
)
from kiosk.journey.step import Card, Check, Entry, Help, Here, Paper, Rules, Screen, Step
from kiosk.look import icons

NOW = datetime(2026, 11, 26, 10, 8, tzinfo=UTC)
RULES = Rules(language="zh-Hans", idle_s=60, ticket_s=15, ticket_without_paper_s=60)
LINK = "http://branch-0123.harmony.example:8080/t/01JD5Y8Q2V7K3M9N4P6R8T0W2X"
BANK = {"zh-Hans": "和谐银行", "zh-Hant": "和諧銀行", "en": "Harmony Bank"}
BRANCH = {
    "zh-Hans": "上海浦东新区陆家嘴环路支行",
    "zh-Hant": "上海浦東新區陸家嘴環路支行",
    "en": "Shanghai Pudong Lujiazui Ring Road",
}
LONG_KIOSK = "hall-2-entrance-east-kiosk-0012!"  # 32 characters, as long as a name may be
CARD = Card("pseudonym", "vip", ("wealth",))


def names(hans: str, hant: str, en: str) -> Names:
    return {"zh-Hans": hans, "zh-Hant": hant, "en": en}


SERVICE_NAMES = {
    "cash": names("现金业务", "現金業務", "Cash"),
    "cards": names("银行卡与账户", "銀行卡與賬戶", "Cards and accounts"),
    "wealth": names("理财与基金", "理財與基金", "Wealth and funds"),
    "business": names("对公业务", "對公業務", "Business banking"),
    "foreign": names("外币兑换", "外幣兌換", "Foreign currency"),
    "loans": names("个人贷款与房贷", "個人貸款與房貸", "Loans and mortgages"),
    "lost": names("挂失与补办", "掛失與補辦", "Lost card or passbook"),
    "seniors": names("老年客户爱心服务", "老年客戶愛心服務", "Seniors and special care"),
}
WAITS = (
    None,
    EstimatedWait(low_s=0, likely_s=0, high_s=0),
    EstimatedWait(low_s=300, likely_s=600, high_s=1100),
    EstimatedWait(low_s=6000, likely_s=9000, high_s=10700),
)
WAITING = (0, 1, 12, 123)
ERRANDS = [
    Errand(
        code="lost-card",
        names=names("银行卡挂失", "銀行卡掛失", "Report a lost card"),
        service="cards",
        question=names("您丢失的是？", "您遺失的是？", "What have you lost?"),
        choices=[
            Choice(code="debit", names=names("借记卡", "借記卡", "Debit card")),
            Choice(code="credit", names=names("信用卡", "信用卡", "Credit card")),
            Choice(code="passbook", names=names("存折", "存摺", "Passbook")),
        ],
        papers=[names("有效身份证件", "有效身份證件", "A valid ID")],
    ),
    Errand(
        code="loan",
        names=names("贷款申请", "貸款申請", "Ask for a loan"),
        service="wealth",
        question=names("贷款用于？", "貸款用於？", "What is the loan for?"),
        choices=[
            Choice(code="home", names=names("购房", "購房", "A home")),
            Choice(code="car", names=names("购车", "購車", "A car")),
            Choice(code="business", names=names("经营", "經營", "A business")),
            Choice(code="other", names=names("其他用途", "其他用途", "Something else")),
        ],
        papers=[
            names("有效身份证件", "有效身份證件", "A valid ID"),
            names("收入证明或近六个月流水", "收入證明或近六個月流水", "Proof of income, or statements of six months"),
            names("购房或购车合同", "購房或購車合同", "The contract of the home or car"),
        ],
    ),
    Errand(
        code="company",
        names=names("企业开户", "企業開戶", "Open a company account"),
        service="business",
        identify=False,
        question=names("企业类型？", "企業類型？", "What kind of company?"),
        choices=[
            Choice(code="limited", names=names("有限责任公司", "有限責任公司", "Limited company")),
            Choice(code="sole", names=names("个体工商户", "個體工商戶", "Sole trader")),
            Choice(code="other", names=names("其他组织", "其他組織", "Another organisation")),
        ],
        papers=[
            names("营业执照正本或副本", "營業執照正本或副本", "Business licence, original or duplicate"),
            names("法定代表人身份证件", "法定代表人身份證件", "ID of the legal representative"),
            names("公章、财务章、法人章", "公章、財務章、法人章", "Company, finance and personal seals"),
            names("经办人授权委托书", "經辦人授權委託書", "Letter of authority of whoever comes"),
        ],
    ),
]  # fmt: skip
REASONS = [
    Reason(code=code, names=names(*said), scores=list(scores))
    for code, said, scores in (
        ("waited", ("等候太久", "等候太久", "The wait was long"), (1, 2, 3)),
        ("unclear", ("解释不清楚", "解釋不清楚", "It was not explained well"), (1, 2, 3)),
        ("unsolved", ("问题没有解决", "問題沒有解決", "My matter is not settled"), (1, 2)),
        ("unfriendly", ("态度不够好", "態度不夠好", "Not friendly enough"), (1, 2)),
        ("machine", ("机器不好用", "機器不好用", "The machine is hard to use"), (1, 2, 3)),
        ("friendly", ("态度亲切", "態度親切", "Friendly staff"), (4, 5)),
        ("quick", ("办理很快", "辦理很快", "It was quick"), (4, 5)),
        ("clear", ("讲解清楚", "講解清楚", "Well explained"), (4, 5)),
    )
]
TOPICS = [
    Topic(
        code=code,
        names=names(*said),
        phrases=[Choice(code=f"{code}-{n}", names=names(*one)) for n, one in enumerate(phrases)],
    )
    for code, said, phrases in (
        (
            "waiting", ("等候与叫号", "等候與叫號", "Waiting and calling"),
            (
                ("等候时间太长", "等候時間太長", "The wait is too long"),
                ("没有听到叫号", "沒有聽到叫號", "I could not hear my number"),
                ("开的窗口太少", "開的窗口太少", "Too few counters are open"),
                ("叫号顺序不清楚", "叫號順序不清楚", "The order of calling is not clear"),
            ),
        ),
        ("staff", ("服务人员", "服務人員", "Our staff"), (("态度需要改进", "態度需要改進", "Could be friendlier"), ("非常热心，值得表扬", "非常熱心，值得表揚", "Very helpful, please thank them"))),
        ("machines", ("自助机器", "自助機器", "Machines"), (("字太小", "字太小", "The letters are too small"), ("操作太复杂", "操作太複雜", "It is too complicated"))),
        ("hall", ("大厅环境", "大廳環境", "The hall"), (("座位不够", "座位不夠", "Too few seats"), ("太冷或太热", "太冷或太熱", "Too cold or too warm"))),
        ("other", ("产品与其他", "產品與其他", "Products and more"), (("利率和费用说明不清", "利率和費用說明不清", "Rates and fees are not clear"), ("想了解更多产品", "想了解更多產品", "I would like to know more"))),
    )
]  # fmt: skip
ALL_WAYS = frozenset({"magnetic_stripe", "card_reader", "contactless", "id_card", "scanner"})


def services(count: int = 4, *, is_open: bool = True, note: str = "") -> list[Service]:
    """The worst last: many people, long waits; of eight, the last is closed."""
    codes = list(SERVICE_NAMES)[:count]
    return [
        Service(
            code=code,
            prefix="ABCDEFGH"[n],
            names=SERVICE_NAMES[code],
            waiting=WAITING[n % 4],
            estimated_wait=WAITS[(n + n // 4) % 4],
            open=is_open and not (count == 8 and n == 7),
            note=note or ("" if is_open else "closed"),  # type: ignore[arg-type]
        )
        for n, code in enumerate(codes)
    ]


def offer(
    count: int = 4, *, is_open: bool = True, note: str = "", errands: int = 3, help_: str = ""
) -> Services:
    return Services(
        services=services(count, is_open=is_open, note=note),
        branch_name=BRANCH,
        public_url="http://branch",
        time_zone="Asia/Shanghai",
        at=NOW,
        business_day=NOW.date(),
        errands=ERRANDS[:errands],
        reasons=REASONS,
        topics=TOPICS,
        appointments=True,
        help=help_,  # type: ignore[arg-type]
    )


def ticket(
    number: int = 12,
    wait: EstimatedWait | None = WAITS[2],
    label: str = "A012",
    service: str = "cards",
) -> IssuedTicket:
    return IssuedTicket(
        id="01JD5Y8Q2V7K3M9N4P6R8T0W2X",
        label=label,
        service=service,
        segment="ordinary",
        business_day=date(2026, 11, 26),
        issued_at=NOW,
        ahead=number,
        estimated_wait=wait,
    )


def visit(**changed: object) -> Ticket:
    known: dict[str, object] = {
        "id": "01JD5Y8Q2V7K3M9N4P6R8T0W2X", "label": "A012", "service": "cards", "segment": "ordinary",
        "language": "zh-Hans", "business_day": date(2026, 11, 26), "state": "served", "counter": "3",
        "printed": "confirmed", "issued_at": NOW, "called_at": NOW, "started_at": NOW, "ended_at": NOW, "calls": 1,
    }  # fmt: skip
    return Ticket(**(known | changed))  # type: ignore[arg-type]


HERE = Here(ways=ALL_WAYS, can_lower=True, can_speak=True)
BASE = Step(Screen.WELCOME, "zh-Hans", offer=offer(), here=HERE)


def at(screen: Screen, **changed: object) -> Step:
    return replace(BASE, screen=screen, **changed)  # type: ignore[arg-type]


def printed(paper: Paper, issued: IssuedTicket | None = None, **changed: object) -> Step:
    return at(Screen.TICKET, ticket=issued or ticket(), paper=paper, at=1.0, **changed)


def checking(check: Check) -> Step:
    return at(Screen.IDENTITY, card=CARD, service="wealth", here=CHECKED_HERE, check=check)


NONE_HERE = Here(can_lower=True)
CHECKED_HERE = replace(HERE, checks=frozenset({"face", "fingerprint"}))
AWAY_HERE = replace(HERE, reachable=False, numbers=frozenset({"cash", "cards"}))
LATER = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)

STATES: dict[str, Step] = {
    "welcome": BASE,
    "welcome-no-readers": replace(BASE, here=NONE_HERE),
    "welcome-scanner": replace(BASE, here=replace(HERE, ways=frozenset({"scanner"}))),
    "welcome-8": replace(BASE, offer=offer(8)),
    "welcome-starting": replace(BASE, offer=None),
    "welcome-closed": replace(BASE, offer=offer(is_open=False), here=replace(HERE, opening=LATER)),
    "welcome-full": replace(BASE, offer=offer(is_open=False, note="full")),
    "welcome-closed-appointment": replace(
        BASE, offer=offer(is_open=False), here=replace(HERE, opening=LATER), notice="notice.appointment_closed",
    ),
    "welcome-in-advance": replace(BASE, here=AWAY_HERE),
    "welcome-help-coming": replace(BASE, help=Help.COMING),
    "services-1": at(Screen.SERVICES, offer=offer(1)),
    "services-4": at(Screen.SERVICES),
    "services-6": at(Screen.SERVICES, offer=offer(6)),
    "services-8": at(Screen.SERVICES, offer=offer(8)),
    "services-card": at(Screen.SERVICES, card=CARD, notice="notice.card_read"),
    "services-appointment": at(
        Screen.SERVICES, card=CARD, notice="notice.appointment_found", early_min=20,
        appointment=Appointment(reference="2001", service="wealth", at=NOW),
    ),
    "services-unreadable": at(Screen.SERVICES, offer=offer(8), notice="notice.card_unreadable"),
    "services-code-unknown": at(Screen.SERVICES, notice="notice.code_unknown"),
    "services-refused": at(Screen.SERVICES, offer=offer(8), notice="notice.queue_full", help=Help.ASKED),
    "services-priority": at(Screen.SERVICES, priority=True),
    "services-last": at(Screen.SERVICES, offer=offer(note="last")),
    "services-asking": at(Screen.SERVICES, asking=True),
    "services-in-advance": at(Screen.SERVICES, here=AWAY_HERE),
    "services-more-time": at(Screen.SERVICES, at=75.0),
    "check-in": at(Screen.CHECK_IN),
    "check-in-away": at(Screen.CHECK_IN, here=AWAY_HERE),
    "check-in-away-no-scanner": at(Screen.CHECK_IN, here=replace(AWAY_HERE, ways=frozenset({"id_card"}))),
    "check-in-has-ticket": at(Screen.CHECK_IN, notice="notice.has_ticket"),
    "check-in-not-today": at(Screen.CHECK_IN, notice="notice.appointment_not_today"),
    "check-in-cards-together": at(Screen.CHECK_IN, notice="notice.cards_together"),
    "check-in-not-looked-up": at(Screen.CHECK_IN, entry=Entry("20031"), notice="notice.not_looked_up"),
    "check-in-wrong": at(Screen.CHECK_IN, entry=Entry("20031", wrong=True), notice="notice.reference_unknown"),
    "errand-identify": at(Screen.ERRAND_IDENTIFY, errand="loan"),
    "errand-identify-unreadable": at(Screen.ERRAND_IDENTIFY, errand="loan", notice="notice.card_unreadable_errand"),
    "errand-choose": at(Screen.ERRAND_CHOOSE, errand="loan", card=CARD, notice="notice.card_read_errand"),
    "errand-choose-lost": at(Screen.ERRAND_CHOOSE, errand="lost-card"),
    "errand-confirm": at(Screen.ERRAND_CONFIRM, errand="loan", choice="home", card=CARD),
    "errand-confirm-company": at(Screen.ERRAND_CONFIRM, errand="company", choice="limited"),
    "errand-confirm-refused": at(Screen.ERRAND_CONFIRM, errand="company", choice="limited", notice="notice.queue_full"),
    "identity-consent": at(Screen.IDENTITY, card=CARD, service="wealth", here=CHECKED_HERE),
    "identity-consent-face": at(
        Screen.IDENTITY, card=CARD, service="wealth", here=replace(HERE, checks=frozenset({"face"})),
    ),
    "identity-consent-errand": at(
        Screen.IDENTITY, card=CARD, service="wealth", here=CHECKED_HERE, errand="loan",
    ),
    "identity-opening": checking(Check("face", "face.opening")),
    "identity-mirror": checking(Check("face", "face.hold_head_upright", icons.UPRIGHT, mirror=True)),
    "identity-turn": checking(
        Check("face", "face.turn_left", icons.BACK, progress=0.4, mirror=True)
    ),
    "identity-blink": checking(
        Check("face", "face.blink", icons.EYES_CLOSED, progress=0.7, mirror=True)
    ),
    "identity-slowly": checking(Check("face", "face.turn_slowly", icons.EYE, progress=0.3, mirror=True)),
    "identity-open-eyes": checking(Check("face", "face.open_eyes", icons.EYE, mirror=True)),
    "identity-show-eyes": checking(Check("face", "face.show_eyes", icons.EYE, mirror=True)),
    "identity-again": checking(Check("face", "face.again", icons.TOLD, leads_on="identity.again", tried=True)),
    "identity-over": checking(Check("face", "face.over", over=True)),
    "identity-finger": checking(Check("fingerprint", "fingerprint.clean", icons.FINGER)),
    "identity-finger-again": checking(
        Check("fingerprint", "fingerprint.again", icons.TOLD, leads_on="identity.again", tried=True)
    ),
    "ticket-confirmed": printed(Paper.TAKEN_FROM_PRINTER, identity="face"),
    "ticket-not-confirmed": printed(Paper.TAKEN_FROM_PRINTER, identity="declined"),
    "ticket-printing": printed(Paper.PRINTING, ticket(0, WAITS[1])),
    "ticket-paper": printed(Paper.TAKEN_FROM_PRINTER),
    "ticket-no-estimate": printed(Paper.TAKEN_FROM_PRINTER, ticket(1, None)),
    "ticket-no-paper": printed(Paper.NONE),
    "ticket-no-paper-untold": printed(Paper.NONE, in_advance=True, here=AWAY_HERE),
    "ticket-no-paper-worst": printed(Paper.NONE, ticket(123, WAITS[3], label="W1234"), errand="company"),
    "ticket-paper-at": printed(Paper.NONE, ticket(123, WAITS[3], label="W1234"), paper_at=LONG_KIOSK),
    "ticket-errand": printed(Paper.TAKEN_FROM_PRINTER, errand="loan"),
    "ticket-early": printed(Paper.TAKEN_FROM_PRINTER, early_min=35),
    "ticket-late": printed(Paper.TAKEN_FROM_PRINTER, early_min=-12),
    "ticket-in-advance": printed(Paper.TAKEN_FROM_PRINTER, in_advance=True, here=AWAY_HERE),
    "rate-find": at(Screen.RATE_FIND),
    "rate-find-8": at(Screen.RATE_FIND, offer=offer(8), entry=Entry("H0", wrong=True), notice="notice.visit_unknown"),
    "rate-find-missed": at(Screen.RATE_FIND, notice="notice.visit_missed"),
    "rate-score": at(Screen.RATE_SCORE, visit=visit()),
    "rate-why": at(Screen.RATE_WHY, visit=visit(), score=1, picked=frozenset({"waited"})),
    "rate-why-good": at(Screen.RATE_WHY, visit=visit(), score=5),
    "opinion-topic": at(Screen.OPINION_TOPIC),
    "opinion-topic-code": at(Screen.OPINION_TOPIC, notice="notice.not_here"),
    "opinion-say": at(Screen.OPINION_SAY, topic="waiting", picked=frozenset({"waiting-1"})),
    "opinion-say-written": at(
        Screen.OPINION_SAY, topic="waiting", writing=((100, 50, 200, 150, 300, 60), (400, 60, 400, 160)),
    ),
    "opinion-say-none": at(Screen.OPINION_SAY, topic="staff", notice="notice.pick_a_sentence"),
    "thanks-rated": at(Screen.THANKS, thanks="thanks.rated_low"),
    "thanks-opinion": at(Screen.THANKS, thanks="thanks.opinion", opinion="S001", opinion_id="x" * 22),
    "access": at(Screen.ACCESS),
    "away": at(Screen.AWAY, here=replace(HERE, reachable=False)),
    "away-unreachable": at(Screen.AWAY, here=replace(HERE, reachable=False), help=Help.UNREACHABLE),
    "staff-pin": at(Screen.STAFF_PIN, entry=Entry("24")),
    "staff-pin-wait": at(Screen.STAFF_PIN, notice="notice.pin_wait", tries=60),
    "staff": at(Screen.STAFF),
    "staff-told": at(Screen.STAFF, told=("printer: confirmed",)),
    "staff-devices": at(Screen.STAFF_DEVICES, told=tuple(f"machine {n}: ready" for n in range(6))),
}  # fmt: skip


def in_every_language(languages: tuple[str, ...]) -> Iterator[tuple[str, Step]]:
    for name, step in STATES.items():
        for language in languages:
            yield f"{name}-{language}", replace(step, language=language)
