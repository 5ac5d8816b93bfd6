"""What waits for one transaction: no message of it is held back for ever, and it does not grow without end."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from edge_agent import topics
from edge_agent.messages import Health
from head_office.heard import States
from head_office.intake.batch import Batch
from program.in_flight import Message, Receipt

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "topic", [topics.topic("b", "events"), "bank/v1/99/b/events", "bank/v1/00/!/history"]
)
def test_the_broker_is_told_of_entries_on_any_topic(topic: str) -> None:
    """It sends no more than so many that it has not been told of: mosquitto 20."""
    told: list[int] = []
    batch = Batch()
    assert batch.add(Message(topic, b"no entries", receipt=Receipt(told.append, 7)), NOON, States())
    assert not told
    batch.give_receipts()
    assert told == [7]


def test_it_does_not_grow_while_the_ledger_is_away() -> None:
    batch, states = Batch(), States()
    for second in range(2000):
        at = NOON + timedelta(seconds=second)
        said = msgspec.json.encode(Health(at=at, devices=[]))
        for branch in ("b", "c"):
            assert not batch.add(Message(topics.topic(branch, "health"), said), at, states)
        batch.add(Message(topics.topic("d", "health"), b"?"), at, states)
        batch.drop_older()
    assert [(one.branch, one.seen_at) for one in batch.heard] == [("b", at), ("c", at)]
    assert len(batch.aside) <= 500
