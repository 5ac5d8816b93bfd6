"""One customer before the camera, from consent to the outcome. Pure: events in, the session after them and wishes out.

It knows no picture, face or likeness: those are in worker.py, and dropped with it. What the customer sees is in session_shown.py; why somebody
was refused is in `reasons`, for staff. "Another way" is open at any moment, and silence ends there.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.identity.liveness import FRONT_SIGHTS, Judgement, Reason
from kiosk.identity.session_events import (
    Agreed,
    AskTurn,
    BeginTry,
    CameraTrouble,
    CloseEye,
    EndTry,
    Event,
    EyeOpened,
    LookAfresh,
    Match,
    Matched,
    OpenEye,
    Outcome,
    Seen,
    Tick,
    TriedAgain,
    TryBegun,
    TryEnded,
    Unusable,
    WentAnotherWay,
    Wish,
)

STAYS_S = 0.4  # the least time that an instruction stays
READY, WAIT, BLINK = "face.ready", "face.wait", "face.blink"
SLOWLY = "face.turn_slowly"
NOT_WHILE_TURNING = ("no_face", "several_people")
TOO_FAST: tuple[tuple[Reason, ...], ...] = (
    ("jump",),
    ("blurred",),
)  # or out of focus, as what moves fast is


class Phase(StrEnum):
    CONSENT = "consent"
    BEGINNING = "beginning"  # of a try: it is being written down
    OPENING = "opening"
    LOOKING = "looking"
    TURNING = "turning"
    MATCHING = "matching"
    ENDING = "ending"  # of a try: whether there may be another is being asked
    AGAIN = "again"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. `face_s`: for all that is asked of the customer, from the open eye on."""

    consent_s: float = 60.0
    opening_s: float = 8.0
    face_s: float = 15.0
    match_s: float = 4.0
    again_s: float = 20.0

    @property
    def longest_s(self) -> float:
        return max(
            self.consent_s, 2 * self.opening_s + self.face_s + 2 * self.match_s + self.again_s
        )


@dataclass(frozen=True, slots=True)
class Session:
    """`until`: when patience with this phase is over. `outcome` and `reasons` are of the last try."""

    phase: Phase = Phase.CONSENT
    at: float = 0.0
    until: float = float("inf")
    says: str = ""
    said_at: float = 0.0
    progress: float = 0.0
    judgement: Judgement | None = None
    outcome: Outcome | None = None
    reasons: tuple[str, ...] = ()


Next = tuple[Session, tuple[Wish, ...]]
EYE_OPEN = (Phase.OPENING, Phase.LOOKING, Phase.TURNING, Phase.MATCHING)
LOST: Reason = "lost_face"  # that happens to anybody


def start(now: float, patience: Patience) -> Session:
    return Session(at=now, until=now + patience.consent_s)


def happen(session: Session, event: Event, patience: Patience) -> Next:
    """An event that does not fit the phase changes nothing."""
    if session.phase is Phase.ENDED:
        return session, ()
    if isinstance(event, Tick):
        session = replace(session, at=max(session.at, event.now))
        over = session.at >= session.until
        return _out_of_patience(session, patience) if over else (session, ())
    if isinstance(event, WentAnotherWay):
        return _end(session, session.outcome or "declined", session.reasons)
    if isinstance(event, CameraTrouble | Unusable):
        return _troubled(session, event)
    return _fitting(session, event, patience)


def _fitting(session: Session, event: Event, patience: Patience) -> Next:
    match session.phase, event:
        case (Phase.CONSENT, Agreed()) | (Phase.AGAIN, TriedAgain()):
            until = session.at + patience.opening_s
            return Session(Phase.BEGINNING, session.at, until), (BeginTry(),)
        case Phase.BEGINNING, TryBegun(""):
            return _to(session, Phase.OPENING, patience.opening_s), (OpenEye(),)
        case Phase.BEGINNING, TryBegun(why_not):
            return _end(session, "locked", (why_not,))
        case Phase.OPENING, EyeOpened():
            return _to(session, Phase.LOOKING, patience.face_s), ()
        case ((Phase.LOOKING | Phase.TURNING), Seen()):
            return _seen(session, event, patience)
        case Phase.MATCHING, Matched("same"):
            return _end(session, "same")
        case Phase.MATCHING, Matched(outcome, reasons):
            return _failed(session, outcome, reasons, patience)
        case Phase.ENDING, TryEnded(why_not):
            if why_not:
                return _end(session, session.outcome or "unsure", session.reasons)
            return _to(session, Phase.AGAIN, patience.again_s), ()
    return session, ()


