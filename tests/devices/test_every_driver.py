"""Every driver of the catalogue on real pseudo-terminals where something is wrong: nobody, noise, the wrong
machine, somebody else on the port, a plug that is pulled.

All wires of a test are tried at the same time, since what takes long is waiting.
"""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devices.catalogue import KINDS
from devices.simulate import Machine, TruthLog
from tests.conftest import wait_for
from tests.devices.beside import Deaf, Kept, Running, all_of, pass_time

# of the others an open wire is all that can be known
ANSWER = sorted(name for name, kind in KINDS.items() if kind.answers)
WORDS = {"notResponding", "unknownProtocol"}  # for a wire on which the machine is not
PROBED_S = 15.0  # within which each has been asked, and given up, at least once
BACK_S = 5.0
OUT_S = 2.0  # until the keepers look but seldom
LAZY_S = 3.0
LAZY_CPU_S = 0.3  # of LAZY_S; a loop that does not wait takes all it gets
HOLD = """
import sys, serial
held = [serial.Serial(path, exclusive=True) for path in sys.argv[1:]]
print("held", flush=True)
sys.stdin.read()
"""


class Spouting(Deaf):
    """Any bytes, without being asked, about as many as a slow line carries."""

    EVERY_S = 0.02

    def __init__(self) -> None:
        self._dice = random.Random(20261125)
        self._next = 0.0

    def pass_time(self, now: float) -> bytes:
        if now < self._next:
            return b""
        self._next = now + self.EVERY_S
        return self._dice.randbytes(24)

    def next_deadline(self) -> float | None:
        return self._next


class Echoing(Deaf):
    """A cable that is joined at its end, or an adapter that hears itself."""

    def receive(self, data: bytes, now: float) -> bytes:
        return data


STRANGERS: list[type[Deaf]] = [Deaf, Spouting, Echoing]


class Bench:
    """Machines and keepers, all of them ended at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._machines: list[Running] = []
        self._kept: list[Kept] = []

    def machine(self, name: str, machine: Machine) -> Running:
        self._machines.append(Running(machine, self.folder / name))
        return self._machines[-1]

    def simulated(self, kind: str, name: str) -> Running:
        return self.machine(name, KINDS[kind].simulator(TruthLog(None)))

    def kept(self, kind: str, link: Path) -> Kept:
        self._kept.append(Kept(kind, link))
        return self._kept[-1]

    def strangers(self, stranger: type[Deaf]) -> list[Kept]:
        """Each kind's driver at one of its own."""
        name = stranger.__name__
        return [self.kept(kind, self.machine(f"{kind}_{name}", stranger()).link) for kind in KINDS]

    def instead_of_others(self, there: str) -> list[Kept]:
        """Each other kind's driver that asks, at a simulated machine of this kind."""
        others = [kind for kind in ANSWER if kind != there]
        return [self.kept(kind, self.simulated(there, f"{kind}_{there}").link) for kind in others]

    def end(self) -> None:
        """Without its wire even a driver that is asking for the third time ends at once."""
        for kept in self._kept:
            kept.keeper.stop(0.0)
        for machine in self._machines:
            machine.end()
        wait_for(lambda: not [one for one in self._kept if one.thread], "every thread to end", 5)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.end()


Strange = dict[str, list[Kept]]


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strange]:
    """Drivers on wires where their machine is not, by what is there instead."""
    bench = Bench(tmp_path_factory.mktemp("strange"))
    wires = {stranger.__name__: bench.strangers(stranger) for stranger in STRANGERS}
    wires |= {there: bench.instead_of_others(there) for there in KINDS}
    yield wires
    bench.end()


def that_ask(wires: list[Kept]) -> list[Kept]:
    """When each of them has asked, and told why nobody was there."""
    asking = [one for one in wires if one.keeper.health.kind in ANSWER]
    all_of(asking, "to give up", lambda one: one.details, PROBED_S)
    return asking


def test_some_kinds_answer_and_some_do_not() -> None:
    assert "ticket_printer" in ANSWER
    assert "scanner" not in ANSWER


