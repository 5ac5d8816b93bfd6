"""What a demo has shown, counted where it happened and compared with the journal."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demo.people import Seen
from edge_agent.branch_queue.ticket import ENDED

Events = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what was seen outside, what the journal says, and how much of that is of people who are none of
    the demo's: whoever looks at it may take a ticket, call and rate, too."""

    name: str
    seen: int
    journal: int
    others: int = 0

    @property
    def agrees(self) -> bool:
        return self.seen + self.others == self.journal


class Summary:
    """Reads the printer's ground truth, the branch's journal and head office."""

    def __init__(
        self, branch: str, office: str, printer_truth: Path, counters: Sequence[str]
    ) -> None:
        """`counters`: where the demo's own tellers sit."""
        self._counters = counters
        self._journal: Events = []
        self._branch = httpx.Client(
            base_url=f"{branch}/api/v1",
            headers={"Authorization": "Bearer demo-staff"},
            trust_env=False,
        )
        self._office = httpx.Client(
            base_url=f"{office}/api/v1",
            headers={"Authorization": "Bearer demo-admin"},
            trust_env=False,
        )
        self._truth = printer_truth

    def missing(self, seen: Seen) -> list[str]:
        """In words, what the demo's own people still wait for and what is not yet where it shall be. Nobody waits for
        a ticket that somebody else took, or called last."""
        journal = self._journal = _all_pages(self._branch, "/journal")
        papers, ratings = _labels(journal, "TicketPrinted"), _labels(journal, "TicketRated")
        return [
            *self._unserved(seen, journal),
            *(f"word of {one}'s paper" for one in sorted(seen.tickets - papers.keys())),
            *(f"the rating of {one}" for one in Counter(seen.rated) - ratings),
            *self._late(journal),
        ]

    def _unserved(self, seen: Seen, journal: Events) -> Iterator[str]:
        last = {
            one["label"]: one["counter"] for one in journal if {"label", "counter"} <= one.keys()
        }
        for label in sorted(seen.tickets):
            if last.get(label, self._counters[0]) in self._counters:
                state = self._branch.get(f"/tickets/of/{label}").raise_for_status().json()["state"]
                if state not in ENDED:
                    yield f"{label} to be served, which is {state}"

    def _late(self, journal: Events) -> Iterator[str]:
        papers, confirmed = self._whole_tickets(), _confirmed(journal)
        if confirmed < papers:
            yield f"{papers - confirmed} of {papers} papers to be in the journal"
        away = len(journal) - len(self._at_head_office())
        if away > 0:
            yield f"{away} of {len(journal)} entries to be at head office"

    def lines(self, seen: Seen) -> list[Line]:
        """Of the journal as it was when `missing` last looked: somebody may still play."""
        journal = self._journal
        same = sum(
            here == there for here, there in zip(journal, self._at_head_office(), strict=False)
        )
        return [
            _line("issued", seen.tickets, _labels(journal, "TicketIssued")),
            Line("printed confirmed", self._whole_tickets(), _confirmed(journal)),
            _line("called", seen.called, _labels(journal, "TicketCalled")),
            _line("served", seen.served, _labels(journal, "ServiceFinished")),
            _line("rated", seen.rated, _labels(journal, "TicketRated")),
            Line("at head office", same, len(journal)),
        ]

    def _at_head_office(self) -> Events:
        branches = self._office.get("/branches").json()["branches"]
        return _all_pages(self._office, "/branches/riverside/events") if branches else []

    def _whole_tickets(self) -> int:
        lines = self._truth.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return sum(one["event"] == "paper" and one["paper"] == "full" for one in found)


def _line(name: str, seen: Iterable[str], journal: Counter[str]) -> Line:
    """By labels: what the journal has and nobody of the demo's lived through is others'."""
    mine = Counter(seen)
    return Line(name, mine.total(), journal.total(), (journal - mine).total())


def _labels(journal: Events, kind: str) -> Counter[str]:
    """How often this happened to each ticket."""
    return Counter(event["label"] for event in journal if event["type"] == kind)


def _confirmed(journal: Events) -> int:
    return sum(
        event["type"] == "TicketPrinted" and event["outcome"] == "confirmed" for event in journal
    )


def _all_pages(http: httpx.Client, path: str) -> Events:
    events: Events = []
    while True:
        after = events[-1]["seq"] if events else 0
        answer = http.get(path, params={"after": after, "limit": 1000})
        answer.raise_for_status()
        page = answer.json()["events"]
        if not page:
            return events
        events += page


def told(lines: list[Line]) -> str:
    """The summary as a person reads it."""
    rows = [f"  {'':<18}{'seen':>8}{'journal':>9}"]
    rows += [
        f"  {line.name:<18}{line.seen:>8}{line.journal:>9}  {_remark(line)}".rstrip()
        for line in lines
    ]
    return "\n".join(rows)


def _remark(line: Line) -> str:
    if not line.agrees:
        return "<- differs"
    return f"({line.others} by others)" if line.others else ""
