"""What a branch does with what head office says, in this process: in any order, as often as it likes, from anybody."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from edge_agent.central import kept as keeping, start
from edge_agent.central.central import Central
from edge_agent.central.notices import MOST, Notices
from edge_agent.central.signature import NotBelieved, read
from edge_agent.central.trial import Trial
from edge_agent.messages import LARGEST, Command, NoticeDocument, WithdrawalDocument
from edge_agent.web import application
from program import settings_file
from tests.edge_agent.central.conftest import (
    BRANCH,
    DEMO_SERVICES,
    LOANS,
    Pen,
    central_config,
    services,
)
from tests.edge_agent.conftest import Clock

T = TypeVar("T")
KIOSK = {"Authorization": "Bearer demo-kiosk"}
STAFF = {"Authorization": "Bearer demo-staff"}
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)  # in Shanghai
MIDNIGHT = NOON + timedelta(hours=20)  # 08:00 there: the next business day
OF_PEN = Pen()
CONTENTS = {
    1: services(*DEMO_SERVICES, LOANS),
    2: services(("cash", "A"), ("cash", "B")),  # not usable
    3: services(*DEMO_SERVICES, ("gold", "G")),
    4: "[limits]\nper_kiosk_a_minute = 30\n",
    5: services(*DEMO_SERVICES, ("gold", "G"), LOANS),
}
USABLE = [1, 3, 4, 5]


class Agent:
    """A branch whose program may start anew as often as it likes, in this process."""

    def __init__(self, folder: Path, text: str) -> None:
        self.clock = Clock(NOON)
        self.well = ""
        self.seconds = 0.0
        self.starts = 0
        self.data = folder / "data"
        file = self.file = folder / "branch.toml"
        file.write_text(text, encoding="utf-8")
        self.sources = start.Sources(
            load=lambda instead: branch_settings.load(
                file, listen=None, data=self.data, broker=None, instead=instead
            ),
            values=lambda: settings_file.values_of(file),
        )

    @property
    def today(self) -> Any:
        return (self.clock.now + timedelta(hours=8 - 4)).date()

    async def healthy(self) -> str:
        return self.well

    @asynccontextmanager
    async def program(self) -> AsyncIterator[tuple[Branch, Central]]:
        """From one start to its end."""
        self.starts += 1
        settings, kept = start.begin(self.data, self.sources, self.today)
        branch = open_branch(settings, self.clock, lambda: self.clock().timestamp(), Random(1))
        desk = asyncio.create_task(branch.desk.run())
        central = Central(
            branch,
            self.sources,
            kept,
            healthy=self.healthy,
            again=lambda: None,
            steady=lambda: self.seconds,
            look_every_s=0.001,
        )
        try:
            yield branch, central
        finally:
            central.ended(0)
            desk.cancel()
            branch.close()

    def live(self, commands: list[dict[str, Any]], until: Callable[[Branch], bool]) -> None:
        """Hear these, and the last of them again and again; start anew whenever that is wanted, until it is so."""
        asyncio.run(self._live(commands, until))

    async def _live(self, commands: list[dict[str, Any]], until: Callable[[Branch], bool]) -> None:
        left = list(commands)
        for _ in range(20):
            async with self.program() as (branch, central), asyncio.timeout(20):
                running = asyncio.create_task(central.run())
                while not (central.starting_again or until(branch)):
                    if left:
                        central.hear(msgspec.convert(left[0], Command))
                        del left[: len(left) > 1]
                    await asyncio.sleep(0.002)
                    self.seconds += 120
                running.cancel()
                if not central.starting_again:
                    return
        raise AssertionError("it starts anew without end")

    def do(self, work: Callable[[Branch], Awaitable[T]]) -> T:
        """With the branch as its next start makes it."""

        async def once() -> T:
            async with self.program() as (branch, _):
                return await work(branch)

        return asyncio.run(once())

    def see(self) -> tuple[int, str, list[str]]:
        async def look(branch: Branch) -> tuple[int, str, list[str]]:
            codes = [s.code for s in branch.settings.services if s.hours is None]
            config = branch.from_office.config
            return config.config_version, config.config_state, codes

        return self.do(look)


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    return Agent(tmp_path, central_config(OF_PEN))


def settled(version: int, state: str) -> Callable[[Branch], bool]:
    def is_so(branch: Branch) -> bool:
        config = branch.from_office.config
        return (config.config_version, config.config_state) == (version, state)

    return is_so


def test_a_version_is_applied_tried_and_kept(agent: Agent) -> None:
    agent.live([OF_PEN.config(1, CONTENTS[1])], settled(1, "running"))
    assert agent.starts == 2
    assert "loans" in agent.see()[2]


def test_a_branch_that_is_not_well_goes_back_and_does_not_try_again(agent: Agent) -> None:
    agent.live([OF_PEN.config(1, CONTENTS[1])], settled(1, "running"))
    agent.well = "/healthz answered 503"
    wish = OF_PEN.config(3, CONTENTS[3])
    agent.live([wish], settled(1, "rolled_back"))
    agent.well = ""
    agent.live([wish, wish], lambda _branch: agent.seconds > 10_000)
    version, state, codes = agent.see()
    assert (version, state) == (1, "rolled_back")
    assert "loans" in codes
    assert "gold" not in codes


def test_what_was_well_before_its_trial_ended_is_rolled_back_too(agent: Agent) -> None:
    trial = Trial(600, 0)
    looks = [trial.looked(second, "" if second < 300 else "ill") for second in range(0, 400, 10)]
    assert looks.index("failed") * 10 == 320
    assert "passed" not in looks


def test_a_service_with_waiting_customers_that_vanishes_serves_them_to_the_days_end(
    agent: Agent,
) -> None:
    agent.live([OF_PEN.config(1, CONTENTS[1])], settled(1, "running"))
    assert agent.do(asked("/tickets", KIOSK, {"service": "loans"})).status_code == 201
    agent.live([OF_PEN.config(3, CONTENTS[3])], settled(3, "running"))
    assert agent.do(asked("/tickets", KIOSK, {"service": "loans"})).status_code == 409
    agent.do(asked("/counters/1/open", STAFF))
    assert agent.do(asked("/counters/1/call-next", STAFF)).json()["label"] == "E001"
    agent.clock.now = MIDNIGHT
    agent.live([], lambda branch: "loans" not in branch.rules.services)


def test_a_part_that_fails_in_the_trial_is_a_reason_to_go_back(agent: Agent) -> None:
    agent.live([OF_PEN.config(1, CONTENTS[1])], settled(1, "trying"))

    async def fail() -> bool:
        async with agent.program() as (_, central):
            running = asyncio.create_task(central.run())
            await asyncio.sleep(0.01)
            running.cancel()
            return central.ended(1)

    assert asyncio.run(fail())
    assert agent.see()[:2] == (0, "rolled_back")


def test_no_start_is_begun_that_the_branchs_own_file_would_end(agent: Agent) -> None:
    """Somebody is at work on it."""
    text = agent.file.read_text(encoding="utf-8")
    spoilt = [False]

    def spoil(branch: Branch) -> bool:
        if not spoilt[0]:
            agent.file.write_text("[branch", encoding="utf-8")
            spoilt[0] = True
        return branch.from_office.config.config_state != "" or agent.seconds > 60_000

    agent.live([OF_PEN.config(1, CONTENTS[1])], spoil)
    agent.file.write_text(text, encoding="utf-8")
    assert agent.starts == 1
    assert agent.see()[0] == 0


def test_numbers_of_today_never_change_their_meaning(agent: Agent) -> None:
    agent.live([OF_PEN.config(1, CONTENTS[1])], settled(1, "running"))
    assert agent.do(asked("/tickets", KIOSK, {"service": "cash"})).status_code == 201
    swapped = services(("cash", "E"), *DEMO_SERVICES[1:], ("loans", "A"))
    agent.live([OF_PEN.config(7, swapped)], settled(1, "waiting"))
    agent.clock.now = MIDNIGHT
    agent.live([], settled(7, "running"))


def test_closed_means_after_the_last_customer(agent: Agent) -> None:
    assert agent.do(asked("/tickets", KIOSK, {"service": "cash"})).status_code == 201
    wish = OF_PEN.config(1, CONTENTS[1], when="closed")
    agent.live([wish], settled(0, "waiting"))
    agent.clock.now = MIDNIGHT
    agent.live([], settled(1, "running"))


def test_not_before_its_time(agent: Agent) -> None:
    later = (NOON + timedelta(minutes=5)).isoformat()
    agent.live([OF_PEN.config(1, CONTENTS[1], not_before=later)], settled(0, "waiting"))
    agent.clock.now = NOON + timedelta(minutes=5)
    agent.live([], settled(1, "running"))


def test_each_turn_of_fate_stands_in_the_journal_once(agent: Agent) -> None:
    wish = OF_PEN.config(2, CONTENTS[2])
    agent.live([wish, wish], settled(0, "refused"))
    agent.live([OF_PEN.config(3, CONTENTS[3])], settled(3, "running"))
    agent.well = "ill"
    agent.live([OF_PEN.config(4, CONTENTS[4])], settled(3, "rolled_back"))
    agent.well = ""
    for _ in range(2):
        until = agent.seconds + 1000
        agent.live([wish], lambda _branch, until=until: agent.seconds > until)  # type: ignore[misc]

    async def entries_of(branch: Branch) -> list[Any]:
        return [msgspec.json.decode(entry.body) for entry in branch.journal.after(0, 100)]

    entries = agent.do(entries_of)
    about = [(e["type"], e["version"]) for e in entries if "Configuration" in e["type"]]
    assert about == [
        ("ConfigurationRefused", 2),
        ("ConfigurationApplied", 3),
        ("ConfigurationApplied", 4),
        ("ConfigurationRolledBack", 4),
    ]


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_lost_doubled_and_reordered_commands_end_at_the_latest_that_can_be_used(
    data: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Head office says the latest again until the branch says that it has it; whatever came before it, in any order."""
    noise = data.draw(st.lists(st.sampled_from(sorted(CONTENTS)), max_size=8))
    last = data.draw(st.sampled_from(USABLE))
    heard = [one for one in noise if one <= last] + [last] * data.draw(st.integers(1, 3))
    shuffled = [*data.draw(st.permutations(heard)), last]  # said until it is heard

    agent = Agent(tmp_path_factory.mktemp("agent"), central_config(OF_PEN))
    agent.live([OF_PEN.config(one, CONTENTS[one]) for one in shuffled], settled(last, "running"))
    version, state, codes = agent.see()
    expected = [s.split('"')[1] for s in CONTENTS[last].split("\n") if s.startswith("code")]
    assert (version, state) == (last, "running")
    assert codes == (expected or [code for code, _ in DEMO_SERVICES])


