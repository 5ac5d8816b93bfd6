"""Check in for an appointment: by its code, by an ID or a card, or by its number."""

from datetime import timedelta

import pytest
from msgspec import structs

from edge_agent.messages import Appointment
from kiosk.journey.events import (
    AppointmentFound,
    AppointmentShown,
    AppointmentUnknown,
    BranchLost,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    LanguageChosen,
    NotTaken,
    ServicesKnown,
    TicketRefused,
    TicketUnreachable,
)
from kiosk.journey.step import Card, Screen
from kiosk.journey.wishes import AskTicket, FindAppointment, PrintTicket
from tests.kiosk.played import (
    EN,
    ISSUED,
    ZH,
    after,
    choice,
    keys,
    notice,
    play,
    seen,
    start,
    wished,
)
from tests.kiosk.states import AWAY_HERE, CARD, NONE_HERE, NOW, offer

START = start()
BOOKED = "2026-11-26T02:30:00+00:00"
SHOWN = AppointmentShown("cash", BOOKED, 22)
ASK = AskTicket("cash", "zh-Hans", "appointment", None, BOOKED)
AT = NOW + timedelta(minutes=20)
OF_CARD = Appointment(reference="2001", service="wealth", at=AT)
FOUND = AppointmentFound(OF_CARD, 20, asked=CARD.token)
TYPED = ("check-in", "key-2", "key-0", "key-0", "key-1")


# --- by its code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), ("begin",), ("check-in",)])
def test_a_code_checks_in_without_a_further_step(before: tuple[str, ...]) -> None:
    step, wishes = play(START, *before, SHOWN)
    assert (step.asking, wishes) == (True, [ASK])
    step, wishes = play(step, ISSUED)
    assert (step.screen, wishes) == (Screen.TICKET, [PrintTicket(ISSUED.ticket, "zh-Hans")])


def test_a_code_that_the_scanner_says_twice_asks_once() -> None:
    assert wished(START, SHOWN, SHOWN) == [ASK]


def test_a_code_after_a_card_belongs_to_the_card() -> None:
    step = after(START, CardRead(CARD))
    ask = AskTicket("cash", "zh-Hans", "appointment", CARD.token, BOOKED)
    assert wished(step, SHOWN) == [ask]


@pytest.mark.parametrize("before", [(), ("check-in",), ("begin",)])
def test_a_service_that_is_not_offered_now_is_said_before_anything_is_asked(
    before: tuple[str, ...],
) -> None:
    step, wishes = play(start(offer(8)), *before, AppointmentShown("seniors", BOOKED, 22))
    assert (notice(step), wishes) == (ZH("notice.appointment_closed"), [])
    assert "begin" in keys(after(step, "back"))


def test_it_is_also_said_on_the_welcome_screen_of_a_closed_branch_until_nobody_is_there() -> None:
    closed = start(offer(is_open=False))
    step, wishes = play(closed, SHOWN)
    assert (step.screen, wishes) == (Screen.WELCOME, [])
    assert notice(step) == ZH("notice.appointment_closed")
    opened = after(step, ServicesKnown(offer()))
    assert notice(after(opened, "begin")) == ""
    assert notice(after(opened, "check-in")) == ""
    left = after(step, 91)
    assert left.notice == ""
    assert notice(left) == notice(closed)


def test_a_code_of_a_service_that_this_branch_does_not_have_is_none_here() -> None:
    step, wishes = play(START, AppointmentShown("safe-deposit", BOOKED))
    assert (step.screen, notice(step), wishes) == (
        Screen.SERVICES,
        ZH("notice.code_unknown"),
        [],
    )


def test_an_appointment_that_the_branch_cannot_use_is_told_and_can_be_shown_again() -> None:
    step = after(START, SHOWN, TicketRefused("appointment-unusable"))
    assert notice(step) == ZH("notice.code_unknown")
    assert wished(step, SHOWN) == [ASK]


def test_who_checked_in_in_vain_can_show_the_code_again() -> None:
    step = after(START, SHOWN, TicketUnreachable(), ServicesKnown(offer()))
    assert wished(step, SHOWN) == [ASK]


def test_the_next_customer_is_not_checked_in_by_the_code_of_the_one_before() -> None:
    step = after(START, SHOWN, ISSUED, "done", "begin")
    assert wished(step, "service-cash") == [AskTicket("cash", "zh-Hans", "ordinary", None)]


