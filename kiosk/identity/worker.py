"""The heavy work of one session in a thread of its own: the newest few frames only, and all of it dropped at the end.

Not responsible for: what is asked of the customer (session.py), the camera, the limits.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from kiosk.identity import liveness
from kiosk.identity.asked import challenge
from kiosk.identity.chip import NoReference
from kiosk.identity.decision import Verdict, judge, look, rivals
from kiosk.identity.engine import Engine, Image, Template
from kiosk.identity.guidance import Advice, advise
from kiosk.identity.liveness import FRONT_SIGHTS, STALL_S, Sight, Watch
from kiosk.identity.models import ModelError
from kiosk.identity.on_head import on_head
from kiosk.identity.opened import Opened
from kiosk.identity.quality import measure, pose
from kiosk.identity.session_events import Matched, Seen, Unusable

log = logging.getLogger(__name__)

UPSIDE_DOWN = "upside_down"

Event: TypeAlias = Seen | Matched | Unusable
KEPT = 6  # fit frames, of which the best count
LOOKED_OVER = (
    3  # sights at the start: does a face stand on its head in all of them, the camera does
)
AT_REST_DEG, AT_REST_S = 6.0, 0.25  # the finder itself sees some faces now here, now 5 degrees off
WAITING = 6  # frames at most: while a turn is judged none shall be missing, or a face would seem to have been away


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A frame that may be judged, how sharp its face is, and which way it looks in degrees."""

    sight: Sight
    sharpness: float
    yaw: float


class Eyes:
    """What the thread remembers of the customer. Only the thread looks in here."""

    def __init__(
        self, engine: Engine, owner: Template, random: Random, *, blink: bool = False
    ) -> None:
        """`blink`: it is asked for."""
        self._engine, self._owner, self._random, self._blink = engine, owner, random, blink
        self._advice: Advice | None = None
        self._on_heads: list[bool] = []
        self.afresh()

    def afresh(self) -> None:
        self._fit: list[Fit] = []
        self._latest: Sight | None = None
        self._watch: Watch | None = None
        self._opened = Opened(must_be_seen=self._blink)

    def see(self, image: Image, at: float) -> Seen | Unusable:
        faces = self._engine.find(image)
        self._advice = advise(self._advice, image, faces, at)
        alone = Sight(at, faces[0], image) if faces and not rivals(faces, image) else None
        if self._upside_down(alone):
            return Unusable("unavailable", (UPSIDE_DOWN,))
        advice = self._advice.reason or _advice_on_place(alone)
        if self._watch is None:
            before, self._opened = self._opened, self._opened.see(None if advice else alone)
            if before.most is not self._opened.most:  # until now they were not as open
                self._fit = []
            advice = advice or self._opened.advice
            self._collect(alone, fit=advice == "" and self._opened.may_go_on)
        elif alone:
            self._watch = self._unbroken(liveness.see(self._watch, alone, self._engine))
        else:
            self._watch = liveness.see_nobody(self._watch, at)
        return self._told(advice)

    def ask(self, until: float) -> None:
        """Once: word of what was seen before may be on its way still, and ask again."""
        if self._watch is None and self._latest and self._fits() >= FRONT_SIGHTS:
            front = [one.sight for one in self._best()]
            turns = challenge(self._random, blink=self._blink)
            self._watch = liveness.begin(front, self._latest, turns, until, self._engine)

    def match(self) -> Matched:
        """By the very frames that the turn started from."""
        if self._watch is None or liveness.judgement(self._watch).outcome != "live":
            return Matched("unsure", ("not_live",))
        frames = [one.image for one in self._watch.front]
        verdict = judge(self._owner, frames, self._engine)
        return Matched(verdict.outcome, verdict.reasons)

    def _unbroken(self, watch: Watch) -> Watch:
        if watch.reasons != {"jump"}:
            return watch
        return liveness.anew(watch, challenge(self._random, blink=self._blink))

    def _upside_down(self, alone: Sight | None) -> bool:
        if alone is not None and len(self._on_heads) < LOOKED_OVER:
            self._on_heads.append(on_head(alone.image, alone.face, self._engine))
        return len(self._on_heads) == LOOKED_OVER and all(self._on_heads)

    def _collect(self, alone: Sight | None, *, fit: bool) -> None:
        """One face without a gap; otherwise it may be somebody else."""
        gap = alone and self._latest and alone.at - self._latest.at > STALL_S
        if alone is None or gap:
            self._fit = []
        self._latest = alone
        if alone and fit:
            sharpness, yaw = measure(alone.image, alone.face).sharpness, pose(alone.face)[0]
            at_rest = [one for one in self._fit if abs(one.yaw - yaw) <= AT_REST_DEG]
            self._fit = [*at_rest, Fit(alone, sharpness, yaw)][-KEPT:]

    def _best(self) -> list[Fit]:
        best = sorted(self._fit, key=lambda one: one.sharpness)[-FRONT_SIGHTS:]
        return sorted(best, key=lambda one: one.sight.at)

    def _fits(self) -> int:
        """Of a head at rest: one that comes back from a turn passes by the front."""
        rested = bool(self._fit) and self._fit[-1].sight.at - self._fit[0].sight.at >= AT_REST_S
        return len(self._fit) if rested else min(len(self._fit), FRONT_SIGHTS - 1)

    def _told(self, advice: str) -> Seen:
        watch = self._watch
        if watch is None:
            return Seen(advice, self._fits())
        told = liveness.judgement(watch)
        return Seen(advice, self._fits(), told, watch.wanted, watch.progress)


