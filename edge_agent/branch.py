"""The running branch: everything its routes need, wired once in `open_branch`."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from random import Random

from edge_agent import machines
from edge_agent.answers import Answer
from edge_agent.appointments import Appointments
from edge_agent.branch_clock import BranchClock
from edge_agent.branch_queue import moves, printing
from edge_agent.branch_queue.business_day import business_day
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.estimate import Forecast
from edge_agent.branch_queue.facts import TicketHandedInLate
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.central.told import FromOffice
from edge_agent.desk import Desk, Times
from edge_agent.journal import Entry, Journal, JournalUnusable, open_journal, snapshot
from edge_agent.journal.check import JOURNAL_FILE
from edge_agent.journal.entries import decode
from edge_agent.live import Live
from edge_agent.machines import Machines
from edge_agent.messages import DeviceHealth, Queues
from edge_agent.settings import Settings
from edge_agent.staff import Staff
from edge_agent.views import Standing, Views
from program.line_state import LineState

TICKET_ID_BYTES = 16  # 128 random bits: the id is the customer's key to the ticket


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch at work."""

    settings: Settings
    rules: Rules
    journal: Journal
    live: Live
    desk: Desk
    staff: Staff
    machines: Machines
    views: Views
    appointments: Appointments
    clock: BranchClock
    new_ticket_id: Callable[[], str]
    line: LineState = field(default_factory=LineState)
    from_office: FromOffice = field(default_factory=FromOffice)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def queues(self) -> Queues:
        """The branch as it stands: what the pages show and MQTT carries."""
        desk = self.desk
        return self.views.queues(
            desk.queue,
            Standing(
                desk.seq,
                self.journal.epoch,
                desk.health,
                round(self.clock.off.total_seconds()),
                self.line.names,
                self.from_office,
            ),
            self.clock(),
        )

    async def record_machines(self, look: Callable[[], list[DeviceHealth]]) -> None:
        """Put the loss or return of machines into the journal. Raises NotRecorded: ask again."""
        async with self.one_at_a_time:
            if news := look():
                await self.desk.ask(machines.facts_of(news), _nothing_to_say, None)
                self.machines.recorded(news)

    async def record_missing_papers(self) -> None:
        """Put into the journal that nobody has told of a ticket's paper. Raises NotRecorded: ask again."""
        kiosks = self.machines.kiosks_that_print()
        if printing.without_word(self.desk.queue, self.clock(), kiosks):
            await self.desk.ask(
                lambda queue, now: printing.without_word(queue, now, kiosks), _nothing_to_say, None
            )

    def bring_back(self, ticket: str) -> None:
        """A ticket of today that ended long ago is no longer in the queue's mind; the journal has it."""
        queue = self.desk.queue
        if ticket in queue.tickets:
            return
        entries = self.journal.of_ticket(ticket)
        if not entries:
            return
        past = queue_of(entries)
        if past.business_day == queue.business_day:
            queue.bring_back(past.tickets[ticket])

    def close(self) -> None:
        self.journal.close()


def open_branch(
    settings: Settings, wall: Callable[[], datetime], steady: Callable[[], float], random: Random
) -> Branch:
    """Open the journal and rebuild the queue from it. Raises JournalUnusable."""
    journal = open_journal(Path(settings.store.data) / JOURNAL_FILE)
    rules, zone, day_starts_at = settings.rules(), settings.zone, settings.day_starts_at
    queue = snapshot.load(journal, business_day(wall(), zone, day_starts_at))
    try:
        lost = journal.lost_devices()
    except sqlite3.Error as error:
        raise JournalUnusable(
            f"{journal.path}: is damaged ({error}): restore the latest backup"
        ) from error
    clock = BranchClock(wall, steady, queue.day.last_at)
    live = Live(journal)

    def day_of(moment: datetime) -> date:
        return business_day(moment, zone, day_starts_at)

    times = Times(
        clock=clock,
        day_of=day_of,
        due=lambda queue, now: moves.due(queue, rules, now),
        archived_before=lambda today: today - timedelta(days=settings.store.keep_days),
        steady=steady,
    )
    desk = Desk(journal, live, queue, times)
    listed = settings.appointments
    file = Path(listed.file) if listed else None
    return Branch(
        settings=settings,
        rules=rules,
        journal=journal,
        live=live,
        desk=desk,
        staff=Staff(settings, journal, desk, clock),
        machines=Machines(lost),
        views=Views(settings, rules, Forecast(rules, random)),
        appointments=Appointments(file, zone, day_of, list(rules.services)),
        clock=clock,
        new_ticket_id=lambda: secrets.token_urlsafe(TICKET_ID_BYTES),
    )


def queue_of(entries: Iterable[Entry]) -> BranchQueue:
    """One ticket's whole history, in a queue of its own."""
    facts = [decode(entry.type, entry.body) for entry in entries]
    first = facts[0]
    day = first.taken_on if isinstance(first, TicketHandedInLate) else first.business_day
    return apply_all(BranchQueue(day), facts)


def _nothing_to_say(*_: object) -> Answer:
    return Answer(HTTPStatus.NO_CONTENT)