def command(said: dict[str, Any]) -> Command:
    return msgspec.convert(said, Command)


GOOD = OF_PEN.config(9, CONTENTS[1])
FORGED = {
    "another key": Pen(2).config(9, CONTENTS[1]),
    "no signature": {**GOOD, "signature": None},
    "a signature that is none": {**GOOD, "signature": "AAAA"},
    "a signature with rubbish in it": {**GOOD, "signature": "ä" + GOOD["signature"]},
    "another document's signature": {**GOOD, "signature": OF_PEN.config(8, "")["signature"]},
    "another branch's": OF_PEN.config(9, CONTENTS[1], branch="harbour"),
    "a byte changed": {**GOOD, "document": GOOD["document"].replace("loans", "loant")},
    "a blank more": {**GOOD, "document": GOOD["document"] + " "},
    "no document": {**GOOD, "document": None},
    "no JSON": OF_PEN.config(9, "") | {"document": "{"},
    "too large": OF_PEN.config(9, "x" * (LARGEST + 1)),
    "a key that nobody knows": OF_PEN.config(9, "", sudo=True),
    "no version": OF_PEN.sign({"kind": "config", "version": 0, "branch": BRANCH, "contents": ""}),
    "nested without end": {**GOOD, "document": '{"kind":' + "[" * 100_000},
}


