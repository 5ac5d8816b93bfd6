"""The one thing to ask of the customer now, without flicker. Pure; time is passed in.

A gate that is shut opens only when the measure is clearly good again, and a sentence stays long enough to be read.
Not responsible for words, icons or voice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiosk.identity.decision import SURE_FACE, rivals
from kiosk.identity.engine import Face, Image
from kiosk.identity.quality import Measures, Reason, measure

STAYS_S = 0.6  # the least time that a sentence stays
OTHER_PERSON = 1 / 3  # of the area of the first face


@dataclass(frozen=True)
class Gate:
    """Shut when the measure passes `shut`; open again when it is back behind `opens`."""

    reason: Reason
    of: Callable[[Measures], float]
    shut: float
    opens: float

    def wrong(self, measures: Measures, *, was_shut: bool) -> bool:
        value, bound = self.of(measures), self.opens if was_shut else self.shut
        return value < bound if self.opens > self.shut else value > bound


GATES: Sequence[Gate] = (
    Gate("move_to_middle", lambda m: m.inside, 0.97, 0.99),
    Gate("come_closer", lambda m: m.eye_distance, 45, 50),
    Gate("step_back", lambda m: m.height, 0.70, 0.65),
    Gate("too_dark", lambda m: m.light, 35, 42),
    Gate("too_dark", lambda m: m.contrast, 8, 10),
    Gate("too_bright", lambda m: m.glare, 0.10, 0.06),
    Gate("light_from_one_side", lambda m: m.one_sided, 1.9, 1.7),
    Gate("look_straight", lambda m: abs(m.yaw), 18, 15),
    Gate("look_straight", lambda m: abs(m.pitch), 18, 15),
    Gate("hold_head_upright", lambda m: abs(m.roll), 13, 10),
    Gate("hold_still", lambda m: m.sharpness, 0.10, 0.12),
)


@dataclass(frozen=True)
class Advice:
    """`reason` None: this frame may be judged. `since` in seconds of the caller's clock."""

    reason: Reason | None
    since: float


def advise(before: Advice | None, image: Image, faces: Sequence[Face], now: float) -> Advice:
    """What to show after this frame. Fit frames are those whose advice has no reason."""
    shown = before.reason if before else None
    reason = _reason(image, faces, shown)
    if before is None or reason == shown:
        return before or Advice(reason, now)
    if shown is not None and now - before.since < STAYS_S:
        return before
    return Advice(reason, now)


def _reason(image: Image, faces: Sequence[Face], shown: Reason | None) -> Reason | None:
    if not faces:
        return "no_face"
    large = [one for one in faces[1:] if one.area > OTHER_PERSON * faces[0].area]
    if rivals(faces, image) or any(one.confidence >= SURE_FACE for one in large):
        return "several_people"
    return first_wrong(measure(image, faces[0]), shown)


def first_wrong(measures: Measures, shown: Reason | None) -> Reason | None:
    """What is shown stays first until it is clearly good; then the next gate in order."""
    wrong = [g.reason for g in GATES if g.wrong(measures, was_shut=g.reason == shown)]
    return shown if shown in wrong else next(iter(wrong), None)