@pytest.mark.parametrize("there", ["Deaf", "Echoing"])
def test_a_driver_on_a_wrong_wire_does_not_run_idle(strange: Strange, there: str) -> None:
    wires = strange[there]
    all_of(wires, "to have a thread", lambda one: one.thread, 5)
    before = {one.name: one.cpu_s() for one in wires}
    pass_time(LAZY_S)
    cost = {one.name: one.cpu_s() - before[one.name] for one in wires}
    assert {name: spent for name, spent in cost.items() if spent > LAZY_CPU_S} == {}


@pytest.mark.parametrize("there", [*(one.__name__ for one in STRANGERS), *KINDS])
def test_a_driver_that_asks_never_takes_another_for_its_machine(
    strange: Strange, there: str
) -> None:
    wires = that_ask(strange[there])
    assert [one.name for one in wires if one.ever_worked] == []
    assert {one.name: one.details for one in wires if not one.details <= WORDS} == {}


@pytest.mark.parametrize("there", [one.__name__ for one in STRANGERS])
def test_no_driver_fails_on_a_wrong_wire(strange: Strange, there: str) -> None:
    that_ask(strange[there])
    assert [one.name for one in strange[there] if "internalError" in one.details] == []


@pytest.fixture
def held(bench: Bench) -> Iterator[tuple[list[Kept], subprocess.Popen[str]]]:
    """Every kind at its own machine, but another process has the ports."""
    links = {kind: bench.simulated(kind, f"{kind}_port").link for kind in KINDS}
    words = [sys.executable, "-c", HOLD, *map(str, links.values())]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield [bench.kept(kind, link) for kind, link in links.items()], holder


def test_a_port_that_another_process_holds_is_busy_and_used_as_soon_as_it_is_free(
    held: tuple[list[Kept], subprocess.Popen[str]],
) -> None:
    wires, holder = held
    all_of(wires, "to be refused", lambda one: one.details, 5)
    assert {one.name: one.details for one in wires if one.details != {"deviceBusy"}} == {}
    assert [one.name for one in wires if one.ever_worked] == []
    assert holder.stdin is not None
    holder.stdin.close()
    holder.wait(5)
    all_of(wires, "to be ready", lambda one: one.works, PROBED_S)


@pytest.fixture
def placeholders() -> Iterator[Callable[[int], None]]:
    """Take the lowest free numbers of pseudo-terminals, so that a replugged one gets another."""
    ends: list[int] = []

    def take(count: int) -> None:
        for _ in range(count):
            ends.extend(os.openpty())

    yield take
    for end in ends:
        os.close(end)


def test_a_pulled_plug_is_missed_and_under_another_number_used_again_in_time(
    bench: Bench, placeholders: Callable[[int], None]
) -> None:
    machines = {kind: bench.simulated(kind, f"{kind}_port") for kind in KINDS}
    wires = [bench.kept(kind, machine.link) for kind, machine in machines.items()]
    all_of(wires, "to be ready", lambda one: one.works, PROBED_S)
    numbers = {kind: machine.link.readlink() for kind, machine in machines.items()}
    for machine in machines.values():
        machine.say("unplug")
    all_of(wires, "to be missed", lambda one: not one.works, BACK_S)
    pass_time(OUT_S)
    placeholders(2 * len(KINDS))
    for machine in machines.values():
        machine.say("replug")
    assert [kind for kind, one in machines.items() if one.link.readlink() == numbers[kind]] == []
    all_of(wires, "to be ready again", lambda one: one.works, BACK_S)
    for one in wires:
        one.keeper.stop(5.0)
    assert [one.name for one in wires if one.thread] == []


def test_a_driver_that_waits_for_a_port_stops_at_once(bench: Bench) -> None:
    wires = [bench.kept(kind, bench.folder / "nowhere") for kind in KINDS]
    all_of(wires, "to miss the port", lambda one: one.details, 5)
    for one in wires:
        one.keeper.stop(5.0)
    wait_for(lambda: not [one for one in wires if one.thread], "the threads to end", 1)
    assert {one.name: one.details for one in wires if one.details != {"noDevice"}} == {}
