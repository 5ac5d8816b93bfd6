"""The lint on every screen, and on screens that are broken on purpose, one for each of its rules."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.journey.events import ScoreTouched
from kiosk.journey.step import Comfort, Theme
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import colour
from kiosk.screens.page import Choice, Frame, Notice, Picture, Text
from tests.kiosk import every_screen, lint, states
from tests.kiosk.contrast import pale
from tests.kiosk.every_screen import MODES, PANELS, PSEUDO
from tests.kiosk.lint import Shown

panels = pytest.mark.parametrize("panel", PANELS)
INK, PAPER = colour("#12202C"), colour("#FFFFFF")
ROOM = Rect(20, 100, 100, 60)


@pytest.mark.parametrize("panel", sorted(set(PANELS) - {"27 portrait"}))
def test_no_screen_has_a_finding(panel: str) -> None:
    """zh-Hant has the widths of zh-Hans, and 27 inches the proportions of 21.5: `python -m tests.kiosk.lint` looks at
    them too, at every language in every mode, and at what is broken."""
    languages = ("zh-Hans", "en", PSEUDO)
    found = every_screen.judged([panel], languages, ("nothing",), by_pairs=True)
    assert list(found) == []


def test_the_sample_has_each_language_on_each_panel_and_in_each_mode() -> None:
    languages = ("zh-Hans", "en", PSEUDO)
    met = list(every_screen.places(set(PANELS) - {"27 portrait"}, languages, by_pairs=True))
    slim = {name for name, panel in PANELS.items() if panel.slim}
    for panel in set(PANELS) - {"27 portrait"}:
        assert {language for where, _, language in met if where == panel} == set(languages)
    for mode in MODES:
        assert {language for _, how, language in met if how == mode} == set(languages)
    for panel in slim:
        assert ("large", "en") in {
            (how, language) for where, how, language in met if where == panel
        }


def test_no_screen_of_a_broken_branch_has_a_finding() -> None:
    parts = ("readers", "printer", "branch")
    assert list(every_screen.judged(["21.5 portrait"], ("zh-Hant",), parts)) == []


@pytest.mark.parametrize("theme", Theme)
def test_no_colour_of_a_screen_is_pale(theme: Theme) -> None:
    comfort, panel = Comfort(theme=theme), PANELS["21.5 portrait"]
    for name, step in states.STATES.items():
        shown = every_screen.screen(replace(step, comfort=comfort), panel)
        assert (name, pale(shown.boxes, comfort)) == (name, [])


@panels
def test_the_languages_stand_at_the_same_place_everywhere(panel: str) -> None:
    for comfort in every_screen.modes(PANELS[panel]).values():
        found = set()
        for language in every_screen.words():
            for name in ("welcome", "services-8", "staff-pin", "ticket-paper"):
                step = replace(states.STATES[name], comfort=comfort)
                shown = every_screen.screen(every_screen.in_language(step, language), PANELS[panel])
                found.add(frozenset(lint.places_of(shown.boxes, "language-")))
        assert len(found) == 1


@pytest.mark.parametrize("mode", ["normal", "large"])
@panels
def test_at_least_three_services_are_shown_at_once(panel: str, mode: str) -> None:
    for language in ("zh-Hans", "zh-Hant", "en"):
        for name in ("services-4", "services-6", "services-8", "services-refused", "services-last"):
            step = replace(states.STATES[name], comfort=MODES[mode])
            shown = every_screen.screen(every_screen.in_language(step, language), PANELS[panel])
            *turns, _last = [
                sum(box.name.startswith("service-") and box.choice is not None for box in turn)
                for turn in lint.turns(shown)
            ]
            assert (language, name, min(turns, default=3)) >= (language, name, 3)


def good(name: str = "rate-score", panel: str = "21.5 portrait", mode: str = "normal") -> Shown:
    step = replace(states.STATES[name], comfort=MODES[mode])
    return every_screen.screen(step, PANELS[panel])


def choice(key: str, text: str = "好") -> Choice:
    return Choice(key, text, ScoreTouched(1))


def touchable(key: str, rect: Rect, *lines: Line, group: str = "") -> Placed:
    words = lines or (Line("好", rect.x + 1, rect.y + rect.height / 2, 8, INK, bold=True),)
    return Placed(key, rect, PAPER, INK, lines=words, choice=choice(key), group=group)


def with_(*boxes: Placed, shown: Shown | None = None) -> Shown:
    shown = shown or good("away")
    return replace(shown, boxes=(*shown.boxes, *boxes))


def without(shown: Shown, prefix: str) -> Shown:
    return replace(
        shown, boxes=tuple(box for box in shown.boxes if not box.name.startswith(prefix))
    )


def paged(shown: Shown, **page: object) -> Shown:
    frame: Frame = replace(shown.frame, page=replace(shown.frame.page, **page))  # type: ignore[arg-type]
    return replace(shown, frame=frame)


LOW = {"mode": "low"}
BROKEN: dict[str, tuple[Callable[[], Shown], str]] = {
    "wide text": (
        lambda: with_(touchable("a", ROOM, Line("非常非常非常不满意", 100, 130, 13, INK))),
        "'非常非常非常不满意' is larger than its box, a",
    ),
    "high text": (
        lambda: with_(touchable("a", ROOM, Line("好", 30, 101, 13, INK))),
        "'好' is larger than its box, a",
    ),
    "outside": (
        lambda: with_(touchable("a", Rect(250, 100, 40, 40))),
        "a reaches out of the panel",
    ),
    "overlap": (
        lambda: with_(touchable("a", ROOM), touchable("b", Rect(100, 100, 60, 60))),
        "a overlaps b",
    ),
    "text under a touchable": (
        lambda: with_(
            Placed("t", Rect(20, 120, 200, 10), lines=(Line("好", 30, 125, 8, INK),)),
            touchable("a", ROOM),
        ),
        "t overlaps a",
    ),
    "icon over words": (
        lambda: with_(
            touchable("a", ROOM, Line("好", 40, 130, 8, INK), Line("x", 41, 130, 8, INK, icon=True))
        ),
        "'好' overlaps 'x' in a",
    ),
    "shrunk": (
        lambda: with_(
            touchable("a", ROOM, Line("好", 30, 130, 8, INK, bold=True), group="choices"),
            touchable(
                "b",
                Rect(20, 170, 100, 60),
                Line("好", 30, 200, 9, INK, bold=True),
                group="choices",
            ),
        ),
        "the texts of choices have different sizes: [8, 9]",
    ),
    "small target": (lambda: with_(touchable("a", Rect(20, 100, 19, 40))), "a is only 19.0 x 40.0 mm"),
    "small gap": (
        lambda: with_(touchable("a", ROOM), touchable("b", Rect(122, 100, 60, 60))),
        "a and b are only 2.0 mm apart",
    ),
    "small letters": (
        lambda: with_(touchable("a", ROOM, Line("好", 30, 130, 6.5, INK))),
        "'好' in a has letters of 6.5 mm",
    ),
    "small letters in care mode": (
        lambda: with_(
            Placed("t", ROOM, lines=(Line("ok", 30, 130, 9.9, INK),)),
            shown=good("away", mode="large"),
        ),
        "'ok' in t has letters of 9.9 mm",
    ),
    "small Chinese choice in care mode": (
        lambda: with_(
            touchable("a", ROOM, Line("好", 30, 130, 11.9, INK, bold=True)),
            shown=good("away", mode="large"),
        ),
        "'好' in a has letters of 11.9 mm",
    ),
    "small letters in care mode on a compact panel": (
        lambda: with_(
            Placed("t", Rect(20, 50, 60, 20), lines=(Line("ok", 30, 60, 7.5, INK),)),
            shown=good("away", "10.1 portrait", "large"),
        ),
        "'ok' in t has letters of 7.5 mm",
    ),
    "no words": (lambda: with_(Placed("a", ROOM, PAPER, choice=choice("a"))), "a has no words"),
    "no sentence": (
        lambda: with_(touchable("a", ROOM, Line("welcome.title", 30, 130, 8, INK))),
        "'welcome.title' in a is no sentence",
    ),
    "broken word": (
        lambda: with_(
            replace(
                touchable("a", ROOM, Line("wel", 30, 120, 8, INK), Line("come", 30, 132, 8, INK)),
                choice=choice("a", "welcome"),
            )
        ),
        "the word 'welcome' of a is broken",
    ),
    "broken text": (
        lambda: with_(
            Placed("t", ROOM, lines=(Line("wel", 30, 120, 8, INK), Line("come", 30, 132, 8, INK))),
            shown=paged(good("away"), blocks=(Text("welcome"),)),
        ),
        "the word 'welcome' is broken",
    ),
    "no languages": (lambda: without(good(), "language-en"), "there is no choice of languages"),
    "no help": (lambda: without(good(), "help"), "no person can be called"),
    "too high": (
        lambda: with_(touchable("a", ROOM), shown=good("away", **LOW)),
        "a is too high to be reached",
    ),
    "sheet too high": (
        lambda: with_(Placed("sheet", ROOM, PAPER, sheet=True), shown=good("away", **LOW)),
        "sheet is too high to be reached",
    ),
    "out of reach": (lambda: without(good(), "score-3"), "score-3 cannot be reached"),
    "not said": (
        lambda: paged(good("away"), blocks=(Text("没有人说"),)),
        "'没有人说' is not said",
    ),
    "notice not said": (
        lambda: paged(good("away"), notice=Notice("没有人说")),
        "'没有人说' is not said",
    ),
    "no code": (
        lambda: without(good("ticket-no-paper"), "code"),
        "the code is not shown",
    ),
    "nothing to write on": (lambda: without(good("opinion-say"), "sheet"), "nothing can be written"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_screen_is_found(broken: str) -> None:
    make, finding = BROKEN[broken]
    assert finding in lint.findings(make())


def test_a_screen_without_a_way_out_is_found() -> None:
    """Whoever waits for an answer cannot leave by time; then something else must be there."""
    shown = without(good("rate-score"), "back")
    assert "there is no way out" not in lint.findings(shown)  # the time ends it
    endless = replace(shown, rules=replace(states.RULES, idle_s=float("inf")))
    assert "there is no way out" in lint.findings(endless)


def test_what_comes_after_more_is_within_reach() -> None:
    shown = good("services-8", "10.1 portrait", "large")
    shown_at_once = {box.choice.key for box in shown.boxes if box.choice is not None}
    assert "more" in shown_at_once
    assert "service-seniors" not in shown_at_once
    assert [one for one in lint.findings(shown) if "reached" in one] == []


def test_more_that_leads_nowhere_is_found() -> None:
    shown = good("services-8", "10.1 portrait", "large")
    stuck = replace(shown, turn=lambda _: shown.boxes)
    assert "service-seniors cannot be reached" in lint.findings(stuck)


def test_pictures_and_hints_may_go() -> None:
    shown = paged(good("away"), blocks=(Picture(("x",)), Text("没有人说", quiet=True)))
    assert [one for one in lint.findings(shown) if "said" in one] == []


def test_what_moves_under_a_finger_is_found() -> None:
    there, elsewhere = touchable("a", ROOM), touchable("a", replace(ROOM, y=101))
    assert lint.moved([there], [elsewhere]) == ["a moves"]
    assert lint.moved([there], []) == ["a moves"]
    assert lint.moved([there], [there]) == []


def test_a_pale_text_and_a_pale_edge_are_found() -> None:
    grey = colour("#777777")
    box = Placed("a", ROOM, grey, lines=(Line("好", 30, 130, 8, colour("#888888")),))
    assert pale((box,), Comfort()) == ["'好' in a is pale"]
    light = replace(touchable("a", ROOM), ground=colour("#F0F0F0"))
    assert pale((light,), Comfort()) == ["the edge of a is pale"]


def test_a_keypad_without_a_finding_has_targets_of_20_mm() -> None:
    for panel in PANELS:
        keys = [b for b in good("check-in", panel).boxes if b.name.startswith("key-")]
        assert len(keys) == 10
        assert min(min(key.rect.width, key.rect.height) for key in keys) >= 20 - 0.05
