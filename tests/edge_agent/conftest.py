"""A real agent process that tests may kill and start again, and a branch inside the test's process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from edge_agent.web import application
from tests.conftest import NO_TLS, ROOT, Begun, Program, demo_config, free_port, wait_for

DEMO = ROOT / "config" / "demo" / "branch.toml"
KIOSK, STAFF = "demo-kiosk", "demo-staff"
API = "/api/v1"
Event = dict[str, Any]


class Agent:
    """One agent at one address with one folder; no broker answers it."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.config = folder / "branch.toml"
        self.config.write_text(demo_config("branch.toml"), encoding="utf-8")
        self.address = f"127.0.0.1:{free_port()}"
        self.log = folder / "agent.log"
        self.program: Program | None = None
        self.http = self.client()

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://{self.address}", timeout=10, trust_env=False, verify=NO_TLS
        )

    def words(self) -> list[str]:
        return [
            "edge_agent", "--config", str(self.config), "--listen", self.address,
            "--data", str(self.data), "--broker", f"mqtt://127.0.0.1:{free_port()}",
        ]  # fmt: skip

    def start(self) -> "Agent":
        self.http.close()
        self.http = self.client()
        self.program = Begun(*self.words(), log=self.log)
        wait_for(self.answers, "the agent to answer")
        return self

    def answers(self) -> bool:
        assert self.program is not None
        assert self.program.process.poll() is None, self.log.read_text(encoding="utf-8")
        with suppress(httpx.TransportError):
            return self.http.get("/healthz").status_code in (200, 503)
        return False

    def kill(self) -> None:
        assert self.program is not None
        self.program.kill()

    def end(self) -> int:
        assert self.program is not None
        return self.program.end()

    # what kiosks, tellers and readers ask

    def post(
        self, path: str, body: Any = None, *, token: str | None = STAFF, key: str | None = None
    ) -> httpx.Response:
        headers = {} if token is None else bearer(token)
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.http.post(API + path, json=body, headers=headers)

    def issue(self, service: str = "cash", *, key: str | None = None, **more: Any) -> Event:
        answer = self.post("/tickets", {"service": service, **more}, token=KIOSK, key=key)
        assert answer.status_code == 201, answer.text
        issued: Event = answer.json()
        return issued

    def press(self, counter: str, move: str, *, key: str | None = None) -> httpx.Response:
        return self.post(f"/counters/{counter}/{move}", key=key)

    def ticket(self, id_: str) -> Event:
        found: Event = self.http.get(f"{API}/tickets/{id_}").raise_for_status().json()
        return found

    def queues(self) -> Event:
        found: Event = self.http.get(f"{API}/queues").raise_for_status().json()
        return found

    def seq(self) -> int:
        return int(self.queues()["journal_seq"])

    def journal(self, after: int = 0) -> list[Event]:
        """Every entry after this one, page by page."""
        found: list[Event] = []
        while True:
            asked = {"after": found[-1]["seq"] if found else after, "limit": 1000}
            answer = self.http.get(f"{API}/journal", params=asked, headers=bearer(STAFF))
            page = answer.raise_for_status().json()["events"]
            if not page:
                return found
            found += page


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def frames(answer: httpx.Response) -> Iterator[tuple[int, Event]]:
    """(id, data) of each server-sent event."""
    id_, data = None, ""
    for line in answer.iter_lines():
        if line.startswith("id:"):
            id_ = int(line[3:])
        elif line.startswith("data:"):
            data += line[5:]
        elif not line and data:
            assert id_ is not None, f"an event without an id: {data}"
            yield id_, json.loads(data)
            id_, data = None, ""


def check_problem(answer: httpx.Response, status: int, name: str | None = None) -> str:
    """Problem details (RFC 9457) with this status; gives the type."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    kind = str(said["type"])
    assert kind != "about:blank"
    if status == httpx.codes.UNAUTHORIZED:
        assert answer.headers["www-authenticate"] == "Bearer"
    if name is not None:
        assert kind.rpartition(":")[2] == name
    return kind


def check_whole(entries: list[Event]) -> None:
    """Numbers without a gap from 1, and no label given twice a day."""
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    issued = [(e["business_day"], e["label"]) for e in entries if e["type"] == "TicketIssued"]
    assert len(set(issued)) == len(issued)


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One agent for the tests of a file; no test may rely on an empty queue."""
    running = Agent(tmp_path_factory.mktemp("agent")).start()
    yield running
    running.end()


@pytest.fixture
def own_agent(tmp_path: Path) -> Iterator[Agent]:
    """An agent of this test's own, with an empty journal."""
    running = Agent(tmp_path).start()
    yield running
    running.end()


@asynccontextmanager
async def branch_at(
    folder: Path, clock: Any, config: Path = DEMO
) -> AsyncIterator[tuple[Branch, httpx.AsyncClient]]:
    """A branch in this process, with a clock of the test's own."""
    settings = branch_settings.load(config, listen=None, data=folder, broker=None)
    branch = open_branch(settings, clock, lambda: clock().timestamp(), Random(1))
    desk = asyncio.create_task(branch.desk.run())
    transport = httpx.ASGITransport(application(branch))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield branch, client
    finally:
        desk.cancel()
        branch.close()


class Clock:
    """Stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
