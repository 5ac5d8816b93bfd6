"""Messages -> ledger -> acknowledgement. Nothing is acknowledged before it is committed."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from msgspec import structs

from edge_agent import topics
from head_office.heard import StateHeard, States
from head_office.intake.batch import ENTRIES, Batch
from head_office.intake.counted import NOTHING
from head_office.intake.replies import ASK_AGAIN_S, Replies
from head_office.intake.waiting import Waiting
from head_office.journals import Key
from head_office.ledger import Ledger
from head_office.marks import Mark
from program.in_flight import Message

log = logging.getLogger(__name__)

AT_ONCE = 500  # messages in one transaction
ROWS_AT_ONCE = 4000  # about; a longer one would keep news waiting
UNWRITTEN_AT_MOST = 20_000  # entries kept while the ledger cannot be written


Known = tuple[dict[Key, Mark], list[tuple[str, str, datetime, bytes]]]


class Kept(NamedTuple):
    """What is on disk now; `at`: since when, where it has just come from branches."""

    states: Sequence[StateHeard]
    marks: dict[Key, Mark]
    at: datetime | None = None


class Intake:
    """Call `run()` as a task. `say` hands a message to the broker; `on_kept` is called after every commit. Owns every
    branch unless `own` says which."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        say: Callable[[Message], bool],
        clock: Callable[[], datetime],
        on_kept: Callable[[Kept], None],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._on_kept = on_kept
        self._waiting = Waiting()
        self._states = States()
        self._writer = ThreadPoolExecutor(1, "intake")  # it waits for nobody who reads
        self._shards = frozenset(range(topics.SHARDS))
        self.replies = Replies(say)
        self.counted = NOTHING
        self.failing = False
        self.unreadable = 0

    async def run(self) -> None:
        """Commit, and ask for what is missing, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._commit_for_ever())
            both.create_task(self._ask_for_gaps())

    def receive(self, message: Message) -> None:
        """Of entries the broker is told when they are on disk. The next state makes up for one that is lost."""
        taken = self._waiting.put(message, self._clock())
        if not taken:  # not acknowledged, so the branch will send it again
            self.counted = structs.replace(self.counted, dropped=self.counted.dropped + 1)
        if message.receipt and not (taken and message.topic.endswith(ENTRIES)):
            message.receipt.give()

    @property
    def waiting(self) -> int:
        """Messages that are not written down yet."""
        return len(self._waiting)

    def of_ledger(self, shards: Collection[int]) -> Known:
        """What is written down of the branches of these shards. Raises SQLAlchemyError."""
        marks = {key: mark for key, mark in self._ledger.marks().items() if shard(key[0]) in shards}
        return marks, [state for state in self._ledger.states() if shard(state[0]) in shards]

    def recall(self, known: Known) -> None:
        """These branches are ours from now on."""
        marks, states = known
        self.replies.know(marks)
        self.replies.recall(self._states.recall(states))

    def own(self, shards: frozenset[int]) -> None:
        """Only these from now on."""
        self._shards = shards
        self._states.forget(self.replies.forget(lambda branch: shard(branch) not in shards))

    async def _commit_for_ever(self) -> None:
        batch = Batch()
        while True:
            await self._waiting.some()
            for message, at in self._waiting.take(AT_ONCE):
                self._take(message, at, batch)
                if len(batch.rows) > ROWS_AT_ONCE:
                    break
            if await self._commit(batch):
                batch = Batch()
                continue
            batch.drop_older()
            if len(batch.rows) > UNWRITTEN_AT_MOST:
                batch.drop_entries()

    def _take(self, message: Message, at: datetime, batch: Batch) -> None:
        reason = batch.add(message, at, self._states)
        if not reason:
            return
        self.unreadable += 1
        if self.unreadable & (self.unreadable - 1) == 0:  # the 1st, 2nd, 4th, 8th, … is news
            log.warning(
                "A message on %s cannot be read and is set aside (%s so far): %s",
                message.topic[:200],
                self.unreadable,
                reason,
            )

    async def _commit(self, batch: Batch) -> bool:
        """True when it is on disk. What is not stays in the batch for the next try."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            written = await loop.run_in_executor(self._writer, batch.write, self._ledger)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._fail(error)
            await asyncio.sleep(1)  # a full disk does not get better in a hurry; branches wait
            return False
        if self.failing:
            log.info("The ledger can be written again.")
            self.failing = False
        self.counted = self.counted.committed(loop.time() - began)
        batch.give_receipts()
        self.replies.kept(written, batch.heard)
        self._on_kept(Kept(batch.heard, written.marks, self._clock()))
        return True

    def _fail(self, error: Exception) -> None:
        if not self.failing:
            log.error("The ledger cannot be written; nothing is acknowledged: %s", error)
        self.failing = True
        self.counted = structs.replace(self.counted, failed=self.counted.failed + 1)

    async def _ask_for_gaps(self) -> None:
        """A hole that does not fill by itself is asked for; also one that somebody else has found in the ledger."""
        clock = asyncio.get_running_loop().time
        looked_at = clock()
        while True:
            await asyncio.sleep(1)
            try:
                if clock() - looked_at > ASK_AGAIN_S:
                    looked_at, since = clock(), self.replies.marks
                    self._note_gaps(await asyncio.to_thread(self._ledger.gaps), since)
                if due := self.replies.due(clock()):
                    marks = await asyncio.to_thread(self._ledger.marks, due)
                    self.replies.ask(due, marks, clock())
            except (sa.exc.SQLAlchemyError, OSError):
                continue  # who writes has said so

    def _note_gaps(self, gaps: dict[Key, Mark], since: dict[Key, Mark]) -> None:
        """Not of journals that have moved on since."""
        now = self.replies.marks
        ours = {
            key: mark
            for key, mark in gaps.items()
            if shard(key[0]) in self._shards and now.get(key) == since.get(key)
        }
        self.replies.know(ours)
        self._on_kept(Kept((), ours))


def shard(branch: str) -> int:
    return int(topics.shard(branch))
