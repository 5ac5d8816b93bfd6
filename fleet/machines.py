"""The machines of a simulated branch: they break and come back. Pure: chance and time are passed in."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Literal

from edge_agent.messages import DeviceHealth

Broken = Literal["fault", "degraded", "absent"]
KIOSK = "kiosk-1"
# machine, how it fails (in the words of program/pages/machines.js), what state that is
FAILURES: tuple[tuple[str, str, Broken], ...] = (
    ("ticket_printer", "paperOut", "fault"),
    ("ticket_printer", "paperLow", "degraded"),
    ("ticket_printer", "mediaJam", "fault"),
    ("card_reader", "jammed", "fault"),
    ("id_card", "notResponding", "absent"),
    ("camera", "noDevice", "absent"),
)
KINDS = tuple(dict.fromkeys(kind for kind, _, _ in FAILURES))
REPAIR_S = (600.0, 5400.0)  # simulated seconds that a failure lasts


@dataclass
class Machines:
    """`failures`: so many a day on average."""

    chance: Random
    failures: float
    _broken: dict[str, tuple[str, Broken]] = field(default_factory=dict)
    _since: dict[str, datetime] = field(default_factory=dict)

    def plan(self, open_for_s: float) -> list[tuple[float, str, float]]:
        """One day's failures: at so many seconds after opening, which machine, for how many seconds."""
        number = _poisson(self.chance, self.failures)
        return [
            (
                self.chance.uniform(0, open_for_s),
                self.chance.choice(KINDS),
                self.chance.uniform(*REPAIR_S),
            )
            for _ in range(number)
        ]

    def fails(self, kind: str, now: datetime) -> None:
        possible = [(why, state) for name, why, state in FAILURES if name == kind]
        self._broken[kind] = self.chance.choice(possible)
        self._since[kind] = now

    def works(self, kind: str, now: datetime) -> None:
        self._broken.pop(kind, None)
        self._since[kind] = now

    def all(self, opened: datetime) -> list[DeviceHealth]:
        """Each as it is; those that never failed have worked since `opened`."""
        return [self._health(kind, opened) for kind in KINDS]

    def _health(self, kind: str, opened: datetime) -> DeviceHealth:
        name, since = f"{KIOSK}/{kind}", self._since.get(kind, opened)
        if kind not in self._broken:
            return DeviceHealth(device=name, kind=kind, state="ready", since=since)
        why, state = self._broken[kind]
        return DeviceHealth(device=name, kind=kind, state=state, since=since, detail=why)


def _poisson(chance: Random, mean: float) -> int:
    """How many of something that happens at any time, so often on average."""
    number, at = 0, chance.expovariate(1.0)
    while at < mean:
        number, at = number + 1, at + chance.expovariate(1.0)
    return number
