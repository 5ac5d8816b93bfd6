"""Further papers that the branch orders here: each printed once, and its outcome told."""

import itertools
from collections.abc import Iterable

from msgspec import structs

from edge_agent.messages import Reprint

PREFIX = "reprint"


def ticket_of(job: str) -> str | None:
    """The ticket of a job that `Reprints` named; None where it is none."""
    kind, _, rest = job.partition(":")
    return rest.partition(":")[2] if kind == PREFIX else None


class Reprints:
    """The branch names an order until it has heard its outcome. The same ticket may be ordered again after that,
    even before a list without it was seen."""

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._heard: set[str] = set()  # of those, the branch has heard the outcome
        self._number = itertools.count(1)
        self._first = True

    def new(self, ordered: Iterable[Reprint]) -> dict[str, Reprint]:
        """Those to begin now, by the printer's name for the job: one of its own for each paper.

        What is ordered already when the kiosk starts may have been printed before it ended: it is marked.
        """
        all_ = list(ordered)
        self._begun &= {one.ticket.id for one in all_}
        fresh = [one for one in all_ if one.ticket.id not in self._begun]
        self._begun |= {one.ticket.id for one in fresh}
        self._begun -= self._heard  # this list may have been on its way then; the next is later
        self._heard.clear()
        if self._first:
            fresh = [structs.replace(one, marked=True) for one in fresh]
            self._first = False
        return {f"{PREFIX}:{next(self._number)}:{one.ticket.id}": one for one in fresh}

    def heard(self, ticket: str) -> None:
        """The branch has heard what became of this paper."""
        self._heard.add(ticket)