def _troubled(session: Session, event: CameraTrouble | Unusable) -> Next:
    if session.phase not in EYE_OPEN:
        return session, ()
    if isinstance(event, Unusable):
        return _end(session, event.outcome, event.reasons)
    return _end(session, "unavailable", (event.word,))


def _out_of_patience(session: Session, patience: Patience) -> Next:
    """With a face that was judged, it is a try; the customer may have another one."""
    if session.phase in (Phase.LOOKING, Phase.TURNING):
        seen = session.judgement or Judgement("unsure", ("no_front",))
        outcome: Outcome = "attack" if seen.outcome == "attack" else "timeout"
        return _failed(session, outcome, seen.reasons, patience)
    if session.phase is Phase.OPENING:
        return _end(session, "unavailable", ("camera_not_open",))
    if session.phase is Phase.MATCHING:
        return _end(session, "unavailable", ("no_answer",))
    return _end(session, session.outcome or "timeout", session.reasons)


def _seen(session: Session, seen: Seen, patience: Patience) -> Next:
    session = _say(session, _instruction(session.phase, seen))
    if session.phase is Phase.LOOKING:
        if seen.fit < FRONT_SIGHTS:
            return session, ()
        turning = replace(session, phase=Phase.TURNING, judgement=None)
        return turning, (AskTurn(session.until),)
    if seen.judgement is None:
        lost = seen.fit < FRONT_SIGHTS  # before the worker could ask
        return (replace(session, phase=Phase.LOOKING) if lost else session), ()
    session = replace(session, judgement=seen.judgement, progress=seen.progress)
    outcome, reasons = seen.judgement.outcome, seen.judgement.reasons
    if outcome == "live":
        return _to(session, Phase.MATCHING, patience.match_s), (Match(),)
    all_done = outcome == "attack" and seen.wanted is None  # told no later than a stranger is
    if all_done or "no_blink" in reasons:
        return _failed(session, outcome, reasons, patience)
    if outcome == "unsure" and LOST in reasons:
        return replace(session, phase=Phase.LOOKING, progress=0.0), (LookAfresh(),)
    return session, ()


def _instruction(phase: Phase, seen: Seen) -> str:
    if phase is Phase.LOOKING or seen.advice in NOT_WHILE_TURNING:
        return f"face.{seen.advice}" if seen.advice else READY
    if seen.wanted == "blink":
        return BLINK
    if seen.wanted == "front" and seen.judgement and seen.judgement.reasons in TOO_FAST:
        return SLOWLY
    return f"face.turn_{seen.wanted}" if seen.wanted else WAIT


def _say(session: Session, says: str) -> Session:
    too_soon = session.says != "" and session.at - session.said_at < STAYS_S
    if says == session.says or too_soon:
        return session
    return replace(session, says=says, said_at=session.at)


def _to(session: Session, phase: Phase, patience_s: float) -> Session:
    return replace(session, phase=phase, until=session.at + patience_s)


def _failed(
    session: Session, outcome: Outcome, reasons: tuple[str, ...], patience: Patience
) -> Next:
    """The customer is told that it did not work, and no more."""
    ending = _to(replace(session, outcome=outcome, reasons=reasons), Phase.ENDING, patience.match_s)
    return ending, (CloseEye(), EndTry(outcome))


def _end(session: Session, outcome: Outcome, reasons: tuple[str, ...] = ()) -> Next:
    """Who was seen to be none gains nothing by going away in time, nor by covering the lens."""
    seen = session.judgement
    if session.phase is Phase.TURNING and seen is not None and seen.outcome == "attack":
        outcome, reasons = seen.outcome, seen.reasons
    ended = Session(Phase.ENDED, session.at, outcome=outcome, reasons=reasons)
    if session.phase in EYE_OPEN:
        return ended, (CloseEye(), EndTry(outcome))
    return ended, ()
