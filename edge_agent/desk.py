"""The only door to the queue: check, write, answer, tell. One writer.

Wishes that have arrived meanwhile are committed together, so that many callers at once wait for one sync
rather than for one each. Nobody is answered, and no page is told, before the commit.
"""

import asyncio
import hashlib
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from edge_agent.answers import Answer, problem, refused
from edge_agent.branch_queue import moves
from edge_agent.branch_queue.facts import Fact, in_words
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue, apply_all
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.journal import Journal, StoredAnswer
from edge_agent.live import Live

log = logging.getLogger(__name__)

Decide = Callable[[BranchQueue, datetime], Facts]
Say = Callable[[BranchQueue, Facts, datetime], Answer]
AT_ONCE = 64
QUIET_S = 1.0
ROOM_FOR_A_TICKET = 20_000  # bytes: a ticket touches about five pages of 4 kB


class NotRecorded(Exception):
    """The journal could not be written; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asked what under which idempotency key."""

    caller: str
    key: str
    digest: bytes

    @classmethod
    def of(cls, caller: str, key: str, method: str, path: str, body: bytes) -> "Request":
        what = b"\0".join((method.encode(), path.encode(), body))
        return cls(caller, key, hashlib.sha256(what).digest())


@dataclass(frozen=True, slots=True)
class _Wish:
    write: Callable[[BranchQueue, datetime], tuple[BranchQueue, Any]]
    done: asyncio.Future[Any]


class Desk:
    """Holds the queue as committed. `clock` gives UTC; `day_of` a moment's business day."""

    def __init__(
        self,
        journal: Journal,
        live: Live,
        clock: Callable[[], datetime],
        day_of: Callable[[datetime], date],
    ) -> None:
        self._journal = journal
        self._live = live
        self._clock = clock
        self._day_of = day_of
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue()
        self._failing = False
        self._tidied = 0
        self._news: list[Fact] = []
        self.queue = _from_journal(journal, day_of(clock()))
        self.seq = journal.last_seq  # of the last entry that `queue` includes

    async def ask(self, decide: Decide, say: Say, request: Request | None) -> Answer:
        """Decide by the rules, write the facts, answer. Raises NotRecorded."""
        answer: Answer = await self._put(
            lambda queue, now: self._decide(queue, now, decide, say, request)
        )
        return answer

    async def record(self, write: Callable[[Journal], None]) -> None:
        """Write something beside the facts (an acknowledgement, a session). Raises NotRecorded."""

        def only_write(queue: BranchQueue, _now: datetime) -> tuple[BranchQueue, None]:
            write(self._journal)
            return queue, None

        await self._put(only_write)

    async def turn_day(self) -> None:
        """End the business day if it is over; every write does so by itself. Raises NotRecorded."""
        if self._day_of(self._clock()) > self.queue.business_day:
            await self.record(lambda _journal: None)

    async def run(self) -> None:
        """The one writer. Runs until cancelled."""
        while True:
            batch = [await self._next_wish()]
            while not self._wishes.empty() and len(batch) < AT_ONCE:
                batch.append(self._wishes.get_nowait())
            try:
                queue, outcomes = self._write(batch)
            except (sqlite3.Error, OSError) as error:
                self._fail(batch, error)
            else:
                self._succeed(queue)
                for wish, outcome in zip(batch, outcomes, strict=True):
                    _resolve(wish.done, outcome)

    async def _next_wish(self) -> _Wish:
        """The next one; when none comes for a while, the journal is tidied first."""
        try:
            return await asyncio.wait_for(self._wishes.get(), QUIET_S)
        except TimeoutError:
            if self._failing:
                nobody: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                nobody.add_done_callback(lambda done: done.exception())  # seen: `_fail` has said it
                return _Wish(self._try_again, nobody)
            if self.seq != self._tidied:
                self._tidied = self.seq
                self._tidy()
            return await self._wishes.get()

    def _try_again(self, queue: BranchQueue, now: datetime) -> tuple[BranchQueue, None]:
        """Is there room for a ticket again? Nobody may be asking, but health must not stay bad."""
        self._journal.keep_note("room", now.isoformat().ljust(ROOM_FOR_A_TICKET))
        return queue, None

    def _tidy(self) -> None:
        try:
            self._journal.tidy()
        except sqlite3.Error as error:  # costs disk space, no more
            log.warning("The journal's log could not be folded in: %s", error)

    async def _put(self, write: Callable[[BranchQueue, datetime], tuple[BranchQueue, Any]]) -> Any:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._wishes.put_nowait(_Wish(write, done))
        return await done

    def _write(self, batch: list[_Wish]) -> tuple[BranchQueue, list[Any]]:
        """Everything of this batch, in one transaction. The loop waits for the sync: a thread of its own
        would make every ticket a third slower, and nobody has anything to read before the commit."""
        now = self._clock()
        outcomes: list[Any] = []
        self._news = []
        with self._journal.transaction():
            queue = self._turn_day(self.queue, now)
            for wish in batch:
                try:
                    with self._journal.step():
                        queue, outcome = wish.write(queue, now)
                except sqlite3.IntegrityError as error:
                    outcome = NotRecorded(f"the journal refused it: {error}")
                    log.error("A wish was refused by the journal's constraints: %s", error)
                outcomes.append(outcome)
        return queue, outcomes

    def _turn_day(self, queue: BranchQueue, now: datetime) -> BranchQueue:
        day = self._day_of(now)
        if day <= queue.business_day:  # a clock set back does not reopen a day
            return queue
        ended = moves.end_day(queue, now)
        self._journal.append(ended)
        self._news += ended
        self._journal.forget_old_answers(now)
        return BranchQueue(business_day=day)

    def _decide(
        self, queue: BranchQueue, now: datetime, decide: Decide, say: Say, request: Request | None
    ) -> tuple[BranchQueue, Answer]:
        earlier = self._journal.answered(request.caller, request.key) if request else None
        if request and earlier:
            return queue, _same_again(request, earlier)
        try:
            facts = decide(queue, now)
        except Refusal as refusal:
            after, answer = queue, refused(refusal)
        else:
            after = apply_all(queue, facts)
            answer = say(after, facts, now)
            self._journal.append(facts)
            self._news += facts
        if request:
            kept = StoredAnswer(request.digest, answer.status, answer.body)
            self._journal.keep_answer(request.caller, request.key, kept, now)
        return after, answer

    def _fail(self, batch: list[_Wish], error: Exception) -> None:
        if not self._failing:
            log.error("The journal cannot be written (%s): no ticket can be issued.", error)
        self._failing = True
        for wish in batch:
            _resolve(wish.done, NotRecorded(str(error)))

    def _succeed(self, queue: BranchQueue) -> None:
        if self._failing:
            log.info("The journal can be written again.")
        self._failing = False
        for fact in self._news:
            log.info("%s", in_words(fact))
        self.queue = queue
        self.seq = self._journal.last_seq
        self._live.wake()

    @property
    def failing(self) -> bool:
        """True from a failed write until the next one that succeeds."""
        return self._failing


def _resolve(done: asyncio.Future[Any], outcome: Any) -> None:
    if done.done():  # the caller has gone; what was written stays written
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _same_again(request: Request, earlier: StoredAnswer) -> Answer:
    if earlier.request != request.digest:
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "This Idempotency-Key was used for a different request. Use a new key.",
        )
    return Answer(earlier.status, earlier.body)


def _from_journal(journal: Journal, today: date) -> BranchQueue:
    """The queue as the journal left it; an earlier day is ended by the next write."""
    day, facts = journal.last_day()
    return apply_all(BranchQueue(business_day=day or today), facts)
