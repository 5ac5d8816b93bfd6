"""A real agent, the kiosk's real client and numbers, and a line that is cut at every step; both sides are killed."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge_agent.messages import Services, TicketRequest
from kiosk.branch_client import TOP_UP_EVERY_S, BranchClient, Unreachable
from kiosk.numbers import open_numbers
from tests.edge_agent.conftest import Agent, check_whole

LEAVES = ("services", "numbers", "taken", "tickets", "printed", "cancel")
MOMENTS = ("before the request", "in the request", "before the answer", "in the answer")
SERVICES = ("cash", "cards")
KILLED = (9, 18)  # steps at which both sides are
LAG_S = 0.5  # what the kiosk may be wrong about the branch's time: an answer takes a moment


class Line:
    """A TCP proxy that understands just enough of HTTP/1.1 to cut it where it shall."""

    def __init__(self, agent: Agent) -> None:
        self.host, port = agent.address.split(":")
        self.port = int(port)
        self.cut: tuple[str, ...] = ()  # the moment, then the leaves
        self.cuts: Counter[tuple[str, str]] = Counter()

    async def open(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                request = await _message(reader)
                answer = await self._carry(request)
                writer.write(answer)
                await writer.drain()
                if self._torn(answer):
                    break
        writer.close()

    async def _carry(self, request: bytes) -> bytes:
        """The answer, or what of it gets through. Raises OSError, EOFError where nothing does."""
        moment = self._moment_for(request)
        if moment == "before the request":
            raise ConnectionError
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(request[: len(request) // 2] if moment == "in the request" else request)
            await writer.drain()
            if moment == "in the request":
                raise ConnectionError
            answer = await _message(reader)
        finally:
            writer.close()
        if moment == "before the answer":
            raise ConnectionError
        return answer[: len(answer) // 2] if moment == "in the answer" else answer

    def _moment_for(self, request: bytes) -> str | None:
        leaf = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        if leaf not in self.cut[1:]:
            return None
        self.cuts[leaf, self.cut[0]] += 1
        return self.cut[0]

    @staticmethod
    def _torn(answer: bytes) -> bool:
        head, _, body = answer.partition(b"\r\n\r\n")
        return len(body) < _length(head)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@dataclass
class Kiosk:
    """A terminal whose program may be killed; its papers are real."""

    url: str
    folder: Path
    papers: dict[str, tuple[str, float]] = field(default_factory=dict)  # label -> (ticket, touched)
    others: set[str] = field(default_factory=set)  # tickets of somebody else
    alone: int = 0
    ahead_s: float = 0.0

    async def start(self) -> None:
        """Also after a kill -9: nothing is taken over but the file."""
        await self.end()
        self.numbers = open_numbers(
            self.folder,
            time.monotonic,
            lambda: datetime.now(UTC),
            lambda: secrets.token_urlsafe(16),
        )
        self.client = BranchClient(
            self.url,
            "demo-kiosk",
            "kiosk-1",
            on_services=self._services,
            on_lost=lambda: None,
            clock=lambda: time.monotonic() + self.ahead_s,
            numbers=self.numbers,
        )

    async def end(self) -> None:
        """As the system ends a killed program's connections and files."""
        if hasattr(self, "client"):
            await self.client.close()
            self.numbers.store.close()

    def _services(self, services: Services) -> None:
        assert services.services

    async def customer(self, n: int) -> None:
        touched = time.monotonic()
        request = TicketRequest(service=SERVICES[n % 2], language="en")
        try:
            ticket = await self.client.ticket(request, patience_s=0.0)
        except Unreachable:
            taken = self.numbers.take(request)
            assert taken is not None, "no number was left"
            ticket, self.alone = taken, self.alone + 1
        assert ticket.label not in self.papers, f"{ticket.label} is on two papers"
        self.papers[ticket.label] = (ticket.id, touched)
        await self.client.printed(ticket.id, "confirmed", "")

    async def look(self) -> None:
        """Time enough has passed for numbers to be topped up."""
        self.ahead_s += TOP_UP_EVERY_S
        await self.client.look()

    async def settle(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            await self.look()
            if not (self.numbers.to_hand_in() or self.client.away or self.numbers.running_out()):
                return
            assert time.monotonic() < deadline, "the kiosk does not come to rest"


async def day(agent: Agent, folder: Path) -> tuple[Kiosk, Line]:
    line = Line(agent)
    kiosk = Kiosk(await line.open(), folder)
    await kiosk.start()
    await kiosk.look()
    people = iter(range(10_000))
    for n, (leaf, moment) in enumerate((leaf, moment) for leaf in LEAVES for moment in MOMENTS):
        line.cut = (moment, leaf, "tickets")  # the customer's touch is answered from the block
        await kiosk.customer(next(people))
        await kiosk.look()
        if n in KILLED:
            await both_killed(agent, kiosk, people)
        elif n % 2:
            await kiosk.start()
        line.cut = (moment, leaf)
        await kiosk.customer(next(people))
        await kiosk.look()
        line.cut = ()
        await kiosk.settle()
    await kiosk.look()
    await kiosk.end()
    line.server.close()
    await line.server.wait_closed()
    return kiosk, line


async def both_killed(agent: Agent, kiosk: Kiosk, people: Any) -> None:
    agent.kill()
    await kiosk.customer(next(people))
    await kiosk.look()
    await kiosk.start()
    await kiosk.customer(next(people))
    await asyncio.to_thread(agent.start)
    issued = agent.issue()  # somebody else is there before the kiosk has handed in
    kiosk.papers[issued["label"]] = (issued["id"], time.monotonic())
    kiosk.others.add(issued["id"])


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    running = Agent(tmp_path).start()
    yield running
    running.end()


def test_every_paper_is_one_ticket_in_the_order_of_the_touches(
    agent: Agent, tmp_path: Path
) -> None:
    kiosk, line = asyncio.run(day(agent, tmp_path / "kiosk-1"))
    assert {cut for cut, times in line.cuts.items() if times} == {
        (leaf, moment) for leaf in LEAVES for moment in MOMENTS
    }
    entries = agent.journal()
    check_whole(entries)
    issued = {e["label"]: e["ticket"] for e in entries if e["type"] == "TicketIssued"}
    cancelled = {e["label"] for e in entries if e["type"] == "TicketCancelled"}
    papers = {label: ticket for label, (ticket, _) in kiosk.papers.items()}
    assert {label: issued[label] for label in papers} == papers
    assert set(issued) - set(papers) == cancelled  # given back: nobody holds them
    offline = [e for e in entries if e["type"] == "TicketIssued" and e.get("offline")]
    assert len(offline) == kiosk.alone >= len(MOMENTS) * len(LEAVES)
    check_printed(entries, kiosk)
    check_order(agent, kiosk)


def check_printed(entries: list[dict[str, Any]], kiosk: Kiosk) -> None:
    """Each of the kiosk's papers is told, once."""
    told = Counter(e["ticket"] for e in entries if e["type"] == "TicketPrinted")
    assert told == Counter({ticket for ticket, _ in kiosk.papers.values()} - kiosk.others)


def check_order(agent: Agent, kiosk: Kiosk) -> None:
    called = []
    while (answer := agent.press("1", "call-next")).status_code == 200:
        called.append(kiosk.papers[answer.json()["label"]][1])
        agent.press("1", "start")
    assert len(called) == len(kiosk.papers)
    latest = called[0]
    for touched in called:
        assert touched > latest - LAG_S
        latest = max(latest, touched)
