"""What the journal holds: entries as they go over the wire, each chained to the one before."""

from dataclasses import dataclass, replace

import msgspec

from edge_agent.branch_queue.facts import FACTS, Fact, OpinionFact, TicketFact, TicketIssued


class JournalUnusable(Exception):
    """The journal cannot be opened or written; the text says what to do."""


class EntriesUnreadable(Exception):
    """Entries on record cannot be read: a damaged page, or an archived day that is missing or damaged."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal as it goes over the wire."""

    seq: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to a request with an idempotency key."""

    request: bytes
    status: int
    body: bytes


def encode(seq: int, fact: Fact) -> bytes:
    """The event as it goes over the wire: without the customer's token, without empty keys."""
    values = msgspec.to_builtins(fact)
    values.pop("customer_token", None)
    kept = {name: value for name, value in values.items() if value is not None}
    return msgspec.json.encode({"seq": seq, "type": type(fact).__name__, **kept})


def decode(kind: str, body: bytes, token: str | None = None) -> Fact:
    """The fact of an entry; its customer's token stands in a column of its own."""
    values = msgspec.json.decode(body)
    del values["seq"], values["type"]
    fact = msgspec.convert(values, FACTS[kind])
    return replace(fact, customer_token=token) if isinstance(fact, TicketIssued) else fact


def row_of(entry: Entry, fact: Fact, hash_: bytes) -> tuple[object, ...]:
    """As it stands in the table `event`."""
    ticket = fact.ticket if isinstance(fact, TicketFact) else None
    label = fact.label if isinstance(fact, TicketFact | OpinionFact) else None
    token = fact.customer_token if isinstance(fact, TicketIssued) else None
    day = fact.business_day.isoformat()
    return (entry.seq, day, entry.type, ticket, label, entry.body, token, hash_)
