"""What is said of every screen, in every language: all of it, in the same order, and never what is secret."""

from dataclasses import replace

import pytest

from kiosk.journey.step import Entry, Screen
from kiosk.screens.page import Choice, Frame
from kiosk.speech.reading import Reading, read
from tests.kiosk.speech.framing import WORDS, framed
from tests.kiosk.states import LINK, STATES

EN = WORDS["en"]
every_screen = pytest.mark.parametrize("state", STATES)
every_language = pytest.mark.parametrize("language", WORDS)


def reading(state: str, language: str) -> Reading:
    return read(framed(STATES[state], language), WORDS[language])


def texts(read_out: Reading) -> list[str]:
    of_items = [text for item in read_out.items for text in (*item.said, *item.state)]
    return [*read_out.opening, *of_items]


def touchable(frame: Frame) -> list[Choice]:
    if frame.over:
        return [*frame.over.choices, *frame.over.foot]
    return [*frame.page.choices, *frame.page.foot, *frame.bar]


def test_every_screen_has_a_state_here() -> None:
    assert {step.screen for step in STATES.values()} == set(Screen)


@every_language
@every_screen
def test_everything_to_touch_is_read_in_the_order_of_the_page_and_does_the_same(
    state: str, language: str
) -> None:
    items = [item for item in reading(state, language).items if item.key != "entry"]
    choices = touchable(framed(STATES[state], language))
    assert [(i.key, i.does) for i in items] == [(c.key, c.does) for c in choices]


@every_language
@every_screen
def test_every_choice_is_called_what_stands_on_it(state: str, language: str) -> None:
    read_out = reading(state, language)
    for choice in touchable(framed(STATES[state], language)):
        item = read_out.item(choice.key)
        assert item is not None
        assert item.said[0] == (choice.spoken or choice.text)


@every_language
@every_screen
def test_no_text_is_empty(state: str, language: str) -> None:
    said = texts(reading(state, language))
    assert said
    assert all(text.strip() for text in said)


@every_language
@every_screen
def test_nothing_that_is_only_for_cameras_is_said(state: str, language: str) -> None:
    assert not [text for text in texts(reading(state, language)) if LINK in text]


@every_language
def test_a_pin_changes_nothing_in_what_is_said(language: str) -> None:
    def said(pin: str) -> Reading:
        step = replace(STATES["staff-pin"], entry=Entry(pin))
        return read(framed(step, language), WORDS[language])

    pin = "9137"
    assert said(pin) == said("0000")
    assert said(pin).typed == (WORDS[language]("speech.star"),) * 4
    assert not [text for text in texts(said(pin)) if pin in text or " ".join(pin) in text]


@every_language
@every_screen
def test_what_cannot_be_had_says_so_and_the_rest_does_not(state: str, language: str) -> None:
    closed = WORDS[language]("speech.closed")
    for item in reading(state, language).items:
        if item.key != "entry":
            assert (closed in item.said) == (item.does is None)


@every_language
def test_the_number_is_said_letter_by_letter(language: str) -> None:
    assert "A 0 1 2" in reading("ticket-paper", language).opening


def test_a_ticket_is_read_from_its_step_to_its_choices() -> None:
    assert reading("ticket-no-paper", "en").opening == (
        EN("step", step=2, steps=2),
        EN("ticket.no_paper"),
        EN("ticket.yours"),
        "A 0 1 2",
        "Cards and accounts",
        "Ahead of you: 12",
        "Estimated wait: 5 to 19 min",
        EN("ticket.no_paper.hint"),
        EN("speech.choices", count=6),
    )


def test_what_was_chosen_and_what_to_bring_are_read_before_the_choices() -> None:
    assert reading("errand-confirm", "en").opening[-8:] == (
        "Service: Ask for a loan",
        "Your choice: A home",
        "Identity: Card read",
        EN("errand.papers"),
        "A valid ID",
        "Proof of income, or statements of six months",
        "The contract of the home or car",
        EN("speech.choices", count=7),
    )


def test_a_service_is_read_with_its_queue_and_its_place() -> None:
    said = [item.said for item in reading("services-8", "en").items]
    assert said[0] == ("Cash", EN("services.ahead.none"), "1 of 15")
    assert said[2] == (
        "Wealth and funds",
        EN("services.ahead", count=12),
        EN("services.wait.one", high="5 to 19"),
        "3 of 15",
    )
    assert said[7] == (
        "Seniors and special care",
        EN("services.closed"),
        EN("speech.closed"),
        "8 of 15",
    )


@every_language
@every_screen
def test_the_places_count_what_the_opening_counted(state: str, language: str) -> None:
    words, read_out = WORDS[language], reading(state, language)
    count = len([item for item in read_out.items if item.key != "entry"])
    assert read_out.opening[-1] == words("speech.choices", count=count)
    assert read_out.items[-1].said[-1] == words("speech.item", number=count, count=count) or (
        read_out.items[-1].key.startswith("language")
    )


def test_several_that_may_be_chosen_say_whether_they_are() -> None:
    said = {item.key: item.said for item in reading("opinion-say", "en").items}
    assert said["sentence-waiting-1"][:2] == ("I could not hear my number", "chosen")
    assert "chosen" not in said["sentence-waiting-0"]
    access = {item.key: item.said for item in reading("access", "en").items}
    assert access["speech"][:2] == (EN("access.speech"), EN("access.off"))


def test_the_whole_entry_can_be_heard() -> None:
    assert reading("check-in-wrong", "en").items[0].said == (EN("speech.typed", text="2 0 0 3 1"),)
    assert reading("check-in", "en").items[0].said == (EN("speech.empty"),)


def test_the_question_for_more_time_is_read_alone() -> None:
    read_out = reading("services-more-time", "en")
    assert read_out.opening[0] == EN("more_time.title")
    assert [item.key for item in read_out.items] == ["more-time", "finish"]
    assert read_out.place != reading("services-4", "en").place


def test_writing_with_a_finger_is_only_mentioned() -> None:
    read_out = reading("opinion-say-written", "en")
    assert EN("opinion.write") in read_out.opening
    assert "sheet" not in {item.key for item in read_out.items}
