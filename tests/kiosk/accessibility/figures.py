"""Figures of the accessibility report, from the running code: sizes on a panel, contrasts, patience, speech."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import log10, pi

from kiosk.journey.patience import seconds_left, warned
from kiosk.journey.step import Comfort, Rules, Screen, Step
from kiosk.look import theme
from kiosk.look.finger import GATE_S
from kiosk.look.panel import Panel
from kiosk.screens.frame import every_language
from kiosk.screens.page import Frame
from kiosk.settings import Speech, Times
from kiosk.speech.mode import LOUDER, QUIETEST
from kiosk.speech.reading import read
from tests.kiosk.contrast import contrast
from tests.kiosk.every_screen import framed, placed
from tests.kiosk.states import RULES, STATES

SEEN = 0.7 * pi / 180  # EN 301 549, 5.1.4: how large a capital is seen
HIGHEST_MM, LOWEST_MM = 1220, 380  # EN 301 549, 8.3.2.1 and 8.3.2.2
QUIET_MIDDLE_DB = 12  # EN 301 549, 8.2.1.2
USUAL, LARGE, LOW = Comfort(), Comfort(large=True), Comfort(low=True)


@dataclass(frozen=True, slots=True)
class Sizes:
    """On one panel in one mode, over all states and languages; mm. `top` and `bottom` of all that is touched, above the
    panel's lower edge."""

    capital: float
    target: float
    top: float
    bottom: float

    @property
    def distance(self) -> float:
        """From which the smallest capital is seen under 0.7 degrees."""
        return self.capital / SEEN


@cache
def sizes(panel: Panel, comfort: Comfort) -> Sizes:
    letters, targets, tops, bottoms = [], [], [], []
    for frame in _frames(comfort, panel.tall):
        boxes = placed(frame, panel, comfort)
        letters += [line.size for box in boxes for line in box.lines if not line.icon]
        for box in boxes:
            if box.choice is not None or box.sheet:
                targets.append(min(box.rect.width, box.rect.height))
                tops.append(panel.height - box.rect.y)
                bottoms.append(panel.height - box.rect.bottom)
    return Sizes(min(letters) * theme.CAPITAL, min(targets), max(tops), min(bottoms))


@cache
def _frames(comfort: Comfort, tall: bool) -> list[Frame]:
    """Of every state in every language."""
    return [
        framed(replace(step, language=language, comfort=comfort, here=here))
        for language in every_language()
        for step in STATES.values()
        for here in (replace(step.here, can_lower=tall),)
    ]


def contrasts() -> dict[str, dict[str, tuple[float, float | None]]]:
    """By theme and pair: of what is written, also while a finger is on it; and of the edge, on the page and on cards."""
    found: dict[str, dict[str, tuple[float, float | None]]] = {}
    for name, palette in theme.PALETTES.items():
        found[str(name)] = {
            pair: (
                min(contrast(one.ink, ground) for ground in (one.ground, one.pressed)),
                None if one.edge is None else contrast(one.edge, palette.page.ground),
            )
            for pair, one in palette.pairs()
        }
    return found


def frames() -> dict[str, float]:
    """By theme: the least contrast of the keypad's frame with what choices stand on."""
    return {
        str(name): min(
            contrast(one.reached, pair.ground) for pair in (one.page, one.card, one.wait)
        )
        for name, one in theme.PALETTES.items()
    }


def patience() -> Iterator[tuple[Screen, list[float | None], bool]]:
    """Of each screen: seconds until it goes by itself, usual, with large letters, with speech; whether it asks before."""
    for screen_, step in _one_of_each().items():
        with_comfort = [Comfort(), Comfort(large=True), Comfort(speech=True)]
        left = [_left(replace(step, comfort=comfort)) for comfort in with_comfort]
        usual = left[0]
        asks = usual is not None and warned(replace(step, at=usual - 1), RULES)
        yield screen_, left, asks


def _left(step: Step) -> float | None:
    return seconds_left(step, RULES)


def _one_of_each() -> dict[Screen, Step]:
    """The first state of each, as its customer has just come to it."""
    found: dict[Screen, Step] = {}
    for step in STATES.values():
        if not step.asking:
            found.setdefault(step.screen, replace(step, at=0.0, touched_at=0.0))
    return found


def readings(language: str) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Of each state: its name, what is said when it opens, how many choices are read."""
    words = every_language()[language]
    for name, step in STATES.items():
        reading = read(framed(replace(step, language=language)), words)
        yield name, reading.opening, len(reading.items)


def of(panel: Panel, table: dict[str, dict[str, tuple[float, float | None]]]) -> dict[str, object]:
    """What the clauses name in braces."""
    usual, large = sizes(panel, USUAL), sizes(panel, LARGE)
    low = sizes(panel, LOW) if panel.tall else usual
    return {
        **_counted(),
        **_loudness(),
        **_times(RULES),
        "capital_normal": f"{usual.capital:.1f}",
        "capital_large": f"{large.capital:.1f}",
        "distance_large": f"{large.distance:.0f}",
        "top_normal": f"{usual.top:.0f}",
        "top_low": f"{low.top:.0f}",
        "bottom": f"{usual.bottom:.0f}",
        "edge_normal": f"{HIGHEST_MM - usual.top:.0f}",
        "edge_low": f"{HIGHEST_MM - low.top:.0f}",
        "edge_least": f"{LOWEST_MM - usual.bottom:.0f}",
        "frame_mm": f"{theme.FRAME:g}",
        "frame_contrasts": ", ".join(f"{name} {least:.1f}" for name, least in frames().items()),
        "contrasts": ", ".join(f"{n} {min(v[0] for v in t.values()):.1f}" for n, t in table.items()),
        "edges": ", ".join(
            f"{n} {min(v[1] for v in t.values() if v[1] is not None):.1f}" for n, t in table.items()
        ),
    }  # fmt: skip


def _counted() -> dict[str, object]:
    told = [one for language in every_language() for one in readings(language)]
    return {
        "languages": len(every_language()),
        "states": len(STATES),
        "screens": len({step.screen for step in STATES.values()}),
        "readings": len(told),
        "said": sum(len(opening) for _, opening, _ in told),
        "choices": sum(items for _, _, items in told),
        "gate_s": GATE_S,
    }


def _loudness() -> dict[str, object]:
    levels = range(QUIETEST, 101, LOUDER)
    louder = {level: 20 * log10(level / QUIETEST) for level in levels}
    middle = next(level for level, db in louder.items() if db >= QUIET_MIDDLE_DB)
    return {
        "volume_step": LOUDER,
        "volume_least": QUIETEST,
        "volume_steps": len(levels),
        "volume_range": f"{louder[100]:.0f}",
        "volume_middle": middle,
        "volume_middle_db": f"{louder[middle]:.1f}",
        "volume_start": Speech().volume,
    }


def _times(rules: Rules) -> dict[str, object]:
    least = next(one for one in Times.__annotations__["warning_s"].__metadata__ if one.ge).ge
    return {
        "idle_s": f"{rules.idle_s:.0f}",
        "slow_idle_s": f"{rules.slow_idle_s:.0f}",
        "warning_s": f"{rules.warning_s:.0f}",
        "warning_least": least,
    }
