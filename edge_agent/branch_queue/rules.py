"""What the branch's configuration tells the rules: its services and its counters."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """One service line. `prefix` begins its labels: A gives A001, A002, …"""

    code: str
    prefix: str

    def label(self, number: int) -> str:
        """Three digits at least; after 999 the label grows rather than repeats."""
        return f"{self.prefix}{number:03d}"


@dataclass(frozen=True, slots=True)
class Rules:
    """Services by code, and for each counter the services it serves."""

    services: Mapping[str, ServiceRule]
    counters: Mapping[str, frozenset[str]]
