"""What each client knows for certain: what it asked under which key, and every answer it got."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torture.wire import Answer

UNAVAILABLE = 503


@dataclass
class Entry:
    """One request under one idempotency key; `counter` is where a press was made."""

    key: str
    press: str  # "issue", "cancel", "call-next", …
    path: str
    body: Any = None
    counter: str | None = None
    answer: Answer | None = None  # the first that counts
    unanswered: int = 0  # attempts that came to nothing: it may have been done all the same
    refused: int = 0  # attempts that the agent answered with 503: nothing was done
    repeats: int = 0  # answers after the first one
    changed: list[Answer] = field(default_factory=list)
    jumps_before: int = 0  # of the clock, before the first attempt

    def note(self, answer: Answer) -> None:
        """An answer came. A 503 says that nothing was done, whatever was answered before stays."""
        if answer.status == UNAVAILABLE:
            self.refused += 1
        elif self.answer is None:
            self.answer = answer
        else:
            self.repeats += 1
            if not answer.same_as(self.answer):
                self.changed.append(answer)

    @property
    def done(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def may_be_abandoned(self) -> bool:
        """Never when an attempt came to nothing: only an answer tells what became of it."""
        return self.refused > 0 and self.unanswered == 0

    @property
    def told(self) -> dict[str, Any]:
        """The ticket of the answer; empty when there is none (204, a refusal)."""
        return self.answer.json() if self.done and self.answer is not None else {}


class Ledger:
    """Of one client. `fresh` are the entries answered since the last look."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.entries: list[Entry] = []
        self.bad_answers: list[str] = []
        self._fresh: list[Entry] = []

    def open(self, press: str, path: str, body: Any = None, *, counter: str | None = None) -> Entry:
        entry = Entry(f"{self.owner}-{len(self.entries)}", press, path, body, counter)
        self.entries.append(entry)
        return entry

    def note(self, entry: Entry, answer: Answer) -> None:
        """Keeps the answer; a failure that is not a proper 503 problem is a fault of the agent."""
        if answer.status >= 500 and not _proper_refusal(answer):
            self.bad_answers.append(f"{entry.press}: {answer.status} {answer.body[:200]!r}")
        first = entry.answer is None
        entry.note(answer)
        if first and entry.answer is not None:
            self._fresh.append(entry)

    def take_fresh(self) -> list[Entry]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def done(self, press: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.press == press and entry.done)


def _proper_refusal(answer: Answer) -> bool:
    said = answer.json()
    return (
        answer.status == UNAVAILABLE
        and answer.content_type.startswith("application/problem+json")
        and said.get("status") == UNAVAILABLE
        and bool(said.get("type"))
    )
