"""One process that takes in what some of the branches send, as long as it lives."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random

import sqlalchemy as sa

from edge_agent import topics
from head_office.heard import STATES
from head_office.intake.intake import Intake
from head_office.intake.leases import BEAT_S, Leases
from head_office.intake.lines import Lines
from head_office.ledger import Ledger
from program.broker import Broker
from program.in_flight import Message

log = logging.getLogger(__name__)

SHARED = "$share/head-office/"


class Worker:
    """Call `run()` as a task. `shared`: entries of any branch, as the broker deals them out; states stay by shard."""

    def __init__(
        self,
        ledger: Ledger,
        leases: Leases,
        broker: Broker,
        *,
        shared: bool,
        clock: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._leases = leases
        self._shared = shared
        self._ours: frozenset[int] = frozenset()
        self._renewing = True
        self._intake = Intake(ledger, say=self._say, clock=clock, on_kept=lambda _kept: None)
        self._lines = Lines(
            broker,
            "head-office-intake",
            topics=subscriptions((), shared=shared),
            on_connected=self._intake.replies.greet_all,
            on_message=self._intake.receive,
            clock=clock,
            random=random,
        )

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as all_of_them:
            for link in self._lines.all:
                all_of_them.create_task(link.run())
            all_of_them.create_task(self._intake.run())
            all_of_them.create_task(self._hold_shards())

    def leave(self) -> None:
        """The process ends on purpose: others take over at once."""
        self._lines.leave()
        try:
            self._leases.leave(self._intake.counted)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            log.warning("Others will notice somewhat later that this process has ended: %s", error)

    async def _hold_shards(self) -> None:
        """Whoever has no broker has no use for shards, and lets them go by being silent."""
        while True:
            if self._lines.connected:
                await self._renew()
            await asyncio.sleep(BEAT_S)

    async def _renew(self) -> None:
        try:
            ours = await asyncio.to_thread(
                self._leases.renew, self._intake.counted, self._intake.waiting
            )
            taken = ours - self._ours
            known = await asyncio.to_thread(self._intake.of_ledger, taken) if taken else None
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._say_lost(error)
            return
        self._renewing = True
        if known is not None:
            self._intake.recall(known)
        if ours != self._ours:
            self._take_over(ours, taken)

    def _take_over(self, ours: frozenset[int], taken: frozenset[int]) -> None:
        log.info("Taking in %s of %s shards.", len(ours), topics.SHARDS)
        self._ours = ours
        self._intake.own(ours)
        self._lines.listen_to(subscriptions(ours, shared=self._shared))
        self._intake.replies.greet(lambda branch: int(topics.shard(branch)) in taken)

    def _say_lost(self, error: Exception) -> None:
        """Once; meanwhile everything stays as it is."""
        if self._renewing:
            log.error("The ledger does not say whose shards are whose: %s", error)
        self._renewing = False

    def _say(self, message: Message) -> bool:
        return self._lines.say(message)


def subscriptions(shards: Iterable[int], *, shared: bool) -> tuple[list[str], list[str]]:
    """The topics of news and of the backlog: of these shards; entries those of every shard, where the broker deals
    them out."""
    leaves = STATES if shared else (*STATES, "events")
    news = [topics.from_shard(shard, leaf) for shard in sorted(shards) for leaf in leaves]
    if shared:
        dealt = [SHARED + topics.from_all_branches(leaf) for leaf in ("events", "history")]
        return [*news, dealt[0]], [dealt[1]]
    return news, [topics.from_shard(shard, "history") for shard in sorted(shards)]
