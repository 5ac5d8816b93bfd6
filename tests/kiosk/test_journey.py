"""A ticket: touched, or with a card first. As lists of steps: what is touched, what happens, what is wished and seen."""

import pytest
from msgspec import structs

from edge_agent.messages import EstimatedWait
from kiosk.journey.course import may_show_card
from kiosk.journey.events import (
    CardRead,
    CardUnreadable,
    CodeUnknown,
    LanguageChosen,
    NotTaken,
    PaperElsewhere,
    PaperTold,
    ServicesKnown,
    ServiceTouched,
    TicketIssued,
    TicketRefused,
    TicketUnreachable,
)
from kiosk.journey.step import Card, Paper, Screen
from kiosk.journey.wishes import AskTicket, FindAppointment, GiveBack, PrintTicket, TellPaper
from tests.kiosk.played import (
    EN,
    ISSUED,
    RULES,
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
from tests.kiosk.states import CARD, offer, ticket

START = start()
ASKED = after(START, "begin", "service-cash")
TICKET = after(ASKED, ISSUED)
ID = TICKET.ticket.id if TICKET.ticket else ""
PRINTED = PaperTold(ID, "confirmed", "")
NO_PAPER = PaperTold(ID, "failed", "paperOut")


def test_two_touches_lead_to_a_ticket_and_one_back_to_the_start() -> None:
    step, wishes = play(START, "begin", "service-cash")
    assert wishes == [AskTicket("cash", "zh-Hans", "ordinary", None)]
    step, wishes = play(step, ISSUED)
    assert (step.screen, step.ticket) == (Screen.TICKET, ISSUED.ticket)
    assert wishes == [PrintTicket(ISSUED.ticket, "zh-Hans")]
    assert play(step, "done") == (START, [])


def test_each_screen_says_which_step_of_how_many_it_is() -> None:
    steps = [seen(one).page.steps for one in (after(START, "begin"), TICKET)]
    assert [(one.step, one.of) for one in steps if one] == [(1, 2), (2, 2)]
    assert [one.text for one in steps if one] == [ZH("step", step=n, steps=2) for n in (1, 2)]


def test_a_card_first_leads_to_the_services_with_those_its_owner_needs_first() -> None:
    step, wishes = play(START, CardRead(Card("pseudonym", "vip", ("business", "wealth"))))
    assert (step.screen, wishes) == (Screen.SERVICES, [FindAppointment(token="pseudonym")])
    assert notice(step) == ZH("notice.card_read")
    assert keys(step)[:4] == [
        "service-business",
        "service-wealth",
        "service-cash",
        "service-cards",
    ]
    assert wished(step, "service-wealth") == [AskTicket("wealth", "zh-Hans", "vip", "pseudonym")]


def test_a_card_of_a_service_that_this_branch_does_not_have_changes_no_order() -> None:
    step = after(START, CardRead(Card("pseudonym", "vip", ("safe-deposit",))))
    assert keys(step)[:2] == ["service-cash", "service-cards"]


def test_priority_needs_a_touch_and_no_proof_and_can_be_taken_back() -> None:
    step = after(START, "begin", "priority")
    assert choice(step, "priority").chosen
    assert wished(step, "service-cash") == [AskTicket("cash", "zh-Hans", "care", None)]
    back = after(step, "priority")
    assert wished(back, "service-cash") == [AskTicket("cash", "zh-Hans", "ordinary", None)]


def test_priority_comes_before_the_segment_of_a_card() -> None:
    step = after(START, CardRead(CARD), "priority")
    assert wished(step, "service-cash") == [AskTicket("cash", "zh-Hans", "care", "pseudonym")]


def test_an_unreadable_card_keeps_nobody_from_a_ticket_and_loses_none_read_before() -> None:
    step = after(START, CardUnreadable())
    assert (step.screen, notice(step)) == (
        Screen.SERVICES,
        ZH("notice.card_unreadable"),
    )
    assert wished(step, "service-cash") == [AskTicket("cash", "zh-Hans", "ordinary", None)]
    assert after(START, CardRead(CARD), CardUnreadable()).card == CARD


def test_two_cards_at_once_are_told_as_such() -> None:
    assert notice(after(START, CardUnreadable(together=True))) == ZH("notice.cards_together")


def test_a_code_that_is_no_appointment_here_leaves_the_customer_to_choose() -> None:
    step = after(START, CodeUnknown())
    assert (step.screen, notice(step)) == (
        Screen.SERVICES,
        ZH("notice.code_unknown"),
    )
    assert after(START, CardRead(CARD), CodeUnknown()).card == CARD


def test_with_the_ticket_the_card_is_forgotten() -> None:
    assert after(START, CardRead(CARD), "service-cash", ISSUED).card is None


def test_the_ticket_is_asked_and_printed_in_the_chosen_language() -> None:
    wishes = wished(START, "language-en", "begin", "service-cash", ISSUED)
    assert [getattr(wish, "language", "") for wish in wishes] == ["en", "en"]


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        ("branch-closed", "notice.branch_closed"),
        ("service-closed", "notice.service_closed"),
        ("queue-full-until-closing", "notice.queue_full"),
        ("too-many-tickets", "notice.too_many"),
        ("", "notice.refused"),
        ("what nobody knows", "notice.refused"),
    ],
)
def test_a_refusal_is_told_with_its_own_reason_and_the_customer_may_choose_again(
    reason: str, key: str
) -> None:
    step = after(ASKED, TicketRefused(reason))
    assert (step.screen, step.asking) == (Screen.SERVICES, False)
    assert notice(after(step, LanguageChosen("en"))) == EN(key)
    assert len(wished(step, "service-cards")) == 1


