"""The branch cannot be reached, is closed or full: said before the customer chooses, with the nearest sensible thing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import structs

from kiosk.journey.events import (
    BranchLost,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    HereKnown,
    LanguageChosen,
    ServicesKnown,
    StaffAsked,
    TicketIssued,
    TicketUnreachable,
)
from kiosk.journey.step import Comfort, Here, Screen, Step
from kiosk.journey.wishes import AskTicket, PrintTicket
from tests.kiosk.played import (
    EN,
    ISSUED,
    RULES,
    ZH,
    after,
    choice,
    choices,
    keys,
    notice,
    play,
    reading,
    seen,
    start,
    wished,
)
from tests.kiosk.states import CARD, HERE, NONE_HERE, offer, ticket

START = start()
SERVICES = after(START, "begin")
TICKET = after(SERVICES, "service-cash", ISSUED)
BACK = ServicesKnown(offer())
NUMBERS = start(here=replace(HERE, numbers=frozenset({"cash", "cards"})))
ALONE = after(NUMBERS, BranchLost())
SHANGHAI = timezone(timedelta(hours=8))


# --- the branch is away, without numbers -----------------------------------------------------------


@pytest.mark.parametrize(
    "story",
    [(), ("begin",), (CardRead(CARD),), ("check-in",), ("errand-loan",), ("rate",), ("opinion",)],
    ids=repr,
)
def test_a_lost_branch_is_said_and_who_was_there_can_begin_when_it_is_back(story: tuple) -> None:
    away, wishes = play(after(START, *story), BranchLost())
    assert (away.screen, away.card, wishes) == (Screen.AWAY, None, [])
    assert after(away, BACK) == START


def test_the_away_screen_says_what_to_do_and_offers_nothing_that_cannot_be_had() -> None:
    away = after(START, BranchLost(), LanguageChosen("en"))
    assert reading(seen(away).page) == [
        EN("away.title"),
        EN("away.text"),
        EN("away.text2"),
    ]
    assert keys(away) == ["language-zh-Hans", "language-zh-Hant", "language-en", "access", "help"]


@pytest.mark.parametrize("story", [(), ("access",), ("access", "large")])
def test_a_loss_that_is_said_again_and_again_disturbs_nobody(story: tuple) -> None:
    """The branch is looked for every other second."""
    step = after(START, BranchLost(), *story)
    for _ in range(20):
        assert play(step, BranchLost()) == (step, [])


def test_the_away_screen_in_another_language_turns_back_though_the_branch_stays_lost() -> None:
    step = after(START, "language-en", BranchLost())
    for _ in range(45):
        step = after(step, 2, BranchLost())
    assert (step.screen, step.language) == (Screen.AWAY, "zh-Hans")


def test_larger_letters_chosen_while_the_branch_is_away_stay_when_it_is_back() -> None:
    step = after(START, BranchLost(), "access", "large", BACK, "done")
    assert (step.screen, step.comfort) == (Screen.WELCOME, Comfort(large=True))


def test_a_number_on_the_screen_stays_there_and_nothing_closed_is_said_after_it() -> None:
    step = after(TICKET, BranchLost())
    assert (step.screen, step.ticket) == (Screen.TICKET, ISSUED.ticket)
    assert after(step, "done").screen is Screen.AWAY
    assert after(step, RULES.ticket_without_paper_s).screen is Screen.AWAY
    assert after(TICKET, "access", BranchLost(), "done").ticket == ISSUED.ticket
    assert after(TICKET, BranchLost(), BACK).ticket == ISSUED.ticket


def test_a_request_under_way_goes_on_and_its_own_answer_ends_it() -> None:
    step, wishes = play(SERVICES, "service-cash", BranchLost(), ISSUED)
    assert step.ticket == ISSUED.ticket
    assert wishes[-1] == PrintTicket(ISSUED.ticket, "zh-Hans")


def test_staff_go_on_with_the_maintenance() -> None:
    step = after(START, StaffAsked(), "key-2", BranchLost())
    assert step.screen is Screen.STAFF_PIN
    assert after(step, "back").screen is Screen.AWAY


def test_a_kiosk_that_has_not_heard_the_branch_yet_says_that_it_is_getting_ready() -> None:
    fresh = Step.fresh(RULES)
    assert notice(fresh) == ZH("welcome.starting")
    assert [one.key for one in seen(fresh).page.choices] == []
    assert after(fresh, BranchLost()).screen is Screen.AWAY


# --- the branch is away, with numbers in advance ---------------------------------------------------


def test_services_with_numbers_go_on_and_nothing_else_that_needs_the_branch() -> None:
    offered = [key for key in keys(ALONE) if key not in {"access", "help"}]
    assert ALONE.screen is Screen.WELCOME
    assert offered[:3] == ["begin", "check-in", "errand-lost-card"]
    assert not {"rate", "opinion"} & set(offered)
    step = after(ALONE, "begin")
    tiles = {one.key: one for one in choices(seen(step)) if one.key.startswith("service-")}
    assert {key: one.does is not None for key, one in tiles.items()} == {
        "service-cash": True,
        "service-cards": True,
        "service-wealth": False,
        "service-business": False,
    }
    assert tiles["service-cash"].detail == (ZH("services.in_advance"),)


def test_a_number_in_advance_says_so_on_the_screen_and_on_the_paper() -> None:
    step, wishes = play(ALONE, "begin", "service-cash")
    assert wishes == [AskTicket("cash", "zh-Hans", "ordinary", None)]
    step, wishes = play(step, TicketIssued(ticket(service="cash"), in_advance=True))
    assert wishes == [PrintTicket(ticket(service="cash"), "zh-Hans", in_advance=True)]
    lines = reading(seen(after(step, LanguageChosen("en"))).page)
    assert EN("ticket.in_advance") in lines
    assert EN("ticket.wait") not in lines


def test_the_last_number_of_one_service_leaves_those_of_the_others() -> None:
    step = after(ALONE, "begin", "service-cash", TicketUnreachable())
    assert (step.screen, step.asking) == (Screen.SERVICES, False)
    assert notice(step) == ZH("notice.refused")
    step = after(step, HereKnown(replace(HERE, numbers=frozenset({"cards"}))))
    assert choice(step, "service-cash").does is None
    assert wished(step, "service-cards") == [AskTicket("cards", "zh-Hans", "ordinary", None)]


@pytest.mark.parametrize("story", [(), ("begin",), ("errand-lost-card",)])
def test_without_numbers_any_more_the_away_screen_says_so_at_once(story: tuple) -> None:
    assert after(ALONE, *story, HereKnown(HERE)).screen is Screen.AWAY


def test_numbers_that_are_there_when_a_kiosk_starts_without_its_branch_are_given_out() -> None:
    step = after(Step.fresh(RULES), BranchLost())
    known = (ServicesKnown(offer(), fresh=False), HereKnown(NUMBERS.here))
    for story in (known, known[::-1]):
        ready = after(step, *story)
        assert (ready.screen, ready.here.reachable) == (Screen.WELCOME, False)
        assert wished(ready, "begin", "service-cash")


def test_what_a_machine_says_of_itself_does_not_bring_the_branch_back() -> None:
    assert not after(ALONE, HereKnown(replace(ALONE.here, reachable=True))).here.reachable
    assert after(ALONE, BACK).here.reachable


# --- closed, full, no readers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "english"),
    [
        (datetime(2026, 11, 26, 19, 30, tzinfo=SHANGHAI), "today 19:30"),
        (datetime(2026, 11, 27, 9, 0, tzinfo=SHANGHAI), "tomorrow 09:00"),
        (datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI), "30/11 09:00"),
    ],
)
def test_a_closed_branch_says_when_it_opens_again(opening: datetime, english: str) -> None:
    closed = start(offer(is_open=False), replace(HERE, opening=opening))
    step = after(closed, LanguageChosen("en"))
    assert reading(seen(step).page)[:2] == [
        EN("welcome.closed_title"),
        EN("welcome.closed_until", time=english),
    ]
    assert "begin" not in keys(step)


def test_closed_without_a_known_opening_and_full_say_what_to_do() -> None:
    closed = after(start(offer(is_open=False)), LanguageChosen("en"))
    assert notice(closed) == EN("welcome.closed")
    full = after(start(offer(is_open=False, note="full")), LanguageChosen("en"))
    assert notice(full) == EN("welcome.full")


@pytest.mark.parametrize("shown", [CardRead(CARD), CardUnreadable(), CodeUnknown()], ids=repr)
def test_what_is_shown_at_a_closed_branch_leads_nowhere_and_leaves_nothing(shown: Event) -> None:
    closed = start(offer(is_open=False))
    assert play(closed, shown) == (closed, [])


def test_a_branch_that_opens_is_open_at_once() -> None:
    assert "begin" in keys(after(start(offer(is_open=False)), BACK))


@pytest.mark.parametrize(
    ("ways", "english"),
    [
        ({"magnetic_stripe"}, "Or first show your bank card"),
        ({"card_reader", "contactless"}, "Or first show your bank card"),
        ({"id_card", "scanner"}, "Or first show your ID card or appointment code"),
        (
            {"contactless", "id_card", "scanner"},
            "Or first show your bank card, ID card or appointment code",
        ),
        (set(), None),
    ],
)
def test_only_ways_that_work_are_named(ways: set[str], english: str | None) -> None:
    here = Here(ways=frozenset(ways))
    page = seen(after(start(here=here), LanguageChosen("en"))).page
    said = [getattr(block, "text", "") for block in page.blocks]
    assert said[:1] == ([english] if english else [])


def test_without_readers_no_screen_names_one() -> None:
    for story, words in {
        ("check-in",): ("扫描", "身份证", "银行卡"),
        ("rate",): ("扫描",),
        ("errand-loan",): ("身份证或刷",),
    }.items():
        lines = " ".join(reading(seen(after(start(here=NONE_HERE), *story)).page))
        assert not [word for word in words if word in lines], story


def test_the_opening_is_of_the_branchs_own_zone() -> None:
    """Where the kiosk's clock is another."""
    late = datetime(2026, 11, 26, 23, 0, tzinfo=UTC).astimezone(SHANGHAI)
    closed = start(offer(is_open=False), replace(HERE, opening=late))
    assert notice(closed) == ZH("welcome.closed_until", time=ZH("when.tomorrow", time="07:00"))


def test_a_service_that_opens_later_is_closed_for_now() -> None:
    known = offer()
    later = structs.replace(known.services[0], open=False, note="closed")
    step = after(
        SERVICES, ServicesKnown(structs.replace(known, services=[later, *known.services[1:]]))
    )
    assert choice(step, "service-cash").detail == (ZH("services.closed"),)
