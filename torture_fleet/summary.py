"""The end of a run: lines for a manager, one JSON line for a program, and the exit status."""

import json
from typing import TYPE_CHECKING

from torture.summary import MUST_BE_ZERO as OF_A_BRANCH
from torture.verdict import Figures
from torture_fleet.audit import LEDGER_MUST_HAVE_NO
from torture_fleet.chaos import Tally

if TYPE_CHECKING:
    from torture_fleet.run import Plan

OF_THE_LINE = {
    **LEDGER_MUST_HAVE_NO,
    "late": "branches that the board did not show online and complete in time",
    "unproved": "business days whose proof does not say complete",
    "own_deaths": "programs that ended by themselves with a healthy disk",
    "bad_ends": "SIGTERMs that did not end a program within 5 s with status 0",
}
KEPT_BY_BRANCHES = (
    "labels_twice",
    "called_twice",
    "answers_changed",
    "issued_twice",
    "ghosts",
    "days_back",
    "wrong_moves",
    "bad_answers",
)
MUST_BE_ZERO = OF_THE_LINE | {name: OF_A_BRANCH[name] for name in KEPT_BY_BRANCHES}


class Summary:
    """Filled while the run goes on."""

    def __init__(self, plan: "Plan", figures: Figures) -> None:
        self.plan, self.figures = plan, figures
        self.tally = Tally()
        self.tortured_s = 0.0
        self.entries = self.rows = self.tickets = self.proofs = 0
        self.brokers_made_anew = 0
        self.online_s: float | None = None
        self.complete_s: float | None = None
        self.finished = False  # whether the audit took place

    @property
    def good(self) -> bool:
        looked = self.finished and self.entries > 0 and self.proofs > 0
        return looked and not any(self.figures.found.values())

    def line(self) -> str:
        """For programs."""
        tally = self.tally
        figures = {
            "good": self.good,
            "kills": tally.kills.total(),
            "killed": dict(sorted(tally.kills.items())),
            "in_the_middle_of_disk_work": tally.at_the_disk.total(),
            "power_cuts": tally.power_cuts,
            "sectors_lost": tally.sectors_lost,
            "lines_spoilt": dict(sorted(tally.lines.items())),
            "clock_jumps": tally.clock_jumps,
            "disk_spells": dict(sorted(tally.disk_spells.items())),
            "brokers_made_anew": self.brokers_made_anew,
            "starts_again": dict(sorted(tally.starts_again.items())),
            "branches": self.plan.branches,
            "engine": self.plan.engine,
            "store": self.plan.store,
            "intakes": self.plan.intakes,
            "tortured_s": round(self.tortured_s),
            "tickets_answered": self.tickets,
            "entries_in_journals": self.entries,
            "entries_at_head_office": self.rows,
            "all_online_after_s": _rounded(self.online_s),
            "all_complete_after_s": _rounded(self.complete_s),
            "proofs": self.proofs,
            **{name: self.figures.found[name] for name in MUST_BE_ZERO},
            "finished": self.finished,
            "seed": self.plan.seed,
        }
        return json.dumps(figures)

    def page(self) -> str:
        """For people."""
        return "\n".join([*self._what_was_done(), "", *self._what_was_found(), "", self._verdict()])

    def _what_was_done(self) -> list[str]:
        tally = self.tally
        lines = sum(tally.lines.values())
        return [
            f"{self.plan.branches} branches, {self.plan.engine}, {self.plan.store}; {self.tortured_s:.0f} s.",
            f"Killed: {_counted(tally.kills)}; {tally.at_the_disk.total()} of them in the middle of disk work, "
            f"{tally.power_cuts} together with the power ({tally.sectors_lost} sectors lost).",
            f"Lines were spoilt {lines} times ({_counted(tally.lines)}), clocks set {tally.clock_jumps} times; "
            f"head office's disk refused {tally.disk_spells.total()} times ({_counted(tally.disk_spells)}).",
            f"Customers got {self.tickets} tickets; the journals hold {self.entries} entries, head office {self.rows}.",
            f"Every branch was online {_s(self.online_s)} and complete {_s(self.complete_s)} after the last fault.",
            f"{self.proofs} business days were proved.",
        ]

    def _what_was_found(self) -> list[str]:
        lines = [f"{self.figures.found[name]:>6}  {text}" for name, text in MUST_BE_ZERO.items()]
        if self.figures.examples:
            lines += ["", "Examples:", *(f"- {example}" for example in self.figures.examples)]
        return lines

    def _verdict(self) -> str:
        if self.good:
            return "PASSED: head office has exactly what the branches wrote."
        return "FAILED" if self.finished else "FAILED: the run broke off before the audit was done."


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _s(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


def _counted(what: dict[str, int]) -> str:
    return ", ".join(f"{times} {name}" for name, times in sorted(what.items())) or "0"
