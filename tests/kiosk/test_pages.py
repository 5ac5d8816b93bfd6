"""What stands on each screen, in reading order and in every language: title, notice, texts, choices, foot."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.journey.step import Comfort, Entry as Typed, Paper, Screen, Step
from kiosk.screens.page import Choice, Entry, Number, Picture, Qr, Role, Sheet
from tests.kiosk.played import EN, WORDS, choices, keys, reading, seen
from tests.kiosk.states import (
    AWAY_HERE,
    HERE,
    LONG_KIOSK,
    STATES,
    at,
    offer,
    printed,
    ticket,
)

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
everywhere = pytest.mark.parametrize("step", STATES.values(), ids=STATES)
TAKEN = Paper.TAKEN_FROM_PRINTER
CARDS = {"zh-Hans": "银行卡与账户", "zh-Hant": "銀行卡與賬戶", "en": "Cards and accounts"}


def read(step: Step, language: str) -> list[str]:
    return reading(seen(replace(step, language=language)).page)


# --- the ticket, in its special cases ---------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_says_its_number_the_service_the_place_and_what_to_do(language: str) -> None:
    say = WORDS[language]
    assert read(printed(TAKEN), language) == [
        *(say("ticket.take"), say("ticket.yours"), "A012", CARDS[language]),
        *(say("ticket.ahead"), say("ticket.ahead.count", count=12)),
        *(say("ticket.wait"), say("ticket.wait.range", low=5, high=19)),
        *(say("ticket.seat"), say("done"), say("ticket.back_in", seconds=14)),
    ]


APPOINTMENTS = {20: "ticket.early", 3: "ticket.on_time", -12: "ticket.late"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("early", APPOINTMENTS)
def test_an_appointment_says_after_its_service_whether_it_is_early_or_late(
    early: int, language: str
) -> None:
    said = {key: WORDS[language](key, minutes=20) for key in APPOINTMENTS.values()}
    lines = read(printed(TAKEN, early_min=early), language)
    assert lines[3:5] == [CARDS[language], said[APPOINTMENTS[early]]]
    assert [line for line in lines if line in said.values()] == lines[4:5]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offline_number_promises_no_place_and_no_wait(language: str) -> None:
    say = WORDS[language]
    assert read(printed(TAKEN, in_advance=True, here=AWAY_HERE), language) == [
        *(say("ticket.take"), say("ticket.yours"), "A012", CARDS[language]),
        *(say("ticket.in_advance"), say("ticket.seat")),
        *(say("done"), say("ticket.back_in", seconds=14)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_paper_the_number_is_the_ticket_and_a_phone_can_keep_it(language: str) -> None:
    say = WORDS[language]
    step = printed(Paper.NONE)
    lines = read(step, language)
    assert lines[:3] == [say("ticket.no_paper"), say("ticket.yours"), "A012"]
    link = f"http://branch/t/{ticket().id}"
    assert lines[-4:-2] == [link, say("ticket.no_paper.hint")]
    notice = seen(step).page.notice
    assert notice is not None
    assert notice.warning
    assert not notice.good


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_said_to_know_of_missing_paper_while_the_branch_is_away(language: str) -> None:
    lines = read(printed(Paper.NONE, in_advance=True, here=AWAY_HERE), language)
    assert lines[0] == WORDS[language]("ticket.no_paper.untold")


@pytest.mark.parametrize("language", LANGUAGES)
def test_paper_elsewhere_is_said_first(language: str) -> None:
    said = WORDS[language]("ticket.paper_at", kiosk=LONG_KIOSK)
    assert read(STATES["ticket-paper-at"], language)[0] == said


def test_while_the_paper_is_printed_nothing_of_it_is_promised() -> None:
    notice = seen(STATES["ticket-printing"]).page.notice
    assert notice is not None
    assert (notice.waiting, notice.good, notice.warning) == (True, False, False)
    assert notice.text == WORDS["zh-Hans"]("ticket.printing")


def test_a_wait_that_is_not_known_and_one_of_nothing_are_said_as_such() -> None:
    assert EN("ticket.wait.unknown") in read(STATES["ticket-no-estimate"], "en")
    assert EN("ticket.wait.none") in read(STATES["ticket-printing"], "en")


def test_a_service_that_the_branch_no_longer_has_is_named_by_its_code() -> None:
    assert "safe-deposit" in read(printed(TAKEN, ticket(service="safe-deposit")), "en")


# --- closed until -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_says_until_when(language: str) -> None:
    say, china = WORDS[language], timezone(timedelta(hours=8))
    closed = at(Screen.WELCOME, offer=offer(is_open=False))
    for opening, said in (
        (datetime(2026, 11, 26, 19, tzinfo=china), say("when.today", time="19:00")),
        (datetime(2026, 11, 27, 9, tzinfo=china), say("when.tomorrow", time="09:00")),
        (datetime(2026, 12, 1, 9, tzinfo=china), say("when.later", day=1, month=12, time="09:00")),
    ):
        lines = read(replace(closed, here=replace(HERE, opening=opening)), language)
        assert lines[:2] == [say("welcome.closed_title"), say("welcome.closed_until", time=said)]


# --- every screen -----------------------------------------------------------------------------------


@everywhere
def test_every_screen_says_something_in_every_language_and_nothing_is_left_to_fill_in(
    step: Step,
) -> None:
    for language in WORDS:
        lines = read(step, language)
        assert lines
        assert not [line for line in lines if "{" in line or line != line.strip()]


@everywhere
def test_every_screen_has_a_title_but_the_ticket_whose_number_is_it(step: Step) -> None:
    page = seen(step).page
    assert page.screen is step.screen
    if step.screen is Screen.TICKET:
        assert isinstance(page.blocks[0], Number)
    else:
        assert page.title


@everywhere
def test_whoever_does_not_want_to_go_on_finds_the_way_back_at_the_foot(step: Step) -> None:
    foot = [one.key for one in seen(step).page.foot]
    if step.screen in (Screen.WELCOME, Screen.AWAY):
        assert foot == []
    else:
        assert foot[0] in ("back", "done")
        assert len(foot) <= 3


@everywhere
def test_one_thing_per_screen_is_what_nearly_everybody_wants(step: Step) -> None:
    main = [
        one for one in (*seen(step).page.choices, *seen(step).page.foot) if one.role is Role.MAIN
    ]
    assert len(main) <= 1


@everywhere
def test_whoever_cannot_see_hears_what_is_only_drawn(step: Step) -> None:
    """A choice without words has some to be spoken; a number is spoken letter by letter."""
    for one in choices(seen(step)):
        assert isinstance(one, Choice)
        assert one.text or one.spoken
    for block in seen(step).page.blocks:
        if isinstance(block, Number):
            assert block.spoken.replace(" ", "") == block.text
            assert len(block.spoken.split(" ")) == len(block.text)


@everywhere
def test_languages_the_access_and_a_person_stand_in_the_same_order_everywhere(step: Step) -> None:
    bar = [one.key for one in seen(step).bar]
    staff = step.screen in (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)
    expected = ["language-zh-Hans", "language-zh-Hant", "language-en"]
    assert bar == expected + ([] if staff else ["access", "help"])


@everywhere
def test_no_icon_is_a_secret_and_no_code_leads_elsewhere(step: Step) -> None:
    blocks = seen(step).page.blocks
    assert all(block.icons for block in blocks if isinstance(block, Picture))
    for block in blocks:
        if isinstance(block, Qr):
            assert block.data.startswith("http://branch/t/")
            assert block.caption


def test_what_is_typed_is_shown_but_never_a_pin() -> None:
    shown = {
        name: block
        for name in ("check-in-wrong", "rate-find-8", "staff-pin")
        for block in seen(STATES[name]).page.blocks
        if isinstance(block, Entry)
    }
    assert {name: (one.text, one.masked, one.wrong) for name, one in shown.items()} == {
        "check-in-wrong": ("20031", False, True),
        "rate-find-8": ("H0", False, True),
        "staff-pin": ("24", True, False),
    }


def test_digits_stand_as_on_a_telephone_and_the_branchs_letters_come_before_them() -> None:
    pad = [*(f"key-{n}" for n in "123456789"), "backspace", "key-0", "enter"]
    assert keys(STATES["check-in"])[:13] == [*pad, "back"]
    letters = [f"key-{letter}" for letter in "ABCDEFGH"]
    assert keys(replace(STATES["rate-find-8"], entry=Typed()))[:9] == [*letters, "back"]
    assert keys(STATES["rate-find-8"])[:13] == [*pad, "back"]


def test_the_sheet_shows_what_has_been_written() -> None:
    [sheet] = [b for b in seen(STATES["opinion-say-written"]).page.blocks if isinstance(b, Sheet)]
    assert sheet.strokes == STATES["opinion-say-written"].writing


def test_the_question_for_more_time_lies_over_the_screen_and_counts_down() -> None:
    step = replace(STATES["services-more-time"], language="en")
    over = seen(step).over
    assert over is not None
    assert reading(over) == [
        EN("more_time.title"),
        EN("more_time.text", seconds=15),
        EN("more_time.yes"),
        EN("more_time.no"),
    ]
    assert keys(step) == ["more-time", "finish"]


def test_the_frame_names_the_bank_the_branch_the_time_and_the_page_of_choices() -> None:
    shown = seen(
        replace(STATES["services-8"], turned={Screen.SERVICES: 4}, comfort=Comfort(large=True))
    )
    assert (shown.bank, shown.branch, shown.clock) == ("Bank", "Branch", "18:08")
    assert (shown.more, shown.first) == (WORDS["zh-Hans"]("page.more"), 4)
