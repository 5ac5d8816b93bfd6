"""What holds on every screen: the languages, how it is read, a person, going back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.journey.events import (
    BranchLost,
    ComfortTouched,
    HelpTold,
    LanguageChosen,
    PadUsed,
    ServicesKnown,
    Tick,
    TurnedOver,
    VisitFound,
)
from kiosk.journey.patience import warned
from kiosk.journey.step import Comfort, Help, Rules, Screen, Step, Theme
from kiosk.journey.wishes import CallNoPerson, CallPerson
from kiosk.screens.page import Role
from tests.kiosk.played import (
    EN,
    ISSUED,
    NAMES,
    RULES,
    WORDS,
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
from tests.kiosk.states import HERE, NONE_HERE, STATES, offer

START = start()
SERVICES = after(START, "begin")
ASKED = after(SERVICES, "service-cash")
TICKET = after(ASKED, ISSUED)
STAFF = (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)
FREE = {name: step for name, step in STATES.items() if name != "services-more-time"}
FOR_CUSTOMERS = {name: step for name, step in FREE.items() if step.screen not in STAFF}
everywhere = pytest.mark.parametrize("step", FREE.values(), ids=FREE)
for_customers = pytest.mark.parametrize("step", FOR_CUSTOMERS.values(), ids=FOR_CUSTOMERS)


# --- languages -------------------------------------------------------------------------------------


@everywhere
def test_every_language_can_be_had_on_every_screen_under_its_own_name(step: Step) -> None:
    for language, name in NAMES.items():
        assert choice(step, f"language-{language}").text == name
        other, wishes = play(step, f"language-{language}")
        assert wishes == []
        assert replace(other, language=step.language, touched_at=step.touched_at) == step
        assert other.language == language
        assert choice(other, f"language-{language}").chosen


@everywhere
def test_another_language_says_the_same_things_in_the_same_order(step: Step) -> None:
    """Also notices and errors: they are kept as keys, not as sentences."""
    pages = [seen(replace(step, language=language)).page for language in WORDS]
    assert len({page.title for page in pages}) in (1, len(pages))
    outlines = {
        (
            tuple(type(block) for block in page.blocks),
            tuple((one.key, one.does, one.chosen) for one in (*page.choices, *page.foot)),
            page.notice is not None,
        )
        for page in pages
    }
    assert len(outlines) == 1
    said = {page.notice.text for page in pages if page.notice}
    assert len(said) in (0, len(pages)) or step.told  # what staff were told is not said anew


def test_an_error_is_said_anew_in_the_language_chosen_after_it() -> None:
    step = replace(SERVICES, notice="notice.queue_full")
    assert notice(after(step, "language-en")) == EN("notice.queue_full")


# --- call a person ---------------------------------------------------------------------------------


@for_customers
def test_a_person_can_be_called_and_no_longer_on_every_screen_of_customers(step: Step) -> None:
    step = replace(step, help=Help.NONE)
    calling, wishes = play(step, "help")
    assert (calling.help, wishes) == (Help.ASKING, [CallPerson(str(step.screen))])
    assert replace(calling, help=Help.NONE, touched_at=step.touched_at) == step
    called = after(calling, HelpTold(Help.ASKED))
    assert choice(called, "help").chosen
    calm, wishes = play(called, "help")
    assert (calm.help, wishes) == (Help.NONE, [CallNoPerson()])


def test_staff_call_nobody() -> None:
    for name, step in FREE.items():
        assert ("help" in keys(step)) == (step.screen not in STAFF), name
        assert ("access" in keys(step)) == (step.screen not in STAFF), name


def test_no_more_is_said_of_the_person_than_is_known() -> None:
    step = after(START, LanguageChosen("en"))
    said = {}
    for help_ in Help:
        told = choice(replace(step, help=help_), "help")
        said[help_] = (told.text, told.chosen)
    assert said == {
        Help.NONE: (EN("bar.help.none"), False),
        Help.ASKING: (EN("bar.help.asking"), False),
        Help.ASKED: (EN("bar.help.asked"), True),
        Help.COMING: (EN("bar.help.coming"), True),
        Help.UNREACHABLE: (EN("bar.help.unreachable"), False),
    }


def test_what_the_branch_says_of_the_person_is_mirrored() -> None:
    step = after(START, ServicesKnown(offer(help_="asked")))
    assert step.help is Help.ASKED
    step = after(step, ServicesKnown(offer(help_="coming")))
    assert step.help is Help.COMING
    assert after(step, ServicesKnown(offer())).help is Help.NONE


def test_a_list_from_before_the_call_does_not_undo_it() -> None:
    step = after(START, "help", ServicesKnown(offer()))
    assert step.help is Help.ASKING
    assert after(step, HelpTold(Help.ASKED)).help is Help.ASKED


def test_what_the_branch_once_said_is_no_word_of_today() -> None:
    lost = after(START, "help", HelpTold(Help.ASKED), BranchLost())
    assert lost.screen is Screen.AWAY
    assert after(lost, ServicesKnown(offer(help_="coming"), fresh=False)).help is Help.ASKED


def test_who_cannot_be_reached_is_said_and_may_be_tried_again() -> None:
    step = after(START, "help", HelpTold(Help.UNREACHABLE))
    assert choice(step, "help").text == ZH("bar.help.unreachable")
    assert wished(step, "help") == [CallPerson("welcome")]
    assert after(step, ServicesKnown(offer())).help is Help.NONE


def test_a_call_that_was_taken_back_before_it_was_heard_stays_taken_back() -> None:
    step, wishes = play(START, "help", "help", HelpTold(Help.ASKED))
    assert (step.help, wishes) == (Help.NONE, [CallPerson("welcome"), CallNoPerson()])


def test_a_person_who_comes_is_coming_also_when_the_screen_has_gone_back_to_the_start() -> None:
    step = after(SERVICES, "help", HelpTold(Help.ASKED))
    assert after(step, "back").help is Help.ASKED
    assert after(step, 90).help is Help.ASKED
    assert after(TICKET, "help", HelpTold(Help.ASKED), "done").help is Help.ASKED
    assert after(step, BranchLost()).help is Help.ASKED


# --- how it is read and reached --------------------------------------------------------------------


def test_each_way_of_reading_is_turned_on_and_off_and_takes_effect_at_once() -> None:
    step = after(START, "access")
    for what, on in {
        "large": Comfort(large=True),
        "contrast": Comfort(theme=Theme.CONTRAST),
        "low": Comfort(low=True),
        "speech": Comfort(speech=True),
    }.items():
        turned = after(step, what)
        assert turned.comfort == on
        assert (choice(turned, what).chosen, choice(turned, what).detail) == (
            True,
            (ZH("access.on"),),
        )
        assert after(turned, what).comfort == Comfort()
        assert choice(step, what).detail == (ZH("access.off"),)


def test_only_what_this_kiosk_can_do_is_offered() -> None:
    def offered(**here: bool) -> set[str]:
        step = start(here=replace(HERE, **{"can_lower": False, "can_speak": False} | here))
        return {one.key for one in seen(after(step, "access")).page.choices}

    assert offered() == {"large", "contrast"}
    assert offered(can_lower=True) == {"large", "contrast", "low"}
    assert offered(can_speak=True) == {"large", "contrast", "speech"}


@for_customers
def test_done_leads_back_to_the_screen_from_which_it_was_opened_with_everything_kept(
    step: Step,
) -> None:
    if step.asking or step.screen is Screen.ACCESS:
        assert choice(step, "access").does is None or step.screen is Screen.ACCESS
        return
    back = after(step, "access", "large", "done")
    kept = replace(back, comfort=step.comfort, back_to=step.back_to, touched_at=step.touched_at)
    check = (
        step.check
    )  # it ends: nobody looks into the camera meanwhile; what has failed is not forgotten
    failed = check if check and (check.tried or check.over) else None
    assert kept == replace(step, check=None, failed=failed)
    assert back.comfort == Comfort(large=True)


def test_a_kiosk_in_high_contrast_from_the_start_can_be_read_in_usual_colours() -> None:
    rules = Rules("zh-Hans", 60, 15, 60, theme=Theme.CONTRAST)
    assert Comfort(theme=Theme.CONTRAST).turned("contrast", rules).theme is Theme.STANDARD
    dark = Rules("zh-Hans", 60, 15, 60, theme=Theme.DARK)
    assert Comfort(theme=Theme.CONTRAST).turned("contrast", dark).theme is Theme.DARK


def test_the_keypad_turns_speech_on_where_the_kiosk_can_speak() -> None:
    assert after(SERVICES, PadUsed()).comfort.speech
    assert after(SERVICES, PadUsed(), PadUsed()).comfort.speech
    assert not after(start(here=NONE_HERE), PadUsed()).comfort.speech


COMFORT = (ComfortTouched("large"), ComfortTouched("contrast"), ComfortTouched("low"))


@pytest.mark.parametrize("story", [("begin", "back"), ("opinion", "topic-hall", "back", "back")])
def test_whoever_goes_back_to_the_start_still_reads_as_before(story: tuple[str, ...]) -> None:
    step = after(START, "language-en", *COMFORT, *story)
    assert step.screen is Screen.WELCOME
    assert (step.language, step.comfort) == (
        "en",
        Comfort(large=True, low=True, theme=Theme.CONTRAST),
    )


def test_who_has_gone_leaves_the_kiosk_as_it_was_found() -> None:
    left = after(START, "language-en", *COMFORT, "begin", 121, "finish")
    assert (left.screen, left.language, left.comfort) == (Screen.WELCOME, "zh-Hans", Comfort())
    done = after(TICKET, "language-en", *COMFORT, "done")
    assert (done.language, done.comfort) == ("zh-Hans", Comfort())
    idle = after(START, "language-en", *COMFORT, 150)
    assert (idle.language, idle.comfort) == ("zh-Hans", Comfort())


# --- going back, turning over ----------------------------------------------------------------------


def test_back_leads_one_screen_back_and_keeps_no_notice_and_nothing_typed() -> None:
    for story, screen in {
        ("begin",): Screen.WELCOME,
        ("check-in",): Screen.WELCOME,
        ("rate",): Screen.WELCOME,
        ("opinion",): Screen.WELCOME,
        ("opinion", "topic-hall"): Screen.OPINION_TOPIC,
    }.items():
        step = after(replace(after(START, *story), notice="notice.refused"), "back")
        assert (step.screen, step.notice, step.entry.text) == (screen, "", "")


def test_further_choices_are_turned_over_and_another_screen_begins_with_the_first() -> None:
    step = after(SERVICES, TurnedOver(6))
    assert seen(step).first == 6
    assert seen(after(step, "back")).first == 0
    assert seen(after(step, "back", "begin")).first == 0
    assert after(step, "priority").first == 6
    looking = after(START, "rate", "key-A", TurnedOver(6), "enter")
    assert after(looking, VisitFound(STATES["rate-score"].visit)).first == 0


def test_who_comes_back_to_a_screen_finds_it_turned_as_they_left_it() -> None:
    turned = after(SERVICES, TurnedOver(6))
    assert after(turned, "access").first == 0
    assert after(turned, "access", TurnedOver(2), "done").first == 6
    assert after(turned, "access", TurnedOver(2), "done", "access").first == 0
    start = after(START, TurnedOver(3))
    assert after(start, "begin", TurnedOver(6), "back").first == 3
    assert after(start, "begin", TurnedOver(6), "access", "done", "back").first == 3
    topics = after(START, "opinion", TurnedOver(4))
    assert after(topics, "topic-hall", TurnedOver(2), "back").first == 4
    assert after(topics, "topic-hall", TurnedOver(2), "back", "topic-hall").first == 0


def test_nothing_is_turned_over_for_the_next_customer() -> None:
    turned = after(START, TurnedOver(3), "begin", TurnedOver(6))
    for step in (after(turned, 150), after(turned, 61, "finish"), after(turned, "back", 150)):
        assert (step.screen, step.first) == (Screen.WELCOME, 0)
        assert after(step, "begin").first == 0


def test_choices_turned_over_at_the_start_are_turned_back_when_nobody_is_there() -> None:
    step = after(START, TurnedOver(6))
    assert after(step, 89).first == 6
    assert after(step, 90).first == 0


# --- every choice means something ------------------------------------------------------------------


ASKING = (
    Screen.SERVICES,
    Screen.CHECK_IN,
    Screen.ERRAND_CONFIRM,
    Screen.RATE_FIND,
    Screen.RATE_SCORE,
    Screen.RATE_WHY,
    Screen.OPINION_SAY,
    Screen.STAFF_PIN,
)
NO_CHANGE = {  # on purpose
    "access": "is open already",
    "enter": "nothing has been typed",
    "backspace": "nothing has been typed",
    "next": "says again that a sentence is missing",
}


def reachable() -> Iterator[tuple[str, Step]]:
    yield from STATES.items()
    for name, step in STATES.items():
        if step.screen in ASKING:
            yield f"{name}, waiting", replace(step, asking=True)
        alone = replace(step, at=step.touched_at + 75)
        if warned(alone, RULES):
            yield f"{name}, left alone", alone


@pytest.mark.parametrize(
    ("name", "step"), list(reachable()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_touch_changes_something_or_nothing_on_purpose(name: str, step: Step) -> None:
    shown = seen(step)
    listed = keys(step)
    assert len(set(listed)) == len(listed)
    for key in listed:
        one = choice(step, key)
        if one.does is None:
            continue
        later = after(step, Tick(step.at + 0.5))
        touched, wishes = play(later, one.does)
        same = replace(touched, touched_at=later.touched_at) == later and not wishes
        if not same or (shown.over is not None and key == "more-time"):
            continue
        assert (one.role is Role.KEY and one.chosen) or key in NO_CHANGE, (name, key)
