"""Numbers leased in advance: with them the kiosk goes on while the branch cannot be reached.

No number is given out that is not committed as used before, and none that is not of the branch's present business
day. What was given out stays here until the branch has said that it took it.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import structs

from edge_agent.messages import (
    HandedIn,
    IssuedTicket,
    Lease,
    Services,
    TakenTicket,
    TicketRequest,
)
from kiosk.branch_time import BranchTime
from kiosk.store import Store, keep_note, open_store

T = TypeVar("T")
log = logging.getLogger(__name__)

AT_ONCE = 50  # tickets: what a branch reads in one request
SERVICES_KEPT_EVERY_S = 60.0
NEVER = datetime.min.replace(tzinfo=UTC)
# numbers that are used, should the branch's clock ever go back, and tickets that the branch refused; from their day on
KEPT_FOR = timedelta(days=31)


class Numbers:
    """Open it with `open_numbers`. Every method may raise StoreUnusable; nothing has happened then."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self.store = store
        self._clock = clock
        self._new_id = new_id
        self._time = BranchTime(clock, wall_clock)
        self._time.take_up(store.note("time"))
        self._lease = _read(Lease, store.note("lease"))
        self._last_touch = self._time()
        self._offered: Services | None = None
        self._kept_at = clock()

    # the lease

    def keep(self, lease: Lease) -> None:
        """All that this kiosk may still give out. What it has given out already is not given out again."""
        day = lease.business_day.isoformat()
        numbers = [
            (day, label, block.service, place)
            for block in lease.blocks
            for place, label in enumerate(block.labels)
        ]
        old = (lease.business_day - KEPT_FOR).isoformat()
        self._time.heard(lease.at)
        with self.store.writing() as file:
            file.execute("DELETE FROM number WHERE business_day = ? AND NOT used", (day,))
            file.execute("DELETE FROM number WHERE business_day < ?", (old,))
            file.execute(
                "DELETE FROM ticket WHERE refused IS NOT NULL AND business_day < ?", (old,)
            )
            file.executemany(
                "INSERT OR IGNORE INTO number (business_day, label, service, place) VALUES (?, ?, ?, ?)",
                numbers,
            )
            keep_note(file, "lease", msgspec.json.encode(lease).decode())
            keep_note(file, "time", self._time.kept())
        self._lease = lease

    def left(self, service: str) -> int:
        """How many can be given out now."""
        lease = self._valid()
        if lease is None:
            return 0
        ((count,),) = self.store.rows(
            "SELECT count(*) FROM number WHERE business_day = ? AND service = ? AND NOT used",
            lease.business_day.isoformat(),
            service,
        )
        return int(count)

    def wanted(self, services: Services) -> bool:
        """Whether numbers are missing: some were used or never given, or those here are of another day."""
        lease = self._lease
        if lease is None or lease.business_day != services.business_day:
            return True
        leased = {block.service: len(block.labels) for block in lease.blocks}
        codes = (service.code for service in services.services)
        return any(self.left(code) < max(1, leased.get(code, 0)) for code in codes)

    def running_out(self) -> bool:
        """Whether of some service fewer than half are left."""
        blocks = self._lease.blocks if self._lease else []
        return any(2 * self.left(block.service) < len(block.labels) for block in blocks)

    def _valid(self) -> Lease | None:
        """The lease, while its business day lasts."""
        lease, now = self._lease, self._time()
        return lease if lease is not None and now is not None and now < lease.until else None

    # tickets

    def take(self, asked: TicketRequest) -> IssuedTicket | None:
        """A ticket with the next number, committed; None when none is left for this business day."""
        lease, now = self._valid(), self._time()
        if lease is None or now is None:
            return None
        touched_at = max(now, self._last_touch or now)
        with self.store.writing() as file:
            label = _use(file, lease.business_day.isoformat(), asked.service)
            if label is None:
                return None
            ticket = TakenTicket(
                id=self._new_id(),
                label=label,
                business_day=lease.business_day,
                touched_at=touched_at,
                asked=asked,
            )
            file.execute(
                "INSERT INTO ticket (id, business_day, body) VALUES (?, ?, ?)",
                (ticket.id, ticket.business_day.isoformat(), msgspec.json.encode(ticket)),
            )
            keep_note(file, "time", self._time.kept())
        self._last_touch = touched_at
        log.info("%s was given out without the branch.", label)
        return _issued(ticket)

    def to_hand_in(self) -> list[TakenTicket]:
        """The next that the branch has to hear of, oldest first, all of one business day: a label alone says which
        ticket is meant."""
        rows = self.store.rows(
            "SELECT body FROM ticket WHERE refused IS NULL AND business_day = "
            "(SELECT min(business_day) FROM ticket WHERE refused IS NULL) ORDER BY n LIMIT ?",
            AT_ONCE,
        )
        try:
            return [msgspec.json.decode(body, type=TakenTicket) for (body,) in rows]
        except msgspec.MsgspecError as error:
            raise self.store.unusable(error) from error

    def handed_in(self, tickets: Sequence[TakenTicket], answer: HandedIn) -> bool:
        """What the branch said of these; False when it said nothing of any."""
        refused = {one.label: one.reason for one in answer.refused}
        told = [one for one in tickets if one.label in answer.taken or one.label in refused]
        with self.store.writing() as file:
            for one in told:
                if one.label in answer.taken:
                    file.execute("DELETE FROM ticket WHERE id = ?", (one.id,))
                else:
                    why = refused[one.label]
                    file.execute("UPDATE ticket SET refused = ? WHERE id = ?", (why, one.id))
        for label, reason in refused.items():
            log.error(
                "The branch did not take %s (%s): its customer has a paper and is in no line. The ticket is kept "
                "for %s days after its day.",
                label,
                reason,
                KEPT_FOR.days,
            )
        return bool(told)

    # what the branch offers

    def remember(self, services: Services) -> None:
        """For a start while the branch is away. Written on a change, and now and then: a disk wears out."""
        self._time.heard(services.at)
        offered = _offered(services)
        now = self._clock()
        if offered == self._offered and now - self._kept_at < SERVICES_KEPT_EVERY_S:
            return
        lasting = structs.replace(services, reprints=[], help="")
        with self.store.writing() as file:
            keep_note(file, "services", msgspec.json.encode(lasting).decode())
            keep_note(file, "time", self._time.kept())
        self._offered, self._kept_at = offered, now

    def remembered(self) -> Services | None:
        """As they were then: who waits, and how long, may have changed since `at`."""
        return _read(Services, self.store.note("services"))


