"""Second papers that the branch orders here: each printed once, marked as such, and its outcome told."""

from collections.abc import Iterable

from edge_agent.messages import Reprint

PREFIX = "reprint:"


def job_of(reprint: Reprint) -> str:
    """The printer's name for it."""
    return PREFIX + reprint.ticket.id


def ticket_of(job: str) -> str | None:
    """The ticket that a job is a reprint of; None where it is none."""
    return job.removeprefix(PREFIX) if job.startswith(PREFIX) else None


class Reprints:
    """The branch names an order until it has heard its outcome. The same ticket may be ordered again after that,
    even before a list without it was seen."""

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._heard: set[str] = set()  # of those, the branch has heard the outcome

    def new(self, ordered: Iterable[Reprint]) -> list[Reprint]:
        """Those to begin now."""
        all_ = list(ordered)
        self._begun &= {one.ticket.id for one in all_}
        fresh = [one for one in all_ if one.ticket.id not in self._begun]
        self._begun |= {one.ticket.id for one in fresh}
        self._begun -= (
            self._heard
        )  # this list may have been on its way then; the next is a later one
        self._heard.clear()
        return fresh

    def heard(self, ticket: str) -> None:
        """The branch has heard what became of this paper."""
        self._heard.add(ticket)
