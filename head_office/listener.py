"""The board's line: it hears every branch, and takes in what they send unless others do."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from random import Random

import sqlalchemy as sa

from edge_agent import topics
from head_office.heard import STATES
from head_office.intake.counted import NOTHING, Counted
from head_office.intake.intake import Intake, Kept
from head_office.intake.leases import Leases
from head_office.intake.lines import Lines
from head_office.ledger import Ledger
from head_office.lookout import Lookout
from head_office.picture import Picture
from program.broker import Broker
from program.in_flight import Message
from program.line_state import Trouble

log = logging.getLogger(__name__)

LEDGER_S = 2.0  # between two looks at what others have written


class Listener:
    """Call `run()` as a task. `on_change` is called when the picture has changed. `elsewhere`: the leases of the
    processes that take in; None when this one does."""

    def __init__(
        self,
        ledger: Ledger,
        picture: Picture,
        broker: Broker,
        *,
        clock: Callable[[], datetime],
        random: Random,
        on_change: Callable[[], None],
        elsewhere: Leases | None = None,
    ) -> None:
        self._ledger = ledger
        self._picture = picture
        self._clock = clock
        self._on_change = on_change
        self._elsewhere = elsewhere
        self._lookout = Lookout(picture, clock)
        self._lookout.recall(ledger.states(), ledger.marks())
        self._intake: Intake | None = None
        if elsewhere is None:
            self._intake = Intake(ledger, say=self.say, clock=clock, on_kept=self._show)
            self._intake.recall(self._intake.of_ledger(range(topics.SHARDS)))
        self.unattended = 0
        self._unreadable = False
        leaves: list[tuple[str, ...]] = [(*STATES, "ack")]
        if self._intake is not None:
            leaves = [(*STATES, "events"), ("history",)]
        self._lines = Lines(
            broker,
            "head-office",
            topics=[[topics.from_all_branches(leaf) for leaf in some] for some in leaves],
            on_connected=self._greet,
            on_message=self._intake.receive if self._intake is not None else self._hear,
            clock=clock,
            random=random,
        )

    @property
    def listening(self) -> bool:
        """What is said from now on is heard."""
        return self._lines.listening

    @property
    def troubles(self) -> dict[Trouble, str]:
        """Of the line, in words."""
        return self._lines.troubles

    def leave(self) -> None:
        """Say goodbye to the broker for good."""
        self._lines.leave()

    @property
    def failing(self) -> bool:
        """The ledger cannot be written, or not be read where others write it."""
        return self._intake.failing if self._intake is not None else self._unreadable

    def taken_in(self) -> tuple[Counted, int]:
        """What was done by whoever takes in, and how many messages wait. Asks the ledger's database where others do. Raises
        SQLAlchemyError."""
        if self._elsewhere is not None:
            return self._elsewhere.sums()
        return (self._intake.counted, self._intake.waiting) if self._intake else (NOTHING, 0)

    async def run(self) -> None:
        """Listen, show and commit, until cancelled."""
        async with asyncio.TaskGroup() as all_of_them:
            for link in self._lines.all:
                all_of_them.create_task(link.run())
            all_of_them.create_task(self._watch())
            if self._intake is not None:
                all_of_them.create_task(self._intake.run())
            if self._elsewhere is not None:
                all_of_them.create_task(self._read_ledger(self._elsewhere))

    def say(self, message: Message) -> bool:
        """False when there is no line to say it on."""
        return self._lines.say(message)

    def _greet(self) -> None:
        if self._intake is not None:
            self._intake.replies.greet_all()

    def _show(self, kept: Kept) -> None:
        """What is shown of entries is committed."""
        self._lookout.show(kept.states)
        if kept.at is not None:
            self._lookout.committed(kept.marks, kept.at)
        else:
            self._lookout.correct(kept.marks, self._lookout.marks)
        self._on_change()

    def _hear(self, message: Message) -> None:
        if message.receipt:
            message.receipt.give()
        self._lookout.hear(message)
        self._on_change()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            before = self._picture.version
            self._lookout.look()
            if self._picture.version != before:
                self._on_change()

    async def _read_ledger(self, leases: Leases) -> None:
        """What the others have written, whether or not its acknowledgement was heard; and whether they are there."""
        while True:
            await asyncio.sleep(LEDGER_S)
            since, behind = self._lookout.marks, self._lookout.behind()
            try:
                gaps = await asyncio.to_thread(self._ledger.gaps)
                marks = await asyncio.to_thread(self._ledger.marks, behind)
                self.unattended = await asyncio.to_thread(leases.unattended)
            except (sa.exc.SQLAlchemyError, OSError) as error:
                if not self._unreadable:
                    log.error("The ledger cannot be read; the board may be behind: %s", error)
                self._unreadable = True
                continue
            if self._unreadable:
                log.info("The ledger can be read again.")
            self._unreadable = False
            before = self._picture.version
            self._lookout.correct(marks | gaps, since)
            if self._picture.version != before:
                self._on_change()