@pytest.mark.parametrize("name", FORGED)
def test_it_is_not_believed(name: str) -> None:
    with pytest.raises(NotBelieved):
        read(command(FORGED[name]), [OF_PEN.public], BRANCH)


def test_it_is_believed_under_any_of_the_keys() -> None:
    assert read(command(GOOD), [Pen(2).public, OF_PEN.public], BRANCH).branch == BRANCH


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_of_a_document_is_believed(place: int, by: int) -> None:
    text = bytearray(GOOD["document"].encode())
    text[place % len(text)] ^= by
    forged = {**GOOD, "document": text.decode("latin-1")}
    with pytest.raises(NotBelieved):
        read(command(forged), [OF_PEN.public], BRANCH)


def test_what_is_not_believed_is_said_and_fills_no_journal(agent: Agent) -> None:
    until = agent.seconds + 60_000
    rubbish = [*FORGED.values(), *(Pen(3).config(n, "") for n in range(10, 60))]
    agent.live(rubbish, lambda _branch: agent.seconds > until)
    agent.live(rubbish[:1], settled(0, "refused"))

    async def length(branch: Branch) -> int:
        return branch.desk.seq

    assert agent.do(length) == 1  # one a day


def test_an_old_version_is_not_taken_again(agent: Agent) -> None:
    agent.live([OF_PEN.config(5, CONTENTS[5])], settled(5, "running"))
    until = agent.seconds + 2000
    old = [OF_PEN.config(1, CONTENTS[1])] * 3
    agent.live(old, lambda _branch: agent.seconds > until)
    assert agent.see()[:2] == (5, "running")


