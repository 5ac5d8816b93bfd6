"""Who waits: one line for each service, segment and counter, each in order of place.

Within a line the order is the same under every policy, so that only the heads need to be compared.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from edge_agent.branch_queue.ticket import Ticket


class Line(NamedTuple):
    """What the tickets of one line have in common. `for_counter`: only that counter may call them."""

    service: str
    segment: str
    for_counter: str | None


Place = tuple[datetime, int, str]  # counts from, turn, ticket id


class Lines:
    """Changed in place; adding and removing take the same time however many wait."""

    def __init__(self) -> None:
        self._lines: dict[Line, list[Place]] = {}

    def add(self, ticket: Ticket) -> None:
        insort(self._lines.setdefault(line_of(ticket), []), place_of(ticket))

    def remove(self, ticket: Ticket) -> None:
        line = self._lines[line_of(ticket)]
        del line[bisect_left(line, place_of(ticket))]

    def all(self) -> Iterator[tuple[Line, list[Place]]]:
        return ((line, places) for line, places in self._lines.items() if places)

    def waiting(self, service: str) -> int:
        return sum(len(places) for line, places in self._lines.items() if line.service == service)

    def sooner(self, service: str, rank: Callable[[str], Any], than: Any) -> int:
        """How many of a service, whatever their segment, rank before; `rank` is of a ticket id."""
        return sum(
            bisect_left(places, than, key=lambda place: rank(place[2]))
            for line, places in self._lines.items()
            if line.service == service
        )

    def ids(self) -> Iterator[str]:
        """Everybody who waits, in no order that means anything."""
        return (place[2] for places in self._lines.values() for place in places)


def line_of(ticket: Ticket) -> Line:
    return Line(ticket.service, ticket.segment, ticket.for_counter)


def place_of(ticket: Ticket) -> Place:
    return (ticket.place, ticket.turn, ticket.id)
