"""Keeps one device alive: a thread of its own, reopen with growing pauses, say once when lost and once
when back. It knows nothing of what the device does.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from devices.device import Condition, Health, Kept, Patience, Retry, State, Wire
from devices.port import PortLost

log = logging.getLogger(__name__)
W = TypeVar("W", bound=Wire)

PAUSES_S = (0.25, 0.5, 1.0, 2.0)  # the last one repeats: a replugged machine is back within 5 s
STRIKES = 3  # times in a row that it fails before it counts as lost: a shaken plug is no loss
STEADY_S = 5.0  # a connection that held for so long was none of those times
TRIAL_S = (
    1.5  # what answers and falls away at once, again and again, must hold for so long to be back
)
ORDER_S = 30.0  # within which an order is begun and done, if nobody says otherwise


@dataclass(slots=True)
class _Job:
    order: Any
    patience: Patience
    begun: bool = False  # and the wire broke: it is done once more


class Keeper:
    """Tells every change of health through `tell`; the driver tells its events by itself."""

    def __init__(
        self,
        name: str,
        kind: str,
        driver: Kept[W],
        open_port: Callable[[], W],
        tell: Callable[[Health], None],
        clock: Callable[[], datetime],
        *,
        expected: str = "",
        steady: Callable[[], float] = time.monotonic,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        """`expected`: how the right machine's identity begins; another one is not used."""
        self._driver: Kept[Any] = driver
        self._open_port: Callable[[], Any] = open_port
        self._tell = tell
        self._clock = clock
        self._expected = expected
        self._steady = steady
        self._pauses_s = pauses_s
        self._jobs: deque[_Job] = deque()
        self._door = threading.Lock()
        self._closed = "absent"  # why orders are not taken at all: no thread to do them
        self._stop = threading.Event()
        self._news = threading.Event()  # ends a pause: an order, or the end
        self._port: Wire | None = None
        self._idling = False
        self._doing: Patience | None = None
        self._strikes = 0
        self._falls = 0  # times in a row that it answered and fell away before STEADY_S
        self._answered_at: float | None = None
        self._said_lost = False
        self._health = Health(name, kind, State.ABSENT, clock())
        self._thread = threading.Thread(target=self._live, name=f"keeper {name}", daemon=True)

    @property
    def health(self) -> Health:
        """As last known; costs the machine nothing."""
        return self._health

    def start(self) -> None:
        with self._door:
            self._closed = ""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """The order that is being done is canceled, those that wait are refused."""
        self._stop.set()
        self._news.set()
        doing = self._doing
        if doing is not None:
            doing.cancel()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def order(self, order: Any, within_s: float = ORDER_S) -> Patience:
        """Do this when the orders before it are done. Its outcome comes as the driver's event.

        The answer can be canceled.
        """
        patience = Patience(within_s, self._steady, self._wake)
        with self._door:
            closed = self._closed
            if not closed:
                self._jobs.append(_Job(order, patience))
        if closed:
            self._driver.refuse(order, closed)
            return patience
        self._news.set()
        if self._idling:  # whoever works is not disturbed: it looks for the next order by itself
            self._wake()
        return patience

    def _wake(self) -> None:
        port = self._port
        if port is not None:
            port.wake()

    def _live(self) -> None:
        while not self._stop.is_set():
            try:
                self._one_connection()
            except PortLost as error:
                self._missed(error.cause)
            except Exception:
                if self._health.detail != "internalError":
                    log.exception("%s: its driver failed; it is opened again", self._health.device)
                self._missed("internalError")
            self._pause(self._pauses_s[min(self._strikes, len(self._pauses_s)) - 1])
        with self._door:
            self._closed = "canceled"
        self._give_up_all("canceled")

    def _pause(self, seconds: float) -> None:
        """Orders wait for a machine that is missed for the moment, not for one that is lost."""
        until = self._steady() + seconds
        while not self._stop.is_set():
            if self._said_lost:
                self._give_up_all(self._health.detail)
            if not self._news.wait(max(0.0, until - self._steady())):
                return
            self._news.clear()

    def _one_connection(self) -> None:
        """Open, probe, work until the wire is lost or the program ends."""
        self._on_the_way(State.OPENING)
        port = self._open_port()
        try:
            self._port = port
            self._on_the_way(State.PROBING)
            self._work(port, self._probe(port))
        finally:
            self._port = None
            port.close()

    def _on_the_way(self, state: State) -> None:
        """What is lost stays so until it has answered."""
        if not self._said_lost:
            self._now(Condition(state, self._health.detail))

    def _probe(self, port: Wire) -> Condition:
        condition = self._driver.probe(port)
        if not self._driver.identity.startswith(self._expected):
            raise PortLost("wrongDevice", self._driver.identity)
        self._answered_at = self._steady()
        return condition

    def _work(self, port: Wire, condition: Condition) -> None:
        if self._said_lost and self._falls >= STRIKES:
            condition = self._try_it(port, condition)
        if self._said_lost and not self._stop.is_set():
            log.info("%s: is back.", self._health.device)
            self._said_lost = False
        while not self._stop.is_set():
            self._now(condition)
            job = self._next()
            condition = self._idle(port) if job is None else self._do(port, job)

    def _try_it(self, port: Wire, condition: Condition) -> Condition:
        until = self._steady() + TRIAL_S
        while not self._stop.is_set() and self._steady() < until:
            self._give_up_all(self._health.detail)
            condition = self._driver.idle(port)
        return condition

    def _idle(self, port: Wire) -> Condition:
        self._idling = True
        try:
            if self._jobs or self._stop.is_set():  # it came before we could be woken
                return Condition(self._health.state, self._health.detail)
            return self._driver.idle(port)
        finally:
            self._idling = False

    def _do(self, port: Wire, job: _Job) -> Condition:
        self._doing = job.patience
        if self._stop.is_set():  # too late for `stop` to see it
            self._jobs.appendleft(job)
            return Condition(self._health.state, self._health.detail)
        self._now(Condition(State.BUSY))
        try:
            return self._driver.do(port, job.order, job.patience)
        except PortLost as error:
            self._broken(job, error.cause)
            raise
        except Exception:
            job.begun = True
            self._give_up(job, "internalError")
            raise
        finally:
            self._doing = None

    def _next(self) -> _Job | None:
        """The next order that somebody still waits for."""
        while self._jobs:
            job = self._jobs.popleft()
            if not job.patience.over:
                return job
            self._give_up(job, job.patience.over)
        return None

    def _broken(self, job: _Job, cause: str) -> None:
        once_more = job.order.retry is Retry.SAFE and not job.begun
        job.begun = True
        if once_more:
            self._jobs.appendleft(job)
        else:
            self._give_up(job, cause)

    def _missed(self, cause: str) -> None:
        """Not there for the moment; after STRIKES in a row, lost."""
        answered_at, self._answered_at = self._answered_at, None
        if answered_at is not None:
            held = self._steady() - answered_at >= STEADY_S
            self._falls = 0 if held else self._falls + 1
            self._strikes = 0 if held else self._strikes
        self._strikes += 1
        if cause in ("wrongDevice", "internalError"):
            self._strikes = max(self._strikes, STRIKES)
        if self._strikes >= STRIKES or self._said_lost:
            self._lost(cause)
        else:
            self._now(Condition(State.OPENING, cause))

    def _lost(self, cause: str) -> None:
        if not self._said_lost:
            log.warning("%s: is lost (%s).", self._health.device, cause)
            self._said_lost = True
        self._now(Condition(State.FAULT if cause == "wrongDevice" else State.ABSENT, cause))
        self._give_up_all(cause)

    def _give_up_all(self, cause: str) -> None:
        while self._jobs:
            self._give_up(self._jobs.popleft(), cause)

    def _give_up(self, job: _Job, cause: str) -> None:
        """Its outcome, whatever the driver makes of it: the other orders wait for theirs."""
        say = self._driver.abandon if job.begun else self._driver.refuse
        try:
            say(job.order, cause)
        except Exception:
            log.exception("%s: an outcome could not be told", self._health.device)

    def _now(self, condition: Condition) -> None:
        old, identity = self._health, self._driver.identity
        if (condition.state, condition.detail, identity) == (old.state, old.detail, old.identity):
            return
        since = old.since if condition.state is old.state else self._clock()
        self._health = Health(
            old.device, old.kind, condition.state, since, condition.detail, identity
        )
        try:
            self._tell(self._health)
        except Exception:
            log.exception("%s: its health could not be told", self._health.device)


def stop_all(keepers: Iterable[Keeper], timeout_s: float = 2.0) -> None:
    """At once: together they take no longer than one."""
    every, until = list(keepers), time.monotonic() + timeout_s
    for keeper in every:
        keeper.stop(0.0)
    for keeper in every:
        keeper.stop(max(0.0, until - time.monotonic()))
