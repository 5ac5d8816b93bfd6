"""Whole journeys by a finger through X, in each of the three languages; between them nothing of a customer stays.

Real programs and wires of bytes, as in test_walk.py; what can be touched, and where, the kiosk's outline tells. The
tests of this file tell one story and run in order.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from demo import appointments
from kiosk import words
from tests.conftest import wait_for
from tests.whole_branch.conftest import WholeBranch
from tests.whole_branch.test_walk import await_events, await_welcome

IDLE_S, WARNING_S = 5, 20
FIRST_LANGUAGE = "zh-Hans"
HANS, HANT, ENGLISH = (words.load(language) for language in ("zh-Hans", "zh-Hant", "en"))
BOOKED = "2002"  # the demo's appointment at this minute, for wealth


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeBranch]:
    folder = tmp_path_factory.mktemp("branch")
    appointments.write(folder / "appointments.csv", datetime.now(ZoneInfo("Asia/Shanghai")))
    whole = WholeBranch(folder, {"idle_s": IDLE_S, "warning_s": WARNING_S})
    yield whole
    whole.end()


def await_screen(branch: WholeBranch, screen: str) -> None:
    wait_for(lambda: branch.shown.screen == screen, f"the screen '{screen}'", 20)


def await_text(branch: WholeBranch, text: str) -> None:
    wait_for(lambda: any(text in one for one in branch.shown.texts), f"'{text}' on the screen", 20)


def await_help(branch: WholeBranch, text: str) -> None:
    wait_for(lambda: branch.shown.text("help") == text, f"'{text}' in the bar")


def ticket(branch: WholeBranch, count: int) -> dict[str, Any]:
    """The newest of so many, as the branch has it."""
    issued = await_events(branch, "TicketIssued", count)[-1]
    return dict(branch.http.get(f"/api/v1/tickets/{issued['ticket']}").raise_for_status().json())


def press(branch: WholeBranch, path: str, said: dict[str, str] | None = None) -> Any:
    answer = branch.http.post(f"/api/v1/{path}", json=said).raise_for_status()
    return answer.json() if answer.content else None


def nothing_is_left_of(branch: WholeBranch, *said: str) -> None:
    """The next customer finds the first language and a screen like any other."""
    shown = branch.shown
    assert (shown.screen, shown.language, shown.asked) == ("welcome", FIRST_LANGUAGE, False)
    assert not [text for text in shown.texts if any(word in text for word in said)]
    assert shown.text("help") == HANS("bar.help.none")


# --- simplified Chinese: an errand, and a person -------------------------------------------------


def test_an_errand_begun_with_an_id_card_is_known_to_the_teller_who_calls_it(
    branch: WholeBranch,
) -> None:
    await_welcome(branch)
    branch.touch("errand-loan")
    await_screen(branch, "errand_identify")
    branch.machines["id_card"].say("present resident")
    await_screen(branch, "errand_choose")
    branch.machines["id_card"].say("remove")
    branch.touch("choice-home")
    await_text(branch, "购房、购车合同或营业执照")
    branch.touch("next")
    label = ticket(branch, 1)["label"]
    await_text(branch, label)
    await_events(branch, "TicketPrinted", 1)
    assert "近六个月银行流水" in branch.printer.truth("paper")[-1]["text"]
    called = press(branch, "counters/3/call-next")
    for seen in (called, ticket(branch, 1)):
        assert (seen["label"], seen["service"], seen["state"]) == (label, "wealth", "called")
        errand = seen["errand"]
        assert (errand["code"], errand["choice"]["zh-Hans"]) == ("loan", "购房")
        assert errand["identified"] is True


def test_a_person_who_is_called_comes(branch: WholeBranch) -> None:
    branch.touch("help")
    await_help(branch, HANS("bar.help.asked"))
    [wanted] = branch.http.get("/api/v1/queues").json()["help_wanted"]
    assert wanted["kiosk"] == "kiosk-1"
    press(branch, "kiosks/kiosk-1/help/coming", {"counter": "3"})
    await_help(branch, HANS("bar.help.coming"))
    press(branch, "kiosks/kiosk-1/help/done", {"counter": "3"})
    await_help(branch, HANS("bar.help.none"))
    press(branch, "counters/3/start")
    press(branch, "counters/3/finish")
    label = ticket(branch, 1)["label"]
    if branch.shown.screen == "ticket":
        branch.leave()
    nothing_is_left_of(branch, label, "购房")


# --- traditional Chinese: an appointment, and a rating -------------------------------------------


def test_an_appointment_is_found_by_the_number_that_was_typed(branch: WholeBranch) -> None:
    branch.touch("language-zh-Hant")
    branch.touch("check-in")
    await_screen(branch, "check_in")
    branch.type(BOOKED)
    checked_in = ticket(branch, 2)
    assert (checked_in["service"], checked_in["segment"]) == ("wealth", "appointment")
    assert checked_in["language"] == "zh-Hant"
    await_text(branch, checked_in["label"])
    await_events(branch, "TicketPrinted", 2)
    press(branch, "counters/3/call-next")
    press(branch, "counters/3/start")
    press(branch, "counters/3/finish")
    branch.leave()
    nothing_is_left_of(branch, checked_in["label"], BOOKED)


def test_a_visit_that_is_over_is_rated_by_its_number(branch: WholeBranch) -> None:
    label = ticket(branch, 2)["label"]
    branch.touch("language-zh-Hant")
    branch.touch("rate")
    await_screen(branch, "rate_find")
    branch.type(label)
    await_screen(branch, "rate_score")
    branch.touch("score-4")
    branch.touch("reason-friendly")
    branch.touch("next")
    [rated] = await_events(branch, "TicketRated", 1)
    assert (rated["label"], rated["score"], rated["reasons"]) == (label, 4, ["friendly"])
    await_text(branch, HANT("thanks.title"))
    branch.leave()
    nothing_is_left_of(branch, label)


# --- English: the language in the middle, more time, a suggestion; then silence -----------------


def test_the_language_is_switched_in_the_middle_and_more_time_is_given_and_the_step_stays(
    branch: WholeBranch,
) -> None:
    branch.touch("opinion")
    branch.touch("topic-hall")
    branch.touch("sentence-seats")
    branch.touch("language-en")
    await_text(branch, "There are not enough seats")
    wait_for(lambda: branch.shown.asked, "the question for more time", 3 * IDLE_S)
    await_text(branch, ENGLISH("more_time.title"))
    assert branch.shown.place("sentence-seats") is None
    branch.touch("more-time")
    wait_for(lambda: not branch.shown.asked, "the question to go")
    shown = branch.shown
    assert (shown.screen, shown.language) == ("opinion_say", "en")
    assert (shown.chosen("sentence-seats"), shown.chosen("sentence-dirty")) == (True, False)
    branch.touch("next")
    await_screen(branch, "thanks")
    [given] = await_events(branch, "OpinionGiven", 1)
    await_text(branch, str(given["label"]))


def test_a_suggestion_has_its_page_and_after_silence_the_next_finds_a_new_start(
    branch: WholeBranch, page: Page
) -> None:
    branch.leave()
    branch.touch("language-en")
    branch.touch("rate")
    await_text(branch, ENGLISH("rate.title"))
    branch.touch("key-A")
    branch.touch("key-7")
    await_text(branch, "A7")
    [given] = branch.events("OpinionGiven")
    page.goto(f"{branch.agent_url}/t/{given['opinion']}")
    expect(page.locator("#label")).to_have_text(str(given["label"]))
    expect(page.locator("#phrases li")).to_have_text(["There are not enough seats"])
    wait_for(lambda: branch.shown.asked, "the question for more time", 3 * IDLE_S)
    wait_for(lambda: branch.shown.screen == "welcome", "the start", 1.5 * WARNING_S)
    nothing_is_left_of(branch, "A7", ENGLISH("rate.title"), str(given["label"]))
    branch.touch("rate")
    await_screen(branch, "rate_find")
    assert "A7" not in branch.shown.texts
