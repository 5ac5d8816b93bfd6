"""Keepers for tests: they take orders and do nothing; the test says what the machine would have told."""

from datetime import UTC, datetime
from typing import Any

from devices.device import Health, Patience, State


class FakeKeeper:
    """`ordered`: what was asked of it, and the patience that each order came with."""

    def __init__(
        self, kind: str = "ticket_printer", state: State = State.READY, detail: str = ""
    ) -> None:
        self.kind = kind
        self.ordered: list[Any] = []
        self.patience: list[Patience] = []
        self.becomes(state, detail)

    def becomes(self, state: State, detail: str = "") -> None:
        at = datetime(2026, 11, 25, 9, tzinfo=UTC)
        self.health = Health(self.kind, self.kind, state, at, detail)

    def order(self, order: Any, within_s: float = 30.0) -> Patience:
        self.ordered.append(order)
        self.patience.append(Patience(within_s, lambda: 0.0))
        return self.patience[-1]
