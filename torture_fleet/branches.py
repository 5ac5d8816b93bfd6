"""The branches: a real edge agent each, with customers and counters that ask over HTTP."""

import asyncio
import random
import re
from pathlib import Path

from torture.client import STAFF, Client, World
from torture.clients import Counter, Customer
from torture.faults import Faults
from torture.ledger import Ledger as Asked
from torture_fleet import journals
from torture_fleet.journals import Journal
from torture_fleet.line import Line
from torture_fleet.process import ROOT, Ports, python
from torture_fleet.victim import Victim

CUSTOMERS, COUNTERS = 2, 2
UNWANTED = r"^\[appointments\]\n(.+\n)*"  # a file that only the demo writes
DEMO_BROKER, DEMO_ID = 'url = "mqtt://127.0.0.1:1883"', 'id = "riverside"'


class Unhurried(Counter):
    """A teller who leaves the machine some time for others."""

    async def pause(self, least_s: float, most_s: float) -> None:
        await asyncio.sleep(self.chance.uniform(least_s, most_s) + 0.25)


class Branch:
    """`line` leads to the brokers."""

    def __init__(
        self, number: int, folder: Path, line: Line, ports: Ports, shim: Path, seed: int
    ) -> None:
        self.id = f"branch-{number}"
        self.line = line
        home = folder / self.id
        home.mkdir()
        self.data = home / "data"
        port = ports.next()
        self.world = World(port, seed)
        chance_of = random.Random(f"{seed}-{self.id}").random()
        self.port = port
        self.world.seed = int(chance_of * 2**32)  # each branch has customers of its own
        self.clients: list[Client] = [
            *(Customer(self.world, n + 1) for n in range(CUSTOMERS)),
            *(Unhurried(self.world, n + 1) for n in range(COUNTERS)),
        ]
        file = home / "branch.toml"
        file.write_text(_settings(self.id, line.urls), encoding="utf-8")
        words = python("edge_agent", "--config", str(file), "--data", str(self.data))
        self.victim = Victim(
            self.id,
            [*words, "--listen", f"127.0.0.1:{port}"],
            port,
            Faults(home, shim=shim),
            home,
            token=STAFF,
            up=self.world.up.set,
            down=self.world.up.clear,
        )

    @property
    def asked(self) -> list[Asked]:
        """What its customers and counters know for certain."""
        return [client.ledger for client in self.clients]

    def journal(self) -> Journal:
        return journals.read(self.id, self.data / "journal.sqlite")


def _settings(branch: str, urls: str) -> str:
    """The demo's, with another name and broker, and without machines."""
    text = (ROOT / "config/demo/branch.toml").read_text(encoding="utf-8")
    text = text.partition("[[devices]]\n")[0]
    text = re.sub(UNWANTED, "", text, flags=re.MULTILINE)
    for old, new in ((DEMO_ID, f'id = "{branch}"'), (DEMO_BROKER, urls)):
        if old not in text:
            raise LookupError(f"config/demo/branch.toml has no line {old}")
        text = text.replace(old, new)
    return text
