"""The mouth of a kiosk printer: whose tickets are there, and since when."""

from collections.abc import Callable
from dataclasses import dataclass

SCRAP_S = 5.0  # within which what was thrown away has come


@dataclass(frozen=True, slots=True)
class TicketTaken:
    """The customer has the ticket of this job."""

    job: str


@dataclass(frozen=True, slots=True)
class TicketLeft:
    """The ticket of this job has not been taken for a while; `job` is empty when it is not known whose it is."""

    job: str


class Mouth:
    """Tells TicketTaken and TicketLeft."""

    def __init__(
        self,
        tell: Callable[[TicketTaken | TicketLeft], None],
        left_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._tell = tell
        self._left_s = left_s
        self._clock = clock
        self._jobs: list[str] = []
        self._since = clock()
        self.occupied = False
        self.scrap = False  # what is there, or comes next, was thrown away: no ticket waits for it to be taken
        self._thrown_at = clock()
        self.left = False  # for so long that nobody will come for it, and that has been told

    def see(self, *, occupied: bool) -> None:
        if occupied and not self.occupied:
            self._begin()
        if not occupied and (self.occupied or self._clock() - self._thrown_at > SCRAP_S):
            self.scrap = False
        self.occupied = occupied
        if not occupied:
            self._empty()
        elif not (self.left or self.scrap) and self._clock() - self._since >= self._left_s:
            self.left = True
            self._tell(TicketLeft(self._jobs[-1] if self._jobs else ""))

    def throw_away(self) -> None:
        """A piece that is nobody's ticket is on its way."""
        self.scrap, self._thrown_at = not self.occupied, self._clock()

    def hold(self, job: str) -> None:
        """This job's ticket has come; it may have been taken already. Those under it are taken with it."""
        self._jobs.append(job)
        self.scrap = False
        self._begin()
        if not self.occupied:
            self._empty()

    def _begin(self) -> None:
        self._since, self.left = self._clock(), False

    def _empty(self) -> None:
        for job in self._jobs:
            self._tell(TicketTaken(job))
        self._jobs.clear()
