"""Keeps one device alive: a thread of its own, reopen with growing pauses, say once when lost and once
when back. It knows nothing of what the device does.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from queue import Empty, Queue
from typing import Any

from devices.device import Condition, Driver, Health, State
from devices.port import Port, PortLost

log = logging.getLogger(__name__)

PAUSES_S = (0.25, 0.5, 1.0, 2.0)  # the last one repeats: a replugged machine is back within 5 s


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
    ) -> None:
        self._driver = driver
        self._open_port = open_port
        self._tell = tell
        self._clock = clock
        self._orders: Queue[Any] = Queue()
        self._stop = threading.Event()
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
        self._thread.join(timeout_s)

    def order(self, order: Any) -> None:
        """Do this when the orders before it are done. Its outcome comes as the driver's event."""
        if self._health.state.works:
            self._orders.put(order)
        else:
            self._driver.refuse(order, self._health.detail or str(self._health.state))

    def _live(self) -> None:
        pauses = _growing()
        while not self._stop.is_set():
            try:
                self._one_connection()
            except PortLost as error:
                if self._health.state.works:
                    pauses = _growing()
                self._lost(error.cause)
            except Exception:
                log.exception("%s: its driver failed; it is opened again", self._health.device)
                self._lost("internalError")
            self._stop.wait(next(pauses))

    def _one_connection(self) -> None:
        """Open, probe, work until the wire is lost or the program ends."""
        port = self._open_port()
        try:
            self._probe(port)
            while not self._stop.is_set():
                self._work(port)
        finally:
            port.close()

    def _probe(self, port: Port) -> None:
        condition = self._driver.probe(port)
        if self._said_lost:
            log.info("%s: is back.", self._health.device)
            self._said_lost = False
        self._now(condition)

    def _work(self, port: Port) -> None:
        try:
            order = self._orders.get_nowait()
        except Empty:
            self._now(self._driver.idle(port))
            return
        if not self._health.state.works:
            self._driver.refuse(order, self._health.detail)
            return
        self._now(Condition(State.BUSY))
        self._now(self._driver.do(port, order))

    def _lost(self, cause: str) -> None:
        if not self._said_lost:
            log.warning("%s: is lost (%s).", self._health.device, cause)
            self._said_lost = True
        self._now(Condition(State.ABSENT, cause))
        with suppress(Empty):
            while True:
                self._driver.refuse(self._orders.get_nowait(), cause)

    def _now(self, condition: Condition) -> None:
        old = self._health
        if (condition.state, condition.detail) == (old.state, old.detail):
            return
        since = old.since if condition.state is old.state else self._clock()
        self._health = Health(old.device, old.kind, condition.state, since, condition.detail)
        self._tell(self._health)


def _growing() -> Iterator[float]:
    yield from PAUSES_S
    while True:
        yield PAUSES_S[-1]
