"""One run: clients and killer side by side, then the last look."""

import asyncio
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from torture import chain
from torture.agent import Agent
from torture.auditor import Auditor
from torture.client import KIOSK, Client, World
from torture.clients import Counter, Customer
from torture.lives import GivenUp, Lives
from torture.summary import Summary
from torture.verdict import Figures
from torture.wire import Unanswered

CUSTOMERS, COUNTERS = 64, 16
SETTLES_WITHIN_S = 30.0  # all open requests, once the agent is left in peace
LAST_LOOK_WITHIN_S = 300.0  # the journal of a thousand kills is long


@dataclass(frozen=True)
class Plan:
    """`seconds` bounds the whole run, its last look included; without it `kills` ends the killing."""

    root: Path
    seconds: float | None
    kills: int | None
    seed: int
    keys_last_s: float = float("inf")

    @property
    def killing_s(self) -> float:
        if self.seconds is not None:
            return max(5.0, self.seconds - max(12.0, 0.15 * self.seconds))
        return 60.0 + 5.0 * (self.kills or 0)


class Run:
    """Everything in one folder that the caller removes."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        port, silent = _free_ports()
        self.world = World(port, plan.seed, keys_last_s=plan.keys_last_s)
        self.agent = Agent(plan.root, folder, port, silent)
        self.clients: list[Client] = [
            *(Customer(self.world, number + 1) for number in range(CUSTOMERS)),
            *(Counter(self.world, number + 1) for number in range(COUNTERS)),
        ]
        prober = Client(self.world, "prober", KIOSK)
        self.ledgers = [client.ledger for client in [*self.clients, prober]]
        self.figures = Figures()
        self.auditor = Auditor(port, self.ledgers, self.figures)
        self.lives = Lives(self.agent, self.world, self.auditor, prober)

    async def run(self) -> Summary:
        """Always gives a summary; the agent is dead afterwards."""
        at_work = [asyncio.create_task(client.run()) for client in self.clients]
        summary = Summary(self.lives.tally, self.world, self.ledgers, self.figures)
        try:
            await self._kill_again_and_again(at_work)
            await self._last_look(at_work, summary)
        except (GivenUp, Unanswered, TimeoutError) as error:
            said = f"{type(error).__name__} {error}\n{self.agent.last_words()}"
            self.figures.examples.append(f"the run broke off: {said}")
        finally:
            for task in at_work:
                task.cancel()
            await asyncio.gather(*at_work, return_exceptions=True)
            self.agent.kill()
        summary.entries = [entry for ledger in self.ledgers for entry in ledger.entries]
        summary.syncs = self.agent.faults.page.syncs
        return summary

    async def _kill_again_and_again(self, at_work: list[asyncio.Task[None]]) -> None:
        until = time.monotonic() + self.plan.killing_s
        most = self.plan.kills if self.plan.kills is not None else 10**9
        while time.monotonic() < until and self.lives.tally.kills < most:
            await self.lives.live_once()
            for task in at_work:
                if task.done():
                    task.result()  # a mistake in the torture itself ends the run

    async def _last_look(self, at_work: list[asyncio.Task[None]], summary: Summary) -> None:
        """In peace: every request is settled, then everything is checked."""
        await self.lives.start()
        self.world.ending = True
        self.world.up.set()
        async with asyncio.timeout(SETTLES_WITHIN_S):
            await asyncio.gather(*at_work)
        chance = self.world.chance("last look")
        for client in self.clients:
            for _ in range(5):
                await client.repeat()
        async with asyncio.timeout(LAST_LOOK_WITHIN_S):
            await self.auditor.look_at_everything(chance, most_tickets=1500)
        if await self.agent.end() != 0:
            self.figures.blame("bad_ends", f"exit status {self.agent.exit_status}")
        summary.chain, summary.chain_said = await asyncio.to_thread(
            chain.verify, self.plan.root, self.agent.data, self.folder
        )
        summary.finished = self.lives.tally.kills >= (self.plan.kills or 0)


def _free_ports() -> tuple[int, int]:
    """One for the agent, one that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