def open_numbers(
    folder: Path,
    clock: Callable[[], float],
    wall_clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Numbers:
    """`clock` gives seconds that always run on, `new_id` an id of at least 96 random bits. Raises StoreUnusable."""
    return Numbers(open_store(folder), clock, wall_clock, new_id)


def _offered(services: Services) -> Services:
    """Without what changes from look to look."""
    quiet = [structs.replace(one, waiting=0, estimated_wait=None) for one in services.services]
    return structs.replace(services, services=quiet, at=NEVER, reprints=[], help="")


def _use(file: sqlite3.Connection, day: str, service: str) -> str | None:
    """The next label, marked as used; inside `Store.writing`, so that two programs never get the same."""
    rows = file.execute(
        "UPDATE number SET used = 1 WHERE business_day = ?1 AND label = (SELECT label FROM number "
        "WHERE business_day = ?1 AND service = ?2 AND NOT used ORDER BY place LIMIT 1) RETURNING label",
        (day, service),
    ).fetchall()
    return str(rows[0][0]) if rows else None


def _issued(ticket: TakenTicket) -> IssuedTicket:
    """How many are ahead, and how long it takes, nobody knows now."""
    return IssuedTicket(
        id=ticket.id,
        label=ticket.label,
        service=ticket.asked.service,
        segment=ticket.asked.segment,
        business_day=ticket.business_day,
        issued_at=ticket.touched_at,
        ahead=0,
        estimated_wait=None,
    )


def _read(shape: type[T], kept: str | None) -> T | None:
    """None also for what another version wrote: the branch says it again."""
    try:
        return msgspec.json.decode(kept, type=shape) if kept else None
    except msgspec.MsgspecError as error:
        log.warning(
            "A kept %s cannot be read (%s); the branch is asked again.", shape.__name__, error
        )
        return None
