"""The demo's simulated machines: those of the configuration, each at its port, and what people do to them."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Any

from demo.programs import Programs


class Machines:
    """By their names in the files of `config`; `truth` of each is written into `folder`."""

    def __init__(self, programs: Programs, folder: Path, config: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._devices = list(_devices(config))
        self._started: dict[str, Popen[str]] = {}

    def __len__(self) -> int:
        return len(self._devices)

    def start(self) -> None:
        for device in self._devices:
            name, link = device["name"], self._folder / Path(device["port"]).name
            words = ("devices", "simulate", device["kind"], "--link", str(link))
            self._started[name] = self._programs.start(name, *words, "--log", str(self.truth(name)))

    def truth(self, name: str) -> Path:
        return self._folder / f"{name}.truth"

    def seen(self, name: str, **what: object) -> int:
        """How often this was to be seen at the machine so far."""
        with suppress(FileNotFoundError):
            whole = self.truth(name).read_text(encoding="utf-8").rpartition("\n")[0]
            return sum(what.items() <= json.loads(line).items() for line in whole.splitlines())
        return 0

    def say(self, name: str, line: str) -> None:
        """`present …` or `remove`."""
        to = self._started[name].stdin
        assert to is not None  # noqa: S101  for the type checker
        with suppress(BrokenPipeError):
            to.write(f"{line}\n")
            to.flush()


def _devices(config: Path) -> Iterator[dict[str, Any]]:
    for file in ("kiosk.toml", "branch.toml"):
        with (config / file).open("rb") as opened:
            sections = tomllib.load(opened)
        yield from sections["devices"]
        if "camera" in sections:
            yield {"name": "camera", "kind": "camera", **sections["camera"]}
