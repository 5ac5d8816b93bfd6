"""One of our programs on a disk and a clock that can be spoilt."""

import random
from collections.abc import Callable
from pathlib import Path

from torture.faults import Faults
from torture.power_cut import cut_power, tidy
from torture.wire import Unanswered, Wire
from torture_fleet.process import Process

HEALTHY = (200, 503)  # /healthz answers with either: the program is there


class Victim:
    """A program of ours that answers HTTP at `port`, or says in its log when it has begun. `up` and `down` are told
    when it comes and goes."""

    def __init__(
        self,
        name: str,
        words: list[str],
        port: int | None,
        faults: Faults,
        folder: Path,
        *,
        token: str = "",
        begun: bytes = b"",
        up: Callable[[], None] = lambda: None,
        down: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self.port, self.faults = name, port, faults
        self._begun = begun
        self._token = token
        self._up, self._down = up, down
        env = faults.environment()
        self.process = Process(name, words, folder / f"{name}.log", self.answers, env=env)

    async def answers(self) -> bool:
        if self.port is None:
            return self.process.runs and self.process.has_said(self._begun)
        wire = Wire(self.port, self._token)
        try:
            return (await wire.ask("GET", "/healthz")).status in HEALTHY
        except Unanswered:
            return False
        finally:
            wire.close()

    async def start(self) -> float:
        """Raises DidNotStart."""
        took_s = await self.process.start()
        self._up()
        return took_s

    def die(self, chance: random.Random, power_fails: float) -> int | None:
        """kill -9, with this probability together with the power; the sectors lost, None without a power cut."""
        self._down()
        self.process.kill()
        self.faults.heal()
        if chance.random() < power_fails:
            return cut_power(self.faults.undo, chance)
        tidy(self.faults.undo)
        return None
