"""The journey of those who show something: cards, appointment codes; and of a paper that comes out elsewhere."""

import pytest

from kiosk.journey import (
    AppointmentShown,
    AskTicket,
    Begun,
    BranchLost,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    Finished,
    Paper,
    PaperElsewhere,
    PaperTold,
    PrintTicket,
    Screen,
    ServicesKnown,
    ServiceTouched,
    Tick,
    TicketIssued,
    TicketRefused,
    TicketUnreachable,
    WaysKnown,
    may_show_card,
)
from tests.kiosk.test_journey import (
    ASKED,
    CARD,
    ISSUED,
    OFFER,
    ON_EVERY_SCREEN,
    play,
    service,
    ticket,
)

BOOKED = "2026-11-25T06:30:00+00:00"
SHOWN = AppointmentShown("cash", BOOKED)
ASK = AskTicket("cash", "zh-Hans", "appointment", None, BOOKED)
NO_PAPER = PaperTold("t-1", "failed", "paperOut")
ELSEWHERE = (*ISSUED, NO_PAPER, PaperElsewhere("t-1", "kiosk-2"))
WAYS = WaysKnown(frozenset({"contactless", "scanner"}))
SHOWN_THINGS = (
    CardRead(CARD),
    CardUnreadable(),
    CardUnreadable(together=True),
    SHOWN,
    CodeUnknown(),
)
BUSY = ("asking", "printing", "with paper", "without paper", "away")


@pytest.mark.parametrize("before", [(OFFER,), (OFFER, Begun())], ids=["welcome", "services"])
def test_an_appointment_checks_in_without_a_further_step(before: tuple[Event, ...]) -> None:
    step, wishes = play(*before, SHOWN)
    assert (step.screen, step.asking, wishes) == (Screen.SERVICES, True, [ASK])
    step, wishes = play(TicketIssued(ticket()), step=step)
    assert (step.screen, wishes) == (Screen.TICKET, [PrintTicket(ticket(), "zh-Hans")])


def test_a_code_that_the_scanner_says_twice_asks_once() -> None:
    assert play(OFFER, SHOWN, SHOWN)[1] == [ASK]


def test_an_appointment_after_a_card_belongs_to_the_card() -> None:
    _, wishes = play(OFFER, CardRead(CARD), SHOWN)
    assert wishes == [AskTicket("cash", "zh-Hans", "appointment", CARD.token, BOOKED)]


def test_an_appointment_whose_service_is_closed_now_leaves_the_customer_to_choose() -> None:
    step, wishes = play(OFFER, AppointmentShown("shut", BOOKED))
    assert (step.screen, step.notice, wishes) == (
        Screen.SERVICES,
        "notice.appointment_closed",
        [],
    )
    assert play(ServiceTouched("cash"), step=step)[1] == [
        AskTicket("cash", "zh-Hans", "ordinary", None)
    ]


def test_an_appointment_for_a_service_that_this_branch_does_not_have_is_none_here() -> None:
    step, wishes = play(OFFER, AppointmentShown("safe-deposit", BOOKED))
    assert (step.screen, step.notice, wishes) == (Screen.SERVICES, "notice.code_unknown", [])


def test_an_unknown_code_keeps_nobody_from_a_ticket_and_forgets_no_card() -> None:
    step, wishes = play(OFFER, CardRead(CARD), CodeUnknown())
    assert (step.screen, step.notice, step.card, wishes) == (
        Screen.SERVICES,
        "notice.code_unknown",
        CARD,
        [],
    )
    assert play(ServiceTouched("cash"), step=step)[1] == [
        AskTicket("cash", "zh-Hans", "vip", CARD.token)
    ]


def test_an_appointment_that_the_branch_cannot_use_is_no_closed_service() -> None:
    step, _ = play(OFFER, SHOWN, TicketRefused("appointment-unusable"))
    assert (step.screen, step.notice, step.asking) == (
        Screen.SERVICES,
        "notice.code_unknown",
        False,
    )


def test_who_checked_in_in_vain_can_show_the_code_again() -> None:
    step, _ = play(OFFER, SHOWN, TicketUnreachable(), OFFER)
    assert play(SHOWN, step=step)[1] == [ASK]


