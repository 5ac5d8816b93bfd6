"""The end of a run: lines for a manager, one JSON line for a program, and the exit status."""

import json
from collections.abc import Iterable

from torture.client import World
from torture.ledger import Entry, Ledger
from torture.lives import Tally
from torture.verdict import Figures

# what must be 0 -> how a manager reads it
MUST_BE_ZERO = {
    "labels_twice": "labels given twice on one business day",
    "called_twice": "tickets called to two counters at once",
    "lost": "answered tickets or presses that are not in the journal as answered",
    "answers_changed": "repeats that got another answer than the first",
    "issued_twice": "tickets given to two requests",
    "ghosts": "tickets or calls in the journal that nobody was told of",
    "gaps": "gaps in the numbers of the journal",
    "days_back": "business days that went back",
    "wrong_moves": "tickets called from a state that does not allow it",
    "bad_answers": "failures that were not a proper refusal (503 with a reason)",
    "stuck": "times the agent did not work again after the disk had healed",
    "bad_starts": "starts after a kill that did not succeed",
    "own_deaths": "deaths of its own with a healthy disk",
    "bad_ends": "SIGTERMs that did not end it within 5 s with status 0",
}


class Summary:
    """Everything that is said at the end."""

    def __init__(
        self, tally: Tally, world: World, ledgers: Iterable[Ledger], figures: Figures
    ) -> None:
        self.tally, self.world, self.figures = tally, world, figures
        self.entries: list[Entry] = [e for ledger in ledgers for e in ledger.entries]
        self.chain = "not checked"
        self.chain_said = ""
        self.finished = False  # whether the last full look took place
        self.syncs = 0

    @property
    def good(self) -> bool:
        clean = not any(self.figures.found.values())
        return clean and self.finished and self.chain == "intact" and self.syncs > 0

    def count(self, press: str) -> int:
        return sum(entry.press == press and entry.done for entry in self.entries)

    def line(self) -> str:
        """For programs."""
        tally = self.tally
        figures = {
            "kills": tally.kills,
            "power_cuts": tally.power_cuts,
            "clock_jumps": tally.clock_jumps,
            "disk_spells": sum(tally.spells.values()),
            "sectors_lost": tally.sectors_lost,
            "tickets_answered": self.count("issue"),
            "calls_answered": self.count("call-next"),
            "presses_answered": sum(entry.done for entry in self.entries),
            "refused_503": sum(entry.refused for entry in self.entries),
            "unanswered": sum(entry.unanswered for entry in self.entries),
            "retries": self.world.retries,
            **{name: self.figures.found[name] for name in MUST_BE_ZERO},
            "chain": self.chain,
            "finished": self.finished,
            "seed": self.world.seed,
        }
        return json.dumps(figures)

    def page(self) -> str:
        """For people."""
        return "\n".join([*self._what_was_done(), "", *self._what_was_found(), "", self._verdict()])

    def _what_was_done(self) -> list[str]:
        tally, starts = self.tally, sorted(self.tally.starts_s) or [0.0]
        crashes = ", ".join(f"{n} {name}" for name, n in sorted(tally.kills_by_mode.items()))
        spells = ", ".join(f"{n} {name}" for name, n in sorted(tally.spells.items()))
        lines = [
            f"The agent was killed {tally.kills} times (in the middle of disk work: {crashes or 0}),",
            f"  {tally.power_cuts} times together with the power ({tally.sectors_lost} sectors lost).",
            f"The disk refused {sum(tally.spells.values())} times ({spells or 0}).",
            f"The clock jumped {tally.clock_jumps} times by an hour or a day.",
            f"Start to first answer: middle {starts[len(starts) // 2]:.2f} s, longest {starts[-1]:.2f} s.",
            f"Customers got {self.count('issue')} tickets, counters {self.count('call-next')} calls; "
            f"{self.world.retries} requests were asked again.",
        ]
        if tally.deaths_of_its_own:
            lines.append(f"It ended {tally.deaths_of_its_own} times by itself.")
        if self.world.unknown_presses:
            lines.append(
                f"This agent does not know: {', '.join(sorted(self.world.unknown_presses))}."
            )
        return lines

    def _what_was_found(self) -> list[str]:
        lines = [f"{self.figures.found[name]:>6}  {text}" for name, text in MUST_BE_ZERO.items()]
        if self.chain == "not checked":
            lines.append("!!!!!!  THE CHAIN OF THE JOURNAL WAS NOT CHECKED")
        lines.append(f" chain  {self.chain}{': ' if self.chain_said else ''}{self.chain_said}")
        if self.figures.examples:
            lines += ["", "Examples:", *(f"- {example}" for example in self.figures.examples)]
        return lines

    def _verdict(self) -> str:
        if self.good:
            return "PASSED: nothing that was promised was broken."
        if not self.finished:
            return "FAILED: the run broke off before all kills and the last full look were done."
        if not self.syncs:
            return "FAILED: the shim saw no sync of the journal, so the disk was never tortured."
        return "FAILED"
