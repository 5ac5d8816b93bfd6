"""The kiosk's printers: a slip goes to the first that works, and to the next one when nothing was sent to that."""

from collections.abc import Iterable
from dataclasses import dataclass

from devices.device import State
from devices.keeper import Keeper
from devices.ticket_printer.driver import Outcome, Printed, PrintSlip
from devices.ticket_printer.slip import Slip

WITHIN_S = 30.0


@dataclass(slots=True)
class _Job:
    slip: Slip
    left: list[Keeper]  # that have not been asked


class Printers:
    """Those with little paper come last."""

    def __init__(self, keepers: Iterable[Keeper]) -> None:
        self._keepers = list(keepers)
        self._jobs: dict[str, _Job] = {}

    def print(self, job: str, slip: Slip) -> bool:
        """False when no printer could be asked."""
        if not self._keepers:
            return False
        by_paper = sorted(self._keepers, key=lambda k: k.health.state is State.DEGRADED)
        working = [keeper for keeper in by_paper if keeper.health.state.works]
        self._jobs[job] = _Job(slip, working or by_paper[:1])
        return self._ask_next(job)

    def another_tries(self, told: Printed) -> bool:
        """Whether this outcome is not the last word: nothing was sent, and another printer is asked."""
        if told.job not in self._jobs:
            return False
        if told.outcome is Outcome.FAILED and self._ask_next(told.job):
            return True
        del self._jobs[told.job]
        return False

    def _ask_next(self, job: str) -> bool:
        waiting = self._jobs[job]
        if not waiting.left:
            return False
        waiting.left.pop(0).order(PrintSlip(job, waiting.slip), WITHIN_S)
        return True
