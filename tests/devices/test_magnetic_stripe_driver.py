"""The reader's driver against the reader's simulator over a real pty, and the bench's command line."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, groupby
from pathlib import Path
from time import monotonic

import pytest

from devices.catalogue import KINDS
from devices.device import Health
from devices.keeper import Keeper
from devices.magnetic_stripe.driver import MagneticStripeReader
from devices.magnetic_stripe.protocol import Swipe
from devices.port import open_port
from tests.conftest import ROOT, Program, SimulatedMachine, wait_for

TRACK_1 = "%B6222021234567890128^ZHANG/SAN^29122200000012345?"
TRACK_2 = ";6222021234567890128=29122200000012345?"
NUMBER, MIDDLE = "6222021234567890128", "123456789"
OTHER = ";4111111111111111=29122010000000000?"


class Bench:
    """A reader with its keeper, and what they told."""

    def __init__(self, machine: SimulatedMachine) -> None:
        self.machine = machine
        self.told: list[object] = []
        driver = MagneticStripeReader(self.told.append, key=b"key")
        link = str(machine.link)
        self.keeper = Keeper(
            "reader",
            "magnetic_stripe",
            driver,
            lambda: open_port(link, baud=driver.baud, xonxoff=driver.xonxoff),
            self.told.append,
            lambda: datetime.now(UTC),
        )
        self.keeper.start()
        self.await_state("ready")

    def await_state(self, state: str, timeout_s: float = 5.0) -> None:
        wait_for(lambda: self.keeper.health.state == state, f"reader to be {state}", timeout_s)

    def swipe(self, card: str) -> None:
        self.machine.say(f"present {card}")

    def swipes(self) -> list[Swipe]:
        return [event for event in self.told if isinstance(event, Swipe)]

    def await_swipes(self, count: int) -> list[Swipe]:
        wait_for(lambda: len(self.swipes()) >= count, f"{count} swipes; there are {self.swipes()}")
        return self.swipes()

    def last4_up_to(self, last: str) -> list[str]:
        """The cards in order, the sentinel swipe of another card at the end: nothing else comes."""
        self.swipe(OTHER)
        wait_for(lambda: last in self.cards(), f"card {last}")
        return self.cards()

    def cards(self) -> list[str]:
        return [swipe.card.last4 if swipe.card else "none" for swipe in self.swipes()]

    def states(self) -> list[str]:
        """Without those on the way from one to the next."""
        told = [str(event.state) for event in self.told if isinstance(event, Health)]
        settled = (state for state in told if state not in ("opening", "probing"))
        return [state for state, _ in groupby(settled)]


@pytest.fixture
def bench(simulated: Callable[..., SimulatedMachine]) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*faults: str) -> Bench:
        made.append(Bench(simulated("magnetic_stripe", *faults)))
        return made[-1]

    yield make
    for one in made:
        one.keeper.stop()


class FakePort:
    """A wire on which these pieces come, one a read, then nothing."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, timeout_s: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def heard(*pieces: bytes) -> list[str]:
    """The last four digits of each card told when these pieces come, half a second between them."""
    told: list[Swipe] = []
    port, clock = FakePort(*pieces), count(0.0, 0.5)
    driver = MagneticStripeReader(told.append, key=b"key", clock=lambda: next(clock))
    for _ in range(len(pieces) + 3):
        driver.idle(port)
    return [swipe.card.last4 if swipe.card else "none" for swipe in told]


def pass_time(seconds: float) -> None:
    began = monotonic()
    wait_for(lambda: monotonic() - began >= seconds, "time to pass")


def tracks(swipe: Swipe) -> list[str]:
    return [str(swipe.tracks[number]) for number in (1, 2, 3)]


def test_every_fault_of_the_simulator_is_tested_here() -> None:
    assert set(KINDS["magnetic_stripe"].faults) == {
        "wrong_lrc", "half_swipe", "noise", "bad_track1", "bad_track2", "slow", "double",
    }  # fmt: skip


def test_two_cards_are_two_swipes_in_order(bench: Callable[..., Bench]) -> None:
    reader = bench()
    reader.swipe(TRACK_1 + TRACK_2)
    reader.await_swipes(1)
    assert reader.last4_up_to("1111") == ["0128", "1111"]
    assert tracks(reader.swipes()[0]) == ["ok", "ok", "dataMissing"]


def test_two_cards_that_come_in_one_read_are_never_mixed_into_one() -> None:
    """As after a moment in which nobody had time to read: two people's cards, a CR after each."""
    one, other = (
        b";6222021234567890128=29122200000012345?<\r",
        b";4111111111111111=29122010000000000?7\r",
    )
    assert heard(one + other) == ["0128", "1111"]


def test_the_same_card_after_a_while_is_told_again() -> None:
    one = b";6222021234567890128=29122200000012345?<\r"
    assert heard(one, b"", b"", b"", b"", one) == ["0128", "0128"]


def test_noise_for_ever_is_neither_told_nor_kept() -> None:
    assert heard(*[b"\x80\xff" * 100] * 20, b"", b";4111111111111111=29122010000000000?7\r") == [
        "1111"
    ]


def test_wrong_check_characters_are_told_as_an_unreadable_card(bench: Callable[..., Bench]) -> None:
    reader = bench("wrong_lrc")
    reader.swipe(TRACK_1 + TRACK_2)
    [swipe] = reader.await_swipes(1)
    assert (tracks(swipe)[:2], swipe.card) == (["dataInvalid", "dataInvalid"], None)


