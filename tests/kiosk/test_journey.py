"""The journey as lists of steps, then any journey at all. No window, no clock, no wire."""

from datetime import UTC, date, datetime

import pytest

from edge_agent.messages import IssuedTicket, Service
from kiosk.journey import (
    REFUSALS,
    AskTicket,
    Begun,
    BranchLost,
    Card,
    CardRead,
    CardUnreadable,
    Event,
    Finished,
    GiveBack,
    LanguageChosen,
    Paper,
    PaperTold,
    PrintTicket,
    Rules,
    Screen,
    ServicesKnown,
    ServiceTouched,
    Step,
    TellPaper,
    Tick,
    TicketIssued,
    TicketRefused,
    TicketUnreachable,
    Wish,
    happen,
    seconds_left,
)

RULES = Rules(language="zh-Hans", idle_s=60, ticket_s=15, ticket_without_paper_s=90)
CARD = Card(token="tokentokentoken", segment="vip")


def service(code: str, *, is_open: bool = True) -> Service:
    return Service(
        code=code, prefix="A", names={"en": code}, waiting=3, estimated_wait=None, open=is_open
    )


OFFER = ServicesKnown((service("cash"), service("cards"), service("shut", is_open=False)))


def ticket(number: str = "t-1", label: str = "A012", code: str = "cash") -> IssuedTicket:
    return IssuedTicket(
        id=number,
        label=label,
        service=code,
        segment="ordinary",
        business_day=date(2026, 11, 23),
        issued_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        ahead=3,
        estimated_wait=None,
    )


def play(*events: Event, step: Step | None = None) -> tuple[Step, list[Wish]]:
    """All the events, one after the other; every wish on the way."""
    step, wishes = step or Step.fresh(RULES), []
    for event in events:
        step, wished = happen(step, event, RULES)
        wishes += wished
    return step, wishes


ASKED = (OFFER, Begun(), ServiceTouched("cash"))
ISSUED = (*ASKED, TicketIssued(ticket()))
ON_EVERY_SCREEN = {
    "welcome": (OFFER,),
    "services": (OFFER, Begun()),
    "services after a card": (OFFER, CardRead(CARD)),
    "asking": ASKED,
    "printing": ISSUED,
    "with paper": (*ISSUED, PaperTold("t-1", "confirmed", "")),
    "without paper": (*ISSUED, PaperTold("t-1", "failed", "paperOut")),
    "away": (OFFER, BranchLost()),
}
everywhere = pytest.mark.parametrize("before", ON_EVERY_SCREEN.values(), ids=ON_EVERY_SCREEN)


def test_two_touches_lead_to_a_ticket_and_one_back_to_the_start() -> None:
    step, wishes = play(OFFER, Begun(), ServiceTouched("cash"))
    assert wishes == [AskTicket("cash", "zh-Hans", "ordinary", None)]
    step, wishes = play(TicketIssued(ticket()), step=step)
    assert (step.screen, step.ticket) == (Screen.TICKET, ticket())
    assert wishes == [PrintTicket(ticket(), "zh-Hans")]
    step, wishes = play(Finished(), step=step)
    assert (step, wishes) == (play(OFFER)[0], [])


def test_a_card_at_the_start_leads_to_the_services_and_gives_its_segment() -> None:
    step, _ = play(OFFER, CardRead(CARD))
    assert (step.screen, step.notice) == (Screen.SERVICES, "notice.card_read")
    _, wishes = play(ServiceTouched("cash"), step=step)
    assert wishes == [AskTicket("cash", "zh-Hans", "vip", "tokentokentoken")]


def test_an_unreadable_card_keeps_nobody_from_a_ticket() -> None:
    step, _ = play(OFFER, CardUnreadable())
    assert (step.screen, step.notice, step.card) == (
        Screen.SERVICES,
        "notice.card_unreadable",
        None,
    )
    assert play(ServiceTouched("cash"), step=step)[1] == [
        AskTicket("cash", "zh-Hans", "ordinary", None)
    ]


def test_a_bad_second_swipe_does_not_lose_the_card_read_before() -> None:
    step, _ = play(OFFER, CardRead(CARD), CardUnreadable())
    assert step.card == CARD


