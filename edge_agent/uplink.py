"""Journal -> MQTT, from the last number that head office confirmed. Never holds up the desk."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from random import Random
from typing import Any

import msgspec
from msgspec import structs

from edge_agent import VERSION, messages, topics
from edge_agent.branch import Branch
from edge_agent.desk import NotRecorded
from edge_agent.double import Double
from edge_agent.journal import Journal
from edge_agent.journal.archive import Link
from edge_agent.journal.days import Days
from edge_agent.journal.entries import EntriesUnreadable
from edge_agent.outbox import Outbox, Sending
from edge_agent.unheard import UNHEARD_S, Unheard
from program.bell import heard
from program.broker import Broker
from program.in_flight import Message
from program.mqtt_connection import Connection
from program.mqtt_link import MqttLink, OneConnection
from program.spell import Spell

log = logging.getLogger(__name__)

QUEUES_AT_MOST_EVERY_S = 1.0
GATHER_S = 0.1  # entries of so long go out together: one commit at head office for all of them
KEEP_ACK_EVERY_S = 2.0  # each costs a sync; losing the last one costs a resend, no more
LOOK_EVERY_S = 0.5
SIGN_OF_LIFE_S = 10.0  # head office takes a branch for silent after three of these


class Uplink:
    """Call `run()` as a task."""

    def __init__(
        self,
        branch: Branch,
        broker: Broker,
        random: Random,
        hear: Callable[[messages.Command], None],
        connection: Callable[..., OneConnection] = Connection,
        unheard_after_s: float = UNHEARD_S,
    ) -> None:
        """`hear` is told of what head office wants shown, or changed in the configuration."""
        self._branch = branch
        self._hear_office = hear
        self._id = branch.settings.branch.id
        self._run_id = secrets.token_hex(8)
        self._session = ""
        self._beginning = False
        self._unreadable = False
        self._days = Days(branch.journal)
        self._days_unreadable = False
        self._closed_told: list[messages.DayOnRecord] = []
        self._outbox = Outbox(branch.journal.acked)
        self._acked_kept, self._acked_kept_at = branch.journal.acked, 0.0
        self._queues_at = 0.0
        self._queues_seq = -1
        self._health: list[messages.DeviceHealth] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._passed_over = Spell("Messages from head office that are passed over")
        self._double = Double(self._run_id, branch.line)
        self._unheard = Unheard(branch.line, time.monotonic, unheard_after_s)
        self._link = MqttLink(
            broker,
            client_id=f"branch-{self._id}",
            subscriptions=[topics.topic(self._id, leaf) for leaf in topics.TO_BRANCH],
            on_connected=self._greet,
            on_message=self._hear,
            will=self._last_will,
            state=branch.line,
            one_reader=True,
            clock=branch.clock,
            random=random,
            connection=connection,
        )

    @property
    def connected(self) -> bool:
        """To a broker."""
        return self._link.connected

    async def run(self) -> None:
        """Keep the connection and send what is new, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._link.run())
            both.create_task(self._follow())

    def say_goodbye(self) -> None:
        """The agent ends on purpose."""
        self._link.leave(self._birth("offline"))

    async def _follow(self) -> None:
        while True:
            ring = self._branch.live.bell.next()
            if self._link.connected:
                self._send_entries()
                self._send_state()
            self._unheard.look(
                connected=self._link.connected,
                acked=self._outbox.acked,
                last=self._branch.desk.seq,
            )
            await self._keep_ack()
            if await heard(ring, self._next_look_s()):
                await asyncio.sleep(GATHER_S)

    def _next_look_s(self) -> float:
        """Sooner where the queues have changed and may be told again before that."""
        if not self._link.connected or self._queues_seq == self._branch.desk.seq:
            return LOOK_EVERY_S
        due = self._queues_at + QUEUES_AT_MOST_EVERY_S - time.monotonic()
        return min(max(due, 0.0), LOOK_EVERY_S)

    def _send_entries(self) -> None:
        now = time.monotonic()
        while sending := self._outbox.next(self._branch.desk.seq, now):
            if not self._send(sending):
                return

    def _send(self, sending: Sending) -> bool:
        after = max(0, sending.first - 2)  # the entry before the first, for its hash
        links = self._links(after, sending.last - after)
        before = links.pop(0)[1] if sending.first > 1 and links else messages.GENESIS
        if not links:
            return False
        batch = messages.Batch(
            epoch=self._branch.journal.epoch,
            first_seq=sending.first,
            events=[msgspec.Raw(entry.body) for entry, _ in links],
            before=before.hex(),
            hash=links[-1][1].hex(),
        )
        return self._publish(sending.leaf, batch, retain=False)

    def _links(self, after: int, limit: int) -> list[Link]:
        """None of those that cannot be read: the branch goes on serving, and says so once."""
        try:
            links = self._branch.journal.links_after(after, limit)
        except EntriesUnreadable as error:
            if not self._unreadable:
                log.error("Entries after %s cannot be sent to head office: %s", after, error)
            self._unreadable = True
            return []
        self._unreadable = False
        return links

    def _send_state(self) -> None:
        now = time.monotonic()
        since = now - self._queues_at
        if since > SIGN_OF_LIFE_S or (
            since >= QUEUES_AT_MOST_EVERY_S and self._queues_seq != self._branch.desk.seq
        ):
            self._queues_at, self._queues_seq = now, self._branch.desk.seq
            self._send_queues()
        devices = self._branch.machines.all()
        if devices != self._health:
            self._health = devices
            health = messages.Health(at=self._branch.clock(), devices=devices)
            self._publish("health", health, retain=True)

    def _send_queues(self) -> None:
        """And, when a business day has been closed, who we are anew: it tells of the closed days."""
        queues = self._branch.queues()
        days = self._on_record(queues.journal_seq)
        if days[:-1] != self._closed_told:
            self._link.publish(self._birth("online"))
        now = days[-1] if days else None
        notices = [structs.replace(one, words={}, where=[]) for one in queues.notices]
        told = structs.replace(queues, on_record=now, notices=notices)
        self._publish("queues", told, retain=True)

    def _on_record(self, seq: int) -> list[messages.DayOnRecord]:
        """None while nobody can tell: head office then proves nothing."""
        try:
            days = self._days.until(seq)
        except EntriesUnreadable as error:
            if not self._days_unreadable:
                log.error("Head office cannot be told what the journal holds: %s", error)
            self._days_unreadable = True
            return []
        self._days_unreadable = False
        return days

    def _publish(self, leaf: str, shape: msgspec.Struct, *, retain: bool) -> bool:
        payload = msgspec.json.encode(shape)
        return self._link.publish(Message(topics.topic(self._id, leaf), payload, retain))

    def _greet(self) -> None:
        """A new connection: who we are, then everything that is not acknowledged."""
        self._outbox.connected(self._branch.desk.seq, time.monotonic())
        self._link.try_to_hear(topics.topic(self._id, "birth"))
        self._say_who()

    def _say_who(self) -> None:
        """Birth, and the state at the next turn."""
        self._link.publish(self._birth("online"))
        self._queues_at, self._health = float("-inf"), None
        self._branch.live.wake()

    def _last_will(self) -> Message:
        """Each connection is a session of its own: the will of an older one means nothing."""
        self._session = secrets.token_hex(8)
        return self._birth("offline")

    def _birth(self, status: str) -> Message:
        now: datetime = self._branch.clock()
        if status == "online":
            self._closed_told = self._on_record(self._branch.desk.seq)[:-1]
        birth = messages.Birth(
            branch=self._id,
            name=self._branch.settings.branch.name,
            version=VERSION,
            epoch=self._branch.journal.epoch,
            session=self._session,
            run=self._run_id,
            status="online" if status == "online" else "offline",
            at=now,
            days=self._closed_told if status == "online" else [],
            **self._branch.from_office.config_keys,
        )
        return Message(topics.topic(self._id, "birth"), msgspec.json.encode(birth), retain=True)

    def _hear(self, message: Message) -> None:
        try:
            leaf = topics.parse(message.topic).leaf
            if leaf == "ack":
                self._take_ack(msgspec.json.decode(message.payload, type=messages.Ack))
            elif leaf == "command":
                self._obey(msgspec.json.decode(message.payload, type=messages.Command))
            elif leaf == "birth":
                self._double.hear(msgspec.json.decode(message.payload, type=messages.Birth))
        except (msgspec.DecodeError, ValueError) as error:
            self._pass_over(f"it cannot be read: {error}")
        if message.receipt is not None:
            message.receipt.give()

    def _take_ack(self, ack: messages.Ack) -> None:
        if ack.epoch != self._branch.journal.epoch or self._beginning:
            return  # of a journal that this one has replaced, or is about to
        if not self._is_ours(ack):
            log.error(
                "Head office has another entry %s than this journal, which ends at %s: was it restored "
                "from a backup? It starts a new epoch and sends everything again.",
                ack.seq,
                self._branch.desk.seq,
            )
            self._begin_new_epoch()
            return
        if self._outbox.acknowledged(ack.seq, time.monotonic()):
            self._branch.journal.acked = ack.seq
            self._branch.live.wake()

    def _is_ours(self, ack: messages.Ack) -> bool:
        """Whether what head office has under this number is what we have."""
        if ack.seq > self._branch.desk.seq:
            return False
        if ack.digest is None:
            return True
        links = self._links(ack.seq - 1, 1)
        if self._unreadable:
            return True  # nobody can tell; the chain will
        return bool(links) and messages.digest(links[0][0].body) == ack.digest

    async def _keep_ack(self) -> None:
        now, acked = time.monotonic(), self._outbox.acked
        if acked == self._acked_kept or now - self._acked_kept_at < KEEP_ACK_EVERY_S:
            return
        self._acked_kept, self._acked_kept_at = acked, now
        await self._record(lambda journal: journal.keep_ack(acked))

    def _obey(self, command: messages.Command) -> None:
        if command.command == "rebirth":
            self._say_who()
            self._outbox.again(time.monotonic())
        elif command.command == "resend":
            self._resend(command)
        elif command.command == "new-epoch":
            if command.epoch == self._branch.journal.epoch:
                log.error("Head office has other entries under our numbers: a new epoch starts.")
                self._begin_new_epoch()
        elif command.command in ("config", "message"):
            self._hear_office(command)
        else:
            self._pass_over(f"its command '{command.command[:50]}' is not known here")

    def _pass_over(self, why: str) -> None:
        """Whoever can write on the line must not fill the log."""
        if self._passed_over.came():
            log.warning("A message from head office is passed over: %s.", why)

    def _resend(self, command: messages.Command) -> None:
        if command.first is None or command.last is None:
            self._pass_over("its command 'resend' is incomplete: 'from' and 'to' are needed, both")
        elif command.epoch in (None, self._branch.journal.epoch):
            self._outbox.resend(command.first, command.last)
            self._branch.live.wake()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begin_new_epoch(self) -> None:
        """Once, however often head office says so before the new one is on disk."""
        if not self._beginning:
            self._beginning = True
            self._run(self._start_new_epoch())

    async def _start_new_epoch(self) -> None:
        """Numbers would be given a second time: under a new epoch they are new."""
        await self._record(lambda journal: journal.start_new_epoch())
        self._branch.journal.read_epoch()
        self._outbox = Outbox(self._branch.journal.acked)
        self._beginning = False
        self._greet()

    async def _record(self, write: Callable[[Journal], None]) -> None:
        try:
            await self._branch.desk.record(write)
        except NotRecorded as error:  # head office will say it again
            log.warning("What head office said could not be recorded: %s", error)
