"""The mouth of a simulated kiosk printer, where a cut ticket stands until somebody takes it."""

from collections.abc import Callable, Mapping


class Mouth:
    """Each ticket that comes pushes on those standing there; one sensor sees them all."""

    def __init__(self, truth: Callable[[Mapping[str, object]], None]) -> None:
        self._truth = truth
        self._tickets = 0

    @property
    def occupied(self) -> bool:
        return self._tickets > 0

    def put(self) -> None:
        self._tickets += 1
        event = "presented" if self._tickets == 1 else "on_top"
        self._truth({"event": event, "tickets": self._tickets})

    def take(self) -> None:
        """Somebody pulls out all that stands there."""
        self._truth({"event": "taken", "tickets": self._tickets})
        self._tickets = 0
