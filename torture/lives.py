"""One life of the agent after the other: what happens to it in each, and how each ends."""

import asyncio
import random
from dataclasses import dataclass, field

from torture.agent import Agent, DoesNotAnswer
from torture.auditor import Auditor
from torture.client import Client, World
from torture.faults import CRASHING, REFUSING, Mode
from torture.power_cut import cut_power, tidy
from torture.wire import Unanswered

HOUR_S, DAY_S = 3600, 86400
JUMPS_S = (DAY_S, -DAY_S, HOUR_S, -HOUR_S, DAY_S, HOUR_S)  # forward a little more often
FARTHEST_S = 400 * DAY_S
HEALS_WITHIN_S = 30.0  # a busy machine takes seconds for one write
STARTS = 3  # attempts, before the agent is given up


@dataclass
class Tally:
    """What was done to the agent."""

    kills: int = 0
    kills_by_mode: dict[str, int] = field(default_factory=dict)
    power_cuts: int = 0
    sectors_lost: int = 0
    clock_jumps: int = 0
    spells: dict[str, int] = field(default_factory=dict)  # of a disk that refuses
    deaths_of_its_own: int = 0
    starts_s: list[float] = field(default_factory=list)


class GivenUp(Exception):
    """The agent does not come back; there is nothing more to torture."""


class Lives:
    """Starts and kills; the clients ask on meanwhile."""

    def __init__(self, agent: Agent, world: World, auditor: Auditor, prober: Client) -> None:
        self.agent, self.world, self.auditor = agent, world, auditor
        self.tally = Tally()
        self.chance: random.Random = world.chance("lives")
        self._prober = prober
        self._page = agent.faults.page

    async def live_once(self) -> None:
        """From a start to a death. Raises GivenUp."""
        if self.chance.random() < 0.05:
            await self._die_while_starting()
        await self.start()
        self.world.up.set()
        jump = asyncio.create_task(self._jump_sometimes())
        try:
            await self._suffer()
        finally:
            jump.cancel()
        self._die()

    async def start(self) -> None:
        """Until it answers and has passed the light look. Raises GivenUp."""
        for _ in range(STARTS):
            self.agent.spawn()
            try:
                self.tally.starts_s.append(await self.agent.until_it_answers())
                await self.auditor.look(self.chance)
                return
            except (DoesNotAnswer, Unanswered) as error:
                self.auditor.figures.blame("bad_starts", str(error))
                self.agent.kill()
        raise GivenUp

    async def _die_while_starting(self) -> None:
        self.agent.spawn()
        await asyncio.sleep(self.chance.uniform(0.1, 0.8))
        self._die()

    async def _suffer(self) -> None:
        dice = self.chance.random()
        if dice < 0.35:
            await self._work()
        elif dice < 0.45:
            self.agent.faults.begin(Mode.SLOW_SYNC, slow_ms=self.chance.randint(20, 400))
            await self._work()
        elif dice < 0.7:
            await self._crash_at_the_disk()
        else:
            await self._refusing_disk()

    async def _work(self) -> None:
        await self.agent.until_it_is_dead(self.chance.uniform(0.05, 1.5))

    async def _crash_at_the_disk(self) -> None:
        """The shim kills it in the middle of a write, or before or after a sync."""
        mode = self.chance.choice(CRASHING)
        passes, torn_at = self.chance.randint(0, 80), self.chance.randint(0, 4120)
        self.agent.faults.begin(mode, passes=passes, torn_at=torn_at)
        if await self.agent.until_it_is_dead(2.0):
            said = self.tally.kills_by_mode
            said[mode.name] = said.get(mode.name, 0) + 1

    async def _refusing_disk(self) -> None:
        """The disk refuses for a while; mostly it heals before the end, and then all is well again."""
        mode = self.chance.choice(REFUSING)
        self.tally.spells[mode.name] = self.tally.spells.get(mode.name, 0) + 1
        await self.agent.until_it_is_dead(self.chance.uniform(0.05, 0.4))
        self.agent.faults.begin(mode, passes=self.chance.randint(0, 6))
        await self.agent.until_it_is_dead(self.chance.uniform(0.2, 1.2))
        if self.chance.random() < 0.35:
            return
        self.agent.faults.heal()
        await self._check_that_it_works_again()
        await self.agent.until_it_is_dead(self.chance.uniform(0.05, 0.5))

    async def _check_that_it_works_again(self) -> None:
        if self.agent.exit_status is not None:
            return
        try:
            async with asyncio.timeout(HEALS_WITHIN_S):
                entry = await self._prober.ask("issue", "/tickets", {"service": "cash"})
                while not entry.done and self.agent.exit_status is None:
                    entry = await self._prober.ask("issue", "/tickets", {"service": "cash"})
        except TimeoutError:
            said = f"no ticket {HEALS_WITHIN_S} s after the disk healed\n{self.agent.last_words()}"
            self.auditor.figures.blame("stuck", said)

    async def _jump_sometimes(self) -> None:
        if self.chance.random() < 0.3:
            await asyncio.sleep(self.chance.uniform(0, 0.8))
            ahead = self._page.clock_s + self.chance.choice(JUMPS_S)
            self._page.clock_s = max(-FARTHEST_S, min(FARTHEST_S, ahead))
            self.world.ahead_s.append(self._page.clock_s)
            self.tally.clock_jumps += 1

    def _die(self) -> None:
        """Whoever killed it, sometimes the power fails in the same moment."""
        self.world.up.clear()
        own = self.agent.exit_status not in (None, -9)
        if own:
            self._note_own_death()
        self.agent.kill()
        self.agent.faults.heal()
        self.tally.kills += not own
        if self.chance.random() < 0.4:
            self.tally.sectors_lost += cut_power(self.agent.faults.undo, self.chance)
            self.tally.power_cuts += 1
        else:
            tidy(self.agent.faults.undo)

    def _note_own_death(self) -> None:
        """Allowed only while the disk fails: better no agent than one that promises."""
        self.tally.deaths_of_its_own += 1
        if self._page.mode not in REFUSING:
            said = f"exit status {self.agent.exit_status}\n{self.agent.last_words()}"
            self.auditor.figures.blame("own_deaths", said)
