"""What a driver said of its tickets, held against the paper."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from devices.ticket_printer import encoding
from devices.ticket_printer.driver import Outcome, Printed
from devices.ticket_printer.profiles import PROFILES
from devices.ticket_printer.sending import most_unseen
from devices.ticket_printer.simulator import Simulator
from devices.ticket_printer.slip import Slip

NUMBER = re.compile(r"K\d{3}|last(?=\b)")
LONGEST_ORDER_S = 90.0  # waiting for a slow printer's barriers and proof, all of it
PROVE = ("epson", "clone", "vkp80")  # models that answer more than DLE EOT
PARTS = ("text", "qr", "images")


@dataclass
class Record:
    """One run."""

    model: str
    profile: str
    baud: int
    fits: bool
    loses: bool = False  # a wrong profile: bytes may be lost that nobody can know of
    slips: dict[str, Slip] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)
    told: list[tuple[float, Printed]] = field(default_factory=list)
    truth: list[dict[str, Any]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    times: list[tuple[str, float, float]] = field(default_factory=list)

    def give(self, job: str, slip: Slip) -> None:
        self.slips[job] = slip
        self.given[job] += 1

    def hear(self, at: float, event: object) -> None:
        if isinstance(event, Printed):
            self.told.append((at, event))

    def told_of(self, job: str) -> list[Printed]:
        return [event for _, event in self.told if event.job == job]

    @property
    def papers(self) -> list[dict[str, Any]]:
        return [event for event in self.truth if event["event"] == "paper"]

    def pieces(self, job: str) -> list[dict[str, Any]]:
        return [piece for piece in self.papers if number_of(self.slips[job]) in numbers_on(piece)]

    def whole(self, job: str, *, exact: bool) -> list[dict[str, Any]]:
        """Its full papers: as a printer without faults prints them, or nearly so if the profile is wrong."""
        wanted = reference(self.slips[job], self.model, self.profile, self.baud)
        full = [piece for piece in self.pieces(job) if piece["paper"] == "full"]
        return [piece for piece in full if readable(piece, wanted, exact=exact)]

    def counts(self, found: list[str]) -> Counter[str]:
        counts = Counter(str(event.outcome) for _, event in self.told)
        counts["orders"] = self.given.total()
        counts["violations"] = len(found)
        counts["wrong profile"] = self.loses
        counts["runs with violations"] = bool(found)
        counts.update(sentence.partition(":")[0] for sentence in found)
        return counts


def number_of(slip: Slip) -> str:
    return str(slip[0].text)  # type: ignore[union-attr]


def numbers_on(piece: dict[str, Any]) -> set[str]:
    return set(NUMBER.findall("\n".join([piece["text"], *piece["qr"]])))


@cache
def reference(slip: Slip, model: str, profile: str, baud: int) -> dict[str, Any]:
    """The slip on the paper of a printer with nothing wrong."""
    papers: list[Any] = []
    printer = Simulator(papers.append, model=model)
    now = 0.0
    known = PROFILES[profile]
    driven = replace(known, buffer_bytes=min(known.buffer_bytes, most_unseen(baud)))
    for piece in encoding.pieces(slip, driven, None):
        for byte in piece.data:
            printer.receive(bytes((byte,)), now)
            now += 0.001
        now += 5.0
        printer.pass_time(now)
    return next((dict(one) for one in papers if one["event"] == "paper"), {})


def readable(piece: dict[str, Any], wanted: dict[str, Any], *, exact: bool) -> bool:
    if exact:
        return all(piece[part] == wanted[part] for part in PARTS)
    lines = iter(piece["text"].split("\n"))
    mine = [line for line in wanted["text"].split("\n") if NUMBER.search(line)]
    return all(any(line.strip() in one for one in lines) for line in mine)


def violations(record: Record) -> list[str]:
    found = [sentence for job in record.given for sentence in of_job(record, job)]
    for piece in record.papers:
        if len(numbers_on(piece)) > 1 and not record.loses:
            found.append(f"mixed paper: {sorted(numbers_on(piece))}")
    for job, begun, ended in record.times:
        if ended - begun > LONGEST_ORDER_S:
            found.append(f"too long: {job} took {ended - begun:.1f} s")
    if record.fits and not record.loses and not recovered(record):
        found.append(f"not recovered: {record.told_of('last')}")
    return found


def recovered(record: Record) -> bool:
    """With nothing wrong any more a ticket comes, and is confirmed if that model can prove anything."""
    best = Outcome.CONFIRMED if record.model in PROVE else Outcome.INDETERMINATE
    outcomes = [event.outcome for event in record.told_of("last")]
    return outcomes == [best] and len(record.whole("last", exact=True)) == 1


def of_job(record: Record, job: str) -> list[str]:
    told = record.told_of(job)
    outcomes = [event.outcome for event in told]
    found = one_outcome_each(outcomes, record.given[job], record.dropped[job], job)
    if len(record.whole(job, exact=False)) > 1:
        found.append(f"double: {job}")
    if Outcome.CONFIRMED in outcomes and not (record.loses or proven(record, job)):
        found.append(f"false confirmed: {job}")
    only_failed = set(outcomes) == {Outcome.FAILED} and not record.dropped[job]
    if only_failed and record.pieces(job):
        found.append(f"false failed: {job}")
    return found


def one_outcome_each(outcomes: list[Outcome], given: int, dropped: int, job: str) -> list[str]:
    """A `confirmed` that comes after `indeterminate` is allowed, once."""
    late = outcomes.count(Outcome.CONFIRMED) and Outcome.INDETERMINATE in outcomes
    if late and outcomes.index(Outcome.INDETERMINATE) < outcomes.index(Outcome.CONFIRMED):
        outcomes = [one for one in outcomes if one is not Outcome.CONFIRMED]
    if outcomes.count(Outcome.CONFIRMED) > 1 or not given - dropped <= len(outcomes) <= given:
        return [f"outcomes: {job} was ordered {given} times, {dropped} killed, and had {outcomes}"]
    return []


def proven(record: Record, job: str) -> bool:
    """Whole on one paper when it was told; or in the hands of people who tore it in two."""
    at = next(at for at, event in record.told if event == Printed(job, Outcome.CONFIRMED))
    whole = [piece for piece in record.whole(job, exact=record.fits) if piece["t"] <= at]
    return len(whole) == 1 or torn_by_people(record, job)


def torn_by_people(record: Record, job: str) -> bool:
    """All that was to stand on it came out, and somebody's hand was quicker than the blade."""
    pieces = record.pieces(job)
    together = [line for piece in pieces for line in as_list(piece["text"])]
    wanted = reference(record.slips[job], record.model, record.profile, record.baud)
    by_hand = any(piece.get("by") == "person" for piece in pieces)
    return by_hand and all(
        line in together for line in as_list(wanted["text"]) if NUMBER.search(line)
    )


def as_list(part: Any) -> list[str]:
    return part.split("\n") if isinstance(part, str) else list(part)
