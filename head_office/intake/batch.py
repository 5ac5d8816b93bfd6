"""What one transaction will write."""

from dataclasses import dataclass, field
from datetime import datetime

from edge_agent import topics
from head_office.entries import Row
from head_office.heard import UNREADABLE, StateHeard, States, rows_of, told_by
from head_office.journals import Written
from head_office.ledger import Ledger, Told
from program.in_flight import Message, Receipt

ENTRIES = ("/events", "/history")
LARGEST_KEPT = 64 * 1024  # bytes of an unreadable message
ASIDE_AT_MOST = 500  # of them, while the ledger cannot be written


@dataclass(slots=True)
class Batch:
    """`heard`: the states in the order in which they came. `receipts`: of the entries."""

    rows: list[Row] = field(default_factory=list)
    heard: list[StateHeard] = field(default_factory=list)
    aside: list[tuple[datetime, str, str, bytes]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    def add(self, message: Message, at: datetime, states: States) -> str:
        """One message more; why it cannot be read, when it cannot: then it is set aside, never in the way."""
        if message.receipt and message.topic.endswith(ENTRIES):  # also of what cannot be read
            self.receipts.append(message.receipt)
        try:
            branch, leaf = topics.parse(message.topic)
            if leaf in topics.TO_BRANCH:
                return ""  # our own words: some brokers send them back
            if leaf in ("events", "history"):
                self.rows += rows_of(branch, message.payload)
            elif (heard := states.read(branch, leaf, message, at)) is not None:
                self.heard.append(heard)
        except UNREADABLE as error:
            reason = str(error) or type(error).__name__
            self.aside.append((at, message.topic, reason, message.payload[:LARGEST_KEPT]))
            return reason
        return ""

    def drop_older(self) -> None:
        """Of the states all but the latest, of what cannot be read all but the first: the ledger may be away for hours."""
        latest = {(one.branch, one.leaf): one for one in self.heard}
        self.heard[:] = latest.values()
        del self.aside[ASIDE_AT_MOST:]

    def drop_entries(self) -> None:
        """Nobody is told that they are here: the branches send them again."""
        self.rows.clear()
        self.give_receipts()

    def give_receipts(self) -> None:
        """The broker may forget these messages."""
        for receipt in self.receipts:
            receipt.give()
        self.receipts.clear()

    def write(self, ledger: Ledger) -> Written:
        """All or nothing."""
        latest = {(one.branch, one.leaf): one for one in self.heard}
        states = [(one.branch, one.leaf, one.seen_at, one.body) for one in latest.values()]
        told: dict[tuple[str, str, int, bool], Told] = {}
        for one in self.heard:
            for said in told_by(one):
                told[said.branch, said.epoch, said.day.first_seq, said.closed] = said
        return ledger.write(self.rows, states, self.aside, list(told.values()))
