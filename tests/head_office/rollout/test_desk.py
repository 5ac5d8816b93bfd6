"""A fleet on a line that loses, doubles and delays: every branch gets what is wanted, and no stage begins too early."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from edge_agent.central.signature import read
from edge_agent.messages import (
    Birth,
    Command,
    ConfigDocument,
    Notice,
    NoticeDocument,
    Queues,
    WithdrawalDocument,
)
from head_office.access import Person, Role
from head_office.ledger import Ledger
from head_office.picture import Picture
from head_office.register import Register
from head_office.rollout.book import Deed, OfficeNotice, RolloutBook
from head_office.rollout.desk import RolloutDesk
from head_office.rollout.key import Key, make
from head_office.rollout.notice_routes import notice_lines
from head_office.rollout.plan import Plan, Says, Stage
from head_office.rollout.theirs import deeds_for, plan_for
from head_office.settings import Store
from head_office.store import open_ledger
from program.in_flight import Message

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIRST = [f"b{n}" for n in range(3)]


class Fleet:
    """Branches that do as a branch does, seen through head office's picture; and time."""

    def __init__(
        self, ledger: Ledger, key: Key, names: list[str], random: Random, register: Register | None = None,
    ) -> None:  # fmt: skip
        self.random, self.key = random, key
        self.now, self.seconds = NOON, 0.0
        self.picture = Picture(0, register)
        self.runs = dict.fromkeys(names, 0)
        self.shown: dict[str, set[str]] = {name: set() for name in names}
        self.gone: dict[str, set[str]] = {name: set() for name in names}
        self.refuses: set[str] = set()
        self.lost = False  # whatever is sent to them
        self.on_the_way: list[Message] = []
        self.sent = 0
        self.desk = RolloutDesk(
            RolloutBook(ledger.engine), self.picture, key, publish=self.publish,
            clock=lambda: self.now, steady=lambda: self.seconds,
        )  # fmt: skip
        for name in names:
            self.picture.birth(
                Birth(branch=name, name={}, version="1", epoch="e", session="s", status="online", at=self.now),
                self.now,
            )  # fmt: skip
            self.report(name)

    def publish(self, message: Message) -> bool:
        assert not message.retain
        self.sent += 1
        self.on_the_way += [] if self.lost else [message] * self.random.choice((0, 1, 1, 2))
        return True

    def report(self, name: str) -> None:
        known = {"config_version": self.runs[name], "config_about": self.runs[name]}
        state: Any = "running" if self.runs[name] else ""
        if name in self.refuses:
            known["config_about"], state = 1, "refused"
        notices = [Notice(id=id_, begins=NOON, until=NOON) for id_ in self.shown[name]]
        told = Queues(
            branch=name, name={}, at=self.now, business_day=date(2026, 11, 26), epoch="e", journal_seq=0,
            queues=[], counters=[], calls=[], issued=0, served=0, missed=0, notices=notices,
            config_state=state, **known,
        )  # fmt: skip
        self.picture.queues(name, told, self.now)

    def deliver(self) -> None:
        """Some of it, in any order."""
        self.random.shuffle(self.on_the_way)
        arrived = self.on_the_way[: self.random.randint(0, len(self.on_the_way))]
        del self.on_the_way[: len(arrived)]
        for message in arrived:
            name = message.topic.split("/")[3]
            command = msgspec.json.decode(message.payload, type=Command)
            match read(command, [self.key.public], name):
                case ConfigDocument() as document:
                    if name not in self.refuses:
                        self.runs[name] = max(self.runs[name], document.version)
                case NoticeDocument(id=id_):
                    self.shown[name] |= {id_} - self.gone[name]
                case WithdrawalDocument(id=id_):
                    self.gone[name].add(id_)
                    self.shown[name].discard(id_)
            self.report(name)

    async def pass_time(self, hours: float) -> None:
        for _ in range(int(hours * 60)):
            self.now += timedelta(minutes=1)
            self.seconds += 60
            self.deliver()
            for name in self.runs:
                self.report(name)
            await self.desk.look()

    def begin(
        self, *stages: Stage, healthy_h: float | None = 1, contents: str = "[limits]\n"
    ) -> int:
        deed = Deed(at=self.now, who="li", what="version made")
        version = self.desk.book.make(contents, "", deed, 0)
        plan = Plan(
            version=version, stages=list(stages), healthy_h=healthy_h, when="now", not_before=None,
            state="running", at=0, since=self.now, before=self.desk.book.last_done(version),
        )  # fmt: skip
        done = Deed(at=self.now, who="li", what="begun", version=version)
        asyncio.run(self.desk.change(lambda _plan, _now: (plan, done)))
        return version


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return make(tmp_path_factory.mktemp("key") / "office.pem")


