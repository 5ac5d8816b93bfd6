"""What kiosks and counters have in common: ask until answered, remember everything, repeat sometimes."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from torture.ledger import UNAVAILABLE, Entry, Ledger
from torture.wire import API, Unanswered, Wire

KIOSK, STAFF = "demo-kiosk", "demo-staff"


@dataclass
class World:
    """What all clients of one run share. `up` is set while the agent is meant to answer."""

    port: int
    seed: int
    up: asyncio.Event = field(default_factory=asyncio.Event)
    ending: bool = False
    retries: int = 0
    unknown_presses: set[str] = field(default_factory=set)  # this agent does not have them
    keys_last_s: float = float("inf")  # of the agent's clock; older answers are not asked for again
    ahead_s: list[int] = field(default_factory=lambda: [0])  # the agent's clock, after each jump

    def chance(self, name: str) -> random.Random:
        return random.Random(f"{self.seed}-{name}")

    def forgotten(self, entry: Entry) -> bool:
        """Whether the agent's clock has gone so far since the request that its key may be forgotten."""
        since = self.ahead_s[entry.jumps_before :]
        return max(since) - since[0] > self.keys_last_s


class Client:
    """One caller with one connection and one ledger."""

    def __init__(self, world: World, name: str, token: str) -> None:
        self.world, self.name = world, name
        self.chance = world.chance(name)
        self.wire = Wire(world.port, token)
        self.ledger = Ledger(name)

    async def run(self) -> None:
        """Until the run ends; then every request of this client is settled."""
        while not self.world.ending:
            await self.world.up.wait()
            await self.step()

    async def step(self) -> None:
        raise NotImplementedError

    async def pause(self, least_s: float, most_s: float) -> None:
        await asyncio.sleep(self.chance.uniform(least_s, most_s))

    async def ask(
        self, press: str, path: str, body: Any = None, *, counter: str | None = None
    ) -> Entry:
        """One writing request until it is answered, or refused and given up."""
        entry = self.ledger.open(press, API + path, body, counter=counter)
        entry.jumps_before = len(self.world.ahead_s) - 1
        await self._attempt(entry)
        while entry.answer is None:
            if entry.may_be_abandoned and self.chance.random() < 0.3:
                break
            await self.pause(0.05, 0.25)
            await self.world.up.wait()
            self.world.retries += 1
            await self._attempt(entry)
        return entry

    async def repeat(self) -> None:
        """Asks again what was answered already, mostly something recent."""
        answered = self.ledger.entries if self.chance.random() < 0.2 else self.ledger.entries[-20:]
        if answered:
            entry = self.chance.choice(answered)
            if entry.answer is not None and not self.world.forgotten(entry):
                self.world.retries += 1
                await self._attempt(entry)

    async def _attempt(self, entry: Entry) -> None:
        try:
            answer = await self.wire.ask("POST", entry.path, entry.body, entry.key)
        except Unanswered:
            entry.unanswered += entry.answer is None
            return
        self.ledger.note(entry, answer)
        if answer.status == UNAVAILABLE:
            await self.pause(0.05, 0.2)