def test_a_refusal_does_not_forget_the_card() -> None:
    assert after(START, CardRead(CARD), "service-cash", TicketRefused()).card == CARD


def test_a_double_touch_asks_once() -> None:
    assert play(ASKED, ServiceTouched("cash"), ServiceTouched("cards")) == (ASKED, [])


def test_while_the_branch_is_asked_nothing_else_can_be_chosen_but_the_language_and_a_person() -> (
    None
):
    waiting = [key for key in keys(ASKED) if choice(ASKED, key).does is not None]
    assert waiting == ["language-zh-Hans", "language-zh-Hant", "language-en", "help"]
    assert seen(ASKED).page.notice == seen(after(ASKED, 600)).page.notice
    assert notice(ASKED) == ZH("services.asking")


@pytest.mark.parametrize("shown", [CardRead(CARD), CardUnreadable(), CodeUnknown()])
def test_what_is_shown_while_the_branch_is_asked_or_a_ticket_is_there_changes_nothing(
    shown: CardRead | CardUnreadable | CodeUnknown,
) -> None:
    assert play(ASKED, shown) == (ASKED, [])
    assert play(TICKET, shown) == (TICKET, [])


@pytest.mark.parametrize("code", ["foreign", ""])
def test_a_service_that_is_closed_or_unknown_is_not_asked(code: str) -> None:
    step = after(START, "begin")
    assert play(step, ServiceTouched(code)) == (step, [])


# --- closed, full, last tickets: said before the customer chooses -----------------------------------


def test_a_closed_or_full_service_is_shown_with_its_reason_and_cannot_be_chosen() -> None:
    step = after(start(offer(8)), "begin")
    closed = choice(step, "service-seniors")
    assert (closed.does, closed.detail) == (None, (ZH("services.closed"),))
    some = offer(4)
    full = structs.replace(some.services[0], open=False, note="full")
    known = structs.replace(some, services=[full, *some.services[1:]])
    mixed = after(START, "begin", ServicesKnown(known), LanguageChosen("en"))
    assert (choice(mixed, "service-cash").does, choice(mixed, "service-cash").detail) == (
        None,
        (EN("services.full"),),
    )


def test_last_tickets_are_said_on_the_tile() -> None:
    step = after(start(offer(note="last")), "begin", LanguageChosen("en"))
    assert choice(step, "service-wealth").detail[0] == EN("services.last")


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ("cash", (EN("services.ahead.none"),)),
        ("cards", (EN("services.ahead", count=1), EN("services.wait.none"))),
        ("wealth", (EN("services.ahead", count=12), EN("services.wait", low=5, high=19))),
        ("business", (EN("services.ahead", count=123), EN("services.wait", low=100, high=179))),
    ],
)
def test_each_service_says_who_is_ahead_and_the_likely_wait(
    code: str, english: tuple[str, ...]
) -> None:
    step = after(START, "begin", LanguageChosen("en"))
    assert choice(step, f"service-{code}").detail == english


