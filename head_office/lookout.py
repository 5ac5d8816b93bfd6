"""Messages -> picture: who is there, who is silent, who bears another's id. Writes nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from edge_agent import messages, topics
from head_office.clones import Clones
from head_office.heard import UNREADABLE, StateHeard, States
from head_office.journals import Key
from head_office.marks import Mark, knowing, with_runs
from head_office.picture import Picture
from program.in_flight import Message


class Lookout:
    """`clock` says when something was heard."""

    def __init__(self, picture: Picture, clock: Callable[[], datetime]) -> None:
        self._picture = picture
        self._clock = clock
        self._clones = Clones(picture)
        self._states = States()
        self._marks: dict[Key, Mark] = {}

    def recall(
        self, states: Iterable[tuple[str, str, datetime, bytes]], marks: Mapping[Key, Mark]
    ) -> None:
        """What was known before the last stop."""
        self._marks.update(marks)
        self.show(self._states.recall(states))

    def hear(self, message: Message) -> None:
        """Straight from the broker. What cannot be read, whoever writes it down says."""
        try:
            branch, leaf = topics.parse(message.topic)
            if leaf == "ack":
                self._acknowledged(branch, msgspec.json.decode(message.payload, type=messages.Ack))
            elif heard := self._states.read(branch, leaf, message, self._clock()):
                self.show([heard])
        except UNREADABLE:
            return

    def show(self, states: Iterable[StateHeard]) -> None:
        for heard in states:
            shape = heard.shape
            if isinstance(shape, messages.Birth):
                self._born(shape, heard)
            elif isinstance(shape, messages.Queues):
                self._picture.queues(heard.branch, shape, heard.seen_at)
                self._mark(heard.branch, shape.epoch, heard.seen_at, shape.journal_seq)
            else:
                self._picture.health(heard.branch, shape, heard.seen_at)

    def committed(self, marks: Mapping[Key, Mark], at: datetime) -> None:
        """What branches have just sent is in the ledger, and so they are alive."""
        for (branch, epoch), mark in marks.items():
            self._know((branch, epoch), mark)
            self._mark(branch, epoch, at)

    def correct(self, marks: Mapping[Key, Mark], since: Mapping[Key, Mark]) -> None:
        """What the ledger says, whoever wrote it, of journals of which nothing was heard `since`. No sign of life."""
        for (branch, epoch), mark in marks.items():
            key, now = (branch, epoch), self._picture.one(branch)
            before = self._marks.get(key)
            if now is None or now.status == "never" or before != since.get(key):
                continue
            self._know(key, mark)
            if self._marks[key] != before:
                self._mark(branch, epoch, now.seen_at)

    @property
    def marks(self) -> dict[Key, Mark]:
        """How far each journal is in the ledger, as far as we have heard."""
        return dict(self._marks)

    def behind(self) -> list[Key]:
        """The journals of branches on the board that are not wholly here, as far as we have heard."""
        return [(now.branch, now.epoch) for now in self._picture.all() if now.behind]

    def look(self) -> None:
        """What nobody says: time has gone by."""
        self._picture.fall_silent(self._clock())
        self._clones.look(self._clock())

    def _born(self, birth: messages.Birth, heard: StateHeard) -> None:
        if not heard.retained:  # an old word is no return
            self._clones.born(birth, heard.seen_at)
        self._picture.birth(birth, heard.seen_at)
        self._mark(heard.branch, birth.epoch, heard.seen_at)

    def _mark(self, branch: str, epoch: str, seen_at: datetime, told: int = 0) -> None:
        """The branch tells how far its journal goes: what we lack of it is a gap."""
        mark = knowing(self._marks.get((branch, epoch), Mark()), told)
        self._marks[branch, epoch] = mark
        self._picture.committed(branch, epoch, mark, seen_at)

    def _acknowledged(self, branch: str, ack: messages.Ack) -> None:
        """Everything up to here is committed; the ledger itself says it too, somewhat later."""
        key, since = (branch, ack.epoch), self._marks
        if ack.seq > 0:
            self.correct({key: with_runs(since.get(key, Mark()), [(1, ack.seq)])}, since)

    def _know(self, key: Key, mark: Mark) -> None:
        told = self._marks.get(key, mark).highest
        self._marks[key] = knowing(mark, told)
