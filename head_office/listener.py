"""MQTT -> ledger -> acknowledgement -> picture. Nothing is acknowledged before it is committed."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import msgspec
import sqlalchemy as sa
from msgspec import structs

from edge_agent import messages, topics
from head_office.clones import Clones
from head_office.entries import Row
from head_office.heard import State, of_branch, rows_of, told_by
from head_office.ledger import Ledger, Told
from head_office.marks import Mark
from head_office.picture import Picture
from program.broker import Broker
from program.in_flight import Message
from program.line_state import LineState
from program.mqtt_link import MqttLink

log = logging.getLogger(__name__)

AT_ONCE = 500  # messages in one transaction
WAITING_AT_MOST = 20_000  # messages; beyond that new ones are dropped: branches send them again
ASK_AGAIN_S = 5.0
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
LARGEST_KEPT = 64 * 1024  # bytes of an unreadable message


@dataclass(slots=True)
class _Batch:
    """What one transaction will write."""

    rows: list[Row] = field(default_factory=list)
    states: dict[tuple[str, str], tuple[datetime, bytes]] = field(default_factory=dict)
    aside: list[tuple[datetime, str, str, bytes]] = field(default_factory=list)
    told: dict[tuple[str, str, int, bool], Told] = field(default_factory=dict)
    tell: list[Callable[[], None]] = field(default_factory=list)


class Listener:
    """Call `run()` as a task. `on_change` is called after every commit."""

    def __init__(
        self,
        ledger: Ledger,
        picture: Picture,
        broker: Broker,
        *,
        clock: Callable[[], datetime],
        random: Random,
        on_change: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._picture = picture
        self._clock = clock
        self._on_change = on_change
        self._waiting: asyncio.Queue[tuple[Message, datetime]] = asyncio.Queue(WAITING_AT_MOST)
        self._asked: dict[tuple[str, str], float] = {}
        self._marks = ledger.marks()
        self.failing = False
        self._greeted: set[str] = set()
        self._sessions: dict[str, str] = {}
        self._clones = Clones(picture)
        self.unreadable = 0
        self.dropped = 0
        self.line = LineState()
        self.link = MqttLink(
            broker,
            client_id=f"head-office-{random.getrandbits(32):08x}",
            subscriptions=[topics.from_all_branches(leaf) for leaf in topics.FROM_BRANCH],
            on_connected=self._greet_all,
            on_message=self._receive,
            will=None,
            state=self.line,
            one_reader=False,
            clock=clock,
            random=random,
        )
        self._restore()

    async def run(self) -> None:
        """Listen and commit, until cancelled."""
        async with asyncio.TaskGroup() as all_of_them:
            all_of_them.create_task(self.link.run())
            all_of_them.create_task(self._commit_for_ever())
            all_of_them.create_task(self._watch())

    def _receive(self, message: Message) -> None:
        try:
            self._waiting.put_nowait((message, self._clock()))
        except asyncio.QueueFull:  # not acknowledged, so the branch will send it again
            self.dropped += 1

    async def _commit_for_ever(self) -> None:
        batch = _Batch()
        while True:
            message, at = await self._waiting.get()
            self._read(message, at, batch)
            for _ in range(min(self._waiting.qsize(), AT_ONCE - 1)):
                self._read(*self._waiting.get_nowait(), batch)
            if await self._commit(batch):
                batch = _Batch()
            elif len(batch.rows) > WAITING_AT_MOST:
                batch.rows.clear()  # not acknowledged: the branches send them again

    async def _commit(self, batch: _Batch) -> bool:
        """True when it is on disk. What is not stays in the batch for the next try."""
        states = [(branch, leaf, at, body) for (branch, leaf), (at, body) in batch.states.items()]
        try:
            written = await asyncio.to_thread(
                self._ledger.write, batch.rows, states, batch.aside, list(batch.told.values())
            )
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._fail(error)
            await asyncio.sleep(1)  # a full disk does not get better in a hurry; branches wait
            return False
        if self.failing:
            log.info("The ledger can be written again.")
            self.failing = False
        for key, mark in written.marks.items():
            told = self._marks.get(key, mark).highest  # by the branch, of entries that are not here
            self._marks[key] = structs.replace(mark, highest=max(mark.highest, told))
        for tell in batch.tell:
            tell()
        for branch, epoch in written.rewritten:
            self._ask_new_epoch(branch, epoch)
        for branch, epoch in written.marks:
            mark = self._marks[branch, epoch]
            self._acknowledge(branch, epoch, mark)
            self._picture.committed(branch, epoch, mark, self._clock())
        self._on_change()
        return True

    def _ask_new_epoch(self, branch: str, epoch: str) -> None:
        """Nothing is overwritten; under a new epoch the branch sends everything again."""
        log.error(
            "%s brings other entries under numbers of epoch %s: it must begin a new one.",
            branch,
            epoch,
        )
        self._command(branch, messages.Command(command="new-epoch", epoch=epoch))

    def _command(self, branch: str, command: messages.Command) -> None:
        self.link.publish(Message(topics.topic(branch, "command"), msgspec.json.encode(command)))

    def _fail(self, error: Exception) -> None:
        if not self.failing:
            log.error("The ledger cannot be written; nothing is acknowledged: %s", error)
        self.failing = True

    def _acknowledge(self, branch: str, epoch: str, mark: Mark) -> None:
        ack = msgspec.json.encode(messages.Ack(epoch=epoch, seq=mark.seq, digest=mark.digest))
        self.link.publish(Message(topics.topic(branch, "ack"), ack, retain=True))

    def _greet_all(self) -> None:
        """A new connection: every branch we know shall say who it is, and send what we have missed."""
        self._greeted.clear()
        for now in self._picture.all():
            self._greet(now.branch)
            mark = self._marks.get((now.branch, now.epoch))
            if mark is not None:
                self._acknowledge(now.branch, now.epoch, mark)

    def _greet(self, branch: str) -> None:
        """Ask for a rebirth, once a connection: the branch then sends whatever is not acknowledged."""
        if branch not in self._greeted:
            self._greeted.add(branch)
            self._command(branch, messages.Command(command="rebirth"))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            before = self._picture.version
            self._picture.fall_silent(self._clock())
            self._clones.look(self._clock())
            if self._picture.version != before:
                self._on_change()
            self._ask_for_gaps()

    def _ask_for_gaps(self) -> None:
        """A hole that does not fill by itself is asked for."""
        now = asyncio.get_running_loop().time()
        for key, mark in self._marks.items():
            now_at = self._picture.one(key[0])
            if not mark.missing or now_at is None or now_at.epoch != key[1]:
                self._asked.pop(key, None)
            elif now - self._asked.setdefault(key, now) > ASK_AGAIN_S:
                self._asked[key] = now
                self._ask(*key, mark)

    def _ask(self, branch: str, epoch: str, mark: Mark) -> None:
        first, last = mark.seq + 1, mark.highest
        wanted = messages.Command(command="resend", first=first, last=last, epoch=epoch)
        self._command(branch, wanted)

    def _read(self, message: Message, at: datetime, batch: _Batch) -> None:
        """Sort a message into the batch; one that cannot be read is set aside, never in the way."""
        try:
            branch, leaf = topics.parse(message.topic)
            if leaf in topics.TO_BRANCH:
                return  # our own words: some brokers send them back
            if leaf in ("events", "history"):
                batch.rows += rows_of(branch, message.payload)
            else:
                self._take_state(branch, leaf, message, at, batch)
        except UNREADABLE as error:
            self._set_aside(message, at, error, batch)

    def _set_aside(self, message: Message, at: datetime, error: Exception, batch: _Batch) -> None:
        reason = str(error) or type(error).__name__
        batch.aside.append((at, message.topic, reason, message.payload[:LARGEST_KEPT]))
        self.unreadable += 1
        if self.unreadable & (self.unreadable - 1) == 0:  # the 1st, 2nd, 4th, 8th, … is news
            log.warning(
                "A message on %s cannot be read and is set aside (%s so far): %s",
                message.topic[:200],
                self.unreadable,
                reason,
            )

    def _take_state(
        self, branch: str, leaf: str, message: Message, at: datetime, batch: _Batch
    ) -> None:
        """Keep and show the latest state; a retained message is no sign of life now."""
        shape: State
        if leaf == "birth":
            shape = of_branch(branch, msgspec.json.decode(message.payload, type=messages.Birth))
            if not self._session_counts(shape):
                return
            if not message.retain:  # an old word is no return
                self._clones.born(shape, at)
        elif leaf == "queues":
            shape = of_branch(branch, msgspec.json.decode(message.payload, type=messages.Queues))
        else:
            shape = msgspec.json.decode(message.payload, type=messages.Health)
        seen_at = min(shape.at, at) if message.retain else at
        batch.states[branch, leaf] = (seen_at, message.payload)
        for one in told_by(branch, shape, seen_at):
            batch.told[branch, one.epoch, one.day.first_seq, one.closed] = one
        batch.tell.append(lambda: self._show(branch, shape, seen_at))
        if message.retain or not isinstance(shape, messages.Birth):
            batch.tell.append(lambda: self._greet(branch))  # its birth was before our time

    def _session_counts(self, birth: messages.Birth) -> bool:
        """The last will of an older session means nothing."""
        if birth.status == "offline":
            return self._sessions.get(birth.branch) in (None, birth.session)
        self._sessions[birth.branch] = birth.session
        return True

    def _show(
        self,
        branch: str,
        shape: State,
        seen_at: datetime,
    ) -> None:
        if isinstance(shape, messages.Birth):
            self._picture.birth(shape, seen_at)
            mark = self._marks.get((branch, shape.epoch), Mark())
            self._picture.committed(branch, shape.epoch, mark, seen_at)
            self._acknowledge(branch, shape.epoch, mark)
        elif isinstance(shape, messages.Queues):
            self._picture.queues(branch, shape, seen_at)
            self._expect(branch, shape, seen_at)
        else:
            self._picture.health(branch, shape, seen_at)

    def _expect(self, branch: str, queues: messages.Queues, seen_at: datetime) -> None:
        """The branch tells how far its journal goes: what we lack of it is a gap. And it is alive."""
        mark = self._marks.get((branch, queues.epoch), Mark())
        mark = structs.replace(mark, highest=max(mark.highest, queues.journal_seq))
        self._marks[branch, queues.epoch] = mark
        self._picture.committed(branch, queues.epoch, mark, seen_at)
        now = self._picture.one(branch)
        if now is not None and now.status == "offline":
            self._greeted.discard(branch)  # its birth was lost: it shall say it again
            self._greet(branch)

    def _restore(self) -> None:
        """What was known before the last stop."""
        batch = _Batch()
        order = ("birth", "queues", "health")
        for branch, leaf, seen_at, body in sorted(
            self._ledger.states(), key=lambda state: order.index(state[1])
        ):
            message = Message(topics.topic(branch, leaf), body, retain=True)
            self._read(message, seen_at, batch)
        for tell in batch.tell:
            tell()
