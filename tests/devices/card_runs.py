"""Random days of a motorised card reader: cards, orders, cancels, faults, lost power, pulled plugs, killed programs.

    python -m tests.devices.card_runs --runs 5000 --seed 1
    python -m tests.devices.card_runs --seed 1 --only 4711     the story of one run

What the driver said is compared with where the simulator's card is (tests/devices/card_verdict.py). Exit status 1
when it has lied, or moved what nobody ordered.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

from devices.card_reader.driver import CardReader
from devices.card_reader.orders import (
    AcceptCard,
    CaptureCard,
    CaptureDecision,
    ReturnCard,
    StopAccepting,
)
from devices.card_reader.simulator import Simulator
from tests.devices.card_verdict import Record, violations
from tests.devices.world import Attendant, World

BUSY_S, MENDED_S = 60.0, 60.0
LONGEST_FAULT_S = 15.0
CARDS = (
    "%B6222021234567890128^ZHANG/SAN^2912220?;6222021234567890128=29122200000012345?chip",
    ";6222021234567890128=29122200000012345?", "blank chip", "blank", "blank long", "blank short",
)  # fmt: skip
DECISION = CaptureDecision("cardLeft30s", "branch rule 7", datetime(2026, 11, 23, tzinfo=UTC))
WHOLE_RUN = ("bad_track1", "bad_track2", "bad_track3", "mute_chip")
Make = Callable[..., Any]


class CardRun:
    """One run; the same seed is the same run."""

    def __init__(self, seed: str, make: Make = CardReader) -> None:
        self.random = Random(seed)
        self.record = Record()
        self.permit = self.random.choice(("R01", "R01", "R02"))
        self.baud = self.random.choice((9600, 9600, 38400))
        self.story = [f"{seed}: {self.permit} at {self.baud}"]
        self.world: World
        self.reader = Simulator(self._true, permit_model=self.permit, speed=1.0)
        self.world = World(self.reader, baud=self.baud, begins=self.random.uniform(0, 1000))
        self.began = self.world.now
        self.world.drains = self.random.random() < 0.5
        self.on: set[str] = set()
        self._make = make
        self._put_card_inside(self.random.random() < 0.15)
        self.attendant = Attendant(self.world, self._start, pause_s=self.random.uniform(0.1, 4))
        self._plan()

    def _put_card_inside(self, wanted: bool) -> None:
        """Left there by whoever had the power before."""
        if wanted:
            for text in ("C00", "C32" if self.permit == "R02" else "C30"):
                self._by_hand(text)
            self._present("blank chip")
            self.world.wait(3.0)
            self.record.inside_at_start = self.record.place == "inside"

    def _by_hand(self, text: str) -> None:
        body = b"\xf2\x00\x00\x03" + text.encode() + b"\x03"
        check = 0
        for byte in body:
            check ^= byte
        self.reader.receive(body + bytes((check,)), self.world.now)
        self.world.wait(5.0)
        self.reader.receive(b"\x06", self.world.now)

    def _start(self) -> Any:
        model = "r02" if self.permit == "R02" else "crt591"
        return self._make(self._told, model=model, baud=self.baud, clock=self.world.clock)

    def run(self) -> Record:
        self.attendant.run(self.began + BUSY_S)
        self._tell("everything is mended")
        for name in sorted(self.on):
            self._clear(name)
        self.world.cancel_at_bytes()
        self.world.unheard = 0
        if not self.world.plugged:
            self._replug()
        self.attendant.run(self.world.now + MENDED_S, self._idle_for_long)
        self.record.finish(self.world.now, self.attendant)
        return self.record

    def _idle_for_long(self) -> bool:
        quiet = self.world.now - self.record.last_at > 15.0
        return quiet and not self.attendant.waiting and self.attendant.condition is not None

    def _plan(self) -> None:
        for number in range(self.random.randint(1, 5)):
            self._later(partial(self._order, f"job{number}"), 0.8)
        for _ in range(self.random.randint(1, 4)):
            self._later(partial(self._present, self.random.choice(CARDS)))
        for _ in range(self.random.randint(0, 3)):
            self._later(self._take)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            self._plan_fault()
        for chance, what in (
            (0.2, self._unplug), (0.2, self._kill), (0.2, self._lose_answers), (0.3, self._cancel),
        ):  # fmt: skip
            if self.random.random() < chance:
                self._sometime(what)

    def _later(self, action: Callable[[], None], part: float = 1.0) -> None:
        self.world.at(self.began + self.random.uniform(0, BUSY_S * part), action)

    def _sometime(self, action: Callable[[], None]) -> None:
        if self.random.random() < 0.4:
            self._later(action)
        else:
            self.world.at_byte(self.random.randint(1, 1500), action)

    def _plan_fault(self) -> None:
        name = self.random.choice(sorted(Simulator.FAULTS))
        seconds = self.random.choice((0.2, 1.0, 5.0, LONGEST_FAULT_S)) * self.random.random()
        self._sometime(partial(self._fault_for, name, 60.0 if name in WHOLE_RUN else seconds))

    def _fault_for(self, name: str, seconds: float) -> None:
        self._fault(name, True)
        self.on.add(name)
        self.world.at(self.world.now + seconds, partial(self._clear, name))

    def _clear(self, name: str) -> None:
        if name in self.on:
            self.on.discard(name)
            self._fault(name, False)

    def _fault(self, name: str, on: bool) -> None:
        self._tell(f"{'fault' if on else 'clear'} {name}")
        self.record.faults += [name] if on else []
        self.world.hear(self.reader.fault(name, on, self.world.now))

    def _present(self, card: str) -> None:
        self.world.hear(self.reader.present(card, self.world.now))

    def _take(self) -> None:
        self.world.hear(self.reader.remove(self.world.now))

    def _unplug(self) -> None:
        if self.world.plugged:
            self._tell("unplugged")
            self.world.unplug()
            self.world.at(self.world.now + self.random.uniform(0.2, 12), self._replug)

    def _replug(self) -> None:
        self._tell("replugged")
        self.world.replug()

    def _kill(self) -> None:
        self._tell("killed")
        self.record.kills += 1
        self.world.kill()

    def _lose_answers(self) -> None:
        self._tell("answers are lost")
        self.world.unheard = self.random.randint(1, 30)

    def _cancel(self) -> None:
        self._tell("canceled")
        for patience in self.record.patiences:
            patience.cancel()

    def _order(self, job: str) -> None:
        order = self.random.choice((
            AcceptCard(job), AcceptCard(job), AcceptCard(job), ReturnCard(job, 8.0), ReturnCard(job, 8.0),
            CaptureCard(job, DECISION), StopAccepting(job),
        ))  # fmt: skip
        self._tell(f"order {type(order).__name__} {job}")
        self.record.orders[job] = order
        self.record.patiences.append(self.attendant.order(order, self.random.choice((30.0, 10.0))))

    def _told(self, event: object) -> None:
        self._tell(f"driver: {event}")
        self.record.hear(self.world.now, event)

    def _true(self, event: Any) -> None:
        self.record.see(self.world.now if hasattr(self, "world") else 0.0, dict(event))
        if event["event"] in ("card", "capture", "entry", "initialised", "refused"):
            self._tell(f"truth: {dict(event)}")

    def _tell(self, text: str) -> None:
        at = self.world.now - self.began if hasattr(self, "began") else 0.0
        self.story.append(f"{at:8.3f} {text}")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.devices.card_runs")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    asked = parser.parse_args(words)
    if asked.only is not None:
        return tell_one(CardRun(f"{asked.seed}:{asked.only}"))
    counts = many(asked.runs, asked.seed, print)
    print(json.dumps(counts))
    return 1 if counts["violations"] else 0


def tell_one(run: CardRun) -> int:
    found = violations(run.run())
    print("\n".join([*run.story, *found]))
    return 1 if found else 0


def many(
    runs: int, seed: str, say: Callable[[str], None], make: Make = CardReader, stories: int = 5
) -> dict[str, Any]:
    """Run them all; the first stories with violations are said."""
    counts: Counter[str] = Counter()
    for number in range(runs):
        run = CardRun(f"{seed}:{number}", make)
        record = run.run()
        found = violations(record)
        counts.update(record.counts(found))
        if found and counts["runs with violations"] <= stories:
            say("\n".join([*run.story, *found, ""]))
    return {"seed": seed, "runs": runs, "violations": 0, **counts}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
