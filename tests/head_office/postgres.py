"""A PostgreSQL of our own: on a unix socket, in a folder that goes with it, by a user who is not root."""

import glob
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from head_office.settings import Store
from tests.conftest import wait_for

USER = "lobby"


class Postgres:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lobby-pg-"))  # short: it holds the socket
        self.data = self.folder / "data"
        self._as: list[str] = []
        if os.geteuid() == 0:  # which the server refuses
            shutil.chown(self.folder, "postgres")
            self._as = ["runuser", "-u", "postgres", "--"]
        self._numbers = count(1)
        self._server: subprocess.Popen[Any] | None = None
        made = ["-D", str(self.data), "-U", USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        subprocess.run([*self._as, program("initdb"), *made], check=True, capture_output=True)

    def start(self) -> None:
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", str(self.folder))
        with (self.folder / "log").open("ab") as log:
            words = [*self._as, program("postgres"), "-D", str(self.data), *options]
            self._server = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder)
        wait_for(self.answers, "PostgreSQL")

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def store(self) -> Store:
        """An empty database."""
        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as to:
            to.execute(f"CREATE DATABASE {name}".encode())
        return Store(url=self.url(name))

    def crash(self) -> None:
        """It ends at once and looks after nothing, as after `kill -9`."""
        self._control("-m", "immediate")

    def end(self) -> None:
        if self.answers():
            self.crash()
        shutil.rmtree(self.folder)

    def _control(self, *how: str) -> None:
        words = [*self._as, program("pg_ctl"), "stop", "-w", "-D", str(self.data), *how]
        subprocess.run(words, check=True, capture_output=True, cwd=self.folder)
        if self._server is not None:
            self._server.wait(10)


def program(name: str) -> str:
    """Debian keeps the server's programs by version, and off the PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else name
