"""Is the card theirs? Who is asked, what each answer leads to, and that nothing of one customer serves another."""

from dataclasses import replace

import pytest
from msgspec import structs

from edge_agent.messages import Services
from kiosk.journey.events import (
    Agreed,
    BranchLost,
    CardRead,
    CheckEnded,
    CheckShown,
    Event,
    Left,
    TicketRefused,
)
from kiosk.journey.step import Card, Check, Screen, Step
from kiosk.journey.wishes import AskTicket, CheckAgain, CheckIdentity, NoteDeclined
from tests.kiosk.played import EN, ISSUED, ZH, after, choice, keys, reading, seen, start, wished
from tests.kiosk.states import CARD, CHECKED_HERE, HERE, offer
from tests.kiosk.test_journey_appointments import FOUND

OTHER = Card("of somebody else", "ordinary")


def marked(*codes: str) -> Services:
    known = offer()
    services = [structs.replace(one, identity=one.code in codes) for one in known.services]
    return structs.replace(known, services=services)


START = start(marked("wealth"), CHECKED_HERE)
ASKED = after(START, CardRead(CARD), "service-wealth")
LOOKING = after(ASKED, "agree-face")
AGAIN = Check("face", "face.again", leads_on="identity.again", tried=True)


def ticket_wish(step: Step, *story: str | Event) -> AskTicket:
    [wish] = [one for one in wished(step, *story) if isinstance(one, AskTicket)]
    return wish


def test_a_customer_with_a_card_is_asked_for_a_marked_service_as_step_2_of_3() -> None:
    assert ASKED.screen is Screen.IDENTITY
    assert seen(ASKED).page.steps.text == ZH("step", step=2, steps=3)
    assert {"agree-face", "agree-fingerprint", "another-way", "back"} <= set(keys(ASKED))


@pytest.mark.parametrize(
    "step",
    [
        after(START, "begin", "service-wealth"),  # no card: the teller looks, as always
        after(START, CardRead(CARD), "service-cash"),  # not marked
        after(start(marked("wealth"), HERE), CardRead(CARD), "service-wealth"),  # nothing works
    ],
)
def test_nobody_else_is_asked(step: Step) -> None:
    assert (step.screen, step.asking) == (Screen.SERVICES, True)


def test_saying_no_is_of_the_same_kind_as_saying_yes_and_costs_no_more() -> None:
    roles = {choice(ASKED, key).role for key in ("agree-face", "agree-fingerprint", "another-way")}
    assert len(roles) == 1
    plain = ticket_wish(after(start(), CardRead(CARD)), "service-wealth")
    assert ticket_wish(ASKED, "another-way") == replace(plain, identity="declined")
    assert NoteDeclined() in wished(ASKED, "another-way")
    done = after(ASKED, "another-way", ISSUED)
    assert done.screen is Screen.TICKET
    assert ZH("ticket.show_card") in reading(seen(done).page)


def test_only_who_agrees_is_looked_at_and_by_what_they_agreed_to() -> None:
    assert wished(ASKED, "agree-face") == [CheckIdentity("face", CARD.token, slow=False)]
    assert wished(ASKED, "agree-fingerprint") == [
        CheckIdentity("fingerprint", CARD.token, slow=False)
    ]
    assert wished(LOOKING, Agreed("fingerprint")) == []
    only_face = start(marked("wealth"), replace(HERE, checks=frozenset({"face"})))
    assert wished(after(only_face, CardRead(CARD), "service-wealth"), Agreed("fingerprint")) == []


def test_who_needs_large_letters_has_more_time() -> None:
    large = replace(ASKED, comfort=replace(ASKED.comfort, large=True))
    assert wished(large, "agree-face") == [CheckIdentity("face", CARD.token, slow=True)]


def test_whoever_is_the_owner_has_the_ticket_without_a_further_touch() -> None:
    wish = ticket_wish(LOOKING, CheckEnded("face"))
    assert (wish.service, wish.identity, wish.customer_token) == ("wealth", "face", CARD.token)
    done = after(LOOKING, CheckEnded("face"), ISSUED)
    assert done.screen is Screen.TICKET
    assert ZH("ticket.confirmed") in reading(seen(done).page)


def test_whoever_could_not_be_confirmed_is_told_no_reason_and_goes_on() -> None:
    over = after(LOOKING, CheckEnded("failed", "no_record"))
    assert over.screen is Screen.IDENTITY
    assert reading(seen(over).page)[:2] == [ZH("face.over"), ZH("identity.over_why")]
    assert not [line for line in reading(seen(over).page) if "record" in line]
    wish = ticket_wish(over, "another-way")
    assert (wish.identity, wish.identity_reason) == ("failed", "no_record")  # for the teller


