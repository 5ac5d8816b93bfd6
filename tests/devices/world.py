"""A driver, a simulated machine and the cable between them, in one thread and on a clock of their own: it moves only
while somebody waits, so that a minute with a machine takes milliseconds.

The cable carries bytes at its speed, in the pieces that a UART sends, obeys XON/XOFF or not, loses answers when told
to, and breaks or ends the program at any byte.
"""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from devices.device import Patience
from devices.port import PortLost
from devices.simulate import XOFF, XON, Machine

KERNEL_BYTES = 4096  # taken from a program at once; what is more has to wait
BITS_A_BYTE = 10
PAUSES_S = (0.25, 0.5, 1.0, 2.0)  # as the keeper's
STRIKES = 3
ORDER_S = 30.0
TICK_S = 1e-6  # a clock that is looked at has moved


class Killed(BaseException):
    """kill -9: nothing that the driver does about errors is done."""


class World:
    """The clock, what is to happen when, the machine and its cable."""

    def __init__(
        self,
        machine: Machine,
        *,
        baud: int,
        obeys_xoff: bool = True,
        piece: int = 16,
        begins: float = 0.0,
    ) -> None:
        """`piece`: bytes that a UART sends without looking at what it is told."""
        self.machine, self.now, self.plugged = machine, begins, True
        self.generation = self.sent = self.unheard = 0
        self.woken = self.killed = self.drains = (
            False  # drains: a killed program's last bytes go out
        )
        self._byte_s, self._obeys, self._piece = BITS_A_BYTE / baud, obeys_xoff, piece
        self._out, self._in = bytearray(), bytearray()
        self._free_at, self._held = begins, False
        self.log: list[tuple[float, bytes]] = []  # what has reached the machine
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._at_byte: list[tuple[int, int, Callable[[], None]]] = []
        self._number = count()
        self.hear(machine.power_on(begins))

    def clock(self) -> float:
        return self.now

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._number), action))

    def at_byte(self, total: int, action: Callable[[], None]) -> None:
        """When so many bytes have reached the machine."""
        heapq.heappush(self._at_byte, (total, next(self._number), action))

    def cancel_at_bytes(self) -> None:
        self._at_byte.clear()

    def hear(self, data: bytes) -> None:
        """What the machine says: to the program, or to nobody."""
        for byte in data:
            if byte in (XON, XOFF) and self._obeys:
                self._held = byte == XOFF
        lost = min(self.unheard, len(data))
        self.unheard -= lost
        if self.plugged:
            self._in += data[lost:]

    def unplug(self) -> None:
        self.plugged = False
        self.forget(all_of_it=True)

    def replug(self) -> None:
        self.plugged = True

    def kill(self) -> None:
        self.killed = True

    def forget(self, *, all_of_it: bool) -> None:
        """The program's end is closed; what the kernel has taken may still go out."""
        self.generation += 1
        self._in.clear()
        if all_of_it:
            self._out.clear()
        self._held = False

    def write(self, data: bytes, timeout_s: float) -> None:
        until = self.now + timeout_s
        self._out += data
        while len(self._out) > KERNEL_BYTES:
            if self.now >= until:
                raise PortLost("writeTimeout")
            self.step(until)
            self.check()

    def read(self, timeout_s: float) -> bytes:
        until = self.now + (max(timeout_s, TICK_S) if timeout_s > 0 else 0.0)
        while not self._in and not self.woken and self.now < until:
            self.step(until)
            self.check()
        self.woken = False
        data = bytes(self._in)
        self._in.clear()
        return data

    def check(self) -> None:
        if self.killed:
            raise Killed
        if not self.plugged:
            raise PortLost("noDevice")

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until and not self.killed:
            self.step(until)

    def step(self, until: float) -> None:
        """On to the next thing that happens, at the latest to `until`."""
        self.now = max(self.now, min(until, *self._dues(), self._sends_at()))
        while self._agenda and self._agenda[0][0] <= self.now:
            heapq.heappop(self._agenda)[2]()
        if self._sends_at() <= self.now:
            self._send_piece()
        self.hear(self.machine.pass_time(self.now))

    def _dues(self) -> list[float]:
        due = self.machine.next_deadline()
        agenda = self._agenda[0][0] if self._agenda else float("inf")
        return [float("inf") if due is None else due, agenda]

    def _sends_at(self) -> float:
        sends = self._out and self.plugged and not self._held
        return self._free_at if sends else float("inf")

    def _send_piece(self) -> None:
        room = self._at_byte[0][0] - self.sent if self._at_byte else self._piece
        piece = bytes(self._out[: max(1, min(room, self._piece))])
        del self._out[: len(piece)]
        self.sent += len(piece)
        self._free_at = self.now + len(piece) * self._byte_s
        self.log.append((self.now, piece))
        self.hear(self.machine.receive(piece, self.now))
        while self._at_byte and self._at_byte[0][0] <= self.sent:
            heapq.heappop(self._at_byte)[2]()