def _advice_on_place(alone: Sight | None) -> str:
    """Liveness wants to see something beside the face."""
    if alone is None or liveness.in_surroundings(alone):
        return ""
    width = alone.image.shape[1]
    aside = abs(alone.face.x + alone.face.width / 2 - width / 2)
    return "move_to_middle" if aside > width / 6 else "step_back"


Order: TypeAlias = Callable[[Eyes], Event | None]


class Worker:
    """Any thread may call; nothing here waits. `tell` is called in the worker's thread, and never after `end`."""

    def __init__(
        self,
        open_engine: Callable[[], Engine],
        reference: Callable[[], Image],
        tell: Callable[[Event], None],
        random: Random,
        *,
        blink: bool = False,
    ) -> None:
        """An engine is not for two threads at once, and `end` does not wait: each worker opens its own. Both are fetched in
        the worker's thread; `reference` may raise NoReference."""
        self._changed = threading.Condition()
        self._orders: list[Order] = []
        self._frames: deque[tuple[Image, float]] = deque(maxlen=WAITING)
        self._ended = False
        self._tell, self._blink = tell, blink
        args = (open_engine, reference, random)
        self._thread = threading.Thread(target=self._live, args=args, name="face", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def look(self, image: Image, at: float) -> None:
        """Of too many that have not been looked at yet the oldest is dropped. `at`: s of a steady clock."""
        with self._changed:
            if not self._ended:
                self._frames.append((image, at))
                self._changed.notify()

    def ask(self, until: float) -> None:
        self._order(lambda eyes: eyes.ask(until))

    def look_afresh(self) -> None:
        self._order(lambda eyes: eyes.afresh())

    def match(self) -> None:
        self._order(lambda eyes: eyes.match())

    def end(self) -> None:
        """What is being looked at is dropped as soon as the engine lets go of it."""
        with self._changed:
            self._ended = True
            self._orders.clear()
            self._frames.clear()
            self._changed.notify()

    def _order(self, order: Order) -> None:
        with self._changed:
            if not self._ended:
                self._orders.append(order)
                self._changed.notify()

    def _live(
        self, open_engine: Callable[[], Engine], reference: Callable[[], Image], random: Random
    ) -> None:
        try:
            engine = open_engine()
            owner = look(reference(), engine, "reference")
            if isinstance(owner, Verdict):
                return self._say(Unusable(owner.outcome, owner.reasons))
            self._work(Eyes(engine, owner, random, blink=self._blink))
        except NoReference as error:
            log.warning("Nobody can be compared: %s.", error)
            self._say(Unusable("unavailable", (error.reason,)))
        except ModelError as error:
            log.error("%s", error)
            self._say(Unusable("unavailable", ("model_unusable",)))
        except Exception as error:  # noqa: BLE001  OpenCV's own, of any kind
            log.error("The engine failed: %s.", type(error).__name__)
            self._say(Unusable("unavailable", ("engine_failed",)))

    def _work(self, eyes: Eyes) -> None:
        while (order := self._next()) is not None:
            said = order(eyes)
            if said is not None:
                self._say(said)

    def _next(self) -> Order | None:
        """Orders come before frames. None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._orders or self._frames)
            if self._ended:
                return None
            if self._orders:
                return self._orders.pop(0)
            image, at = self._frames.popleft()
        return lambda eyes: eyes.see(image, at)

    def _say(self, event: Event) -> None:
        with self._changed:
            if not self._ended:
                self._tell(event)
