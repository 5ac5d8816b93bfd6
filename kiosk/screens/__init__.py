"""One screen = one .py and one .kv of one name. A screen says what was touched, never where to go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.journey import Event, Rules, Step
from kiosk.words import Words


@dataclass(frozen=True, slots=True)
class View:
    """What a screen may show: the step, in these words. `link` leads to the ticket's page."""

    step: Step
    rules: Rules
    words: Words
    link: str = ""


class KioskScreen(Protocol):
    """`tell` is called with what the customer did."""

    name: str
    tell: Callable[[Event], None]

    def show(self, view: View) -> None:
        """Draw this. Called again and again; only what differs changes."""