def test_the_code_reaches_the_teller_with_an_appointment_too() -> None:
    """The card's owner has one today, for the very service that asks."""
    booked = structs.replace(FOUND.appointment, service="wealth")
    found = replace(FOUND, appointment=booked, asked=CARD.token)
    asked = after(START, CardRead(CARD), found, "service-wealth", "agree-face")
    wish = ticket_wish(after(asked, CheckEnded("failed", "no_record")), "another-way")
    assert (wish.segment, wish.identity, wish.identity_reason) == (
        "appointment",
        "failed",
        "no_record",
    )


def test_a_try_that_failed_may_be_followed_by_another_or_by_another_way() -> None:
    again = after(LOOKING, CheckShown(AGAIN))
    assert {"again", "another-way"} <= set(keys(again))
    assert wished(again, "again") == [CheckAgain()]
    assert "again" not in keys(after(again, "again"))
    assert ticket_wish(again, "another-way").identity == "failed"
    assert ticket_wish(LOOKING, "another-way").identity == "declined"


@pytest.mark.parametrize(
    "story",
    [
        ("again", CheckShown(Check("face", "face.opening"))),
        ("back", "service-wealth"),
        ("back", "service-wealth", "agree-fingerprint"),
        ("access", "done"),
    ],
)
def test_the_teller_reads_of_a_try_that_failed_however_the_customer_then_goes_on(
    story: tuple[str | Event, ...],
) -> None:
    again = replace(AGAIN, reason="flat")
    step = after(LOOKING, CheckShown(again), *story)
    assert step.screen is Screen.IDENTITY
    wish = ticket_wish(step, "another-way")
    assert (wish.identity, wish.identity_reason) == ("failed", "flat")
    assert after(step, Left()).failed is None
    other = after(step, "back", CardRead(OTHER))
    assert other.failed is None


@pytest.mark.parametrize("step", [ASKED, LOOKING, after(LOOKING, CheckShown(AGAIN))])
def test_another_way_is_on_the_screen_in_every_language_at_every_moment(step: Step) -> None:
    for language in ("zh-Hans", "zh-Hant", "en"):
        assert choice(replace(step, language=language), "another-way").does is not None


def test_the_language_may_change_in_the_middle() -> None:
    english = after(LOOKING, "language-en")
    assert english.check == LOOKING.check
    assert EN("face.opening") in reading(seen(english).page)


@pytest.mark.parametrize("event", [CheckEnded("face"), CheckShown(AGAIN)])
@pytest.mark.parametrize("gone", ["back", "access"])
def test_an_answer_that_comes_when_the_customer_has_left_the_screen_says_nothing(
    event: Event, gone: str
) -> None:
    left = after(LOOKING, gone)
    assert left.check is None
    assert after(left, event) == left


def test_nothing_of_one_customer_serves_the_next() -> None:
    fresh = after(LOOKING, CheckEnded("face"), ISSUED, Left())
    assert (fresh.identity, fresh.check, fresh.service, fresh.card) == ("", None, "", None)
    assert after(fresh, CardRead(CARD), "service-wealth").screen is Screen.IDENTITY


def test_what_was_shown_of_one_card_says_nothing_of_another() -> None:
    full = after(LOOKING, CheckEnded("face"), TicketRefused("queue-full-until-closing"))
    assert (full.screen, full.identity) == (Screen.SERVICES, "face")
    assert ticket_wish(full, "service-wealth").identity == "face"
    assert after(full, CardRead(CARD)).identity == "face"
    other = after(full, CardRead(OTHER))
    assert other.identity == ""
    assert after(other, "service-wealth").screen is Screen.IDENTITY


def test_in_an_errand_it_belongs_to_the_first_step_and_the_rest_stays() -> None:
    asked = after(START, "errand-loan", CardRead(CARD))
    assert asked.screen is Screen.IDENTITY
    for said, story in (
        ("face", ("agree-face", CheckEnded("face"))),
        ("declined", ("another-way",)),
    ):
        on = after(asked, *story)
        assert on.screen is Screen.ERRAND_CHOOSE
        wish = ticket_wish(on, "choice-home", "next")
        assert (wish.identity, wish.errand.identified) == (said, True)
    back = after(asked, "agree-face", CheckEnded("face"), "back")
    assert (back.screen, back.card, back.identity) == (Screen.ERRAND_IDENTIFY, None, "")
    assert after(asked, "back").screen is Screen.ERRAND_IDENTIFY


def test_the_branch_may_be_lost_in_the_middle() -> None:
    here = replace(CHECKED_HERE, numbers=frozenset({"wealth"}))
    step = after(start(marked("wealth"), here), CardRead(CARD), "service-wealth", "agree-face")
    lost = after(step, BranchLost())
    assert (lost.screen, lost.check) == (Screen.IDENTITY, step.check)
    assert ticket_wish(lost, CheckEnded("face")).identity == "face"
