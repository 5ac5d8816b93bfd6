"""Keeps one device alive: a thread of its own, reopen with growing pauses, say once when lost and once
when back. It knows nothing of what the device does.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devices.device import Condition, Driver, Health, Patience, Retry, State
from devices.port import Port, PortLost

log = logging.getLogger(__name__)

PAUSES_S = (0.25, 0.5, 1.0, 2.0)  # the last one repeats: a replugged machine is back within 5 s
STRIKES = 3  # times in a row that it fails before it counts as lost: a shaken plug is no loss
STEADY_S = 5.0  # a connection that held for so long was none of those times
ORDER_S = 30.0  # within which an order is begun and done, if nobody says otherwise


@dataclass(slots=True)
class _Job:
    order: Any
    patience: Patience
    again: bool = field(default=False)  # it is done a second time


class Keeper:
    """Tells every change of health through `tell`; the driver tells its events by itself."""

    def __init__(
        self,
        name: str,
        kind: str,
        driver: Driver,
        open_port: Callable[[], Port],
        tell: Callable[[Health], None],
        clock: Callable[[], datetime],
        *,
        expected: str = "",
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`expected`: how the right machine's identity begins; another one is not used."""
        self._driver = driver
        self._open_port = open_port
        self._tell = tell
        self._clock = clock
        self._expected = expected
        self._steady = steady
        self._jobs: deque[_Job] = deque()
        self._stop = threading.Event()
        self._port: Port | None = None
        self._strikes = 0
        self._held_since = float("inf")
        self._said_lost = False
        self._health = Health(name, kind, State.ABSENT, clock())
        self._thread = threading.Thread(target=self._live, name=f"keeper {name}", daemon=True)

    @property
    def health(self) -> Health:
        """As last known; costs the machine nothing."""
        return self._health

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        self._stop.set()
        self._wake()
        self._thread.join(timeout_s)

    def order(self, order: Any, within_s: float = ORDER_S) -> Patience:
        """Do this when the orders before it are done. Its outcome comes as the driver's event.

        The answer can be canceled.
        """
        patience = Patience(within_s, self._steady, self._wake)
        if self._said_lost or self._health.state is State.ABSENT:
            self._driver.refuse(order, self._health.detail or str(self._health.state))
        else:
            self._jobs.append(_Job(order, patience))
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
                log.exception("%s: its driver failed; it is opened again", self._health.device)
                self._lost("internalError")
            self._stop.wait(PAUSES_S[min(self._strikes, len(PAUSES_S)) - 1])
        self._refuse_all("canceled")

    def _one_connection(self) -> None:
        """Open, probe, work until the wire is lost or the program ends."""
        self._on_the_way(State.OPENING)
        port = self._open_port()
        try:
            self._port = port
            self._on_the_way(State.PROBING)
            self._probe(port)
            while not self._stop.is_set():
                self._work(port)
        finally:
            self._port = None
            port.close()

    def _on_the_way(self, state: State) -> None:
        """What is lost stays so until it has answered."""
        if not self._said_lost:
            self._now(Condition(state, self._health.detail))

    def _probe(self, port: Port) -> None:
        condition = self._driver.probe(port)
        if not self._driver.identity.startswith(self._expected):
            raise PortLost("wrongDevice", self._driver.identity)
        if self._said_lost:
            log.info("%s: is back.", self._health.device)
            self._said_lost = False
        self._held_since = self._steady()
        self._now(condition)

    def _work(self, port: Port) -> None:
        job = self._next()
        if job is None:
            self._now(self._driver.idle(port))
            return
        self._now(Condition(State.BUSY))
        try:
            self._now(self._driver.do(port, job.order, job.patience))
        except PortLost as error:
            self._broken(job, error.cause)
            raise
        except Exception:
            self._driver.abandon(job.order, "internalError")
            raise

    def _next(self) -> _Job | None:
        """The next order that somebody still waits for."""
        while self._jobs:
            job = self._jobs.popleft()
            if not job.patience.over:
                return job
            self._driver.refuse(job.order, job.patience.over)
        return None

    def _broken(self, job: _Job, cause: str) -> None:
        if job.order.retry is Retry.SAFE and not job.again:
            job.again = True
            self._jobs.appendleft(job)
        else:
            self._driver.abandon(job.order, cause)

    def _missed(self, cause: str) -> None:
        """Not there for the moment; after STRIKES in a row, lost."""
        held = self._steady() - self._held_since >= STEADY_S
        self._held_since = float("inf")
        self._strikes = 1 if held else self._strikes + 1
        if self._strikes >= STRIKES or cause == "wrongDevice":
            self._lost(cause)
        elif not self._said_lost:
            self._now(Condition(State.OPENING, cause))

    def _lost(self, cause: str) -> None:
        self._strikes = max(self._strikes, STRIKES)
        if not self._said_lost:
            log.warning("%s: is lost (%s).", self._health.device, cause)
            self._said_lost = True
        self._now(Condition(State.FAULT if cause == "wrongDevice" else State.ABSENT, cause))
        self._refuse_all(cause)

    def _refuse_all(self, cause: str) -> None:
        while self._jobs:
            self._driver.refuse(self._jobs.popleft().order, cause)

    def _now(self, condition: Condition) -> None:
        old, identity = self._health, self._driver.identity
        if (condition.state, condition.detail, identity) == (old.state, old.detail, old.identity):
            return
        since = old.since if condition.state is old.state else self._clock()
        self._health = Health(
            old.device, old.kind, condition.state, since, condition.detail, identity
        )
        self._tell(self._health)
