"""What happens in a check of a face, and what the session wishes of others."""

from dataclasses import dataclass
from typing import Literal

from kiosk.identity.asked import Turn
from kiosk.identity.liveness import Judgement

Outcome = Literal[
    "same", "different", "attack", "no_face", "many_faces", "poor_quality", "unsure", "timeout",
    "unavailable", "declined", "locked",
]  # fmt: skip


# --- what happens -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Seconds of any steady clock."""

    now: float


@dataclass(frozen=True, slots=True)
class Agreed:
    """To this check, for this time."""


@dataclass(frozen=True, slots=True)
class WentAnotherWay:
    pass


@dataclass(frozen=True, slots=True)
class TriedAgain:
    pass


@dataclass(frozen=True, slots=True)
class TryBegun:
    """`why_not`: which limit is reached; nothing when the try may go on."""

    why_not: str = ""


@dataclass(frozen=True, slots=True)
class TryEnded:
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class EyeOpened:
    pass


@dataclass(frozen=True, slots=True)
class CameraTrouble:
    """`word`: the camera's own, for staff; also when it froze or is another one now."""

    word: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the worker made of one frame. `advice`: what to ask of the customer first, nothing when all is well; `fit`: frames that
    may be judged. `judgement` since the customer was asked to turn."""

    advice: str = ""
    fit: int = 0
    judgement: Judgement | None = None
    wanted: Turn | None = None
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class Matched:
    """`outcome`: of decision.py, or unsure."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unusable:
    """The reference picture, or the engine: nobody can be judged."""

    outcome: Outcome
    reasons: tuple[str, ...]


Event = (
    Tick | Agreed | WentAnotherWay | TriedAgain | TryBegun | TryEnded
    | EyeOpened | CameraTrouble | Seen | Matched | Unusable
)  # fmt: skip


# --- what is wished -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeginTry:
    """To be answered by TryBegun."""


@dataclass(frozen=True, slots=True)
class EndTry:
    """To be answered by TryEnded."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OpenEye:
    """And start a worker."""


@dataclass(frozen=True, slots=True)
class CloseEye:
    """And drop the worker with all it holds."""


@dataclass(frozen=True, slots=True)
class AskTurn:
    """Choose what to ask, and watch for it until then."""

    until: float


@dataclass(frozen=True, slots=True)
class LookAfresh:
    """What was seen does not count any more."""


@dataclass(frozen=True, slots=True)
class Match:
    pass


Wish = BeginTry | EndTry | OpenEye | CloseEye | AskTurn | LookAfresh | Match
