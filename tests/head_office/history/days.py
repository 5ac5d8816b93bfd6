"""Branches' days to look back on: a hall driven at random by the real rules, and written into a ledger as it would come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from edge_agent.branch_queue.facts import Fact
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.journal.entries import encode
from edge_agent.messages import GENESIS, DayOnRecord, chain
from head_office.entries import Row
from head_office.ledger import Ledger, Told
from tests.branch_queue.hall import Hall, minutes, rules, seconds

EPOCH = "20260101T000000Z-00000000"
OPENS = time(1, 0, tzinfo=UTC)  # nine o'clock in Shanghai
PRESSES = (
    "call_next",
    "call_next",
    "start",
    "start",
    "finish",
    "finish",
    "recall",
    "miss",
    "undo",
    "park",
)
STEPS = 300


@dataclass
class Journal:
    """Facts of several days as they are chained in a branch's journal."""

    branch: str
    epoch: str = EPOCH
    bodies: list[bytes] = field(default_factory=list)
    days: list[date] = field(default_factory=list)

    def add(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self.bodies.append(encode(len(self.bodies) + 1, fact))
            self.days.append(fact.business_day)

    def rows(self) -> list[Row]:
        hashes = chain(GENESIS, self.bodies)
        return [
            Row(self.branch, self.epoch, n + 1, "X", body, self.days[n], hashes[n])
            for n, body in enumerate(self.bodies)
        ]

    def told(self, *, closed: bool = True) -> list[Told]:
        heads = [GENESIS, *chain(GENESIS, self.bodies)]
        found = []
        for day in dict.fromkeys(self.days):
            first = self.days.index(day)
            last = len(self.days) - self.days[::-1].index(day)
            on_record = DayOnRecord(
                business_day=day, first_seq=first + 1, last_seq=last,
                before=heads[first].hex(), hash=heads[last].hex(),
            )  # fmt: skip
            said_at = datetime.combine(day, OPENS) + timedelta(hours=12)
            found.append(Told(self.branch, self.epoch, on_record, closed, said_at))
        return found

    def into(self, ledger: Ledger, *, closed: bool = True) -> None:
        ledger.write(self.rows(), [], [], self.told(closed=closed))


def busy_day(day: date, seed: int, steps: int = STEPS, *, ends: bool = True) -> Hall:
    """Customers and tellers do what comes to their minds; the rules refuse what cannot be."""
    hall = Hall(rules(), datetime.combine(day, OPENS), day)
    random = Random(seed)
    for _ in range(steps):
        hall.later(seconds(random.expovariate(1 / 45)))
        try:
            _something(hall, random)
        except Refusal:
            continue
    if ends:
        hall.later(minutes(60))
        hall.end_day()
    return hall


def _something(hall: Hall, random: Random) -> None:
    tickets = list(hall.queue.tickets)
    counter = random.choice("123")
    hall.due()
    match random.randrange(12):
        case 0 | 1 | 2:
            more = {"then": ("cards",)} if random.random() < 0.1 else {}
            hall.take(
                random.choice(("cash", "cash", "wealth")),
                random.choice(("ordinary", "vip")),
                **more,
            )
        case 3 if tickets:
            hall.rate(random.choice(tickets), random.randint(1, 5))
        case 4 if tickets and random.random() < 0.2:
            hall.cancel(random.choice(tickets))
        case 5 if tickets:
            hall.come_back(random.choice(tickets))
        case 6 if random.random() < 0.3:
            hall.press("transfer", counter, to_service=random.choice(("cash", "cards", "wealth")))
        case 7 if random.random() < 0.2:
            hall.press(random.choice(("pause_counter", "close_counter")), counter)
        case _:
            hall.press(random.choice(PRESSES), counter)
