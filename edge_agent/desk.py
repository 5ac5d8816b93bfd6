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
from typing import Any, Literal

from edge_agent.answers import Answer, problem, refused
from edge_agent.branch_queue import moves
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import Fact, in_words
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.journal import Journal, StoredAnswer, snapshot
from edge_agent.journal.archive import ChainBroken
from edge_agent.live import Live

log = logging.getLogger(__name__)

Decide = Callable[[BranchQueue, datetime], Facts]
Say = Callable[[BranchQueue, Facts, datetime], Answer]
READ_IN = 2  # turns of the event loop: what has come to the machine is read, and its request runs
AT_ONCE = 64
QUIET_S = 1.0
ROOM_FOR_A_TICKET = 20_000  # bytes: a ticket touches about five pages of 4 kB
SLOW_S = 1.0  # a write that takes longer is felt at the counters
SLOW_SAID_FOR_S = 60.0
SNAPSHOT_EVERY = 2000  # entries: reading so many at a start takes a fraction of a second


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
    write: Callable[[datetime], Any]
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Times:
    """What the desk needs to know of time: UTC now, a moment's business day, what is due by the clock alone,
    which days leave the journal (those before), and seconds that run steadily."""

    clock: Callable[[], datetime]
    day_of: Callable[[datetime], date]
    due: Decide
    archived_before: Callable[[date], date]
    steady: Callable[[], float]


