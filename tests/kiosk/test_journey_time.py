"""How long each screen waits for its customer, what it asks before it is cleared, and what never times out."""

import pytest

from kiosk.journey.events import (
    AppointmentShown,
    AppointmentUnknown,
    CardRead,
    HelpTold,
    LanguageChosen,
    MoreTime,
    NotTaken,
    OpinionTaken,
    PaperElsewhere,
    PaperTold,
    PinJudged,
    Rated,
    ServicesKnown,
    StaffAsked,
    Tick,
    TicketRefused,
    VisitFound,
    VisitUnknown,
)
from kiosk.journey.patience import seconds_left, warned
from kiosk.journey.step import Help, Screen, Step
from tests.kiosk.played import ISSUED, RULES, ZH, after, keys, play, reading, seen, silence, start
from tests.kiosk.states import CARD, offer, visit

START = start()
SERVICES = after(START, "begin")
TICKET = after(SERVICES, "service-cash", ISSUED)
ID = ISSUED.ticket.id
ON_SCREENS = {
    "services": SERVICES,
    "check in": after(START, "check-in", "key-2"),
    "errand": after(START, "errand-loan", CardRead(CARD)),
    "rating": after(START, "rate", "key-A"),
    "opinion": after(START, "opinion", "topic-hall"),
    "access": after(START, "access"),
    "maintenance": after(START, StaffAsked()),
}
everywhere = pytest.mark.parametrize("step", ON_SCREENS.values(), ids=ON_SCREENS)


@everywhere
def test_after_60_seconds_it_is_asked_for_30_more_and_then_cleared(step: Step) -> None:
    assert seen(after(step, 59)).over is None
    asked = after(step, 60)
    over = seen(asked).over
    assert over is not None
    assert reading(over)[:2] == [ZH("more_time.title"), ZH("more_time.text", seconds=30)]
    assert after(step, 89.9).screen is step.screen
    assert after(step, 90) == after(START, 90, MoreTime())  # as nobody had been there


@everywhere
def test_more_time_gives_the_whole_of_it_again_and_without_end(step: Step) -> None:
    for _ in range(20):
        step = after(step, 85)
        assert warned(step, RULES)
        given = after(step, "more-time")
        assert not warned(given, RULES)
        assert seconds_left(given, RULES) == 90
        step = given


@everywhere
def test_who_has_finished_says_so_and_is_forgotten_at_once(step: Step) -> None:
    assert keys(after(step, 61)) == ["more-time", "finish"]
    assert after(step, 61, "finish") == after(START, 61, MoreTime())


@pytest.mark.parametrize("how", ["large", "speech"])
@everywhere
def test_those_who_need_it_have_120_seconds_before_they_are_asked(step: Step, how: str) -> None:
    if step.screen is Screen.STAFF_PIN:
        return
    slow = step if step.screen is Screen.ACCESS else after(step, "access")
    slow = after(slow, how)
    if step.screen is not Screen.ACCESS:
        slow = after(slow, "done")
    assert not warned(after(slow, 119), RULES)
    assert warned(after(slow, 120), RULES)
    assert after(slow, 149.9).screen is slow.screen
    assert after(slow, 150).screen is Screen.WELCOME


def test_any_touch_and_what_is_shown_give_the_whole_time_again() -> None:
    for event in (LanguageChosen("en"), CardRead(CARD), "priority", "help"):
        step = after(SERVICES, 59, event)
        assert seconds_left(step, RULES) == 90


def test_what_the_branch_says_by_itself_gives_nobody_more_time() -> None:
    step = after(SERVICES, 59, ServicesKnown(offer()), HelpTold(Help.COMING))
    assert seconds_left(step, RULES) == 31


@pytest.mark.parametrize(
    ("outcome", "how", "patience"),
    [
        ("confirmed", (), 15),
        ("failed", (), 60),
        ("indeterminate", (), 60),
        ("", (), 60),
        ("confirmed", ("access", "large", "done"), 30),
        ("failed", ("access", "large", "done"), 120),
        ("confirmed", ("access", "speech", "done"), 120),
        ("failed", ("access", "speech", "done"), 120),
    ],
)
def test_the_ticket_goes_by_itself_and_later_without_paper_or_for_those_who_need_it(
    outcome: str, how: tuple[str, ...], patience: int
) -> None:
    step = after(TICKET, *how)
    if outcome:
        step = after(step, 5, PaperTold(ID, outcome, ""))
    assert seconds_left(step, RULES) == patience
    assert ZH("ticket.back_in", seconds=patience) in reading(seen(step).page)
    last = after(step, patience - 0.5)
    assert last.screen is Screen.TICKET
    assert seen(last).over is None  # nothing is asked there
    assert after(last, 0.5).screen is Screen.WELCOME


def test_the_thanks_go_by_themselves() -> None:
    rated = after(START, "rate", "key-A", "enter", VisitFound(visit()), "score-5", "next", Rated())
    assert silence(rated) == 15


def test_the_start_in_another_language_turns_back_by_itself() -> None:
    step = after(START, "language-en", 89)
    assert step.language == "en"
    assert after(step, 1).language == "zh-Hans"
    assert seconds_left(START, RULES) is None


WAITING: dict[str, tuple[tuple, object]] = {
    "ticket": (("begin", "service-cash"), TicketRefused("service-closed")),
    "code": ((AppointmentShown("cash", "R-1"),), TicketRefused()),
    "number": (("check-in", "key-1", "enter"), AppointmentUnknown("1")),
    "card": (("check-in", CardRead(CARD)), NotTaken(asked=CARD.token)),
    "visit": (("rate", "key-A", "key-1", "enter"), VisitUnknown()),
    "rating": (
        ("rate", "key-A", "key-1", "enter", VisitFound(visit()), "score-5", "next"),
        NotTaken(),
    ),
    "opinion": (("opinion", "topic-hall", "sentence-hall-0", "next"), NotTaken("no")),
    "errand": (("errand-company", "choice-sole", "next"), TicketRefused()),
    "pin": ((StaffAsked(), "key-1", "enter"), PinJudged(right=False)),
}
waiting = pytest.mark.parametrize(("story", "answer"), WAITING.values(), ids=WAITING)


@waiting
def test_nothing_times_out_while_an_answer_is_awaited(story: tuple, answer: object) -> None:
    step = after(START, *story)
    assert step.asking
    later = after(step, 600, Tick(step.at + 3000))
    assert (later.screen, later.asking, seen(later).over) == (step.screen, True, None)
    assert seen(later).page.notice is not None


@waiting
def test_meanwhile_the_language_and_a_person_can_be_had(story: tuple, answer: object) -> None:
    step = after(START, *story)
    other = after(step, "language-en")
    assert (other.asking, other.language) == (True, "en")
    if "help" in keys(step):
        assert after(step, "help").help is Help.ASKING


@waiting
def test_an_answer_after_a_long_wait_can_be_read_in_peace(story: tuple, answer: object) -> None:
    step = after(START, *story, 300, answer)
    assert not step.asking
    assert seconds_left(step, RULES) == 90
    assert seen(step).page.notice is not None


def test_an_opinion_recorded_after_a_long_wait_can_be_read_in_peace() -> None:
    story = WAITING["opinion"][0]
    assert silence(after(START, *story, 300, OpinionTaken("S001", "x"))) == 15


def test_news_of_the_paper_gives_time_to_read_them() -> None:
    step = after(TICKET, 50, PaperTold(ID, "failed", "paperOut"))
    assert seconds_left(step, RULES) == 60
    step, _ = play(step, 50, PaperElsewhere(ID, "kiosk-2"))
    assert seconds_left(step, RULES) == 60
