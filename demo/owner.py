"""What customers do when the kiosk asks whether the card is theirs: one agrees and turns as asked, the others go another way."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from demo.portrait import Asked, Person
from demo.screen import Shown

WITHIN_S = 60.0
LOOKS_EVERY_S = 0.05


class Owner:
    """`press` touches what is on the screen, `show` holds something before a machine."""

    def __init__(
        self,
        sees: Shown,
        press: Callable[[str], None],
        show: Callable[[str, str], None],
        folder: Path,
    ) -> None:
        self._sees, self._press, self._show, self._folder = sees, press, show, folder
        self._asked = Asked()
        self._person: Person | None = None

    def answers(self, *, agrees: bool) -> None:
        """Where the kiosk asks at all."""
        if not self._comes_up("identity"):
            return
        if agrees and self._sees.place("agree-face") is not None:
            self._person = self._person or Person(self._folder)
            self._press("agree-face")
            self._turns_as_asked(self._person)
        if self._sees.screen == "identity":
            self._press("another-way")

    def _turns_as_asked(self, person: Person) -> None:
        self._show("camera", f"present {person.turn('front')}")
        self._asked.begin()
        for _ in range(int(WITHIN_S / LOOKS_EVERY_S)):
            if self._sees.screen != "identity" or {"again", "agree-face"} & set(self._sees.can()):
                break
            asked = self._asked.anew(self._sees.texts, time.monotonic())
            if asked:
                self._show("camera", f"present {person.turn(asked)}")
            threading.Event().wait(LOOKS_EVERY_S)
        self._show("camera", "remove")

    def _comes_up(self, screen: str) -> bool:
        for _ in range(10):
            if self._sees.screen == screen:
                return True
            threading.Event().wait(LOOKS_EVERY_S)
        return False