class Wire:
    """One opening of the cable: a port as drivers know it."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.check()
        world.forget(all_of_it=False)
        self._generation = world.generation

    def _check(self) -> None:
        self._world.check()
        if self._generation != self._world.generation:
            raise PortLost("noDevice")  # it has been out and in again meanwhile

    def read(self, timeout_s: float) -> bytes:
        self._check()
        data = self._world.read(timeout_s)
        self._check()
        return data

    def write(self, data: bytes, timeout_s: float) -> None:
        self._check()
        self._world.write(data, timeout_s)
        self._check()

    def wake(self) -> None:
        self._world.woken = True

    def close(self) -> None:
        if self._generation == self._world.generation:
            self._world.forget(all_of_it=True)


class Attendant:
    """What a keeper does with its driver, and what somebody does who starts the program again after its end."""

    def __init__(self, world: World, start: Callable[[], Any], *, pause_s: float = 1.0) -> None:
        """`start` makes the driver of a new process; `pause_s` is how long that takes."""
        self.world, self._start, self._pause_s = world, start, pause_s
        self.driver = start()
        self.waiting: list[tuple[Any, Patience]] = []
        self.doing: Any = None
        self.idling = False
        self.condition: Any = None  # of the open wire
        self.dropped: list[str] = []  # jobs of a process that was killed
        self.times: list[tuple[str, float, float]] = []  # job, begun, ended
        self._wire: Wire | None = None
        self._strikes = 0

    def order(self, order: Any, within_s: float = ORDER_S) -> Patience:
        patience = Patience(within_s, self.world.clock)
        self.waiting.append((order, patience))
        self.world.woken |= self.idling
        return patience

    def run(self, until: float, enough: Callable[[], bool] = lambda: False) -> None:
        while self.world.now < until and not enough():
            try:
                self._turn()
            except PortLost as error:
                self._lost(error.cause)
            except Killed:
                self._killed()

    def _turn(self) -> None:
        if self._wire is None:
            self._wire = Wire(self.world)
            self.condition = self.driver.probe(self._wire)
            self._strikes = 0
        elif self.waiting:
            self._do(*self.waiting.pop(0))
        else:
            self.idling = True
            self.condition = self.driver.idle(self._wire)
            self.idling = False

    def _do(self, order: Any, patience: Patience) -> None:
        if patience.over:
            self.driver.refuse(order, patience.over)
            return
        self.doing, begun = order, self.world.now
        try:
            self.condition = self.driver.do(self._wire, order, patience)
        except PortLost as error:
            self.driver.abandon(order, error.cause)
            raise
        finally:
            self.times.append((order.job, begun, self.world.now))
        self.doing = None

    def _lost(self, cause: str) -> None:
        self._close()
        self._strikes += 1
        if self._strikes >= STRIKES:
            for order, _ in self.waiting:
                self.driver.refuse(order, cause)
            self.waiting.clear()
        self.world.wait(PAUSES_S[min(self._strikes, len(PAUSES_S)) - 1])

    def _killed(self) -> None:
        """Nobody tells anything of its orders any more."""
        self.dropped += [self.doing.job] if self.doing else []
        self.dropped += [order.job for order, _ in self.waiting]
        self.waiting.clear()
        self.world.killed = False
        if self.world.drains:
            self._wire = None
        self._close()
        self._strikes = 0
        self.world.wait(self._pause_s)
        self.driver = self._start()

    def _close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire, self.condition, self.doing, self.idling = None, None, None, False