def new_ledger(folder: Path) -> Ledger:
    return open_ledger(Store(data=str(folder)))


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_everybody_gets_it_and_nobody_before_their_stage(
    seed: int, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ledger = new_ledger(tmp_path_factory.mktemp("ledger"))
    fleet = Fleet(ledger, key, [f"b{n}" for n in range(12)], Random(seed))
    version = fleet.begin(Stage(branches=FIRST), Stage(everywhere=True), healthy_h=1)
    asyncio.run(fleet.pass_time(0.9))
    assert {name for name, runs in fleet.runs.items() if runs} <= set(FIRST)
    asyncio.run(fleet.pass_time(4))
    assert set(fleet.runs.values()) == {version}
    assert fleet.desk.plan is not None
    assert fleet.desk.plan.state == "done"
    sent = fleet.sent
    asyncio.run(fleet.pass_time(1))
    assert fleet.sent == sent  # who has it is left in peace
    ledger.close()


def test_a_refusal_stops_it_and_the_others_keep_what_they_have(key: Key, tmp_path: Path) -> None:
    fleet = Fleet(new_ledger(tmp_path), key, [f"b{n}" for n in range(6)], Random(1))
    fleet.refuses = {"b1"}
    fleet.begin(Stage(branches=FIRST), Stage(everywhere=True))
    asyncio.run(fleet.pass_time(8))
    assert fleet.desk.plan is not None
    assert (fleet.desk.plan.state, fleet.desk.plan.at) == ("stopped", 0)
    assert not any(fleet.runs[name] for name in ("b3", "b4", "b5"))
    assert [(d.who, d.what) for d in fleet.desk.book.deeds()][:1] == [("", "stopped")]


def test_head_office_that_starts_anew_goes_on_where_it_was(key: Key, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    fleet = Fleet(ledger, key, ["b0", "b1"], Random(2))
    version = fleet.begin(Stage(everywhere=True))
    again = Fleet(ledger, key, ["b0", "b1"], Random(3))
    asyncio.run(again.pass_time(2))
    assert set(again.runs.values()) == {version}


def test_a_message_reaches_all_and_its_end_too(key: Key, tmp_path: Path) -> None:
    fleet = Fleet(new_ledger(tmp_path), key, [f"b{n}" for n in range(5)], Random(4))
    document = NoticeDocument(
        id="n1", branch="", begins=NOON, until=NOON + timedelta(days=1), words={"en": "Hello"}, where=["hall"]
    )  # fmt: skip
    notice = OfficeNotice(document=document, to=Stage(branches=FIRST), made_by="li", made_at=NOON)
    kept = partial(Deed, at=NOON, who="li")
    asyncio.run(fleet.desk.keep_notice(notice, kept(what="message")))
    asyncio.run(fleet.pass_time(1))
    assert [name for name, shown in fleet.shown.items() if shown] == FIRST
    gone = msgspec.structs.replace(notice, withdrawn_at=NOON, withdrawn_by="li")
    asyncio.run(fleet.desk.keep_notice(gone, kept(what="message withdrawn")))
    asyncio.run(fleet.pass_time(2))
    assert not any(fleet.shown.values())


@pytest.mark.parametrize("offset", [-10, 8])
def test_a_message_outlives_a_start_in_whatever_zone_its_end_was_written(
    ledger: Ledger, offset: int
) -> None:
    """12:30 in UTC is 02:30 or 20:30 there."""
    until = NOON.astimezone(timezone(timedelta(hours=offset))) + timedelta(minutes=30)
    document = NoticeDocument(
        id="n1", branch="", begins=NOON, until=until, words={"en": "Hello"}, where=["hall"]
    )
    notice = OfficeNotice(document=document, to=Stage(branches=FIRST), made_by="li", made_at=NOON)
    book = RolloutBook(ledger.engine)
    book.keep_notice(notice, Deed(at=NOON, who="li", what="message"))
    assert [one.document.id for one in book.notices(NOON)] == ["n1"]
    assert book.notices(NOON + timedelta(minutes=31)) == []


def test_a_branch_may_come_while_the_desk_writes(key: Key, tmp_path: Path) -> None:
    fleet = Fleet(new_ledger(tmp_path), key, ["b0"], Random(5))
    fleet.runs["b0"] = 1
    fleet.report("b0")  # so that there is something to write

    async def meanwhile() -> None:
        fleet.runs["b1"], fleet.shown["b1"], fleet.gone["b1"] = 0, set(), set()
        fleet.report("b1")

    async def both() -> None:
        await asyncio.gather(fleet.desk.look(), meanwhile())
        await fleet.desk.look()

    asyncio.run(both())
    assert set(fleet.desk.branches) == {"b0", "b1"}


def test_a_regional_manager_reads_of_no_other_region(key: Key, tmp_path: Path) -> None:
    file = tmp_path / "branches.csv"
    file.write_text("branch,region\nb0,East\nb1,West\n")
    fleet = Fleet(new_ledger(tmp_path), key, [], Random(6), Register(file))
    fleet.picture.place(NOON)
    east = Person("east", Role.MANAGER, ("East",))
    plan = Plan(
        version=1, stages=[Stage(branches=["b0", "b1"])], healthy_h=1, when="now", not_before=None,
        state="stopped", at=0, since=NOON, before=0, reason="b1: silent", accepted=["b1"],
    )  # fmt: skip
    shown = plan_for(east, plan, fleet.desk.regions())
    assert b"b1" not in msgspec.json.encode(shown)
    deed = Deed(at=NOON, who="", what="stopped", version=1, detail="b1: silent")
    assert b"b1" not in msgspec.json.encode(deeds_for(east, [deed]))
    for id_, branches in (("both", ["b0", "b1"]), ("other", ["b1"])):
        document = NoticeDocument(
            id=id_, branch="", begins=NOON, until=NOON + timedelta(days=1), words={"en": "Hello"}, where=["hall"]
        )  # fmt: skip
        notice = OfficeNotice(document=document, to=Stage(branches=branches), made_by="li", made_at=NOON)  # fmt: skip
        asyncio.run(fleet.desk.keep_notice(notice, Deed(at=NOON, who="li", what="message")))
    (line,) = notice_lines(fleet.desk, east)
    assert (line.notice.document.id, line.branches) == ("both", 1)
    assert b"b1" not in msgspec.json.encode(line)
    assert len(list(notice_lines(fleet.desk, Person("all", Role.VIEWER)))) == 2


def test_the_book_in_both_databases(ledger: Ledger) -> None:
    book = RolloutBook(ledger.engine)
    made = partial(Deed, at=NOON, who="li", what="version made")
    assert [book.make("a", "first", made(), 0), book.make("b", "", made(), 40)] == [1, 41]
    assert [(v.version, v.contents) for v in book.versions()] == [(41, "b"), (1, "a")]
    before = book.version_before(41)
    assert before is not None
    assert before.version == 1
    plan = Plan(
        version=41, stages=[Stage(everywhere=True)], healthy_h=None, when="closed", not_before=NOON,
        state="running", at=0, since=NOON, before=1,
    )  # fmt: skip
    for state in ("running", "done"):
        plan = msgspec.structs.replace(plan, state=state)
        book.keep_plan(plan, Deed(at=NOON, who="", what="done", version=41, detail="x"))
    assert book.plan() == plan
    assert (book.last_done(41), book.last_done(42)) == (0, 41)
    says = Says(branch="b0", wanted=41, wanted_since=NOON, since=NOON, state="trying")
    book.keep_branches([says])
    book.keep_branches([msgspec.structs.replace(says, state="running")])
    assert [one.state for one in book.branches()] == ["running"]
    assert [d.what for d in book.deeds()] == ["done", "done", "version made", "version made"]