def test_the_next_customer_is_not_checked_in_by_the_code_of_the_one_before() -> None:
    _, wishes = play(
        OFFER, SHOWN, TicketIssued(ticket()), Finished(), Begun(), ServiceTouched("cash")
    )
    assert wishes[-1] == AskTicket("cash", "zh-Hans", "ordinary", None)


def test_two_cards_at_once_are_told_as_such() -> None:
    step, _ = play(OFFER, CardUnreadable(together=True))
    assert (step.screen, step.notice) == (Screen.SERVICES, "notice.cards_together")


@pytest.mark.parametrize("shown", SHOWN_THINGS, ids=repr)
@pytest.mark.parametrize("name", BUSY)
def test_what_is_shown_at_another_moment_changes_nothing_that_is_seen(
    name: str, shown: Event
) -> None:
    step, _ = play(*ON_EVERY_SCREEN[name])
    assert play(shown, step=step) == (step, [])


@pytest.mark.parametrize("shown", SHOWN_THINGS, ids=repr)
def test_who_shows_something_is_there_and_gets_the_whole_patience(shown: Event) -> None:
    step, _ = play(OFFER, Tick(0), Begun(), Tick(59), shown)
    assert step.touched_at == 59


@pytest.mark.parametrize("before", ON_EVERY_SCREEN.values(), ids=ON_EVERY_SCREEN)
def test_ways_are_known_on_every_screen_and_disturb_none(before: tuple[Event, ...]) -> None:
    step, _ = play(*before, Tick(3))
    known, wishes = play(WAYS, step=step)
    assert (known.ways, wishes) == (WAYS.ways, [])
    assert play(WaysKnown(step.ways), step=known)[0] == step


def test_ways_outlive_customers_and_the_branchs_absence() -> None:
    step, _ = play(WAYS, *ISSUED, Finished(), BranchLost(), OFFER)
    assert (step.screen, step.ways) == (Screen.WELCOME, WAYS.ways)
    assert play(WaysKnown(frozenset()), step=step)[0].ways == frozenset()


def test_paper_elsewhere_is_said_for_the_ticket_on_the_screen() -> None:
    step, _ = play(*ELSEWHERE)
    assert (step.screen, step.paper, step.paper_at) == (Screen.TICKET, Paper.NONE, "kiosk-2")


def test_paper_elsewhere_of_another_ticket_changes_nothing() -> None:
    step, _ = play(*ISSUED, NO_PAPER)
    assert play(PaperElsewhere("t-0", "kiosk-2"), step=step) == (step, [])


@pytest.mark.parametrize("gone", [(Finished(),), (Finished(), *ASKED)], ids=["nobody", "the next"])
def test_paper_elsewhere_of_one_who_has_gone_changes_nothing(gone: tuple[Event, ...]) -> None:
    step, _ = play(*ISSUED, NO_PAPER, *gone)
    assert play(PaperElsewhere("t-1", "kiosk-2"), step=step) == (step, [])


@pytest.mark.parametrize("end", [(Finished(),), (Tick(1), Tick(1000))], ids=["done", "left"])
def test_the_next_customer_hears_nothing_of_paper_elsewhere(end: tuple[Event, ...]) -> None:
    step, _ = play(*ELSEWHERE, *end)
    assert (step.screen, step.paper_at) == (Screen.WELCOME, "")
    following, _ = play(Begun(), ServiceTouched("cash"), TicketIssued(ticket("t-2")), step=step)
    assert (following.paper, following.paper_at) == (Paper.PRINTING, "")


def test_paper_that_came_out_here_after_all_is_said() -> None:
    step, _ = play(*ELSEWHERE, PaperTold("t-1", "confirmed", ""))
    assert step.paper is Paper.TAKEN_FROM_PRINTER


@pytest.mark.parametrize(
    ("before", "may"),
    [
        ((), False),
        ((ServicesKnown((service("cash", is_open=False),)),), False),
        ((OFFER,), True),
        ((OFFER, Begun()), True),
        ((OFFER, CardUnreadable()), True),
        ((OFFER, CardRead(CARD)), False),
        (ASKED, False),
        (ISSUED, False),
        ((OFFER, BranchLost()), False),
        ((OFFER, CardRead(CARD), Finished()), True),
    ],
)
def test_a_card_is_wanted_where_it_means_something(before: tuple[Event, ...], may: bool) -> None:
    assert may_show_card(play(*before)[0]) is may
