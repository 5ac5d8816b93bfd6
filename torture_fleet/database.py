"""Where head office keeps its ledger: a file of SQLite, or a PostgreSQL that is killed too."""

import functools
import glob
import os
import shutil
import subprocess
from pathlib import Path

from torture_fleet.brokers import NotInstalled
from torture_fleet.process import Ports, Process, accepts

USER, DATABASE = "lobby", "postgres"


class PostgreSQL:
    """On loopback, by a user who is not root, without fsync: it is killed, its machine is not."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.port = ports.next()
        data = folder / "postgresql"
        data.mkdir()
        user = None
        if os.geteuid() == 0:  # which the server refuses
            shutil.chown(data, "postgres")
            user = "postgres"
        made = ["-D", str(data), "-U", USER, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        subprocess.run(
            [_program("initdb"), *made],
            check=True,
            capture_output=True,
            cwd="/",
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
        ]
        self.process = Process(
            "postgresql",
            [_program("postgres"), "-D", str(data), "-p", str(self.port), *options],
            folder / "postgresql.log",
            functools.partial(accepts, self.port),
            user=user,
        )

    def url(self, port: int) -> str:
        """As seen through that port: its own, or a proxy's."""
        return f"postgresql://{USER}@127.0.0.1:{port}/{DATABASE}"


def _program(name: str) -> str:
    """Debian keeps the server's programs by version, and off the PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise NotInstalled(f"no {name}; apt-get install postgresql")
    return found[-1]
