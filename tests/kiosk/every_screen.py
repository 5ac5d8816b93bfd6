"""Every screen that is looked at: states, languages, modes, panels, and what may be broken."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from math import ceil
from typing import Any

import msgspec

from edge_agent.messages import Services
from kiosk.journey.step import Comfort, Paper, Screen, Step
from kiosk.look.arrange import arrange
from kiosk.look.panel import Panel
from kiosk.look.placed import Placed
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import Frame, Notice, View
from kiosk.screens.pieces import width
from kiosk.words import Words
from tests.kiosk import lint, states
from tests.kiosk.letter_widths import measure
from tests.kiosk.lint import Shown

PSEUDO = "pseudo"
LONGER = 0.4
PANELS = {
    "10.1 landscape": Panel(1280, 800, 10.1),
    "10.1 portrait": Panel(800, 1280, 10.1),
    "15.6 landscape": Panel(1920, 1080, 15.6),
    "15.6 portrait": Panel(1080, 1920, 15.6),
    "19": Panel(1280, 1024, 19),
    "21.5 landscape": Panel(1920, 1080, 21.5),
    "21.5 portrait": Panel(1080, 1920, 21.5),
    "27 portrait": Panel(1080, 1920, 27),
    "32 portrait": Panel(1080, 1920, 32),
}
MODES = {
    "normal": Comfort(),
    "large": Comfort(large=True),
    "low": Comfort(low=True),
    "large and low": Comfort(large=True, low=True),
}
PAPERLESS = {Paper.PRINTING: Paper.NONE, Paper.TAKEN_FROM_PRINTER: Paper.NONE}


class Longer(Words):
    """A language that is 40 % longer than English."""

    def __call__(self, key: str, **values: object) -> str:
        return longer(super().__call__(key, **values))


def longer(text: str) -> str:
    """Words of up to six letters more; a short text has a longer word."""
    extra = ceil(LONGER * len(text))
    if len(text) < 8:
        return text + "ö" * extra
    more = "".join(" " if n % 7 == 0 else "é" for n in range(extra)).rstrip()
    return text + more


@cache
def words() -> dict[str, Words]:
    known = every_language()
    return {**known, PSEUDO: Longer(PSEUDO, known["en"].sentences)}


@cache
def language_names() -> dict[str, str]:
    return {language: say("language.name") for language, say in every_language().items()}


def _named(what: Any) -> Any:
    """The same with names in the longer language."""
    if isinstance(what, dict):
        more = {PSEUDO: longer(what["en"])} if isinstance(what.get("en"), str) else {}
        return {key: _named(value) for key, value in what.items()} | more
    return [_named(one) for one in what] if isinstance(what, list) else what


_OFFERS: dict[int, tuple[Services, Services]] = {}


def in_language(step: Step, language: str) -> Step:
    offer = step.offer
    if language == PSEUDO and offer is not None:
        if id(offer) not in _OFFERS:
            told = _named(msgspec.to_builtins(offer))
            _OFFERS[id(offer)] = (offer, msgspec.convert(told, Services))
        offer = _OFFERS[id(offer)][1]
    return replace(step, language=language, offer=offer)


def framed(step: Step) -> Frame:
    language = step.language
    like = "en" if language == PSEUDO else language
    link = states.LINK if step.ticket or step.opinion else ""
    say = words()[language]
    view = View(step, states.RULES, say, states.NOW, states.BANK[like], states.BRANCH[like], link)
    return frame(view, language_names())


def placed(shown: Frame, panel: Panel, comfort: Comfort) -> tuple[Placed, ...]:
    return arrange(shown, panel, comfort, measure(shown.language, panel.px_a_mm))


def screen(step: Step, panel: Panel) -> Shown:
    shown, comfort = framed(step), step.comfort

    def turn(first: int) -> tuple[Placed, ...]:
        return placed(replace(shown, first=first), panel, comfort)

    boxes = placed(shown, panel, comfort)
    return Shown(
        step,
        shown,
        boxes,
        panel,
        comfort,
        measure(step.language, panel.px_a_mm),
        states.RULES,
        turn,
    )


def told_otherwise(shown: Shown) -> Iterator[tuple[Placed, ...]]:
    """The same screen with no notice, where there may be none, and with the longest; with other waits."""
    page = shown.frame.page
    if not shown.frame.may_be_told or shown.frame.over or not page.choices:
        return
    longest_told = max(shown.frame.may_be_told, key=width)
    asked = page.notice if page.notice and page.notice.large else None
    others = (None, Notice(longest_told, warning=True))
    told = (replace(asked, text=longest_told),) if asked else others
    for notice in (one for one in told if one != page.notice):
        other = replace(shown.frame, page=replace(page, notice=notice))
        yield placed(other, shown.panel, shown.comfort)
    longest = tuple(
        replace(choice, detail=choice.longest) if choice.does else choice for choice in page.choices
    )
    if shown.step.screen is Screen.SERVICES and longest != page.choices:
        other = replace(shown.frame, page=replace(page, choices=longest))
        yield placed(other, shown.panel, shown.comfort)


def broken(step: Step) -> dict[str, Step]:
    """With each part that can break."""
    here = step.here
    paper = PAPERLESS.get(step.paper, step.paper)
    numbers = here.numbers or frozenset({"cash", "cards"})
    return {
        "nothing": step,
        "readers": replace(step, here=replace(here, ways=frozenset())),
        "printer": replace(step, paper=paper),
        "branch": replace(step, here=replace(here, reachable=False, numbers=numbers)),
    }


def modes(panel: Panel) -> dict[str, Comfort]:
    """Lower is the same where all can be reached."""
    return {name: comfort for name, comfort in MODES.items() if panel.tall or not comfort.low}


def places(
    panels: Iterable[str], languages: Iterable[str], *, by_pairs: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Panel, mode and language. `by_pairs`: of the languages two in each mode, so that each panel and each mode meets
    all of them: the longer one, since the others have more room, and in turn one of the others."""
    others = [language for language in languages if language != PSEUDO]
    for panel in panels:
        for mode, comfort in modes(PANELS[panel]).items():
            turn = (list(PANELS).index(panel) // 2 + list(MODES).index(mode)) % len(others)
            no_room = PANELS[panel].slim and comfort.large  # at 10.1 inches, for the longer one
            for language in languages:
                left_out = by_pairs and not no_room and language not in (PSEUDO, others[turn])
                if not left_out and not (no_room and language == PSEUDO):
                    yield panel, mode, language


def every(
    panels: Iterable[str],
    languages: Iterable[str],
    parts: tuple[str, ...],
    *,
    by_pairs: bool = False,
) -> Iterator[tuple[str, Shown]]:
    """Every state there, whole (`nothing` is broken) or with a part of the branch broken."""
    for panel_name, mode, language in places(panels, tuple(languages), by_pairs=by_pairs):
        panel, comfort = PANELS[panel_name], MODES[mode]
        for name, step in states.STATES.items():
            for part, with_it in broken(step).items():
                if part not in parts or (part != "nothing" and with_it == step):
                    continue
                here = replace(with_it.here, can_lower=panel.tall)
                here_too = replace(with_it, here=here, comfort=comfort)
                spoken = in_language(here_too, language)
                yield (
                    f"{panel_name}, {mode}, {language}, {name}, {part}",
                    screen(spoken, panel),
                )


def judged(
    panels: Iterable[str],
    languages: Iterable[str],
    parts: tuple[str, ...],
    *,
    by_pairs: bool = False,
) -> Iterator[str]:
    """Every finding, with where it was found."""
    for where, shown in every(panels, languages, parts, by_pairs=by_pairs):
        found = lint.findings(shown)
        for other in told_otherwise(shown):
            found += lint.moved(shown.boxes, other)
        yield from (f"{where}: {one}" for one in found)
