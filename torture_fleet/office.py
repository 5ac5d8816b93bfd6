"""Head office: which programs it is made of, and what they are told. One table: a new program is one line."""

import random
from dataclasses import dataclass
from pathlib import Path

from torture.faults import Faults
from torture_fleet.database import PostgreSQL
from torture_fleet.line import Line
from torture_fleet.process import Ports, python
from torture_fleet.victim import Victim

LEDGER = "ledger.sqlite"
TOKEN = "torture-fleet"  # noqa: S105 -- of a head office on loopback that lives for one run


@dataclass(frozen=True)
class Kind:
    """A program of head office. `begun`: what it says in its log when it works, where it answers no HTTP."""

    name: str
    module: str
    begun: bytes = b""


BOARD = Kind("head_office", "head_office")
INTAKE = Kind("intake", "head_office.intake", begun=b"Taking in ")


@dataclass(frozen=True)
class Program:
    """One of them, with its own lines to the brokers and to the database."""

    victim: Victim
    line: Line
    to_database: Line | None


class HeadOffice:
    """The board, and so many intake processes beside it (0: the board takes in what branches send). `database`: None
    for a ledger in a file of SQLite."""

    def __init__(
        self,
        folder: Path,
        brokers: list[int],
        database: PostgreSQL | None,
        ports: Ports,
        shim: Path,
        chance: random.Random,
        intakes: int,
    ) -> None:
        self.folder = folder / "head_office"
        self.folder.mkdir()
        self._database = database
        self._ports, self._shim, self._chance = ports, shim, chance
        self._more = "[intake]\nprocesses = 0" if intakes else ""
        self.programs = [
            self._program(f"{kind.name}-{number + 1}", kind, brokers)
            for kind, how_many in ((BOARD, 1), (INTAKE, intakes))
            for number in range(how_many)
        ]
        # the proof's own way to the ledger, which never fails
        self.config = self._write("proof", 'url = "mqtt://127.0.0.1:1"', None)

    @property
    def port(self) -> int:
        """Of the board. Raises LookupError before there is one."""
        port = self.programs[0].victim.port
        if port is None:
            raise LookupError("the board comes first")
        return port

    @property
    def store(self) -> Path | str:
        if self._database is not None:
            return self._database.url(self._database.port)
        return self.folder / "data" / LEDGER

    def _program(self, name: str, kind: Kind, brokers: list[int]) -> Program:
        order = self._chance.sample(brokers, len(brokers))
        line = Line(order, self._ports, self._chance)
        to_database = None
        if self._database is not None:
            to_database = Line([self._database.port], self._ports, self._chance)
        home = self.folder / name
        home.mkdir()
        config = self._write(name, line.urls, to_database)
        words, port = python(kind.module, "--config", str(config)), None
        if not kind.begun:
            port = self._ports.next()
            words += ["--listen", f"127.0.0.1:{port}"]
        faults = Faults(home, LEDGER, self._shim)
        victim = Victim(name, words, port, faults, home, token=TOKEN, begun=kind.begun)
        return Program(victim, line, to_database)

    def _write(self, name: str, broker: str, to_database: Line | None) -> Path:
        store = f'data = "{self.folder / "data"}"'
        if self._database is not None:
            port = to_database.ports[0] if to_database is not None else self._database.port
            store = f'url = "{self._database.url(port)}"'
        file = self.folder / f"{name}.toml"
        sections = [
            '[http]\nlisten = "127.0.0.1:0"',
            f"[store]\n{store}",
            f"[broker]\n{broker}",
            f'[[readers]]\nname = "torture"\ntoken = "{TOKEN}"\nrole = "administrator"',
        ]
        file.write_text("\n\n".join([*sections, self._more, ""]), encoding="utf-8")
        return file
