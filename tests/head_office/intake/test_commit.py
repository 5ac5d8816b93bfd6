"""Messages into the ledger, whoever else works."""

import asyncio
import threading
from datetime import UTC, datetime

from edge_agent import topics
from head_office.intake.intake import Intake, Kept
from head_office.ledger import Ledger
from program.in_flight import Message, Receipt

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ENTRY = b'{"seq":1,"at":"2026-11-26T12:00:00Z","type":"X","business_day":"2026-11-26"}'


def test_a_commit_does_not_wait_for_readers(ledger: Ledger) -> None:
    told: list[int] = []
    readers_may_end = threading.Event()

    async def commit() -> None:
        kept: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        intake = Intake(
            ledger, say=lambda _message: True, clock=lambda: NOON, on_kept=kept.set_result
        )
        readers = [asyncio.to_thread(readers_may_end.wait, 20) for _ in range(40)]
        reading = asyncio.gather(*readers)
        running = asyncio.create_task(intake.run())
        said = b'{"epoch":"e","first_seq":1,"events":[%s]}' % ENTRY
        intake.receive(Message(topics.topic("b", "events"), said, receipt=Receipt(told.append, 7)))
        try:
            async with asyncio.timeout(5):
                await kept
        finally:
            readers_may_end.set()
            await reading
            running.cancel()

    asyncio.run(commit())
    assert told == [7]
    assert ledger.marks()["b", "e"].seq == 1
