"""Head office's history: folding a day of many branches, and asking of a month of a fleet's visits."""

import resource
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from bench.figures import tell
from edge_agent.branch_queue.facts import (
    CounterOpened,
    Fact,
    ServiceFinished,
    ServiceStarted,
    TicketCalled,
    TicketIssued,
    TicketPrinted,
    TicketRated,
)
from edge_agent.journal.entries import encode
from edge_agent.messages import GENESIS, DayOnRecord, chain
from head_office.access import Person, Role
from head_office.entries import Row
from head_office.history.folding import Folding
from head_office.history.parts import PARTS, Parts
from head_office.history.past import KINDS, Past
from head_office.history.reading import Reading
from head_office.history.scope import By, Question
from head_office.history.tables import branch_day, part
from head_office.ledger import Ledger, Told
from head_office.register import Register
from head_office.settings import Store
from head_office.store import engine_of

DAY = date(2026, 11, 2)
VISITS = 600  # a branch and day
FOLDED = 200  # branches
FLEET = 5000
MONTH = 30  # days
EVERYBODY = Person("bench", Role.VIEWER)


def run(folder: Path) -> None:
    fold_a_day(folder / "fold")
    ask_of_a_month(folder / "month")


def fold_a_day(folder: Path) -> None:
    """From the ledger to files on disk, proof and all, without the rests that it takes beside head office."""
    engine = engine_of(Store(data=str(folder)))
    ledger = Ledger(engine)
    events = _fill(ledger)
    parts = Parts(folder / "history", "Asia/Shanghai", Register(None))
    folding = Folding(engine, Reading(engine, ledger), parts, days_open=3)
    began, cpu = time.perf_counter(), time.process_time()
    folded = folding.fold(datetime(2026, 11, 3, 12, tzinfo=UTC))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    tell("history_fold_cpu_per_event", cpu / events * 1e6, "us", events)
    tell("history_fold_cpu_per_branch_day", cpu / folded * 1e3, "ms", folded)
    tell("history_fold_branch_days", folded / wall, "branch days/s", folded)
    size = sum(file.stat().st_size for file in parts.root.rglob("*.parquet"))
    tell("history_bytes_per_visit", size / (folded * VISITS), "B", folded * VISITS)
    ledger.close()


