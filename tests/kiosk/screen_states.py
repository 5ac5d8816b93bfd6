"""The states in which every screen is looked at: realistic ones, and the worst a branch can make."""

from datetime import UTC, date, datetime

from edge_agent.messages import EstimatedWait, IssuedTicket, Service
from kiosk.journey import Paper, Screen, Step

LINK = "http://branch-0123.harmony.example:8080/t/01JD5Y8Q2V7K3M9N4P6R8T0W2X"
BRANCH = {"zh-Hans": "上海浦东新区陆家嘴环路支行", "en": "Shanghai Pudong Lujiazui Ring Road"}
EN = (
    "Cash", "Cards and accounts", "Wealth and funds", "Business banking",
    "Foreign currency", "Loans and mortgages", "Lost card or passbook", "Seniors and special care",
)  # fmt: skip
ZH = (
    "现金业务", "银行卡与账户", "理财与基金", "对公业务",
    "外币兑换", "个人贷款与房贷", "挂失与补办", "老年客户爱心服务",
)  # fmt: skip
WAITS = (
    None,
    EstimatedWait(low_s=0, likely_s=0, high_s=0),
    EstimatedWait(low_s=300, likely_s=600, high_s=1100),
    EstimatedWait(low_s=6000, likely_s=9000, high_s=10700),
)
WAITING = (0, 1, 12, 123)
ALL_WAYS = ("magnetic_stripe", "card_reader", "contactless", "id_card", "scanner")
LONG_KIOSK = "hall-2-entrance-east-kiosk-0012!"  # 32 characters, as long as a name may be


def longer(name: str) -> str:
    """40 % more letters, as another language would need; in words, not in one long word."""
    return name + " " + "and more of the same kind"[: round(len(name) * 0.4)].strip()


def services(count: int, *, long: bool = False, is_open: bool = True) -> tuple[Service, ...]:
    return tuple(
        Service(
            code=f"s{n}",
            prefix="ABCDEFGH"[n],
            names={
                "en": longer(EN[n]) if long else EN[n],
                "zh-Hans": ZH[n] + "及相关业务" if long else ZH[n],
            },
            waiting=WAITING[n % 4],
            estimated_wait=WAITS[(n + n // 4) % 4],
            open=is_open and n != count - 1 if count == 8 else is_open,
        )
        for n in range(count)
    )


def ticket(
    number: int = 12, wait: EstimatedWait | None = WAITS[2], label: str = "A012"
) -> IssuedTicket:
    return IssuedTicket(
        id="01JD5Y8Q2V7K3M9N4P6R8T0W2X",
        label=label,
        service="s5",
        segment="ordinary",
        business_day=date(2026, 11, 23),
        issued_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        ahead=number,
        estimated_wait=wait,
    )


def choosing(offer: tuple[Service, ...], notice: str = "", *, asking: bool = False) -> Step:
    return Step(Screen.SERVICES, "zh-Hans", offer, notice=notice, asking=asking)


def welcoming(*ways: str) -> Step:
    return Step(Screen.WELCOME, "zh-Hans", services(4), ways=frozenset(ways))


def printed(paper: Paper, issued: IssuedTicket, *, long: bool = False, at: str = "") -> Step:
    offer = services(8, long=long)
    return Step(Screen.TICKET, "zh-Hans", offer, ticket=issued, paper=paper, paper_at=at, at=1.0)


STATES: dict[str, Step] = {
    "welcome": Step(Screen.WELCOME, "zh-Hans", services(4)),
    "welcome-closed": Step(Screen.WELCOME, "zh-Hans", services(4, is_open=False)),
    "welcome-all-ways": welcoming(*ALL_WAYS),
    "welcome-card": welcoming("contactless"),
    "welcome-id": welcoming("id_card"),
    "welcome-code": welcoming("scanner"),
    "welcome-card-code": welcoming("magnetic_stripe", "scanner"),
    "services-1": choosing(services(1)),
    "services-4": choosing(services(4)),
    "services-4-long-card": choosing(services(4, long=True), "notice.card_read"),
    "services-5-long-unreadable": choosing(services(5, long=True), "notice.card_unreadable"),
    "services-6": choosing(services(6)),
    "services-8": choosing(services(8)),
    "services-8-long-refused": choosing(services(8, long=True), "notice.refused"),
    "services-4-long-queue-full": choosing(services(4, long=True), "notice.queue_full"),
    "services-8-long-queue-full": choosing(services(8, long=True), "notice.queue_full"),
    "services-8-long-unreadable": choosing(services(8, long=True), "notice.card_unreadable"),
    "services-8-long-together": choosing(services(8, long=True), "notice.cards_together"),
    "services-4-code-unknown": choosing(services(4), "notice.code_unknown"),
    "services-8-long-code-unknown": choosing(services(8, long=True), "notice.code_unknown"),
    "services-4-appointment": choosing(services(4), "notice.appointment_closed"),
    "services-8-long-appointment": choosing(services(8, long=True), "notice.appointment_closed"),
    "services-4-asking": choosing(services(4), asking=True),
    "services-4-closed": choosing(services(4, is_open=False)),
    "ticket-printing": printed(Paper.PRINTING, ticket(0, WAITS[1])),
    "ticket-paper": printed(Paper.TAKEN_FROM_PRINTER, ticket(1, None)),
    "ticket-no-paper": printed(Paper.NONE, ticket(12)),
    "ticket-no-paper-worst": printed(Paper.NONE, ticket(123, WAITS[3], label="W1234"), long=True),
    "ticket-paper-at": printed(Paper.NONE, ticket(12), at="kiosk-2"),
    "ticket-paper-at-worst": printed(
        Paper.NONE, ticket(123, WAITS[3], label="W1234"), long=True, at=LONG_KIOSK
    ),
    "away": Step(Screen.AWAY, "zh-Hans"),
}
