"""One run: load and misfortunes side by side; then peace, and the audit."""

import asyncio
import json
import os
import random
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torture import verdict
from torture.faults import compile_shim
from torture.verdict import Figures
from torture.wire import API, Unanswered, Wire
from torture_fleet import audit, ledgers
from torture_fleet.board import Board
from torture_fleet.branches import Branch
from torture_fleet.brokers import brokers
from torture_fleet.chaos import Chaos, Scene
from torture_fleet.database import PostgreSQL
from torture_fleet.journals import Journal, Unreadable
from torture_fleet.line import Line
from torture_fleet.office import HeadOffice
from torture_fleet.process import ROOT, DidNotStart, Ports, python
from torture_fleet.summary import Summary
from torture_fleet.victim import Victim

SETTLES_WITHIN_S = 60.0  # all open requests, once nobody dies any more
PROOF_WITHIN_S = 120.0


@dataclass(frozen=True)
class Plan:
    """Killing ends after `kills`, or after `seconds`. `right_within_s`: after the last fault the board shows every
    branch online and complete within so many seconds."""

    seed: int
    kills: int | None
    seconds: float | None
    branches: int
    engine: str
    store: str
    intakes: int
    pace_s: float
    right_within_s: float


class Run:
    """Everything in one folder that the caller removes."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.figures = plan, Figures()
        chance = random.Random(plan.seed)
        ports = Ports(random.Random(f"{plan.seed}-{os.getpid()}").randrange(22_000))
        shim = compile_shim(folder)
        engine = brokers(plan.engine, folder, ports)
        nodes = [node.port for node in engine.nodes]
        database = PostgreSQL(folder, ports) if plan.store == "postgresql" else None
        branches = []
        for number in range(plan.branches):
            line = Line(chance.sample(nodes, len(nodes)), ports, chance)
            branches.append(Branch(number + 1, folder, line, ports, shim, plan.seed))
        office = HeadOffice(folder, nodes, database, ports, shim, chance, plan.intakes)
        self.scene = Scene(engine, office, branches, database)
        self._chance = chance
        self._at_work: list[asyncio.Task[None]] = []
        self._chaos: Chaos | None = None

    async def run(self) -> Summary:
        """Always gives a summary; everything it started is dead afterwards."""
        summary = Summary(self.plan, self.figures)
        try:
            await self._suffer(summary)
        except (DidNotStart, Unanswered, Unreadable, TimeoutError) as error:
            self.figures.examples.append(f"the run broke off: {type(error).__name__} {error}")
        finally:
            await self._end()
        return summary

    async def _suffer(self, summary: Summary) -> None:
        await self._start()
        chaos = Chaos(self.scene, self._chance, self.figures, pace_s=self.plan.pace_s)
        self._chaos, summary.tally = chaos, chaos.tally
        began = time.monotonic()
        while not self._enough(chaos, time.monotonic() - began):
            await chaos.one_act()
            for task in self._at_work:
                if task.done():
                    task.result()  # a mistake in the torture itself ends the run
        await chaos.calm()
        summary.tortured_s = time.monotonic() - began
        summary.brokers_made_anew = self.scene.brokers.rebuilt
        await self._last_look(summary)

    def _enough(self, chaos: Chaos, spent_s: float) -> bool:
        if self.plan.kills is not None:
            return chaos.kills >= self.plan.kills
        return spent_s >= (self.plan.seconds or 0)

    async def _start(self) -> None:
        scene = self.scene
        await asyncio.gather(*(line.open() for line in scene.lines))
        if scene.database is not None:
            await scene.database.process.start()
        await scene.brokers.start()
        await asyncio.gather(*(victim.start() for victim in scene.victims))
        self._at_work = [
            asyncio.create_task(client.run()) for b in scene.branches for client in b.clients
        ]

    async def _last_look(self, summary: Summary) -> None:
        """In peace: every request is settled, the board comes right, then all is compared."""
        healed = time.monotonic()
        for branch in self.scene.branches:
            branch.world.ending = True
        async with asyncio.timeout(SETTLES_WITHIN_S):
            await asyncio.gather(*self._at_work)
        board = Board(self.scene.office.port)
        ends = {branch.id: await _end_of(branch) for branch in self.scene.branches}
        arrival = await board.until_all_there(ends, healed, self.plan.right_within_s)
        summary.online_s, summary.complete_s = arrival.online_s, arrival.complete_s
        for late in arrival.late:
            self.figures.blame(
                "late", f"{self.plan.right_within_s:.0f} s after the last fault: {late}"
            )
        served = {branch.id: await board.events(branch.id) for branch in self.scene.branches}
        await self._end_programs()
        journals = [branch.journal() for branch in self.scene.branches]
        for journal in journals:
            audit.check_order(journal, served[journal.branch], self.figures)
        summary.entries = sum(len(journal.bodies) for journal in journals)
        ledger = ledgers.read(self.scene.office.store)
        summary.rows = len(ledger.rows)
        audit.compare(journals, ledger, self.figures)
        self._check_promises(journals, summary)
        await self._check_proofs(journals, summary)
        summary.finished = True

    async def _end_programs(self) -> None:
        for victim in [*(b.victim for b in self.scene.branches), *self._office_victims()]:
            status = await victim.process.end(5.0)
            if status != 0:
                self.figures.blame("bad_ends", f"{victim.name}: exit status {status}")

    def _office_victims(self) -> list[Victim]:
        return [program.victim for program in self.scene.office.programs]

    def _check_promises(self, journals: Sequence[Journal], summary: Summary) -> None:
        """The branches' own promises to customers and counters, and so head office's: the ledgers are equal."""
        for branch, journal in zip(self.scene.branches, journals, strict=True):
            of_branch = verdict.Journal(self.figures)
            for body in journal.bodies:
                of_branch.feed(json.loads(body))
            verdict.check_presses(branch.asked, of_branch)
            verdict.check_ghosts(branch.asked, of_branch)
            verdict.check_ledgers(branch.asked, self.figures)
            answered = [entry for asked in branch.asked for entry in asked.done("issue")]
            verdict.check_answered(answered, of_branch)
            summary.tickets += len(answered)

    async def _check_proofs(self, journals: Sequence[Journal], summary: Summary) -> None:
        """`python -m head_office.proof`, for each business day of each branch."""
        for journal in journals:
            for day in journal.days:
                said, complete = await self._prove(journal.branch, day)
                summary.proofs += 1
                if not complete:
                    self.figures.blame("unproved", f"{journal.branch} {day}: {said}")

    async def _prove(self, branch: str, day: str) -> tuple[str, bool]:
        config = str(self.scene.office.config)
        words = python("head_office.proof", "--config", config, branch, day)
        asked = await asyncio.create_subprocess_exec(
            *words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        async with asyncio.timeout(PROOF_WITHIN_S):
            said, _ = await asked.communicate()
        return said.decode().strip()[-400:], asked.returncode == 0 and b'"complete"' in said

    async def _end(self) -> None:
        if self._chaos is not None:
            await self._chaos.stop()
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        for victim in self.scene.victims:
            victim.process.kill()
        await asyncio.gather(*(line.close() for line in self.scene.lines))
        self.scene.brokers.kill()
        if self.scene.database is not None:
            await self.scene.database.process.end(
                5.0
            )  # with its own children, which a kill leaves for a moment


async def _end_of(branch: Branch) -> int:
    """The number of its journal's last entry. Raises Unanswered."""
    wire = Wire(branch.port, "demo-staff")
    try:
        answer = await wire.ask("GET", API + "/queues")
    finally:
        wire.close()
    return int(answer.json()["journal_seq"])