def ask_of_a_month(folder: Path) -> None:
    """90 million visits of 5,000 branches; waits are spread as where customers come by chance."""
    engine = engine_of(Store(data=str(folder)))
    parts = Parts(folder / "history", "Asia/Shanghai", Register(None))
    past = Past.open(engine, parts, Register(None))
    days = [DAY + timedelta(days=n) for n in range(-1, MONTH - 1)]
    _make_up(parts, days[0])
    for day in days:
        _copy(parts, days[0], day)
        _register(past, day)
    for by in ("branch", "region", "service", "hour", "day"):
        _ask(past, by, days)
    one = Question(first=days[0], last=days[-1], by="day", branch="b1234")
    began = time.perf_counter()
    past.answer(one, EVERYBODY)
    tell("history_month_one_branch", time.perf_counter() - began, "s", MONTH * VISITS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tell("history_peak_memory", peak, "MB", 1)


def _ask(past: Past, by: By, days: list[date]) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    past.answer(Question(first=days[0], last=days[-1], by=by), EVERYBODY)
    tell(f"history_month_by_{by}", time.perf_counter() - began, "s", MONTH * FLEET * VISITS)
    tell(f"history_month_by_{by}_cpu", time.process_time() - cpu, "s", MONTH * FLEET * VISITS)


def _fill(ledger: Ledger) -> int:
    """A day of each branch, as its journal would have it."""
    random, events = Random(1), 0
    for n in range(FOLDED):
        facts = sorted(_facts(random), key=lambda fact: fact.at)
        bodies = [encode(seq, fact) for seq, fact in enumerate(facts, 1)]
        hashes = chain(GENESIS, bodies)
        branch, epoch = f"b{n:04d}", "20260101T000000Z-00000000"
        rows = [
            Row(branch, epoch, seq, type(fact).__name__, body, DAY, hash_)
            for seq, (fact, body, hash_) in enumerate(zip(facts, bodies, hashes, strict=True), 1)
        ]
        on_record = DayOnRecord(
            business_day=DAY, first_seq=1, last_seq=len(rows), before=GENESIS.hex(), hash=hashes[-1].hex(),
        )  # fmt: skip
        ledger.write(rows, [], [], [Told(branch, epoch, on_record, True, datetime.now(UTC))])
        events += len(rows)
    return events


def _facts(random: Random) -> Iterator[Fact]:
    opens = datetime(2026, 11, 2, 1, tzinfo=UTC)
    for n in range(8):
        yield CounterOpened(at=opens, business_day=DAY, counter=str(n))
    for n in range(VISITS):
        at = opens + timedelta(seconds=n * 48)
        called = at + timedelta(seconds=random.expovariate(1 / 600))
        started, counter = called + timedelta(seconds=20), str(n % 8)
        ended = started + timedelta(seconds=random.expovariate(1 / 400))
        who: dict[str, Any] = {"business_day": DAY, "ticket": f"ticket-{n:016d}", "label": f"A{n:03d}", "service": "cash", "segment": "ordinary"}  # fmt: skip
        yield TicketIssued(
            **who, at=at, number=n, language="zh-Hans", channel="kiosk", kiosk="kiosk-1"
        )
        yield TicketPrinted(
            **who, at=at + timedelta(seconds=2), outcome="confirmed", kiosk="kiosk-1"
        )
        yield TicketCalled(**who, at=called, counter=counter)
        yield ServiceStarted(**who, at=started, counter=counter)
        yield ServiceFinished(**who, at=ended, counter=counter)
        yield TicketRated(**who, at=ended + timedelta(seconds=10), score=random.randint(1, 5))


def _make_up(parts: Parts, day: date) -> None:
    """The files of a day, as folding writes them."""
    for number in range(PARTS):
        for kind in KINDS:
            parts.file(kind, day, number, 1).parent.mkdir(parents=True, exist_ok=True)
        visits = parts.file("visits", day, number, 1)
        with closing(duckdb.connect(config={"threads": 2})) as database:
            database.execute(f"COPY ({MADE_UP.format(part=number, day=day)}) TO '{visits}' {INTO}")
            counters = parts.file("counters", day, number, 1)
            database.execute(
                f"COPY ({COUNTERS.format(part=number, day=day)}) TO '{counters}' {INTO}"
            )


def _copy(parts: Parts, made_up: date, day: date) -> None:
    """The same customers on another day."""
    if day == made_up:
        return
    with closing(duckdb.connect(config={"threads": 2})) as database:
        for number, kind in product(range(PARTS), KINDS):
            file, into = (parts.file(kind, one, number, 1) for one in (made_up, day))
            into.parent.mkdir(parents=True, exist_ok=True)
            if file.exists():
                rows = (
                    f"SELECT * REPLACE (DATE '{day}' AS business_day) FROM read_parquet('{file}')"
                )
                database.execute(f"COPY ({rows}) TO '{into}' {INTO}")


INTO = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)"
BRANCHES = "(SELECT 'b' || lpad((b * 8 + {part})::VARCHAR, 4, '0') AS branch FROM range(625) t(b))"
MADE_UP = f"""
    SELECT *, arrived + to_seconds(waited_s) AS called, arrived + to_seconds(waited_s + service_s) AS ended,
        1 AS services, 0 AS missed_calls, 0 AS transfers, 0 AS parks, 'confirmed' AS printed
    FROM (
        SELECT branch, DATE '{{day}}' AS business_day, 'A' || n AS label,
            ['cash', 'cards', 'wealth', 'business'][1 + (random() * 3)::INTEGER] AS service,
            ['ordinary', 'vip', 'care'][1 + (random() * 2)::INTEGER] AS segment, 'kiosk' AS channel,
            'zh-Hans' AS language, TIMESTAMPTZ '{{day}} 01:00:00+00' + to_seconds(n * 48) AS arrived,
            (-ln(1 - random()) * 600)::BIGINT AS waited_s, (-ln(1 - random()) * 400)::BIGINT AS service_s,
            CASE WHEN random() < 0.93 THEN 'served' ELSE 'missed' END AS outcome,
            CASE WHEN random() < 0.8 THEN 1 + (random() * 4)::INTEGER END AS score,
            (n % 8)::VARCHAR AS counter, 9 + n * 48 // 3600 AS hour
        FROM {BRANCHES}, range({VISITS}) u(n)
    ) ORDER BY branch"""
COUNTERS = f"""
    SELECT branch, DATE '{{day}}' AS business_day, c::VARCHAR AS counter, 28800 AS open_s, 0 AS paused_s,
        20000 AS busy_s FROM {BRANCHES}, range(8) u(c)"""


def _register(past: Past, day: date) -> None:
    with past.engine.begin() as to:
        to.execute(part.insert(), [{"business_day": day, "part": n, "generation": 1} for n in range(PARTS)])  # fmt: skip
        row = {
            "business_day": day, "made_of": "[]", "verdict": "complete", "missing": 0, "visits": VISITS,
            "late": 0, "made_at": "",
        }  # fmt: skip
        to.execute(branch_day.insert(), [row | {"branch": f"b{n:04d}"} for n in range(FLEET)])