class Desk:
    """Holds the queue as committed."""

    def __init__(self, journal: Journal, live: Live, queue: BranchQueue, times: Times) -> None:
        self._journal = journal
        self._live = live
        self._times = times
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue()
        self._failing = False
        self._tidied = 0
        self._shot = 0
        self._slow_at: float | None = None
        self._news: list[Fact] = []
        self.queue = queue
        self.seq = journal.last_seq  # of the last entry that `queue` includes

    async def ask(self, decide: Decide, say: Say, request: Request | None) -> Answer:
        """Decide by the rules, write the facts, answer. Raises NotRecorded."""
        answer: Answer = await self._put(lambda now: self._decide(now, decide, say, request))
        return answer

    async def record(self, write: Callable[[Journal], None]) -> None:
        """Write something beside the facts (an acknowledgement, a session). Raises NotRecorded."""
        await self._put(lambda _now: write(self._journal))

    async def look_at_clock(self) -> None:
        """Do what is due by the clock alone: end the day, bring parked tickets back, keep the hours.

        Every write does so first. Raises NotRecorded.
        """
        now = self._times.clock()
        if self._times.day_of(now) > self.queue.business_day or self._times.due(self.queue, now):
            await self.record(lambda _journal: None)

    async def run(self) -> None:
        """The one writer. Runs until cancelled."""
        while True:
            batch = [await self._next_wish()]
            for _ in range(READ_IN):
                await asyncio.sleep(0)  # those that came meanwhile share the sync
            while not self._wishes.empty() and len(batch) < AT_ONCE:
                batch.append(self._wishes.get_nowait())
            before, started = self.queue, self._times.steady()
            try:
                outcomes = self._write(batch)
            except Exception as error:
                self.queue = before
                self.queue.roll_back()
                if not isinstance(error, sqlite3.Error | OSError):
                    raise
                self._fail(batch, error)
            else:
                self._succeed(self._times.steady() - started)
                for wish, outcome in zip(batch, outcomes, strict=True):
                    _resolve(wish.done, outcome)

    async def _next_wish(self) -> _Wish:
        """The next one; when none comes for a while, the journal is tidied first."""
        try:
            async with asyncio.timeout(
                QUIET_S
            ):  # not wait_for: it loses a cancellation (Python 3.11)
                return await self._wishes.get()
        except TimeoutError:
            if self._failing:
                nobody: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                nobody.add_done_callback(lambda done: done.exception())  # seen: `_fail` has said it
                return _Wish(self._try_again, nobody)
            if self.seq != self._tidied:
                self._tidied = self.seq
                self._tidy()
            return await self._wishes.get()

    def _try_again(self, now: datetime) -> None:
        """Is there room for a ticket again? Nobody may be asking, but health must not stay bad."""
        self._journal.keep_note("room", now.isoformat().ljust(ROOM_FOR_A_TICKET))

    def _tidy(self) -> None:
        """What nobody shall wait for: fold the log in, keep a snapshot, move an old day out."""
        try:
            self._journal.tidy()
            if self.seq - self._shot >= SNAPSHOT_EVERY:
                with self._journal.transaction():
                    snapshot.save(self._journal, self.queue)
                self._shot = self.seq
            before = self._times.archived_before(self.queue.business_day)
            if self._journal.archive_oldest_day(before):
                self._tidied = 0  # another one when it is quiet again
        except (sqlite3.Error, OSError, ChainBroken) as error:  # costs space and time, no more
            log.warning("The journal could not be tidied: %s", error)

    async def _put(self, write: Callable[[datetime], Any]) -> Any:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._wishes.put_nowait(_Wish(write, done))
        return await done

    def _write(self, batch: list[_Wish]) -> list[Any]:
        """Everything of this batch, in one transaction. The loop waits for the sync: a thread of its own
        would make every ticket a third slower, and nobody has anything to read before the commit."""
        now = self._times.clock()
        outcomes: list[Any] = []
        self._news = []
        with self._journal.transaction():
            self._turn_day(now)
            self._take(self._times.due(self.queue, now))
            for wish in batch:
                outcomes.append(self._one(wish, now))
        return outcomes

    def _one(self, wish: _Wish, now: datetime) -> Any:
        """One wish of the batch; what goes wrong with it alone is its own outcome."""
        mark, news = self.queue.mark(), len(self._news)
        try:
            with self._journal.step():
                return wish.write(now)
        except (sqlite3.Error, OSError) as error:
            if not isinstance(error, sqlite3.IntegrityError):
                raise  # the disk's fault: nothing of this batch is written
            log.error("A wish was refused by the journal's constraints: %s", error)
            outcome: Exception = NotRecorded(f"the journal refused it: {error}")
        except Exception as error:
            log.exception("A wish failed; nothing of it is kept.")
            outcome = error
        self.queue.roll_back(mark)
        del self._news[news:]
        return outcome

    def _turn_day(self, now: datetime) -> None:
        day = self._times.day_of(now)
        if day <= self.queue.business_day:  # a clock set back does not reopen a day
            return
        self._take(moves.end_day(self.queue, now))
        self._journal.forget_old(now, day)
        self.queue = self.queue.following(day)
        snapshot.save(self._journal, self.queue)

    def _take(self, facts: Facts) -> None:
        """Write facts and apply them."""
        self._journal.append(facts)
        apply_all(self.queue, facts)
        self._news += facts

    def _decide(self, now: datetime, decide: Decide, say: Say, request: Request | None) -> Answer:
        earlier = self._journal.answered(request.caller, request.key) if request else None
        if request and earlier:
            return _same_again(request, earlier)
        try:
            facts = decide(self.queue, now)
        except Refusal as refusal:
            answer = refused(refusal)
        else:
            self._take(facts)
            answer = say(self.queue, facts, now)
        if request:
            kept = StoredAnswer(request.digest, answer.status, answer.body)
            self._journal.keep_answer(request.caller, request.key, kept, now)
        return answer

    def _fail(self, batch: list[_Wish], error: Exception) -> None:
        if not self._failing:
            log.error("The journal cannot be written (%s): no ticket can be issued.", error)
        self._failing = True
        for wish in batch:
            _resolve(wish.done, NotRecorded(str(error)))

    def _succeed(self, took_s: float) -> None:
        if self._failing and self._journal.wrote:
            log.info("The journal can be written again.")
            self._failing = False
        self._notice_slowness(took_s)
        for fact in self._news:
            log.info("%s", in_words(fact))
        self.queue.keep()
        self.seq = self._journal.last_seq
        self._live.wake()

    def _notice_slowness(self, took_s: float) -> None:
        was = self.slow
        if took_s > SLOW_S:
            self._slow_at = self._times.steady()
            if not was:
                log.error("The disk is slow: a write to the journal took %.1f s.", took_s)

    @property
    def failing(self) -> bool:
        """True from a failed write until the next one that succeeds."""
        return self._failing

    @property
    def health(self) -> Literal["ok", "slow", "failing"]:
        """Of the journal."""
        return "failing" if self._failing else "slow" if self.slow else "ok"

    @property
    def slow(self) -> bool:
        """True for a while after a write that took long."""
        at = self._slow_at
        return at is not None and self._times.steady() - at < SLOW_SAID_FOR_S


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
