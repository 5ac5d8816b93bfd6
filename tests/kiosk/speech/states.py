"""A branch that offers everything, and a step on every screen, as they are read out."""

from dataclasses import replace
from datetime import UTC, date, datetime

from edge_agent.messages import (
    Choice,
    Errand,
    EstimatedWait,
    IssuedTicket,
    Reason,
    Service,
    Services,
    Ticket,
    Topic,
)
from kiosk.journey.step import (
    Card,
    Comfort,
    Entry,
    Help,
    Here,
    Paper,
    Rules,
    Screen,
    Step,
)
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import Frame, View

WORDS = every_language()
NAMES = {language: words("language.name") for language, words in WORDS.items()}
RULES = Rules("zh-Hans", idle_s=60, ticket_s=15, ticket_without_paper_s=60)
LINK = "http://branch.example:8080/t/01JD5Y8Q2V7K3M9N4P6R8T0W2X"
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)


def named(chinese: str, english: str) -> dict[str, str]:
    return {"zh-Hans": chinese, "zh-Hant": chinese, "en": english}


def service(code: str, prefix: str, chinese: str, english: str, **more: object) -> Service:
    wait = EstimatedWait(low_s=300, likely_s=420, high_s=600)
    given = {"waiting": 3, "estimated_wait": wait, "open": True} | more
    return Service(code=code, prefix=prefix, names=named(chinese, english), **given)


OFFER = Services(
    services=[
        service("cash", "A", "现金业务", "Cash"),
        service("cards", "B", "银行卡与账户", "Cards and accounts", waiting=0),
        service("loans", "C", "贷款", "Loans", open=False, note="full"),
    ],
    branch_name=named("陆家嘴支行", "Lujiazui"),
    public_url="http://branch.example:8080",
    time_zone="Asia/Shanghai",
    at=AT,
    business_day=DAY,
    errands=[
        Errand(
            code="lost",
            names=named("挂失", "Lost card"),
            service="cards",
            question=named("丢了什么？", "What is lost?"),
            choices=[
                Choice(code="card", names=named("银行卡", "A bank card")),
                Choice(code="book", names=named("存折", "A passbook")),
            ],
            papers=[named("身份证", "Your ID")],
        )
    ],
    reasons=[
        Reason(code="slow", names=named("等得太久", "The wait was long"), scores=[1, 2]),
        Reason(code="kind", names=named("态度好", "Friendly"), scores=[4, 5]),
    ],
    topics=[
        Topic(
            code="wait",
            names=named("排队", "Waiting"),
            phrases=[
                Choice(code="long", names=named("等候太久", "Too long")),
                Choice(code="loud", names=named("大厅太吵", "Too loud")),
            ],
        )
    ],
    appointments=True,
)
TICKET = IssuedTicket(
    id="01JD5Y8Q2V7K3M9N4P6R8T0W2X",
    label="A012",
    service="cash",
    segment="ordinary",
    business_day=DAY,
    issued_at=AT,
    ahead=1,
    estimated_wait=EstimatedWait(low_s=300, likely_s=420, high_s=600),
)
VISIT = Ticket(
    id="v-1",
    label="A007",
    service="cash",
    segment="ordinary",
    language="zh-Hans",
    business_day=DAY,
    state="served",
    counter="2",
    printed="confirmed",
    issued_at=AT,
    called_at=AT,
    started_at=AT,
    ended_at=AT,
    calls=1,
)
HERE = Here(frozenset({"id_card", "contactless", "scanner"}), can_lower=True, can_speak=True)
PIN = "9137"
PHRASES = frozenset({"long"})
START = Step(Screen.WELCOME, "zh-Hans", Comfort(speech=True), OFFER, HERE, at=1.0, touched_at=1.0)
BEGUN = replace(START, errand="lost", choice="card", card=Card("token", "ordinary"))
STATES: dict[str, Step] = {
    "welcome": START,
    "welcome-starting": replace(START, offer=None),
    "services": replace(START, screen=Screen.SERVICES, notice="notice.card_read", priority=True),
    "services-asking": replace(START, screen=Screen.SERVICES, asking=True),
    "check-in": replace(START, screen=Screen.CHECK_IN, entry=Entry("20481", wrong=True)),
    "check-in-empty": replace(START, screen=Screen.CHECK_IN),
    "errand-identify": replace(BEGUN, screen=Screen.ERRAND_IDENTIFY),
    "errand-choose": replace(BEGUN, screen=Screen.ERRAND_CHOOSE),
    "errand-confirm": replace(BEGUN, screen=Screen.ERRAND_CONFIRM),
    "ticket": replace(START, screen=Screen.TICKET, ticket=TICKET),
    "ticket-no-paper": replace(START, screen=Screen.TICKET, ticket=TICKET, paper=Paper.NONE),
    "ticket-errand": replace(BEGUN, screen=Screen.TICKET, ticket=TICKET, early_min=-3),
    "rate-find": replace(START, screen=Screen.RATE_FIND, entry=Entry("A0")),
    "rate-score": replace(START, screen=Screen.RATE_SCORE, visit=VISIT),
    "rate-why": replace(START, screen=Screen.RATE_WHY, visit=VISIT, score=5),
    "opinion-topic": replace(START, screen=Screen.OPINION_TOPIC),
    "opinion-say": replace(
        START, screen=Screen.OPINION_SAY, topic="wait", picked=PHRASES, writing=((1, 2),)
    ),
    "thanks": replace(START, screen=Screen.THANKS, thanks="thanks.opinion", opinion="OP0102"),
    "access": replace(START, screen=Screen.ACCESS),
    "away": replace(START, screen=Screen.AWAY),
    "help-coming": replace(START, help=Help.COMING),
    "staff-pin": replace(START, screen=Screen.STAFF_PIN, entry=Entry(PIN)),
    "staff": replace(START, screen=Screen.STAFF, told=("printer: ready",)),
    "staff-devices": replace(START, screen=Screen.STAFF_DEVICES, told=("printer: ready",)),
    "more-time": replace(START, screen=Screen.SERVICES, at=125.0),
}


def framed(step: Step, language: str | None = None) -> Frame:
    words = WORDS[language or step.language]
    link = LINK if step.ticket or step.opinion else ""
    return frame(View(step, RULES, words, "和谐银行", "陆家嘴支行", "09:30", link), NAMES)
