"""The kiosk's camera while nobody is looked at: whether it is there, and what was wrong with it when it was last used."""

import math
from collections.abc import Callable
from datetime import datetime

from devices.camera import presence
from devices.camera.settings import Camera
from edge_agent.messages import DeviceHealth, DeviceState

KIND = "camera"
AGAIN_S = 300.0  # after trouble; only a customer's check can see whether it is over


class Eye:
    """Its light is never on here. `clock` in seconds."""

    def __init__(
        self,
        camera: Camera,
        kiosk: str,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime],
        missing: Callable[[Camera], str] = presence.missing,
    ) -> None:
        self._camera, self._clock, self._wall_clock = camera, clock, wall_clock
        self._missing = missing
        self._name = f"{kiosk}/{camera.name}"
        self._absent = missing(camera)
        self._trouble, self._trouble_at = "", 0.0
        self._since = wall_clock()

    @property
    def works(self) -> bool:
        return not self._absent and not self._troubled

    def look(self) -> bool:
        """Whether something has changed."""
        before = self._state()
        absent = self._missing(self._camera)
        if bool(absent) != bool(self._absent):
            self._trouble = ""  # another one may be plugged in; a check may have told of its end after we saw it gone
        self._absent = absent
        if self._trouble and not self._troubled:
            self._trouble = ""
        return self._dated(before)

    def trouble(self, word: str, *, lasting: bool = False) -> bool:
        """What a check saw of it; nothing when all was well. Whether that is new. `lasting`: until the kiosk starts anew."""
        if self._trouble and self._trouble_at == math.inf and not word:
            return False
        before = self._state()
        self._trouble, self._trouble_at = word, math.inf if lasting else self._clock()
        return self._dated(before)

    def health(self) -> DeviceHealth:
        state, detail = self._state()
        return DeviceHealth(
            device=self._name, kind=KIND, state=state, since=self._since, detail=detail
        )

    @property
    def _troubled(self) -> bool:
        return bool(self._trouble) and self._clock() - self._trouble_at < AGAIN_S

    def _state(self) -> tuple[DeviceState, str]:
        if self._absent:
            return "absent", self._absent
        return ("degraded", self._trouble) if self._trouble else ("ready", "")

    def _dated(self, before: tuple[DeviceState, str]) -> bool:
        changed = self._state() != before
        if changed:
            self._since = self._wall_clock()
        return changed
