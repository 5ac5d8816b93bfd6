"""A disk that is full, broken, read-only, slow or damaged: it is said everywhere, nothing answered is lost, and
when the cause is gone the branch goes on by itself."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from edge_agent.branch import open_branch
from edge_agent.journal import JournalUnusable
from edge_agent.journal.check import JOURNAL_FILE
from tests.conftest import Program, wait_for
from tests.edge_agent.conftest import KIOSK, Agent, check_problem, check_whole
from tests.edge_agent.journal_tools import Machine, desk_at, lived_days, settings_of
from torture.faults import Faults, Mode

REFUSALS = [Mode.FULL, Mode.IO_ERROR, Mode.READ_ONLY, Mode.SYNC_ERROR]
NAMES = [mode.name.lower() for mode in REFUSALS]
Issued = list[dict[str, Any]]


class OnBadDisk(Agent):
    """An agent whose disk does what the test wants."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.faults = Faults(folder)

    def spawn(self) -> Program:
        self.http.close()
        self.http = self.client()
        self.program = Program(*self.words(), log=self.log, env=self.faults.environment())
        return self.program

    def start(self) -> "OnBadDisk":
        self.spawn()
        wait_for(self.answers, "the agent to answer")
        return self

    def take(self, key: str) -> httpx.Response:
        return self.post("/tickets", {"service": "cash"}, token=KIOSK, key=key)

    def health(self) -> int:
        return self.http.get("/healthz").status_code


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[OnBadDisk]:
    running = OnBadDisk(tmp_path).start()
    yield running
    running.faults.heal()
    running.kill()


def recorded(agent: OnBadDisk) -> list[tuple[str, str]]:
    entries = agent.journal()
    check_whole(entries)
    return [(e["ticket"], e["label"]) for e in entries if e["type"] == "TicketIssued"]


def answered(issued: Issued) -> list[tuple[str, str]]:
    return [(ticket["id"], ticket["label"]) for ticket in issued]


def refused_at_last(agent: OnBadDisk, issued: Issued) -> str:
    """Take tickets until one is refused; its key. A disk may still have a little room."""
    for n in count():
        answer = agent.take(f"key-{n}")
        if answer.status_code != 201:
            break
        assert n < 500
        issued.append(answer.json())
    check_problem(answer, 503, "not-recorded")
    assert answer.json()["detail"]
    return f"key-{n}"


@pytest.mark.parametrize("mode", REFUSALS, ids=NAMES)
def test_a_refusing_disk_is_told_loses_nothing_and_is_forgiven(
    agent: OnBadDisk, mode: Mode
) -> None:
    issued = [agent.issue() for _ in range(4)]
    called = agent.press("1", "call-next").json()
    agent.faults.begin(mode)
    key = refused_at_last(agent, issued)
    for _ in range(3):
        check_problem(agent.take(key), 503, "not-recorded")
    check_problem(agent.press("1", "start"), 503, "not-recorded")
    check_problem(agent.post(f"/tickets/{issued[3]['id']}/cancel"), 503, "not-recorded")
    answer = agent.http.get("/healthz")
    assert (answer.status_code, bool(answer.json()["reasons"])) == (503, True)
    view = agent.queues()
    assert view["journal"] == "failing"
    assert view["queues"][0]["waiting"] == len(issued) - 1
    assert agent.ticket(called["id"])["state"] == "called"
    assert recorded(agent) == answered(issued)

    agent.faults.heal()
    wait_for(lambda: agent.health() == 200, "health to be ok again by itself", 6)
    assert agent.queues()["journal"] == "ok"
    again = agent.take(key)
    assert again.status_code == 201
    issued.append(again.json())
    assert agent.take(key).json() == issued[-1]
    assert agent.press("1", "start").json()["id"] == called["id"]
    agent.kill()
    agent.start()
    assert recorded(agent) == answered(issued)


@pytest.mark.parametrize("mode", REFUSALS, ids=NAMES)
def test_a_kill_while_the_disk_refuses_and_a_start_on_it_turn_no_refusal_into_a_ticket(
    agent: OnBadDisk, mode: Mode
) -> None:
    issued = [agent.issue() for _ in range(3)]
    agent.faults.begin(mode)
    refused_at_last(agent, issued)
    agent.kill()
    before = len(agent.log.read_bytes())
    process = agent.spawn().process
    wait_for(lambda: process.poll() is not None or up(agent), "an end or an answer")
    if process.poll() is None:
        refused_at_last(agent, issued)
        assert agent.health() == 503
    else:
        said = agent.log.read_bytes()[before:].decode()
        assert (process.poll(), "Traceback" in said) == (1, False), said
        assert JOURNAL_FILE in said
    agent.kill()
    agent.faults.heal()
    agent.start()
    assert recorded(agent) == answered(issued)
    assert agent.issue()["label"] == f"A{len(issued) + 1:03d}"


def up(agent: OnBadDisk) -> bool:
    try:
        return agent.health() in (200, 503)
    except httpx.TransportError:
        return False


