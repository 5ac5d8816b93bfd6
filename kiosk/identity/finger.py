"""Is this the finger of the template? One finger against one template, in the module's buffer; nothing is searched, and
nothing stays in the module's library.

The module judges by its own limit (its security level, 3 as it comes); its number for the likeness goes nowhere.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from devices.device import Patience
from devices.fingerprint.orders import Enrol, FingerResult, Prompt, Verify
from devices.keeper import Keeper
from kiosk.identity.audit import snake

# what makes these templates; they are comparable between all modules of the family
MODEL = "R30x character file of 512 bytes"
MODEL_SHA256 = sha256(MODEL.encode()).hexdigest()
ENGINE = f"fingerprint: {MODEL}"
WITHIN_S = 20.0
# the customer can do something about these; any other cause is the module's
POOR = ("messyImage", "tooFewPoints", "noValidImage", "captureFailed", "cannotMerge", "noFinger")

Outcome = Literal["same", "different", "poor_quality", "timeout", "canceled", "unavailable"]


@dataclass(frozen=True, slots=True)
class FingerWanted:
    """What the customer should do now: place_finger, lift_finger, place_again, same_finger, clean, press_harder."""

    word: str


@dataclass(frozen=True, slots=True)
class FingerJudged:
    """`reason` is for the journal and staff; empty for same and different."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FingerEnrolled:
    """`template` where the outcome is same: both presentations were of one finger."""

    outcome: Outcome
    reason: str = ""
    template: bytes = field(default=b"", repr=False)


Told = FingerWanted | FingerJudged | FingerEnrolled


class Finger:
    """One customer at a time. What the module tells goes through `heard`; of orders that nobody waits for any more it
    says nothing."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._keeper = keeper
        self._jobs = itertools.count(1)
        self._job = ""
        self._order: Patience | None = None
        self._enrolling = False

    @property
    def works(self) -> bool:
        return self._keeper is not None and self._keeper.health.state.works

    def verify(self, template: bytes, within_s: float = WITHIN_S) -> FingerJudged | None:
        """None while it is being looked at; then `heard` says how it ended."""
        if not self._begin(lambda job: Verify(job, template), within_s):
            return FingerJudged("unavailable", "no_module")
        return None

    def enrol(self, within_s: float = 3 * WITHIN_S) -> FingerEnrolled | None:
        """Two presentations become a template, which stays nowhere but in what `heard` gives."""
        if not self._begin(lambda job: Enrol(job, kept=False), within_s):
            return FingerEnrolled("unavailable", "no_module")
        self._enrolling = True
        return None

    def cancel(self) -> None:
        """The customer goes on in another way."""
        if self._order is not None:
            self._order.cancel()

    def heard(self, event: Any) -> Told | None:
        if not isinstance(event, Prompt | FingerResult) or event.job != self._job:
            return None
        if isinstance(event, Prompt):
            return FingerWanted(snake(event.word))
        self._job, self._order = "", None
        judged = judge(event)
        if self._enrolling:
            return FingerEnrolled(judged.outcome, judged.reason, event.template or b"")
        return judged

    def _begin(self, order: Callable[[str], Any], within_s: float) -> bool:
        self.cancel()
        if self._keeper is None:
            return False
        self._enrolling = False
        self._job = f"finger {next(self._jobs)}"
        self._order = self._keeper.order(order(self._job), within_s)
        return True


def judge(result: FingerResult) -> FingerJudged:
    """What the end of an order means. Only the module's own word for another finger is `different`."""
    match result:
        case FingerResult(completion="success"):
            return FingerJudged("same")
        case FingerResult(detail="noMatch"):
            return FingerJudged("different")
        case FingerResult(completion="timeOut"):
            return FingerJudged("timeout", "time_out")
        case FingerResult(completion="canceled"):
            return FingerJudged("canceled", "canceled")
    poor = result.detail in POOR
    reason = snake(result.detail or result.completion)
    return FingerJudged("poor_quality" if poor else "unavailable", reason)
