"""One-touch services: identify, choose, confirm; what the wish, the screen and the slip say of them."""

from dataclasses import replace

import pytest
from msgspec import structs

from edge_agent.messages import ErrandBegun, Services
from kiosk.journey.events import (
    AppointmentFound,
    BranchLost,
    CardRead,
    CardUnreadable,
    ErrandTouched,
    HereKnown,
    LanguageChosen,
    ServicesKnown,
    TicketIssued,
    TicketRefused,
)
from kiosk.journey.step import Screen
from kiosk.journey.wishes import AskTicket, PrintTicket
from kiosk.slip import ticket_slip
from tests.kiosk.played import (
    EN,
    ISSUED,
    WORDS,
    ZH,
    after,
    choice,
    keys,
    notice,
    play,
    reading,
    seen,
    start,
    wished,
)
from tests.kiosk.states import ALL_WAYS, AWAY_HERE, CARD, HERE, NONE_HERE, offer, ticket
from tests.kiosk.test_journey_appointments import FOUND

START = start()
NO_READER = HereKnown(replace(HERE, ways=frozenset({"scanner"})))
LOAN = after(START, "errand-loan")
CHOSEN = after(LOAN, CardRead(CARD), "choice-home")
OF_LOAN = TicketIssued(ticket(service="wealth", label="C007"))


def shows(step: object) -> tuple[Screen, int, int]:
    steps = seen(step).page.steps
    assert steps is not None
    return step.screen, steps.step, steps.of


def with_errand(**changed: object) -> Services:
    """The branch has changed its first errand."""
    known = offer()
    return structs.replace(
        known, errands=[structs.replace(known.errands[0], **changed), *known.errands[1:]]
    )


def test_the_branchs_own_errands_are_offered_under_their_names_with_their_steps() -> None:
    step = after(START, LanguageChosen("en"))
    offered = {key: choice(step, key) for key in keys(step) if key.startswith("errand-")}
    assert {key: (one.text, *one.detail) for key, one in offered.items()} == {
        "errand-lost-card": ("Report a lost card", EN("welcome.errand", steps=3)),
        "errand-loan": ("Ask for a loan", EN("welcome.errand", steps=3)),
        "errand-company": ("Open a company account", EN("welcome.errand", steps=2)),
    }
    assert not [key for key in keys(start(offer(errands=0))) if key.startswith("errand-")]


def test_identify_choose_confirm_are_three_steps_and_one_wish() -> None:
    assert shows(LOAN) == (Screen.ERRAND_IDENTIFY, 1, 3)
    choosing = after(LOAN, CardRead(CARD))
    assert shows(choosing) == (Screen.ERRAND_CHOOSE, 2, 3)
    assert notice(choosing) == ZH("notice.card_read_errand")
    confirming = after(choosing, "choice-home")
    assert shows(confirming) == (Screen.ERRAND_CONFIRM, 3, 3)
    step, wishes = play(confirming, "next")
    said = ErrandBegun(code="loan", choice="home", identified=True)
    assert wishes == [AskTicket("wealth", "zh-Hans", "vip", CARD.token, None, said)]
    step, wishes = play(step, OF_LOAN)
    assert step.screen is Screen.TICKET
    assert wishes == [PrintTicket(OF_LOAN.ticket, "zh-Hans", "loan")]


def test_one_may_always_go_on_without_a_card() -> None:
    wishes = wished(LOAN, "next", "choice-car", "next")
    said = ErrandBegun(code="loan", choice="car", identified=False)
    assert wishes == [AskTicket("wealth", "zh-Hans", "ordinary", None, None, said)]


def test_who_goes_back_and_on_without_is_not_identified() -> None:
    step = after(CHOSEN, "back", "back")
    assert step.screen is Screen.ERRAND_IDENTIFY
    [wish] = wished(step, "next", "choice-home", "next")
    assert (wish.customer_token, wish.errand.identified) == (None, False)


def test_an_errand_that_asks_for_no_card_has_two_steps_and_one_without_choices_two() -> None:
    assert shows(after(START, "errand-company")) == (Screen.ERRAND_CHOOSE, 1, 2)
    plain = start(with_errand(choices=[]))
    assert shows(after(plain, "errand-lost-card")) == (Screen.ERRAND_IDENTIFY, 1, 2)
    [wish] = wished(plain, "errand-lost-card", "next", "next")
    assert wish.errand == ErrandBegun(code="lost-card", choice=None, identified=False)
    bare = start(with_errand(choices=[], identify=False))
    assert shows(after(bare, "errand-lost-card")) == (Screen.ERRAND_CONFIRM, 1, 1)


@pytest.mark.parametrize("ways", [frozenset(), frozenset({"scanner"})])
def test_identify_is_left_out_where_no_reader_works(ways: frozenset[str]) -> None:
    step = start(here=replace(HERE, ways=ways))
    assert choice(step, "errand-loan").detail == (ZH("welcome.errand", steps=2),)
    assert shows(after(step, "errand-loan")) == (Screen.ERRAND_CHOOSE, 1, 2)


def test_a_reader_that_fails_on_its_screen_is_no_dead_end() -> None:
    step = after(LOAN, NO_READER)
    assert step.screen is Screen.ERRAND_IDENTIFY
    assert seen(step).page.steps is None
    assert shows(after(step, "next")) == (Screen.ERRAND_CHOOSE, 1, 2)
    assert after(step, "back").screen is Screen.WELCOME
    assert after(step, "next", "back").screen is Screen.WELCOME
    bare = after(start(with_errand(choices=[])), "errand-lost-card", NO_READER)
    assert after(bare, "next").screen is Screen.ERRAND_CONFIRM


