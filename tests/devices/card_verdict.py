"""What a driver said of its cards, held against where they are."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from devices.card_reader.orders import (
    AcceptingStopped,
    CaptureCard,
    CardCaptured,
    CardFound,
    CardReturned,
    CardTaken,
    StopAccepting,
)
from devices.card_reader.protocol import Where
from devices.device import Patience

PLACES = {"gate": Where.GATE, "inside": Where.INSIDE, "ic": Where.INSIDE, "rf": Where.INSIDE}
OUTCOMES = (CardTaken, CardReturned, CardCaptured, AcceptingStopped)
LONGEST_ORDER_S = 120.0
MOVING_S = 3.0  # a card may be on its way, or in a customer's hand, so long around a word
MOTION = re.compile(rb"\xf2.\x00\x03\x43\x32[\x30\x33]\x03", re.DOTALL)  # to the gate, to the bin


@dataclass
class Record:
    """One run. `places`: when the card came where, and by what."""

    orders: dict[str, Any] = field(default_factory=dict)
    patiences: list[Patience] = field(default_factory=list)
    told: list[tuple[float, Any]] = field(default_factory=list)
    places: list[tuple[float, str, str]] = field(default_factory=list)
    captures: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    times: list[tuple[str, float, float]] = field(default_factory=list)
    inside_at_start: bool = False
    kills: int = 0
    log: list[tuple[float, bytes]] = field(default_factory=list)
    ended: float = 0.0
    last_at: float = 0.0

    @property
    def place(self) -> str:
        return self.places[-1][1] if self.places else "outside"

    def see(self, at: float, event: dict[str, Any]) -> None:
        self.last_at = at
        if event["event"] == "card":
            self.places.append((at, str(event["where"]), str(event["by"])))
        if event["event"] == "capture":
            self.captures.append(at)

    def hear(self, at: float, event: Any) -> None:
        self.last_at = at
        self.told.append((at, event))

    def finish(self, at: float, attendant: Any) -> None:
        self.ended, self.times, self.dropped = at, attendant.times, attendant.dropped
        self.log = attendant.world.log

    def where(self, at: float) -> set[Where]:
        """Everywhere that the card was about then."""
        before = [place for when, place, _ in self.places if when <= at - MOVING_S][-1:]
        near = [place for when, place, _ in self.places if at - MOVING_S < when <= at + 1e-9]
        return {PLACES.get(place, Where.NONE) for place in before + near or ["outside"]}

    def counts(self, found: list[str]) -> Counter[str]:
        counts = Counter(
            f"{type(e).__name__} {getattr(e, 'completion', '')}".strip() for _, e in self.told
        )
        counts["orders"] = len(self.orders)
        counts["faults"] = len(self.faults)
        counts["captures"] = len(self.captures)
        counts["violations"] = len(found)
        counts["runs with violations"] = bool(found)
        counts.update(sentence.partition(":")[0] for sentence in found)
        return counts


def violations(record: Record) -> list[str]:
    return [*outcomes(record), *places(record), *motions(record), *at_the_end(record)]


def outcomes(record: Record) -> list[str]:
    found = []
    for job in record.orders:
        told = [
            event for _, event in record.told if isinstance(event, OUTCOMES) and event.job == job
        ]
        if not 1 - record.dropped.count(job) <= len(told) <= 1:
            found.append(f"outcomes: {job} had {told}")
    for job, begun, ended in record.times:
        if ended - begun > LONGEST_ORDER_S:
            found.append(f"too long: {job} took {ended - begun:.1f} s")
    return found


def places(record: Record) -> list[str]:
    """A place that was told is a place where the card was just then."""
    found = []
    for at, event in record.told:
        where = getattr(event, "where", Where.UNKNOWN)
        if where is not Where.UNKNOWN and where not in record.where(at):
            found.append(f"false place: {event} while it was {sorted(record.where(at))}")
    return found


def motions(record: Record) -> list[str]:
    """No card is kept that nobody decided to keep, and none is moved twice for one order."""
    found = []
    spans = {job: (begun, ended) for job, begun, ended in record.times}
    keeps = [
        spans[job]
        for job, order in record.orders.items()
        if isinstance(order, CaptureCard) and job in spans
    ]
    for at in record.captures:
        if not any(begun <= at <= ended + 5.0 for begun, ended in keeps):
            found.append(f"kept: a card at {at:.3f} without an order")
    for _, event in record.told:
        if (
            isinstance(event, CardCaptured)
            and event.completion == "success"
            and not record.captures
        ):
            found.append(f"false capture: {event}")
    for job, (begun, ended) in spans.items():
        found += twice(record, job, begun, ended)
    return found


def twice(record: Record, job: str, begun: float, ended: float) -> list[str]:
    """As heard on the wire; a reader that says that it has not understood may be told again."""
    sent = b"".join(piece for at, piece in record.log if begun <= at <= ended)
    most = 0 if isinstance(record.orders[job], StopAccepting) else 1
    motions = MOTION.findall(sent)
    refused = "nak_once" in record.faults
    return [f"moved twice: {job} {motions}"] if len(motions) > most and not refused else []


def at_the_end(record: Record) -> list[str]:
    """A card inside is one that was told: taken in for somebody, found, or kept back by a fault that lasted."""
    found = []
    if (
        record.inside_at_start
        and not record.kills
        and not any(isinstance(event, CardFound) for _, event in record.told)
    ):
        found.append("not told: a card was inside at the start")
    if PLACES.get(record.place) is Where.INSIDE and not known_inside(record):
        found.append("forgotten: a card is inside and the last word about it is another")
    return found


def known_inside(record: Record) -> bool:
    words = [event for _, event in record.told if hasattr(event, "where")]
    return bool(words) and words[-1].where in (Where.INSIDE, Where.UNKNOWN)