def test_a_slow_disk_is_told_and_tickets_are_still_issued(agent: OnBadDisk) -> None:
    issued = [agent.issue()]
    agent.faults.begin(Mode.SLOW_SYNC, slow_ms=2000)
    issued.append(agent.issue())
    assert agent.queues()["journal"] == "slow"
    answer = agent.http.get("/healthz")
    assert answer.status_code == 200
    assert any("slow" in warning for warning in answer.json()["warnings"])
    assert "slow" in agent.log.read_text(encoding="utf-8")
    agent.faults.heal()
    issued.append(agent.issue())
    agent.kill()
    agent.start()
    assert recorded(agent) == answered(issued)


def test_a_disk_that_is_quick_again_is_no_longer_called_slow(tmp_path: Path) -> None:
    machine = Machine()

    async def story() -> None:
        async with desk_at(settings_of(tmp_path), machine) as desk:
            quick = desk.branch.journal.transaction

            @contextmanager
            def slow() -> Iterator[None]:
                with quick():
                    yield
                machine.goes_on(timedelta(seconds=2))

            desk.branch.journal.transaction = slow  # type: ignore[method-assign]
            await desk.issue()
            assert (await desk.queues())["journal"] == "slow"
            desk.branch.journal.transaction = quick  # type: ignore[method-assign]
            machine.goes_on(timedelta(minutes=2))
            await desk.issue()
            assert (await desk.queues())["journal"] == "ok"

    asyncio.run(story())


@pytest.mark.parametrize("where", ["the beginning", "an entry of this morning"])
def test_a_damaged_file_is_refused_at_the_start_with_a_sentence(
    agent: OnBadDisk, where: str
) -> None:
    for _ in range(40):
        agent.issue()
    assert agent.end() == 0
    file = agent.data / JOURNAL_FILE
    raw = file.read_bytes()
    at = 0 if where == "the beginning" else raw.rindex(b'"label":"A005"') // 4096 * 4096
    file.write_bytes(raw[:at] + b"\xa5" * 4096 + raw[at + 4096 :])
    before = len(agent.log.read_bytes())
    process = agent.spawn().process
    wait_for(lambda: process.poll() is not None or up(agent), "an end or an answer")
    said = agent.log.read_bytes()[before:].decode()
    assert process.poll() == 1
    assert "Traceback" not in said
    assert str(file) in said
    assert "backup" in said or "Keep the file" in said


def test_whatever_page_is_damaged_the_branch_refuses_in_a_sentence_or_has_everything(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    machine = asyncio.run(lived_days(data, 3, tickets=30))
    raw = (data / JOURNAL_FILE).read_bytes()

    def tickets(folder: Path) -> set[str]:
        branch = open_branch(settings_of(folder), lambda: machine.wall, lambda: 0.0, Random(1))
        try:
            return set(branch.desk.queue.tickets)
        finally:
            branch.close()

    whole, wrong = tickets(data), []
    for page in range(len(raw) // 4096):
        copy = tmp_path / str(page)
        copy.mkdir()
        before, after = raw[: page * 4096], raw[(page + 1) * 4096 :]
        (copy / JOURNAL_FILE).write_bytes(before + Random(page).randbytes(4096) + after)
        try:
            found = "" if tickets(copy) == whole else "another queue"
        except JournalUnusable as error:
            found = "" if str(copy) in str(error) else f"which file is it? {error}"
        except Exception as error:  # noqa: BLE001 -- whatever it is, nobody has put it in a sentence
            found = repr(error)
        wrong += [(page, found)] if found else []
    assert wrong == []


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.SLOW_SYNC], ids=["full", "slow"])
def test_the_counter_and_the_hall_say_so_and_stop_saying_so(
    agent: OnBadDisk, browser: Browser, mode: Mode
) -> None:
    agent.issue()
    soon = 25_000  # the pages look again every ten seconds, whatever happens
    with closing(browser.new_context(locale="zh-CN")) as pages:
        counter, hall = pages.new_page(), pages.new_page()
        hall.goto(f"http://{agent.address}/hall")
        counter.goto(f"http://{agent.address}/counter")
        counter.fill("#name", "lin")
        counter.fill("#pin", "2468")
        counter.click("#sign-in")
        counter.select_option("#counter", "3")
        expect(counter.locator("#troubles > *")).to_have_count(0)
        expect(hall.locator("#notice")).to_be_hidden()
        agent.faults.begin(mode, slow_ms=2000)
        if mode is Mode.FULL:
            refused_at_last(agent, [])
        else:
            agent.issue()
        banner = counter.locator("#troubles")
        expect(banner).to_contain_text("磁盘", timeout=soon)
        expect(hall.locator("#notice")).to_be_visible(timeout=soon)
        expect(hall.locator("#notice-zh")).not_to_be_empty()
        if mode is Mode.FULL:
            agent.faults.heal()
            expect(banner).not_to_contain_text("磁盘", timeout=soon)
            expect(hall.locator("#notice")).to_be_hidden(timeout=soon)
            counter.click("#call-next")
            expect(hall.locator("#call-label")).to_have_text("A001", timeout=soon)