def test_a_wait_in_which_both_ends_are_the_same_is_said_once() -> None:
    wait = EstimatedWait(low_s=60, likely_s=60, high_s=60)
    told = seen(after(ASKED, TicketIssued(ticket(1, wait)), LanguageChosen("en")))
    assert "1 min" in [text for block in told.page.blocks for text in _facts(block)]


def _facts(block: object) -> list[str]:
    return [text for pair in getattr(block, "pairs", ()) for text in pair]


# --- paper -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "paper"),
    [
        ("confirmed", Paper.TAKEN_FROM_PRINTER),
        ("failed", Paper.NONE),
        ("indeterminate", Paper.NONE),
    ],
)
def test_only_proven_paper_is_promised_and_all_news_reach_the_branch(
    outcome: str, paper: Paper
) -> None:
    step, wishes = play(TICKET, PaperTold(ID, outcome, "why"))
    assert (step.paper, wishes) == (paper, [TellPaper(ID, outcome, "why")])


@pytest.mark.parametrize("gone", [("done",), ("done", "begin", "service-cash")])
def test_news_of_the_paper_of_one_who_has_gone_is_told_and_changes_nothing(
    gone: tuple[str, ...],
) -> None:
    step = after(TICKET, *gone)
    assert play(step, NO_PAPER) == (step, [TellPaper(ID, "failed", "paperOut")])
    assert play(step, PaperElsewhere(ID, "kiosk-2")) == (step, [])


def test_paper_elsewhere_is_said_for_the_ticket_on_the_screen_only() -> None:
    step = after(TICKET, NO_PAPER)
    assert play(step, PaperElsewhere("another", "kiosk-2")) == (step, [])
    step = after(step, PaperElsewhere(ID, "kiosk-2"))
    assert notice(step) == ZH("ticket.paper_at", kiosk="kiosk-2")
    assert after(step, PRINTED).paper is Paper.TAKEN_FROM_PRINTER
    following = after(step, "done", "begin", "service-cash", TicketIssued(ticket(label="A013")))
    assert (following.paper, following.paper_at) == (Paper.PRINTING, "")


# --- late answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "story",
    [(), ("begin",), ("rate",), ("rate", "key-A", "key-1", "enter"), ("check-in",), ("access",)],
)
def test_a_ticket_for_which_nobody_waits_is_given_back(story: tuple[str, ...]) -> None:
    step = after(START, *story)
    assert play(step, ISSUED) == (step, [GiveBack(ISSUED.ticket.id)])


def test_the_ticket_of_the_customer_before_is_never_shown_to_the_next() -> None:
    step = after(ASKED, TicketUnreachable(), ServicesKnown(offer()), "begin")
    assert play(step, ISSUED) == (step, [GiveBack(ISSUED.ticket.id)])


def test_a_ticket_that_comes_beside_one_that_is_shown_is_given_back() -> None:
    late = TicketIssued(ticket(label="A999"))
    assert play(TICKET, late) == (TICKET, [GiveBack(late.ticket.id)])


def test_a_book_that_nobody_could_look_up_does_not_end_the_wait_for_a_ticket() -> None:
    """The card's appointment is looked for beside; the customer has chosen meanwhile."""
    step = after(START, CardRead(CARD), "service-cash")
    still = after(step, NotTaken(asked=CARD.token))
    assert still.asking
    assert after(still, ISSUED).screen is Screen.TICKET


def test_nobody_answering_leads_to_the_screen_that_says_so_and_back_when_the_branch_is_there() -> (
    None
):
    away = after(ASKED, TicketUnreachable())
    assert (away.screen, away.asking, away.card) == (Screen.AWAY, False, None)
    assert after(away, ServicesKnown(offer())).screen is Screen.WELCOME


def test_a_card_is_wanted_where_it_means_something() -> None:
    wanted = {
        "start": START,
        "services": after(START, "begin"),
        "unreadable": after(START, CardUnreadable()),
        "check in": after(START, "check-in"),
        "errand": after(START, "errand-loan"),
    }
    refused = {
        "read": after(START, CardRead(CARD)),
        "asked": ASKED,
        "ticket": TICKET,
        "rating": after(START, "rate"),
        "opinion": after(START, "opinion"),
        "asked for more time": after(START, "begin", 61),
        "closed": start(offer(is_open=False)),
    }
    assert {name: may_show_card(step, RULES) for name, step in (wanted | refused).items()} == (
        dict.fromkeys(wanted, True) | dict.fromkeys(refused, False)
    )