def test_tokens_and_ports_are_not_head_offices_to_set(agent: Agent) -> None:
    for n, contents in enumerate(
        (
            '[http]\nlisten = "0.0.0.0:80"',
            '[[staff]]\nname = "x"',
            "[central]\nkeys = []",
            "[broker]",
        )
    ):
        agent.live([OF_PEN.config(n + 1, contents)], settled(0, "refused"))
        kept = keeping.read(agent.data)
        assert kept.verdict is not None
        assert "is the branch's own" in kept.verdict.reason


def notice(id_: str, minutes: int = 60) -> NoticeDocument:
    return NoticeDocument(
        id=id_, branch=BRANCH, begins=NOON, until=NOON + timedelta(minutes=minutes),
        words={"en": id_}, where=["hall"],
    )  # fmt: skip


def withdrawal(id_: str) -> WithdrawalDocument:
    return WithdrawalDocument(id=id_, branch=BRANCH, until=NOON + timedelta(minutes=60))


SAID = [notice("a"), notice("b"), notice("c"), withdrawal("b"), withdrawal("d")]


@given(st.permutations(SAID), st.lists(st.sampled_from(SAID), max_size=5))
def test_messages_in_any_order_and_twice_come_to_the_same(
    order: list[Any], again: list[Any]
) -> None:
    known = Notices()
    for one in [*order, *again]:
        known = known.after(one, NOON)
    assert sorted(known.shown) == ["a", "c"]
    assert {one.id for one in known.pages(NOON)} == {"a", "c"}


def test_a_message_ends_by_itself() -> None:
    known = Notices().after(notice("short", 5), NOON).after(notice("long"), NOON)
    later = NOON + timedelta(minutes=6)
    assert [one.id for one in known.pages(later)] == ["long"]
    assert list(known.at(later).shown) == ["long"]
    assert known.at(later).after(notice("short", 5), later).at(later) == known.at(later)


def test_nobody_can_fill_the_wall() -> None:
    known = Notices()
    for n in range(MOST + 10):
        known = known.after(notice(f"n{n}"), NOON)
    assert len(known.shown) == MOST


def test_a_message_outlives_the_program(agent: Agent) -> None:
    said = OF_PEN.sign(
        {
            "kind": "notice", "id": "n1", "branch": BRANCH, "from": NOON.isoformat(),
            "until": (NOON + timedelta(hours=2)).isoformat(), "words": {"en": "Hello"},
            "where": ["hall"],
        }
    )  # fmt: skip
    agent.live([said, said], lambda branch: bool(branch.queues().notices))
    again = lambda branch: [one.id for one in branch.queues().notices] == ["n1"]  # noqa: E731
    agent.live([], again)


def asked(path: str, headers: dict[str, str], body: Any = None) -> Any:
    """Of the branch, over HTTP."""

    async def work(branch: Branch) -> httpx.Response:
        transport = httpx.ASGITransport(application(branch))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            return await http.post(f"/api/v1{path}", json=body, headers=headers)

    return work


def test_signature_is_over_the_very_bytes() -> None:
    """As the documentation says: Ed25519, base64, the UTF-8 bytes of `document`."""
    document = json.loads(GOOD["document"])
    assert len(base64.b64decode(GOOD["signature"])) == 64
    assert document["version"] == 9
