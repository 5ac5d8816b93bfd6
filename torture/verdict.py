"""Holds the journal against the rules, and the clients' ledgers against the journal."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from torture.ledger import Entry, Ledger

Event = dict[str, Any]

# what an answered press must have left in the journal
EVENT_OF = {
    "call-next": "TicketCalled",
    "recall": "TicketRecalled",
    "start": "ServiceStarted",
    "finish": "ServiceFinished",
    "no-show": "TicketMissed",
    "undo": "TicketCallUndone",
    "park": "TicketParked",
    "transfer": "TicketTransferred",
    "return": "TicketReturned",
    "cancel": "TicketCancelled",
}
# event -> state of the ticket after it; a ServiceFinished with a next service leads back to waiting
STATE_AFTER = {
    "TicketCalled": "called",
    "ServiceStarted": "serving",
    "ServiceResumed": "serving",
    "ServiceFinished": "served",
    "TicketMissed": "missed",
    "TicketParked": "parked",
    "TicketCancelled": "cancelled",
    "TicketReturned": "waiting",
    "TicketCallUndone": "waiting",
    "TicketTransferred": "waiting",
}
AT_COUNTER = ("called", "serving")


@dataclass
class Figures:
    """What must all be 0, each with a few examples to look at."""

    found: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def blame(self, what: str, example: str) -> None:
        self.found[what] += 1
        if self.found[what] <= 5:
            self.examples.append(f"{what}: {example}")


class Journal:
    """The rules of the journal, fed with its entries one after the other."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.digests: list[bytes] = []  # of entry 1, 2, …
        self.label_of: dict[str, str] = {}  # ticket -> label
        self.happened: Counter[tuple[str, str]] = Counter()  # (event, ticket)
        self.called_at: Counter[tuple[str, str]] = Counter()  # (ticket, counter)
        self._labels: dict[tuple[str, str], str] = {}
        self._state: dict[str, str] = {}
        self._stands_at: dict[str, str] = {}  # ticket -> counter
        self._day = ""

    @property
    def length(self) -> int:
        return len(self.digests)

    def feed(self, event: Event) -> None:
        self._check_number(event)
        self._check_day(event)
        self.digests.append(digest(event))
        ticket = event.get("ticket")
        if ticket is None:
            return
        self.happened[event["type"], ticket] += 1
        if event["type"] == "TicketIssued":
            self._issued(event, ticket)
        elif event["type"] in STATE_AFTER:
            self._moved(event, ticket)

    def compare(self, event: Event) -> None:
        """An entry that was read before must be there unchanged."""
        if digest(event) != self.digests[event["seq"] - 1]:
            self.figures.blame("lost", f"entry {event['seq']} is another one than before: {event}")

    def _check_number(self, event: Event) -> None:
        if event["seq"] != self.length + 1:
            self.figures.blame("gaps", f"entry {event['seq']} follows {self.length}")

    def _check_day(self, event: Event) -> None:
        day = str(event["business_day"])
        if day < self._day:
            self.figures.blame("days_back", f"entry {event['seq']}: {day} after {self._day}")
        self._day = max(day, self._day)

    def _issued(self, event: Event, ticket: str) -> None:
        label = (event["business_day"], event["label"])
        if label in self._labels:
            self.figures.blame("labels_twice", f"{label} for {self._labels[label]} and {ticket}")
        self._labels[label] = ticket
        if ticket in self.label_of:
            self.figures.blame("issued_twice", f"ticket {ticket}")
        self.label_of[ticket] = event["label"]
        self._state[ticket] = "waiting"

    def _moved(self, event: Event, ticket: str) -> None:
        before, after = self._state.get(ticket, "unknown"), STATE_AFTER[event["type"]]
        said = f"entry {event['seq']}: {event['type']} of {event.get('label')} which is {before}"
        if event["type"] == "TicketCalled":
            self._called(event, ticket, before, said)
        elif before == "unknown":
            self.figures.blame("wrong_moves", said)
        if after == "served" and event.get("next_service"):
            after = "waiting"
        if after not in AT_COUNTER:
            self._stands_at.pop(ticket, None)
        self._state[ticket] = after

    def _called(self, event: Event, ticket: str, before: str, said: str) -> None:
        counter = str(event["counter"])
        if before in AT_COUNTER:
            at = self._stands_at.get(ticket)
            self.figures.blame("called_twice", f"{said} at {at}, now to {counter}")
        elif before != "waiting":
            self.figures.blame("wrong_moves", f"{said}, to counter {counter}")
        self._stands_at[ticket] = counter
        self.called_at[ticket, counter] += 1


def digest(event: Event) -> bytes:
    return hashlib.blake2b(json.dumps(event, sort_keys=True).encode(), digest_size=12).digest()


def check_answered(entries: Iterable[Entry], journal: Journal) -> None:
    """Every ticket that was answered stands in the journal, under the label that was answered."""
    for entry in entries:
        if entry.press != "issue" or not entry.done:
            continue
        ticket, label = entry.told.get("id", ""), entry.told.get("label")
        found = journal.label_of.get(ticket)
        if found is None:
            journal.figures.blame("lost", f"ticket {label} ({ticket}), answered to {entry.key}")
        elif found != label:
            journal.figures.blame("lost", f"ticket {ticket} was answered {label} and is {found}")


def check_presses(ledgers: Iterable[Ledger], journal: Journal) -> None:
    """Every press that was answered stands in the journal as often as it was answered."""
    told = Counter(
        (EVENT_OF[entry.press], str(entry.told["id"]))
        for ledger in ledgers
        for entry in ledger.entries
        if entry.press in EVENT_OF and "id" in entry.told
    )
    for what, times in told.items():
        if times > journal.happened[what]:
            said = f"{what[0]} of {what[1]}: {times} answered, {journal.happened[what]} there"
            journal.figures.blame("lost", said)


def check_ghosts(ledgers: Iterable[Ledger], journal: Journal) -> None:
    """At the end, when every request is settled: nothing is done that nobody was told."""
    ledgers = list(ledgers)
    told = {entry.told.get("id") for ledger in ledgers for entry in ledger.done("issue")}
    for ticket in journal.label_of.keys() - told:
        journal.figures.blame("ghosts", f"ticket {journal.label_of[ticket]}, told to nobody")
    calls = Counter(
        (str(entry.told.get("id")), str(entry.counter))
        for ledger in ledgers
        for entry in ledger.done("call-next")
    )
    for what, times in journal.called_at.items():
        if times > calls[what]:
            said = f"{what[0]} called {times} times to counter {what[1]}, answered {calls[what]}"
            journal.figures.blame("ghosts", said)


def check_ledgers(ledgers: Iterable[Ledger], figures: Figures) -> None:
    """No two clients were told the same ticket or label, answers never changed, failures were refusals."""
    owner: dict[str, str] = {}
    labels: set[tuple[str, str]] = set()
    for ledger in ledgers:
        for bad in ledger.bad_answers:
            figures.blame("bad_answers", bad)
        for entry in ledger.entries:
            for other in entry.changed:
                first = entry.answer.body[:300] if entry.answer else b""
                figures.blame("answers_changed", f"{entry.key} {first!r} -> {other.body[:300]!r}")
            if entry.press == "issue" and entry.done:
                if entry.told["id"] in owner:
                    figures.blame("issued_twice", f"{owner[entry.told['id']]} and {entry.key}")
                owner[entry.told["id"]] = entry.key
                label = (entry.told["business_day"], entry.told["label"])
                if label in labels:
                    figures.blame("labels_twice", f"{label} was answered to two clients")
                labels.add(label)