def test_an_unreadable_card_is_told_with_what_to_do_instead() -> None:
    assert notice(after(LOAN, CardUnreadable())) == ZH("notice.card_unreadable_errand")
    assert notice(after(LOAN, CardUnreadable(together=True))) == (ZH("notice.cards_together"))


def test_back_leads_through_the_same_screens_and_keeps_what_was_chosen() -> None:
    step = after(CHOSEN, "back")
    assert step.screen is Screen.ERRAND_CHOOSE
    assert choice(step, "choice-home").chosen
    assert after(CHOSEN, "back", "back", "back").screen is Screen.WELCOME


def test_the_confirm_screen_says_what_was_chosen_and_which_papers_to_bring() -> None:
    lines = reading(seen(after(CHOSEN, LanguageChosen("en"))).page)
    assert lines == [
        EN("errand.confirm"),
        *(
            EN("errand.what"),
            "Ask for a loan",
            EN("errand.choice"),
            "A home",
            EN("errand.identity"),
            EN("errand.identified"),
        ),
        EN("errand.papers"),
        "A valid ID",
        "Proof of income, or statements of six months",
        "The contract of the home or car",
        "Back",
        EN("welcome.begin"),
    ]
    without = reading(seen(after(LOAN, "next", "choice-car", LanguageChosen("en"))).page)
    assert without[5:7] == [EN("errand.identity"), EN("errand.not_identified")]


def test_the_ticket_screen_and_the_slip_say_again_which_papers_to_bring() -> None:
    step = after(CHOSEN, "next", OF_LOAN)
    assert "有效身份证件" in reading(seen(step).page)
    papers = ("有效身份证件", "购房合同")
    slip = ticket_slip(
        OF_LOAN.ticket, WORDS["zh-Hans"], bank="和谐银行", branch="支行", service="理财",
        link="http://branch/t/1", zone=None, papers=papers,
    )  # fmt: skip
    printed = [getattr(part, "text", "") for part in slip]
    place = printed.index(ZH("slip.papers"))
    assert printed[place + 1 : place + 3] == ["- 有效身份证件", "- 购房合同"]
    plain = ticket_slip(
        OF_LOAN.ticket, WORDS["en"], bank="", branch="", service="", link="", zone=None
    )
    assert EN("slip.papers") not in [getattr(part, "text", "") for part in plain]


@pytest.mark.parametrize("reason", ["queue-full-until-closing", "service-closed", ""])
def test_a_refused_ticket_keeps_the_screen_and_says_what_to_do(reason: str) -> None:
    step = after(CHOSEN, "next", TicketRefused(reason))
    assert (step.screen, step.asking, step.choice) == (Screen.ERRAND_CONFIRM, False, "home")
    assert notice(step)
    assert len(wished(step, "next")) == 1
    assert after(step, "back").screen is Screen.ERRAND_CHOOSE


def test_a_service_that_has_closed_meanwhile_is_said_and_not_passed_over() -> None:
    step, wishes = play(CHOSEN, ServicesKnown(offer(is_open=False)), "next")
    assert (step.screen, notice(step), wishes) == (
        Screen.ERRAND_CONFIRM,
        ZH("notice.refused"),
        [],
    )


@pytest.mark.parametrize("before", [("errand-loan",), ("errand-loan", "next", "choice-home")])
def test_an_errand_that_the_branch_has_taken_back_is_said_and_no_dead_end(
    before: tuple[str, ...],
) -> None:
    step = after(START, *before, ServicesKnown(offer(errands=1)))
    assert notice(after(step, "next")) == ZH("notice.refused")
    assert after(step, "back").screen is Screen.WELCOME


def test_errands_of_services_that_cannot_be_had_are_not_offered() -> None:
    away = after(start(here=AWAY_HERE), BranchLost())  # numbers of cash and cards are left
    assert [key for key in keys(away) if key.startswith("errand-")] == ["errand-lost-card"]
    closed = start(offer(is_open=False))
    assert not [key for key in keys(closed) if key.startswith("errand-")]
    assert play(closed, ErrandTouched("loan")) == (closed, [])  # it has just closed
    assert play(START, ErrandTouched("no such errand")) == (START, [])


def test_an_errand_that_was_left_is_not_on_the_next_ticket() -> None:
    step = after(CHOSEN, "back", "back", "back", "begin")
    assert wished(step, "service-wealth") == [AskTicket("wealth", "zh-Hans", "ordinary", None)]
    [_, paper] = wished(step, "service-wealth", ISSUED)
    assert paper == PrintTicket(ISSUED.ticket, "zh-Hans")


def test_an_appointment_found_late_does_not_disturb_an_errand() -> None:
    assert isinstance(FOUND, AppointmentFound)
    assert play(CHOSEN, FOUND) == (CHOSEN, [])


def test_the_readers_that_count_are_those_of_cards_and_ids() -> None:
    for way in ALL_WAYS - {"scanner"}:
        step = start(here=replace(NONE_HERE, ways=frozenset({way})))
        assert after(step, "errand-loan").screen is Screen.ERRAND_IDENTIFY
