"""What head office says to branches. Knows how far each journal is here; time is passed in, in s."""

import logging
from collections.abc import Callable, Iterable, Mapping

import msgspec

from edge_agent import messages, topics
from head_office.heard import StateHeard
from head_office.journals import Key, Written
from head_office.marks import Mark, knowing
from program.in_flight import Message

log = logging.getLogger(__name__)

ASK_AGAIN_S = 5.0


class Replies:
    """`say` hands a message to the broker; one that gets lost is said again."""

    def __init__(self, say: Callable[[Message], bool]) -> None:
        self._say = say
        self._marks: dict[Key, Mark] = {}
        self._epochs: dict[str, str] = {}  # the present one of each branch
        self._offline: set[str] = set()
        self._greeted: set[str] = set()  # since the connection was made
        self._asked: dict[Key, float] = {}

    def know(self, marks: Mapping[Key, Mark]) -> None:
        """How far journals are, as the ledger says now."""
        for key, mark in marks.items():
            told = self._marks.get(key, mark).highest  # by the branch, of entries that are not here
            self._marks[key] = knowing(mark, told)

    @property
    def marks(self) -> dict[Key, Mark]:
        """How far each journal is here, as far as this process knows."""
        return dict(self._marks)

    def recall(self, states: Iterable[StateHeard]) -> None:
        """What was known of branches before."""
        for heard in states:
            self._note(heard)

    def forget(self, is_gone: Callable[[str], bool]) -> list[str]:
        """The branches that are another process's from now on."""
        gone = [branch for branch in self._epochs if is_gone(branch)]
        for branch in gone:
            del self._epochs[branch]
        self._offline.difference_update(gone)
        self._greeted.difference_update(gone)
        self._marks = {key: mark for key, mark in self._marks.items() if not is_gone(key[0])}
        return gone

    def kept(self, written: Written, states: Iterable[StateHeard]) -> None:
        """A transaction is on disk."""
        self.know(written.marks)
        for heard in states:
            self._answer(heard)
        for branch, epoch in written.rewritten:
            self._ask_new_epoch(branch, epoch)
        for branch, epoch in written.marks:
            self._epochs.setdefault(branch, epoch)
            self._acknowledge(branch, epoch)

    def greet_all(self) -> None:
        """A new connection: every branch we know shall say who it is, and send what we have missed."""
        self._greeted.clear()
        self.greet(lambda _branch: True)

    def greet(self, who: Callable[[str], bool]) -> None:
        """These of the branches that we know."""
        for branch, epoch in list(self._epochs.items()):
            if who(branch):
                self._greet(branch)
                if (branch, epoch) in self._marks:
                    self._acknowledge(branch, epoch)

    def due(self, now: float) -> list[Key]:
        """Journals with a hole that has not filled by itself."""
        holes = {
            key: self._asked.get(key, now)
            for key, mark in self._marks.items()
            if mark.missing and self._epochs.get(key[0]) == key[1]
        }
        self._asked = holes
        return [key for key, since in holes.items() if now - since > ASK_AGAIN_S]

    def ask(self, keys: Iterable[Key], marks: Mapping[Key, Mark], now: float) -> None:
        """What is still missing of these journals shall come again. `marks`: as the ledger says now, of those that it
        knows at all."""
        self.know(marks)
        for branch, epoch in keys:
            mark = self._marks.get(
                (branch, epoch)
            )  # None of a shard that has been given up meanwhile
            if mark is not None and mark.missing:
                self._asked[branch, epoch] = now
                wanted = messages.Command(
                    command="resend", first=mark.seq + 1, last=mark.highest, epoch=epoch
                )
                self._command(branch, wanted)

    def _note(self, heard: StateHeard) -> None:
        shape, branch = heard.shape, heard.branch
        if isinstance(shape, messages.Birth):
            self._epochs[branch] = shape.epoch
            (self._offline.add if shape.status == "offline" else self._offline.discard)(branch)
        elif isinstance(shape, messages.Queues):
            self._epochs[branch] = shape.epoch
            key = branch, shape.epoch
            self._marks[key] = knowing(self._marks.get(key, Mark()), shape.journal_seq)

    def _answer(self, heard: StateHeard) -> None:
        self._note(heard)
        branch, shape = heard.branch, heard.shape
        if isinstance(shape, messages.Birth):
            self._acknowledge(branch, shape.epoch)
        elif branch in self._offline:  # its birth was lost: it shall say it again
            self._offline.discard(branch)
            self._greeted.discard(branch)
        if heard.retained or not isinstance(shape, messages.Birth):
            self._greet(branch)  # its birth was before our time

    def _greet(self, branch: str) -> None:
        """Ask for a rebirth, once a connection: the branch then sends whatever is not acknowledged."""
        if branch not in self._greeted:
            self._greeted.add(branch)
            self._command(branch, messages.Command(command="rebirth"))

    def _acknowledge(self, branch: str, epoch: str) -> None:
        mark = self._marks.get((branch, epoch), Mark())
        ack = messages.Ack(epoch=epoch, seq=mark.seq, digest=mark.digest)
        topic = topics.topic(branch, "ack")
        self._say(Message(topic, msgspec.json.encode(ack), retain=True))

    def _ask_new_epoch(self, branch: str, epoch: str) -> None:
        """Nothing is overwritten; under a new epoch the branch sends everything again."""
        log.error(
            "%s brings other entries under numbers of epoch %s: it must begin a new one.",
            branch,
            epoch,
        )
        self._command(branch, messages.Command(command="new-epoch", epoch=epoch))

    def _command(self, branch: str, command: messages.Command) -> None:
        self._say(Message(topics.topic(branch, "command"), msgspec.json.encode(command)))