@everywhere
def test_another_language_keeps_the_step_and_all_its_data(before: tuple[Event, ...]) -> None:
    step, _ = play(*before, Tick(5))
    other, wishes = play(LanguageChosen("en"), step=step)
    assert other.language == "en"
    assert wishes == []
    for name in ("screen", "services", "card", "notice", "asking", "ticket", "paper"):
        assert getattr(other, name) == getattr(step, name)


def test_the_ticket_is_asked_and_printed_in_the_chosen_language() -> None:
    _, wishes = play(OFFER, LanguageChosen("en"), *ISSUED[1:])
    assert [wish.language for wish in wishes] == ["en", "en"]


def test_refused_is_said_and_another_service_can_be_touched() -> None:
    step, _ = play(*ASKED, TicketRefused())
    assert (step.screen, step.notice, step.asking) == (Screen.SERVICES, "notice.refused", False)
    assert len(play(ServiceTouched("cards"), step=step)[1]) == 1


def test_refused_does_not_forget_the_card() -> None:
    step, _ = play(OFFER, CardRead(CARD), ServiceTouched("cash"), TicketRefused())
    assert step.card == CARD


@pytest.mark.parametrize("code", ["shut", "unknown", ""])
def test_a_service_that_is_shut_or_unknown_is_not_asked(code: str) -> None:
    step, _ = play(OFFER, Begun())
    assert play(ServiceTouched(code), step=step) == (step, [])


@pytest.mark.parametrize("name", ["welcome", "services", "services after a card", "away"])
def test_a_lost_branch_is_shown_and_the_customer_can_start_when_it_is_back(name: str) -> None:
    away, wishes = play(*ON_EVERY_SCREEN[name], BranchLost())
    assert (away.screen, away.card, wishes) == (Screen.AWAY, None, [])
    back, _ = play(OFFER, step=away)
    assert back == play(OFFER)[0]


@pytest.mark.parametrize("name", ["printing", "with paper", "without paper"])
def test_a_lost_branch_does_not_take_the_number_from_the_screen(name: str) -> None:
    step, _ = play(*ON_EVERY_SCREEN[name])
    assert play(BranchLost(), step=step) == (step, [])


def test_a_branch_that_is_back_does_not_disturb_a_number_on_the_screen() -> None:
    step, _ = play(*ISSUED, BranchLost(), OFFER)
    assert (step.screen, step.ticket) == (Screen.TICKET, ticket())


def test_a_customer_of_the_away_screen_starts_in_the_first_language_when_it_is_back() -> None:
    step, _ = play(OFFER, LanguageChosen("en"), BranchLost(), OFFER)
    assert step.language == "zh-Hans"


def test_the_away_screen_left_alone_is_in_the_first_language_again() -> None:
    step, _ = play(OFFER, LanguageChosen("en"), BranchLost(), Tick(61), Tick(122))
    assert (step.screen, step.language) == (Screen.AWAY, "zh-Hans")


@pytest.mark.parametrize("name", ["services", "services after a card"])
def test_a_choice_left_alone_goes_back_when_the_patience_is_over_and_not_before(name: str) -> None:
    step, _ = play(Tick(100), *ON_EVERY_SCREEN[name], Tick(159.9))
    assert step.screen is Screen.SERVICES
    gone, _ = play(Tick(160), step=step)
    assert (gone.screen, gone.card, gone.notice) == (Screen.WELCOME, None, "")


@pytest.mark.parametrize(
    ("outcome", "patience"), [("confirmed", 15), ("failed", 90), ("indeterminate", 90), (None, 90)]
)
def test_a_ticket_stays_as_long_as_its_paper_asks_for(outcome: str | None, patience: int) -> None:
    told = () if outcome is None else (PaperTold("t-1", outcome, ""),)
    step, _ = play(Tick(1000), *ISSUED, Tick(1010), *told)
    begun = 1000 if outcome is None else 1010
    assert play(Tick(begun + patience - 0.1), step=step)[0].screen is Screen.TICKET
    assert play(Tick(begun + patience), step=step)[0].screen is Screen.WELCOME


