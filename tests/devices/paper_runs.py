"""Random days of a ticket printer: orders, faults, pulled plugs, killed programs, people who tear paper off.

    python -m tests.devices.paper_runs --runs 10000 --seed 1
    python -m tests.devices.paper_runs --seed 1 --only 4711     the story of one run

What the driver said is compared with the simulator's paper (tests/devices/paper_verdict.py). Exit status 1 when it
has lied.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from devices.ticket_printer.driver import PrintSlip, TicketPrinter
from devices.ticket_printer.simulator import Simulator
from devices.ticket_printer.slip import Feed, Line, Qr, Slip
from tests.devices.paper_setting import TRAITS, Setting
from tests.devices.paper_verdict import Record, violations
from tests.devices.world import Attendant, World

BUSY_S, MENDED_S, LAST_S = 40.0, 200.0, 60.0
# Nobody changes a roll, frees a blade or switches a printer off and on in less.
AT_LEAST_S = {"paper_out": 5.0, "cutter_jam": 5.0, "cutter_jam_at_cut": 5.0, "unrecoverable": 3.0}
AT_LEAST_S |= {"silent": 1.0, "paper_out_in_job": 8.0, "power_off": 1.0}
HAPPENS = {"paper_out_in_job": "paper_out", "power_lost_in_job": "power_off"}
Make = Callable[..., Any]


class PaperRun:
    """One run; the same seed is the same run."""

    def __init__(self, seed: str, make: Make = TicketPrinter) -> None:
        self.random = Random(seed)
        self.setting = Setting.drawn(self.random)
        self.story: list[str] = [f"{seed}: {self.setting}"]
        self.truth: list[dict[str, Any]] = []
        self.printer = Simulator(self._true, model=self.setting.model)
        self.world = World(
            self.printer,
            baud=self.setting.baud,
            obeys_xoff=self.setting.obeys_xoff,
            piece=self.setting.piece,
            begins=self.random.uniform(0, 1000),
        )
        self.began = self.world.now
        self.world.drains = self.random.random() < 0.5
        self.record = Record(
            self.setting.model, self.setting.profile, self.setting.baud, self.setting.fits
        )
        self.record.loses = self.setting.loses
        self.on: set[str] = set()
        for trait in self.setting.traits:
            self._fault(trait, True)
        self.killed = False  # a new process knows no jobs; nobody gives it one of before
        self.since: dict[str, float] = {}  # when a fault began that another one had in store
        self._make = make
        self.attendant = Attendant(self.world, self._start, pause_s=self.random.uniform(0.1, 4))

    def _start(self) -> Any:
        setting = self.setting
        return self._make(
            self._told, profile=setting.profile, baud=setting.baud, clock=self.world.clock
        )

    def run(self) -> Record:
        self._plan()
        self.attendant.run(self.began + BUSY_S)
        self._mend()
        self.attendant.run(self.world.now + MENDED_S, self._well)
        self.printer.remove(self.world.now)
        self.attendant.run(self.world.now + 50.0)
        self._order("last", self._slip("K999"), within_s=30.0)
        self.attendant.run(self.world.now + LAST_S, lambda: bool(self.record.told_of("last")))
        self.attendant.run(self.world.now + 6.0)
        self.record.dropped = Counter(self.attendant.dropped)
        self.record.times = self.attendant.times
        return self.record

    def _well(self) -> bool:
        """It works again and has nothing to do."""
        condition = self.attendant.condition
        return condition is not None and condition.state.works and not self.attendant.waiting

    def _plan(self) -> None:
        for number in range(self.random.randint(1, 4)):
            self._later(partial(self._order_number, number), 0.7)
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            self._plan_fault()
        for chance, what in (
            (0.3, self._unplug), (0.3, self._kill), (0.25, self._lose_answers), (0.4, self._tear),
            (0.3, self._tear), (0.15, self._cancel),
        ):  # fmt: skip
            if self.random.random() < chance:
                self._sometime(what)

    def _later(self, action: Callable[[], None], part: float = 1.0) -> None:
        self.world.at(self.began + self.random.uniform(0, BUSY_S * part), action)

    def _sometime(self, action: Callable[[], None]) -> None:
        """At any moment, or at any byte."""
        if self.random.random() < 0.4:
            self._later(action)
        else:
            self.world.at_byte(self.random.randint(1, 3500), action)

    def _plan_fault(self) -> None:
        name = self.random.choice(
            [name for name in Simulator.FAULTS if name not in (*TRAITS, "boot_noise")]
        )
        seconds = (
            AT_LEAST_S.get(name, 0.0)
            + self.random.choice((0.3, 2.0, 8.0, 30.0)) * self.random.random()
        )
        self._sometime(partial(self._fault_for, name, seconds))

    def _fault_for(self, name: str, seconds: float) -> None:
        self._fault(name, True)
        self.on.add(name)
        self.world.at(self.world.now + seconds, partial(self._clear, name))

    def _clear(self, name: str) -> None:
        """Not before somebody could have done it."""
        what = HAPPENS.get(name, "")
        ready = self.since.get(what, float("-inf")) + AT_LEAST_S.get(what, 0.0)
        if name in self.on and ready > self.world.now:
            self.world.at(ready, partial(self._clear, name))
        elif name in self.on:
            self.on.discard(name)
            self._fault(name, False)

    def _fault(self, name: str, on: bool) -> None:
        self._tell(f"{'fault' if on else 'clear'} {name}")
        deaf = {"stuck_xoff", "overrun"} & {name, *self.on}
        self.record.loses |= len(deaf) > 1 or bool(deaf and self.setting.mute)
        self.world.hear(self.printer.fault(name, on, self.world.now))

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
        self.killed = True
        self.world.kill()

    def _lose_answers(self) -> None:
        self._tell("answers are lost")
        self.world.unheard = self.random.randint(1, 12)

    def _tear(self) -> None:
        self._tell("somebody takes the paper")
        before = len(self.truth)
        self.world.hear(self.printer.remove(self.world.now))
        for event in self.truth[before:]:
            event["by"] = "person"

    def _cancel(self) -> None:
        for _, patience in self.attendant.waiting:
            patience.cancel()

    def _mend(self) -> None:
        self._tell("everything is mended")
        for name in sorted(self.on):
            self._clear(name)
        self.attendant.run(self.world.now + (6.0 if self.on else 0.0))
        self.world.unheard = 0
        self.world.cancel_at_bytes()
        self.printer.remove(self.world.now)
        if not self.world.plugged:
            self._replug()

    def _order_number(self, number: int) -> None:
        job = f"job{number}"
        if number and self.random.random() < 0.1 and not self.killed:
            job = f"job{number - 1}"  # the same once more
        if job in self.record.given and self.killed:
            return
        self._order(
            job, self._slip(f"K{int(job[3:]):03d}"), within_s=self.random.choice((30.0, 30.0, 2.0))
        )

    def _order(self, job: str, slip: Slip, within_s: float) -> None:
        self._tell(f"order {job}")
        self.record.give(job, slip)
        self.attendant.order(PrintSlip(job, slip), within_s)

    def _slip(self, number: str) -> Slip:
        number_random = Random(f"{self.story[0]}{number}")  # the same slip for the same job
        slip: list[Line | Qr | Feed] = [
            Line(number, size=4, bold=True),
            Line(f"{number} 现金业务 Cash"),
        ]
        if number_random.random() < 0.4:
            slip.append(
                Qr(f"http://branch/t/{number}" + "x" * number_random.choice((0, 0, 0, 0, 100)))
            )
        slip.append(Feed(number_random.choice((1, 1, 5, 60))))
        for count in range(number_random.choice((0, 0, 3, 40))):
            slip.append(Line(f"{number} line {count}"))
        return (*slip, Line(f"{number} end"))

    def _told(self, event: object) -> None:
        self._tell(f"driver: {event}")
        self.record.hear(self.world.now, event)

    def _true(self, event: Any) -> None:
        one = {"t": self.world.now if hasattr(self, "world") else 0.0, **event}
        self.truth.append(one)
        if event["event"] == "fault" and event["on"] and hasattr(self, "since"):
            self.since[event["name"]] = one["t"]
        if event["event"] in ("paper", "taken", "on_top"):
            shown = {key: value for key, value in event.items() if key != "bytes_hex"}
            self._tell(f"truth: {shown}")
        if hasattr(self, "record"):
            self.record.truth = self.truth

    def _tell(self, text: str) -> None:
        at = self.world.now - self.began if hasattr(self, "began") else 0.0
        self.story.append(f"{at:8.3f} {text}")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.devices.paper_runs")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    asked = parser.parse_args(words)
    if asked.only is not None:
        return tell_one(PaperRun(f"{asked.seed}:{asked.only}"))
    counts = many(asked.runs, asked.seed, print)
    print(json.dumps(counts))
    return 1 if counts["violations"] else 0


def tell_one(run: PaperRun) -> int:
    found = violations(run.run())
    print("\n".join([*run.story, *found]))
    return 1 if found else 0


def many(
    runs: int, seed: str, say: Callable[[str], None], make: Make = TicketPrinter, stories: int = 5
) -> dict[str, Any]:
    """Run them all; the first stories with violations are said."""
    counts: Counter[str] = Counter()
    for number in range(runs):
        run = PaperRun(f"{seed}:{number}", make)
        record = run.run()
        found = violations(record)
        counts.update(record.counts(found))
        counts["faults"] += sum("fault " in line for line in run.story)
        if found and counts["runs with violations"] <= stories:
            say("\n".join([*run.story, *found, ""]))
    return {"seed": seed, "runs": runs, "violations": 0, **counts}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