# --- by its number ---------------------------------------------------------------------------------


def test_a_typed_number_is_looked_up_and_leads_to_the_ticket() -> None:
    step, wishes = play(START, *TYPED, "enter")
    assert wishes == [FindAppointment(reference="2001")]
    assert notice(step) == ZH("check_in.asking")
    step, wishes = play(step, AppointmentFound(OF_CARD, 20, asked="2001"))
    ask = AskTicket("wealth", "zh-Hans", "appointment", None, AT.isoformat())
    assert (step.asking, wishes) == (True, [ask])
    assert after(step, ISSUED).early_min == 20


def test_an_unknown_number_stays_to_be_mended() -> None:
    step = after(START, *TYPED, "enter", AppointmentUnknown("2001"))
    assert (step.screen, step.asking) == (Screen.CHECK_IN, False)
    assert (step.entry.text, step.entry.wrong) == ("2001", True)
    assert notice(step) == ZH("notice.reference_unknown")
    mended = after(step, "backspace", "key-2")
    assert (mended.entry.text, mended.entry.wrong, notice(mended)) == ("2002", False, "")
    assert wished(mended, "enter") == [FindAppointment(reference="2002")]


def test_a_found_number_of_a_service_that_is_closed_now_is_said_and_nothing_is_typed_any_more() -> (
    None
):
    step = after(start(offer(8)), *TYPED, "enter")
    closed = structs.replace(OF_CARD, service="seniors")
    step, wishes = play(step, AppointmentFound(closed, 20, asked="2001"))
    assert (notice(step), step.asking, step.entry.text, wishes) == (
        ZH("notice.appointment_closed"),
        False,
        "",
        [],
    )


def test_nothing_typed_asks_nothing_and_more_than_any_number_is_not_taken() -> None:
    step = after(START, "check-in")
    assert play(step, "enter") == (step, [])
    long = after(step, *["key-7"] * 40)
    assert long.entry.text == "7" * 12


def test_nobody_answering_ends_the_wait_keeps_the_number_and_says_what_to_do() -> None:
    step = after(START, *TYPED, "enter", NotTaken(asked="2001"))
    assert (step.screen, step.asking, step.entry.text) == (Screen.CHECK_IN, False, "2001")
    assert notice(step) == ZH("notice.not_looked_up")
    assert wished(step, "enter") == [FindAppointment(reference="2001")]


# --- by an ID or a card ----------------------------------------------------------------------------


def test_a_card_is_looked_up_and_leads_to_the_ticket() -> None:
    step, wishes = play(START, "check-in", CardRead(CARD))
    assert (step.asking, wishes) == (True, [FindAppointment(token=CARD.token)])
    step, wishes = play(step, FOUND)
    ask = AskTicket("wealth", "zh-Hans", "appointment", CARD.token, AT.isoformat())
    assert (step.asking, wishes) == (True, [ask])


def test_a_card_without_an_appointment_is_told_so_and_not_of_a_wrong_number() -> None:
    step = after(START, *TYPED, CardRead(CARD), AppointmentUnknown(CARD.token))
    assert (step.screen, step.asking, step.entry.wrong) == (Screen.CHECK_IN, False, False)
    assert notice(step) == ZH("notice.no_appointment")
    assert wished(step, "key-7", "enter") == [FindAppointment(reference="7")]


def test_a_card_that_nobody_could_look_up_is_said() -> None:
    step = after(START, "check-in", CardRead(CARD), NotTaken(asked=CARD.token))
    assert (step.asking, notice(step)) == (False, ZH("notice.not_looked_up"))


def test_an_unreadable_card_names_no_services_where_there_are_none() -> None:
    step = after(START, "check-in", CardUnreadable())
    assert (step.screen, notice(step)) == (Screen.CHECK_IN, ZH("notice.card_unreadable_errand"))
    assert notice(after(START, "check-in", CodeUnknown())) == (ZH("notice.code_unknown"))


def test_a_card_at_the_welcome_screen_finds_the_appointment_beside_and_offers_it_first() -> None:
    step = after(START, CardRead(Card(CARD.token, "vip", ("cash",))), FOUND)
    assert (step.screen, step.asking) == (Screen.SERVICES, False)
    assert keys(step)[0] == "service-wealth"
    assert choice(step, "service-wealth").detail == (ZH("services.your_appointment"),)
    ask = AskTicket("wealth", "zh-Hans", "appointment", CARD.token, AT.isoformat())
    assert wished(step, "service-wealth") == [ask]


