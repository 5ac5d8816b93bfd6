"""One check of a customer's face as the kiosk runs it: the session with its worker, the camera and the limits.

Not responsible for: the screen, the journal, and what comes after the outcome. The kiosk's one thread calls it; the worker's answers come
through the inbox like everything else.
"""

from typing import Protocol

from kiosk.identity import session
from kiosk.identity.engine import Image
from kiosk.identity.session import Patience, Session
from kiosk.identity.session_events import (
    AskTurn,
    BeginTry,
    CloseEye,
    EndTry,
    Event,
    LookAfresh,
    Match,
    OpenEye,
    Outcome,
    TryBegun,
    TryEnded,
    Wish,
)
from kiosk.identity.worker import Worker


class Around(Protocol):
    """What the kiosk lends to a check."""

    def open_eye(self) -> None:
        """Frames come to `Check.look`; EyeOpened or CameraTrouble to `Check.happen`."""

    def close_eye(self) -> None: ...

    def worker(self) -> Worker:
        """A new one, whose events come to `Check.happen`, in the kiosk's thread."""

    def begin_try(self) -> str:
        """Which limit is reached; nothing when it has begun, and is written down."""

    def end_try(self, outcome: Outcome) -> str:
        """Which limit stands against another try."""


class Check:
    """`session` is to be shown; once its phase is ENDED it holds the outcome, and nothing else is left."""

    def __init__(self, around: Around, now: float, patience: Patience | None = None) -> None:
        self._around = around
        self._patience = patience or Patience()
        self._worker: Worker | None = None
        self.session: Session = session.start(now, self._patience)

    def look(self, image: Image, at: float) -> None:
        """A frame of the camera. From any thread."""
        worker = self._worker
        if worker is not None:
            worker.look(image, at)

    def happen(self, event: Event) -> None:
        self.session, wishes = session.happen(self.session, event, self._patience)
        for wish in wishes:
            self._fulfil(wish)

    def _fulfil(self, wish: Wish) -> None:
        match wish:
            case BeginTry():
                self.happen(TryBegun(self._around.begin_try()))
            case EndTry(outcome):
                self.happen(TryEnded(self._around.end_try(outcome)))
            case OpenEye():
                self._worker = self._around.worker()
                self._around.open_eye()
            case CloseEye():
                self._around.close_eye()
                self._drop()
            case _:
                self._tell_worker(wish)

    def _tell_worker(self, wish: AskTurn | LookAfresh | Match) -> None:
        if self._worker is None:
            return
        match wish:
            case AskTurn(until):
                self._worker.ask(until)
            case LookAfresh():
                self._worker.look_afresh()
            case Match():
                self._worker.match()

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()