def test_half_a_swipe_is_told_and_does_not_spoil_the_next(bench: Callable[..., Bench]) -> None:
    reader = bench("half_swipe")
    reader.swipe(TRACK_2)
    [swipe] = reader.await_swipes(1)
    assert swipe.card is None
    reader.machine.say("clear half_swipe")
    assert reader.last4_up_to("1111") == ["none", "1111"]


@pytest.mark.parametrize("number", [1, 2])
def test_one_bad_track_leaves_the_card_to_the_other(
    bench: Callable[..., Bench], number: int
) -> None:
    reader = bench(f"bad_track{number}")
    reader.swipe(TRACK_1 + TRACK_2)
    [swipe] = reader.await_swipes(1)
    assert tracks(swipe)[number - 1] == "dataInvalid"
    assert swipe.card is not None
    assert swipe.card.last4 == "0128"


def test_a_slow_reader_makes_one_swipe_of_its_bytes(bench: Callable[..., Bench]) -> None:
    reader = bench("slow")
    reader.swipe(TRACK_2)
    reader.await_swipes(1)
    reader.machine.say("clear slow")
    assert reader.last4_up_to("1111") == ["0128", "1111"]


def test_a_swipe_that_the_reader_sends_twice_is_told_once(bench: Callable[..., Bench]) -> None:
    reader = bench("double")
    reader.swipe(TRACK_1 + TRACK_2)
    pass_time(0.5)
    assert len(reader.swipes()) == 1
    reader.machine.say("clear double")
    assert reader.last4_up_to("1111") == ["0128", "1111"]


def test_noise_around_a_swipe_does_not_hide_the_card(bench: Callable[..., Bench]) -> None:
    reader = bench("noise")
    reader.swipe(TRACK_1 + TRACK_2)
    wait_for(lambda: "0128" in reader.cards(), "the card between the noise")


def test_a_replugged_reader_is_back_within_five_seconds_whenever_it_was_pulled(
    bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "devices.keeper")
    reader, dice = bench(), random.Random(20261123)
    reader.machine.say("fault slow")
    for _ in range(2):
        if dice.random() < 0.8:
            reader.swipe(TRACK_2)
            heard = dice.uniform(0.02, 0.4)
            began = datetime.now(UTC)
            wait_for(
                lambda b=began, h=heard: (datetime.now(UTC) - b).total_seconds() > h, "a while"
            )
        reader.machine.say("unplug")
        reader.await_state("absent")
        reader.machine.say("replug")
        reader.await_state("ready", timeout_s=5)
    reader.machine.say("clear slow")
    assert reader.last4_up_to("1111") == ["1111"]
    assert reader.states() == ["ready", *["absent", "ready"] * 2]
    said = [record.message for record in caplog.records]
    assert said == ["reader: is lost (noDevice).", "reader: is back."] * 2


def test_no_card_number_is_in_the_log_or_in_what_is_told(
    bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    reader = bench()
    reader.swipe(TRACK_1 + TRACK_2)
    reader.await_swipes(1)
    assert MIDDLE not in caplog.text + repr(reader.told)


def devices(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "devices", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_watch_shows_a_swipe_masked(
    simulated: Callable[..., SimulatedMachine], tmp_path: Path
) -> None:
    machine = simulated("magnetic_stripe")
    words = ("devices", "watch", "magnetic_stripe", "--port", str(machine.link))
    watch = Program(*words, log=tmp_path / "watch.log")
    try:
        wait_for(lambda: "ready" in watch.output(), "watch to open the reader")
        machine.say(f"present {TRACK_1}{TRACK_2}")
        wait_for(lambda: "622202******0128" in watch.output(), "the masked card")
        assert MIDDLE not in watch.output()
    finally:
        assert watch.end() == 0


def test_watch_of_a_machine_that_is_not_there_says_so_and_ends_by_itself(tmp_path: Path) -> None:
    done = devices("watch", "magnetic_stripe", "--port", str(tmp_path / "none"), "--seconds", "0.6")
    assert done.returncode == 0
    assert done.stderr.count("Traceback") == 0
    assert "noDevice" in done.stdout + done.stderr


@pytest.mark.parametrize("words", [("list",), ("simulate", "--list")])
def test_every_kind_and_every_fault_is_listed(words: tuple[str, ...]) -> None:
    done = devices(*words)
    assert done.returncode == 0
    named = [name for kind in KINDS.values() for name in kind.faults]
    assert [name for name in (*KINDS, *named) if f"{name}:" not in done.stdout] == []


@pytest.mark.parametrize("command", ["simulate", "watch"])
def test_an_unknown_kind_is_status_2_and_the_known_ones_are_named(
    tmp_path: Path, command: str
) -> None:
    option = "--link" if command == "simulate" else "--port"
    done = devices(command, "telex", option, str(tmp_path / "x"))
    assert done.returncode == 2
    assert [kind for kind in ("telex", *KINDS) if kind not in done.stderr] == []


def test_simulate_without_a_kind_is_status_2_and_speaks_of_the_kind(tmp_path: Path) -> None:
    done = devices("simulate", "--link", str(tmp_path / "x"))
    assert (done.returncode, "None" in done.stderr, "Traceback" in done.stderr) == (2, False, False)


def test_an_unknown_fault_ends_with_status_2(tmp_path: Path) -> None:
    done = devices("simulate", "magnetic_stripe", "--link", str(tmp_path / "x"), "--fault", "fire")
    assert done.returncode == 2
    assert "wrong_lrc" in done.stdout + done.stderr