def test_a_touch_gives_the_customer_the_whole_patience_again() -> None:
    step, _ = play(OFFER, Begun(), Tick(59), LanguageChosen("en"), Tick(118))
    assert step.screen is Screen.SERVICES
    assert seconds_left(step, RULES) == pytest.approx(1)


def test_the_welcome_screen_in_another_language_turns_back_to_the_first() -> None:
    step, _ = play(OFFER, LanguageChosen("en"), Tick(59))
    assert step.language == "en"
    assert play(Tick(60), step=step)[0].language == "zh-Hans"


def test_idle_never_interrupts_while_the_branch_is_asked() -> None:
    step, _ = play(*ASKED, Tick(600))
    assert step.asking


@pytest.mark.parametrize(
    ("outcome", "paper"),
    [
        ("confirmed", Paper.TAKEN_FROM_PRINTER),
        ("failed", Paper.NONE),
        ("indeterminate", Paper.NONE),
    ],
)
def test_only_proven_paper_is_promised(outcome: str, paper: Paper) -> None:
    step, wishes = play(PaperTold("t-1", outcome, "why"), step=play(*ISSUED)[0])
    assert step.paper is paper
    assert wishes == [TellPaper("t-1", outcome, "why")]


@pytest.mark.parametrize("gone", [(Finished(),), (Finished(), *ASKED)], ids=["nobody", "the next"])
def test_paper_news_of_a_customer_who_has_gone_is_told_and_changes_nothing(
    gone: tuple[Event, ...],
) -> None:
    step, _ = play(*ISSUED, *gone)
    assert play(PaperTold("t-1", "failed", "paperOut"), step=step) == (
        step,
        [TellPaper("t-1", "failed", "paperOut")],
    )


def test_paper_news_of_the_customer_before_does_not_touch_the_next_ones_ticket() -> None:
    step, _ = play(*ISSUED, Finished(), *ASKED, TicketIssued(ticket("t-2", "A013")))
    assert play(PaperTold("t-1", "failed", "paperOut"), step=step)[0] == step


@pytest.mark.parametrize("name", ["welcome", "services", "away", "printing"])
def test_a_late_ticket_nobody_waits_for_is_neither_shown_nor_printed(name: str) -> None:
    step, _ = play(*ON_EVERY_SCREEN[name])
    late, wishes = play(TicketIssued(ticket("t-9", "A999")), step=step)
    assert late == step
    assert not [wish for wish in wishes if isinstance(wish, PrintTicket)]


def test_a_ticket_issued_after_a_lost_look_is_shown_or_wished_away_but_never_forgotten() -> None:
    """The look fails while the ticket's own request still goes on, and succeeds: nobody gives it back."""
    step, _ = play(*ASKED, BranchLost())
    late, wishes = play(TicketIssued(ticket()), step=step)
    assert late.ticket == ticket() or wishes


def test_the_ticket_of_the_customer_before_is_never_given_to_the_next() -> None:
    """It comes after all when the next customer stands there: nobody gets it, and it is given back."""
    step, _ = play(*ASKED, TicketUnreachable(), OFFER, Begun())
    late, wishes = play(TicketIssued(ticket(code="cash")), step=step)
    assert late.ticket is None
    assert wishes == [GiveBack(ticket().id)]


def test_a_double_touch_asks_once() -> None:
    _, wishes = play(*ASKED, ServiceTouched("cash"), ServiceTouched("cards"))
    assert len(wishes) == 1


@pytest.mark.parametrize("event", [CardRead(CARD), CardUnreadable()], ids=["card", "bad card"])
def test_a_swipe_while_the_branch_is_asked_changes_nothing(event: Event) -> None:
    step, _ = play(*ASKED)
    assert play(event, step=step) == (step, [])


def test_done_while_the_branch_is_asked_does_not_leave_the_ticket_behind() -> None:
    assert play(*ASKED, Finished())[0].asking


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_is_told_with_its_own_reason(reason: str) -> None:
    step, _ = play(*ASKED, TicketRefused(reason))
    assert (step.screen, step.notice, step.asking) == (Screen.SERVICES, REFUSALS[reason], False)