def test_who_comes_for_something_else_gets_an_ordinary_ticket() -> None:
    step = after(START, CardRead(CARD), FOUND)
    step, wishes = play(step, "service-cash")
    assert wishes == [AskTicket("cash", "zh-Hans", "vip", CARD.token)]
    assert step.early_min is None


def test_an_appointment_found_when_another_service_is_asked_for_already_disturbs_nobody() -> None:
    asked = after(START, CardRead(CARD), "service-cash")
    assert play(asked, FOUND) == (asked, [])


def test_an_appointment_is_found_also_while_the_letters_are_made_larger() -> None:
    step = after(START, CardRead(CARD), "access", FOUND, "large", "done")
    assert choice(step, "service-wealth").detail == (ZH("services.your_appointment"),)


def test_the_appointment_of_the_card_before_is_not_given_to_the_next_card() -> None:
    other = Card("another", "ordinary")
    step = after(START, CardRead(CARD), FOUND, CardRead(other))
    assert wished(step, "service-wealth") == [AskTicket("wealth", "zh-Hans", "ordinary", "another")]
    assert after(START, CardRead(CARD), CardRead(other), FOUND).appointment is None


def test_answers_that_come_when_their_customer_has_left_change_nothing() -> None:
    answers = (FOUND, AppointmentUnknown(CARD.token), NotTaken(asked=CARD.token))
    gone = after(START, CardRead(CARD), "back")
    for step in (gone, after(gone, "begin"), after(gone, "check-in"), after(gone, *TYPED, "enter")):
        for answer in answers:
            assert play(step, answer) == (step, [])
    following = after(gone, "check-in", CardRead(Card("another", "ordinary")))
    for answer in answers:
        assert play(following, answer) == (following, [])


# --- early, on time, late --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("early", "english"),
    [
        (120, EN("ticket.early", minutes=120)),
        (16, EN("ticket.early", minutes=16)),
        (15, EN("ticket.on_time")),
        (0, EN("ticket.on_time")),
        (-1, EN("ticket.late")),
        (-90, EN("ticket.late")),
    ],
)
def test_early_on_time_and_late_are_said_kindly(early: int, english: str) -> None:
    step = after(START, AppointmentShown("cash", BOOKED, early), ISSUED, LanguageChosen("en"))
    assert english in [getattr(block, "text", "") for block in seen(step).page.blocks]


def test_of_a_reference_nobody_knows_how_early_it_is_and_nothing_is_said() -> None:
    step = after(START, AppointmentShown("cash", "R-20031"), ISSUED, LanguageChosen("en"))
    said = " ".join(getattr(block, "text", "") for block in seen(step).page.blocks)
    assert "early" not in said
    assert "appointment" not in said


# --- what is offered -------------------------------------------------------------------------------


def test_a_number_is_asked_for_only_where_the_branch_has_a_book_and_answers() -> None:
    assert "key-1" in keys(after(START, "check-in"))
    bookless = structs.replace(offer(), appointments=False)
    assert "key-1" not in keys(after(start(bookless), "check-in"))
    away = after(start(here=AWAY_HERE), BranchLost())
    assert "key-1" not in keys(after(away, "check-in"))
    assert SHOWN.service in away.here.numbers
    assert wished(away, SHOWN) == [ASK]  # a code says all by itself


def test_check_in_is_offered_where_there_is_a_book_or_something_reads_codes() -> None:
    bookless = structs.replace(offer(), appointments=False)
    assert "check-in" in keys(START)
    assert "check-in" in keys(start(bookless))
    assert "check-in" not in keys(start(bookless, here=NONE_HERE))
    assert "check-in" in keys(start(here=NONE_HERE))


@pytest.mark.parametrize("early_min", [24 * 60, -24 * 60, 4_000_000_000])
def test_a_code_of_another_day_takes_no_ticket_and_says_why(early_min: int) -> None:
    """Else its customer would be told to be so many thousand minutes early."""
    shown = AppointmentShown("wealth", "2026-11-27T10:00:00+08:00", early_min)
    for before, screen in (((), Screen.SERVICES), (("check-in",), Screen.CHECK_IN)):
        step, wishes = play(START, *before, shown)
        assert (step.screen, notice(step), wishes) == (
            screen,
            ZH("notice.appointment_not_today"),
            [],
        )
