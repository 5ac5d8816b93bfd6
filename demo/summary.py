"""What a demo has shown, counted where it happened and compared with the journal."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demo.people import Seen


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what was seen outside, and what the journal says."""

    name: str
    seen: int
    journal: int

    @property
    def agrees(self) -> bool:
        return self.seen == self.journal


class Summary:
    """Reads the printer's ground truth, the branch's journal and head office."""

    def __init__(self, branch: str, office: str, printer_truth: Path) -> None:
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

    def journal(self) -> list[dict[str, Any]]:
        return _all_pages(self._branch, "/journal")

    def issued(self) -> int:
        """Tickets in the branch so far, as its public state says."""
        return int(self._branch.get("/queues").json()["issued"])

    def settled(self, seen: Seen) -> bool:
        """Nobody waits, every paper's fate is known, every press has come, and head office has everything."""
        now = self._branch.get("/queues").json()
        kinds = Counter(event["type"] for event in self.journal())
        return (
            all(queue["waiting"] == 0 for queue in now["queues"])
            and all(counter["state"] not in ("called", "serving") for counter in now["counters"])
            and not now["parked"]
            and kinds["TicketPrinted"] >= kinds["TicketIssued"]
            and kinds["TicketRated"] >= seen.rated
            and len(self._at_head_office()) == len(self.journal())
        )

    def lines(self, seen: Seen) -> list[Line]:
        journal = self.journal()
        kinds = Counter(event["type"] for event in journal)
        confirmed = sum(
            event["type"] == "TicketPrinted" and event["outcome"] == "confirmed"
            for event in journal
        )
        same = sum(
            here == there for here, there in zip(journal, self._at_head_office(), strict=False)
        )
        return [
            Line("issued", seen.issued, kinds["TicketIssued"]),
            Line("printed confirmed", self._whole_tickets(), confirmed),
            Line("called", seen.called, kinds["TicketCalled"]),
            Line("served", seen.served, kinds["ServiceFinished"]),
            Line("rated", seen.rated, kinds["TicketRated"]),
            Line("at head office", same, len(journal)),
        ]

    def _at_head_office(self) -> list[dict[str, Any]]:
        branches = self._office.get("/branches").json()["branches"]
        return _all_pages(self._office, "/branches/riverside/events") if branches else []

    def _whole_tickets(self) -> int:
        lines = self._truth.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return sum(one["event"] == "paper" and one["paper"] == "full" for one in found)


def _all_pages(http: httpx.Client, path: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
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
        f"  {line.name:<18}{line.seen:>8}{line.journal:>9}  {'' if line.agrees else '<- differs'}".rstrip()
        for line in lines
    ]
    return "\n".join(rows)
