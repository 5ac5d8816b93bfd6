"""Births, queues and health of many branches over one connection, without journals: for whoever builds the board.

Nothing is in a journal, so head office's ledger stays empty, and a proof has nothing to prove.
"""

import asyncio
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from edge_agent import VERSION, messages, topics
from edge_agent.messages import CounterNow, EstimatedWait, QueueNow, Queues
from fleet import rhythm
from fleet.machines import KINDS, Machines
from fleet.places import Place, place
from fleet.rhythm import OPEN_FOR_S
from program.broker import Broker
from program.in_flight import Message
from program.line_state import LineState
from program.mqtt_link import MqttLink

SIGN_OF_LIFE_S = 10.0
AT_ONCE = 200  # branches, before others have a turn
SERVICES = (
    ("cash", {"zh-Hans": "现金业务", "zh-Hant": "現金業務", "en": "Cash"}),
    ("cards", {"zh-Hans": "银行卡与账户", "zh-Hant": "銀行卡與賬戶", "en": "Cards and accounts"}),
    ("wealth", {"zh-Hans": "理财与基金", "zh-Hant": "理財與基金", "en": "Wealth and funds"}),
)
COUNTERS, SERVICE_S = 4, 360
OFFLINE = 0.01  # share of the branches
FAILS, REPAIRED = 0.002, 0.05  # a machine of a branch, at each turn


@dataclass
class Shown:
    """A branch as it is told; `waiting` and `issued` go with the hours."""

    place: Place
    chance: Random
    machines: Machines
    size: float
    offline: bool
    broken: str = ""
    waiting: list[int] = field(default_factory=lambda: [0] * len(SERVICES))
    issued: int = 0


class StatesOnly:
    """`day_s`: real seconds for the opening hours, over and over."""

    def __init__(
        self, broker: Broker, branches: int, seed: int, day_s: float, clock: Callable[[], datetime]
    ) -> None:
        self._clock, self._day_s = clock, day_s
        self._opened, self._began = clock(), time.monotonic()
        self._all = [self._shown(number, seed) for number in range(1, branches + 1)]
        self._connected = asyncio.Event()
        self.sent = 0
        self._link = MqttLink(
            broker,
            client_id=f"fleet-states-{secrets.token_hex(4)}",
            subscriptions=[],
            on_connected=self._connected.set,
            on_message=lambda _message: None,
            will=None,
            state=LineState(),
            one_reader=False,
            clock=lambda: datetime.now(UTC),
            random=Random(seed),
        )

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._link.run())
            both.create_task(self._tell_for_ever())

    @property
    def told(self) -> int:
        """Messages that were handed to the broker."""
        return self.sent

    def _shown(self, number: int, seed: int) -> Shown:
        chance = Random(f"{seed}-{number}")
        machines, size = Machines(chance, 0.0), rhythm.size(chance)
        return Shown(place(number, seed), chance, machines, size, chance.random() < OFFLINE)

    async def _tell_for_ever(self) -> None:
        await self._connected.wait()
        await self._each(self._be_born)
        while True:
            began = time.monotonic()
            await self._each(self._go_on)
            await asyncio.sleep(max(0.0, SIGN_OF_LIFE_S - (time.monotonic() - began)))

    async def _each(self, tell: Callable[[Shown], None]) -> None:
        """A breath between some and the next, so that the broker and the link keep up."""
        for number, shown in enumerate(self._all):
            tell(shown)
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0.05)

    def _be_born(self, shown: Shown) -> None:
        birth = messages.Birth(
            branch=shown.place.branch,
            name=shown.place.names,
            version=VERSION,
            epoch=f"states-{shown.place.branch}",
            session="states",
            status="offline" if shown.offline else "online",
            at=self._clock(),
        )
        self._publish(shown, "birth", birth)
        self._tell_health(shown)

    def _go_on(self, shown: Shown) -> None:
        if shown.offline:
            return
        if self._machines_change(shown):
            self._tell_health(shown)
        self._publish(shown, "queues", self._queues(shown))

    def _machines_change(self, shown: Shown) -> bool:
        dice, now = shown.chance.random(), self._clock()
        if not shown.broken and dice < FAILS:
            shown.broken = shown.chance.choice(KINDS)
            shown.machines.fails(shown.broken, now)
        elif shown.broken and dice < REPAIRED:
            shown.machines.works(shown.broken, now)
            shown.broken = ""
        else:
            return False
        return True

    def _tell_health(self, shown: Shown) -> None:
        devices = shown.machines.all(self._opened)
        self._publish(shown, "health", messages.Health(at=self._clock(), devices=devices))

    def _queues(self, shown: Shown) -> Queues:
        now = self._clock()
        self._move_on(shown)
        served = shown.issued - sum(shown.waiting)
        return Queues(
            branch=shown.place.branch,
            name=shown.place.names,
            at=now,
            business_day=now.date(),
            epoch=f"states-{shown.place.branch}",
            journal_seq=0,
            queues=[_queue(i, waiting) for i, waiting in enumerate(shown.waiting)],
            counters=_counters(shown, now),
            calls=[],
            issued=shown.issued,
            served=max(0, served),
            missed=shown.issued // 25,
        )

    def _move_on(self, shown: Shown) -> None:
        """The lines follow the two humps of the day, each branch by its size."""
        at_s = (time.monotonic() - self._began) % self._day_s / self._day_s * OPEN_FOR_S
        for i in range(len(SERVICES)):
            wanted = 14 * shown.size * _crowd(at_s) / (i + 1)
            step = shown.chance.gauss((wanted - shown.waiting[i]) / 2, 1)
            shown.waiting[i] = max(0, shown.waiting[i] + round(step))
            shown.issued += max(0, round(step)) + (shown.waiting[i] > 0)

    def _publish(self, shown: Shown, leaf: str, shape: msgspec.Struct) -> None:
        topic = topics.topic(shown.place.branch, leaf)
        self.sent += self._link.publish(Message(topic, msgspec.json.encode(shape), retain=True))


def _crowd(at_s: float) -> float:
    """How full a branch is at that time of the day, 0 to about 1."""
    return sum(
        share / 0.55 * math.exp(-(((at_s - middle) / (1.5 * spread)) ** 2) / 2)
        for share, middle, spread in rhythm.HUMPS
    )


def _queue(number: int, waiting: int) -> QueueNow:
    service, names = SERVICES[number]
    likely = waiting * SERVICE_S // COUNTERS
    wait = EstimatedWait(low_s=likely // 2, likely_s=likely, high_s=likely * 2)
    longest = likely if waiting else 0
    return QueueNow(
        service=service, names=names, waiting=waiting, longest_wait_s=longest, estimated_wait=wait
    )


def _counters(shown: Shown, now: datetime) -> list[CounterNow]:
    """All of them serve while somebody waits; one at the end is closed in a small branch."""
    busy = sum(shown.waiting) > 0
    manned = COUNTERS if shown.size > 1 else COUNTERS - 1
    return [
        CounterNow(
            counter=str(i + 1),
            state="closed" if i >= manned else "serving" if busy else "idle",
            label=f"A{(shown.issued + i) % 1000:03d}" if busy and i < manned else None,
            service="cash" if busy and i < manned else None,
            since=now - timedelta(seconds=60 * (i + 1)),
        )
        for i in range(COUNTERS)
    ]
