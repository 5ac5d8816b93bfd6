"""How many tickets the roll still gives: what has been fed since it was new, put right by the near-end sensor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from devices.device import Retry
from devices.ticket_printer.profiles import Profile
from devices.ticket_printer.status import Status

STEADY = 3  # looks in a row: the sensor flickers while the roll turns
WEIGHT = 1 / 8  # of the latest slip in the mean


@dataclass(frozen=True, slots=True)
class PaperLeft:
    """About so many tickets are left on the roll."""

    tickets: int


@dataclass(frozen=True, slots=True)
class NewRoll:
    """An order: somebody has put a new roll in, which the printer may not have noticed."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str


@dataclass(frozen=True, slots=True)
class RollNoted:
    """What became of that order: counted as new, or not, and why in one word."""

    job: str
    reason: str = ""


class Roll:
    """Tells PaperLeft when it has changed by a tenth, and at the near end.

    Nothing is known, and nothing told, before a new roll or the near end has been seen and a slip been fed.
    """

    def __init__(self, tell: Callable[[PaperLeft | RollNoted], None], profile: Profile) -> None:
        self._tell = tell
        self._profile = profile
        self._left_mm: float | None = None
        self._slip_mm: float | None = None
        self._told: int | None = None
        self._was_out = False
        self._not_low = 0
        self.low = False  # the near-end sensor, steadied

    def feed(self, mm: float) -> None:
        if self._left_mm is not None:
            self._left_mm = max(0.0, self._left_mm - mm)

    def slip(self, mm: float) -> None:
        """One slip of this length has been fed: what a ticket takes."""
        before = mm if self._slip_mm is None else self._slip_mm
        self._slip_mm = before + (mm - before) * WEIGHT
        self._say()

    def see(self, status: Status) -> None:
        self._steady(status.paper_low)
        if status.paper_out:
            self._was_out, self._left_mm = True, 0.0
        elif self._was_out:
            self._was_out = False
            self._new(status.paper_low)
        self._say()

    def renew(self, job: str) -> None:
        """Somebody says that the roll is new. A sensor that says otherwise is believed."""
        low = self.low and not self._not_low
        reason = "paperOut" if self._was_out else "paperLow" if low else ""
        if not reason:
            self._new(low=False)
            self._say()
        self._tell(RollNoted(job, reason))

    def _steady(self, low: bool) -> None:
        self._not_low = 0 if low else self._not_low + 1
        if low and not self.low:
            self.low, self._told = True, None
            self._left_mm = self._profile.near_end_mm
        elif self._not_low >= STEADY:
            self.low = False

    def _new(self, low: bool) -> None:
        """Paper came back: a new roll, or the old one put in again."""
        self.low, self._told = low, None
        self._left_mm = self._profile.near_end_mm if low else self._profile.roll_mm

    def _say(self) -> None:
        if self._left_mm is None or not self._slip_mm:
            return
        tickets = int(self._left_mm / self._slip_mm)
        if self._told is None or abs(tickets - self._told) * 10 >= max(1, self._told):
            if tickets != self._told:
                self._tell(PaperLeft(tickets))
            self._told = tickets
