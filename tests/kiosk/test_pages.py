"""What stands on each screen, in reading order and in every language: title, notice, texts, choices, foot."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from kiosk.journey.step import Comfort, Paper, Screen, Step
from kiosk.screens.page import Choice, Entry, Number, Picture, Qr, Role, Sheet
from tests.kiosk.played import WORDS, choices, keys, reading, seen
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
NUMBER = {"zh-Hans": "您的号码", "zh-Hant": "您的號碼", "en": "Your number"}
CARDS = {"zh-Hans": "银行卡与账户", "zh-Hant": "銀行卡與賬戶", "en": "Cards and accounts"}
SEAT = {
    "zh-Hans": "请到等候区就座，留意屏幕和叫号",
    "zh-Hant": "請到等候區就座，留意螢幕和叫號",
    "en": "Take a seat and watch the screen for your number",
}
TAKE = {"zh-Hans": "请取走您的号票", "zh-Hant": "請取走您的號票", "en": "Please take your ticket"}
DONE = {
    "zh-Hans": ["完成", "14 秒后返回首页"],
    "zh-Hant": ["完成", "14 秒後返回首頁"],
    "en": ["Done", "Back to the start in 14 s"],
}
AHEAD = {
    "zh-Hans": ["前面等候", "12 人", "预计等候", "5–19 分钟"],
    "zh-Hant": ["前面等候", "12 人", "預計等候", "5–19 分鐘"],
    "en": ["Ahead of you", "12", "Estimated wait", "5–19 min"],
}


def read(step: Step, language: str) -> list[str]:
    return reading(seen(replace(step, language=language)).page)


# --- the ticket, in its special cases ---------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_says_its_number_the_service_the_place_and_what_to_do(language: str) -> None:
    assert read(printed(TAKEN), language) == [
        *(TAKE[language], NUMBER[language], "A012", CARDS[language]),
        *(*AHEAD[language], SEAT[language], *DONE[language]),
    ]


APPOINTMENTS = {
    20: {
        "zh-Hans": "您来早了约 20 分钟，请先休息，到时会叫您的号",
        "zh-Hant": "您來早了約 20 分鐘，請先休息，到時會叫您的號",
        "en": "You are about 20 min early. Please take a seat, we will call you in time",
    },
    3: {
        "zh-Hans": "您很准时，我们很快叫您",
        "zh-Hant": "您很準時，我們很快叫您",
        "en": "You are right on time. We will call you soon",
    },
    -12: {
        "zh-Hans": "没关系，您的预约仍然有效，我们会尽快叫您",
        "zh-Hant": "沒關係，您的預約仍然有效，我們會盡快叫您",
        "en": "No problem: your appointment still counts. We will call you as soon as we can",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("early", APPOINTMENTS)
def test_an_appointment_says_after_its_service_whether_it_is_early_or_late(
    early: int, language: str
) -> None:
    lines = read(printed(TAKEN, early_min=early), language)
    assert lines[3:5] == [CARDS[language], APPOINTMENTS[early][language]]
    assert [line for line in lines if line in APPOINTMENTS[early].values()] == lines[4:5]


@pytest.mark.parametrize(
    ("language", "place"),
    [
        ("zh-Hans", "现在无法预计等候时间，我们会按取号先后叫号"),
        ("zh-Hant", "現在無法預計等候時間，我們會按取號先後叫號"),
        ("en", "We cannot tell the wait now. You will be called in the order of arrival"),
    ],
)
def test_an_offline_number_promises_no_place_and_no_wait(language: str, place: str) -> None:
    lines = read(printed(TAKEN, in_advance=True, here=AWAY_HERE), language)
    assert lines == [
        *(TAKE[language], NUMBER[language], "A012", CARDS[language]),
        *(place, SEAT[language], *DONE[language]),
    ]


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_without_paper_the_number_is_the_ticket_and_a_phone_can_keep_it(language: str) -> None:
    say = WORDS[language]
    step = printed(Paper.NONE)
    lines = read(step, language)
    assert lines[:3] == [say("ticket.no_paper"), NUMBER[language], "A012"]
    link = f"http://branch/t/{ticket().id}"
    assert lines[-4:-2] == [link, say("ticket.no_paper.hint")]
    notice = seen(step).page.notice
    assert notice is not None
    assert notice.warning
    assert not notice.good


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("zh-Hans", "号票没有打印出来，但号码仍然有效"),
        ("zh-Hant", "號票沒有列印出來，但號碼仍然有效"),
        ("en", "No paper came out, but your number is valid"),
    ],
)
def test_nobody_is_said_to_know_of_missing_paper_while_the_branch_is_away(
    language: str, first: str
) -> None:
    assert read(printed(Paper.NONE, in_advance=True, here=AWAY_HERE), language)[0] == first


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("zh-Hans", f"此处没有打印，号票将在 {LONG_KIOSK} 打印"),
        ("zh-Hant", f"此處沒有列印，號票將在 {LONG_KIOSK} 列印"),
        ("en", f"No paper here: your paper ticket comes out at {LONG_KIOSK}"),
    ],
)
def test_paper_elsewhere_is_said_first(language: str, first: str) -> None:
    assert read(STATES["ticket-paper-at"], language)[0] == first


def test_while_the_paper_is_printed_nothing_of_it_is_promised() -> None:
    notice = seen(STATES["ticket-printing"]).page.notice
    assert notice is not None
    assert (notice.waiting, notice.good, notice.warning) == (True, False, False)
    assert notice.text == "正在打印号票，请稍候…"


def test_a_wait_that_is_not_known_and_one_of_nothing_are_said_as_such() -> None:
    assert "No estimate yet" in read(STATES["ticket-no-estimate"], "en")
    assert "At once" in read(STATES["ticket-printing"], "en")


def test_a_service_that_the_branch_no_longer_has_is_named_by_its_code() -> None:
    assert "safe-deposit" in read(printed(TAKEN, ticket(service="safe-deposit")), "en")


# --- closed until -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title", "today", "tomorrow", "later"),
    [
        ("zh-Hans", "现在不办理业务", "今天 19:00", "明天 09:00", "12 月 1 日 09:00"),
        ("zh-Hant", "現在不辦理業務", "今天 19:00", "明天 09:00", "12 月 1 日 09:00"),
        ("en", "We are closed now", "today 19:00", "tomorrow 09:00", "1/12 09:00"),
    ],
)
def test_closed_says_until_when(
    language: str, title: str, today: str, tomorrow: str, later: str
) -> None:
    china = timezone(timedelta(hours=8))
    closed = at(Screen.WELCOME, offer=offer(is_open=False))
    for opening, said in (
        (datetime(2026, 11, 26, 19, tzinfo=china), today),
        (datetime(2026, 11, 27, 9, tzinfo=china), tomorrow),
        (datetime(2026, 12, 1, 9, tzinfo=china), later),
    ):
        lines = read(replace(closed, here=replace(HERE, opening=opening)), language)
        assert lines[0] == title
        assert said in lines[1]


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


def test_keys_stand_as_on_a_telephone_after_the_letters_with_which_a_number_begins() -> None:
    telephone = [*(f"key-{n}" for n in "123456789"), "backspace", "key-0", "enter"]
    assert keys(STATES["check-in"])[:12] == telephone
    assert keys(STATES["rate-find-8"])[:12] == telephone
    letters = [f"key-{letter}" for letter in "ABCDEFGH"]
    empty = replace(STATES["rate-find-8"], entry=replace(STATES["rate-find"].entry, text=""))
    assert keys(empty)[:9] == [*letters, "back"]


def test_the_sheet_shows_what_has_been_written() -> None:
    [sheet] = [b for b in seen(STATES["opinion-say-written"]).page.blocks if isinstance(b, Sheet)]
    assert sheet.strokes == STATES["opinion-say-written"].writing


def test_the_question_for_more_time_lies_over_the_screen_and_counts_down() -> None:
    step = replace(STATES["services-more-time"], language="en")
    over = seen(step).over
    assert over is not None
    assert reading(over) == [
        "Do you need more time?",
        "In 15 s this will be cleared for your privacy",
        "Yes, I am still here",
        "No, I have finished",
    ]
    assert keys(step) == ["more-time", "finish"]


def test_the_frame_names_the_bank_the_branch_the_time_and_the_page_of_choices() -> None:
    shown = seen(replace(STATES["services-8"], first=4, comfort=Comfort(large=True)))
    assert (shown.bank, shown.branch, shown.clock) == ("Bank", "Branch", "18:08")
    assert (shown.more, shown.first) == ("更多", 4)
