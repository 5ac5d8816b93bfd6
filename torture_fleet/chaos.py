"""What happens to whom: kills, power cuts, lines, clocks and full disks at random, several at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from torture.faults import CRASHING, REFUSING, Mode
from torture.verdict import Figures
from torture_fleet.branches import Branch
from torture_fleet.brokers import Brokers
from torture_fleet.database import PostgreSQL
from torture_fleet.line import Line
from torture_fleet.office import HeadOffice, Program
from torture_fleet.process import Process
from torture_fleet.proxy import MISBEHAVING, Manner
from torture_fleet.victim import Victim

HOUR_S, DAY_S = 3600, 86400
JUMPS_S = (HOUR_S, -HOUR_S, 300, -300, 40, -40, 0)
POWER_FAILS = 0.4
BROKERS, ALL_NODES = "brokers", 0.12  # share of a cluster's kills that take every node
LOOK_S = 0.5  # at programs that have ended by themselves


@dataclass
class Tally:
    """What was done, by kind of victim."""

    kills: Counter[str] = field(default_factory=Counter)
    at_the_disk: Counter[str] = field(
        default_factory=Counter
    )  # of them, in the middle of disk work
    power_cuts: int = 0
    sectors_lost: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    clock_jumps: int = 0
    disk_spells: Counter[str] = field(default_factory=Counter)
    starts_again: Counter[str] = field(
        default_factory=Counter
    )  # of programs that gave up by themselves


@dataclass
class Scene:
    """Everything there is to torture."""

    brokers: Brokers
    office: HeadOffice
    branches: list[Branch]
    database: PostgreSQL | None

    @property
    def lines(self) -> list[Line]:
        found = [branch.line for branch in self.branches]
        for program in self.office.programs:
            found += [program.line, *([program.to_database] if program.to_database else [])]
        return found

    @property
    def victims(self) -> list[Victim]:
        programs = [program.victim for program in self.office.programs]
        return [*programs, *(branch.victim for branch in self.branches)]


class Chaos:
    """`pace_s`: the mean time between two acts."""

    def __init__(
        self, scene: Scene, chance: random.Random, figures: Figures, *, pace_s: float
    ) -> None:
        self.scene, self.tally, self.figures = scene, Tally(), figures
        self._chance, self._pace_s = chance, pace_s
        self._busy: set[str] = set()  # who suffers already
        self._acts: set[asyncio.Task[None]] = set()
        self._refusing: set[str] = set()  # whose disk refuses just now
        self._calming = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())

    @property
    def kills(self) -> int:
        return self.tally.kills.total()

    async def one_act(self) -> None:
        """Begins the next misfortune and waits for the pause after it. Raises DidNotStart for one that went on."""
        acts: list[tuple[float, Callable[[], Awaitable[None]] | None]] = [
            (40, self._kill_branch()),
            (26, self._kill_program()),
            (8, self._kill_broker()),
            (4, self._kill_database()),
            (22, self._spoil_line()),
            (6, self._refuse_writes()),
            (6, self._set_clock()),
        ]
        possible = [(weight, act) for weight, act in acts if act is not None]
        if possible:
            weights, choices = zip(*possible, strict=True)
            self._begin(self._chance.choices(choices, weights)[0])
        await asyncio.sleep(self._chance.expovariate(1 / self._pace_s))
        for task in [task for task in self._acts if task.done()]:
            self._acts.discard(task)
            task.result()

    async def calm(self) -> None:
        """Everything ends that has begun, everything heals and is up. Raises DidNotStart."""
        self._calming.set()
        await asyncio.gather(*self._acts)
        self._watching.cancel()
        for line in self.scene.lines:
            line.heal()
        for victim in self.scene.victims:
            victim.faults.heal()
            victim.faults.set_clock(0)
        if self.scene.database is not None:
            await self.scene.database.process.start()
        dead = [node.process for node in self.scene.brokers.nodes if not node.process.runs]
        await self.scene.brokers.bring_back(dead)
        await asyncio.gather(*(victim.start() for victim in self.scene.victims))

    async def stop(self) -> None:
        """The run breaks off."""
        tasks = [*self._acts, self._watching]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, act: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await act()

        self._acts.add(asyncio.create_task(run()))

    async def _suffer(self, name: str, work: Awaitable[None]) -> None:
        """One misfortune at a time for each."""
        try:
            await work
        finally:
            self._busy.discard(name)

    def _act(self, name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            if name not in self._busy:
                self._busy.add(name)
                await self._suffer(name, work())

        return act

    # kills

    def _kill_branch(self) -> Callable[[], Awaitable[None]] | None:
        free = [branch.victim for branch in self.scene.branches if branch.id not in self._busy]
        return self._kill_one(free, "branch")

    def _kill_program(self) -> Callable[[], Awaitable[None]] | None:
        programs = [program.victim for program in self.scene.office.programs]
        free = [victim for victim in programs if victim.name not in self._busy]
        return self._kill_one(free, "")

    def _kill_one(self, free: list[Victim], kind: str) -> Callable[[], Awaitable[None]] | None:
        if not free:
            return None
        victim = self._chance.choice(free)
        kind = kind or victim.name.rpartition("-")[0]
        return self._act(victim.name, lambda: self._kill(victim, kind))

    async def _kill(self, victim: Victim, kind: str) -> None:
        if self._chance.random() < 0.3:
            await self._crash_at_the_disk(victim, kind)
        lost = victim.die(self._chance, POWER_FAILS)
        self.tally.kills[kind] += 1
        self.tally.power_cuts += lost is not None
        self.tally.sectors_lost += lost or 0
        await self._pause(self._down_s())
        await victim.start()

    async def _crash_at_the_disk(self, victim: Victim, kind: str) -> None:
        """The shim kills it in the middle of a write, or before or after a sync, if it comes to one in time."""
        passes, torn_at = self._chance.randint(0, 40), self._chance.randint(0, 4120)
        victim.faults.begin(self._chance.choice(CRASHING), passes=passes, torn_at=torn_at)
        for _ in range(40):
            if not victim.process.runs:
                self.tally.at_the_disk[kind] += 1
                return
            await asyncio.sleep(0.05)

    def _kill_broker(self) -> Callable[[], Awaitable[None]] | None:
        """One node, now and then all of them; the others are left alone until the last one is back."""
        nodes = [node.process for node in self.scene.brokers.nodes]
        if BROKERS in self._busy:
            return None
        chosen = nodes if self._chance.random() < ALL_NODES else [self._chance.choice(nodes)]
        return self._act(BROKERS, lambda: self._kill_nodes(chosen))

    async def _kill_nodes(self, chosen: list[Process]) -> None:
        self._kill_servers(chosen, "broker")
        await self._pause(self._down_s())
        await self.scene.brokers.bring_back(chosen)

    def _kill_database(self) -> Callable[[], Awaitable[None]] | None:
        database = self.scene.database
        if database is None or database.process.name in self._busy:
            return None
        process = database.process

        async def kill() -> None:
            self._kill_servers([process], "database")
            await self._pause(self._down_s())
            await process.start()

        return self._act(process.name, kill)

    def _kill_servers(self, processes: list[Process], kind: str) -> None:
        for process in processes:
            process.kill()
            self.tally.kills[kind] += 1

    def _down_s(self) -> float:
        """Mostly short, now and then long enough for everybody to give up."""
        return (
            self._chance.uniform(4, 15)
            if self._chance.random() < 0.08
            else self._chance.uniform(0, 1)
        )

    # lines, disks and clocks

    def _spoil_line(self) -> Callable[[], Awaitable[None]] | None:
        named = [(f"line {number}", line) for number, line in enumerate(self.scene.lines)]
        free = [(name, line) for name, line in named if name not in self._busy]
        if not free:
            return None
        name, line = self._chance.choice(free)
        return self._act(name, lambda: self._spoil(line))

    async def _spoil(self, line: Line) -> None:
        manner = self._chance.choice(MISBEHAVING)
        long = manner in (Manner.DEAF, Manner.MUTE, Manner.FROZEN) and self._chance.random() < 0.15
        self.tally.lines[manner.value] += 1
        line.begin(manner, self._chance.uniform(0.05, 1.5))
        await self._pause(self._chance.uniform(20, 40) if long else self._chance.uniform(0.3, 6))
        line.heal()

    def _refuse_writes(self) -> Callable[[], Awaitable[None]] | None:
        """Of head office's ledger in SQLite; the branch's own disk has a torture of its own."""
        programs = self.scene.office.programs
        free = [program for program in programs if program.victim.name not in self._busy]
        if self.scene.database is not None or not free:
            return None
        program = self._chance.choice(free)
        return self._act(program.victim.name, lambda: self._refuse(program))

    async def _refuse(self, program: Program) -> None:
        mode = self._chance.choice((*REFUSING, Mode.FULL, Mode.FULL, Mode.SLOW_SYNC))
        victim = program.victim
        self.tally.disk_spells[mode.name] += 1
        self._refusing.add(victim.name)
        victim.faults.begin(
            mode, passes=self._chance.randint(0, 6), slow_ms=self._chance.randint(20, 400)
        )
        await self._pause(self._chance.uniform(0.3, 5))
        victim.faults.heal()
        await asyncio.sleep(1.5)  # head office tries again after a second
        self._refusing.discard(victim.name)

    def _set_clock(self) -> Callable[[], Awaitable[None]] | None:
        victim = self._chance.choice(self.scene.victims)
        return self._act(f"clock of {victim.name}", lambda: self._jump(victim))

    async def _jump(self, victim: Victim) -> None:
        """A branch may also be a day off: its business day is then another."""
        jumps = (*JUMPS_S, DAY_S) if victim.name.startswith("branch-") else JUMPS_S
        victim.faults.set_clock(self._chance.choice(jumps))
        self.tally.clock_jumps += 1

    async def _pause(self, seconds: float) -> None:
        """Cut short when all misfortune shall end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._calming.wait()

    # who ends by itself

    async def _watch(self) -> None:
        """Whoever gives up is started again, as a bank's machines do it, and is counted; it is blamed for it unless its
        disk refuses or its database is away."""
        while True:
            await asyncio.sleep(LOOK_S)
            for victim in self.scene.victims:
                if victim.name not in self._busy and victim.process.exit_status is not None:
                    self._busy.add(victim.name)
                    await self._suffer(victim.name, self._start_again(victim))
            for node in self.scene.brokers.nodes:
                if BROKERS not in self._busy and not node.process.runs:
                    self.tally.starts_again["broker"] += 1
                    node.process.spawn()

    async def _start_again(self, victim: Victim) -> None:
        kind = victim.name.rpartition("-")[0]
        self.tally.starts_again[kind] += 1
        said = (
            f"{victim.name} ended with {victim.process.exit_status}:\n{victim.process.last_words()}"
        )
        if victim.name not in self._refusing:
            self.figures.blame("own_deaths", said)
        victim.die(self._chance, 0)
        await victim.start()
