"""One finger against one template, through the module's driver and real bytes on a pseudo-terminal."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.bank_card import pseudonym
from devices.device import Patience
from devices.fingerprint.module import Module
from devices.fingerprint.orders import FingerResult
from devices.fingerprint.protocol import DEFAULT_ADDRESS
from devices.fingerprint.simulator import Simulator
from devices.port import open_port
from devices.settings import Device, keeper_of
from edge_agent.messages import IdentityCheck
from kiosk.identity.audit import DECISIONS, entry
from kiosk.identity.finger import (
    ENGINE,
    MODEL,
    MODEL_SHA256,
    Finger,
    FingerEnrolled,
    FingerJudged,
    FingerWanted,
    judge,
)
from kiosk.identity.keys import Keys
from kiosk.identity.sealed import SealedStore
from tests.conftest import ROOT, wait_for
from tests.devices.beside import WithTruth
from tests.kiosk.identity.vault import NOON, OLD

CARD = "6222021234567890123"


class Bench:
    """A module with somebody who puts fingers on it, and the kiosk's side of it."""

    def __init__(self, folder: Path) -> None:
        self.module = WithTruth(Simulator, folder / "module", speed=5)
        self.heard: list[Any] = []
        self.told: list[Any] = []
        port = str(self.module.link)
        self.keeper = keeper_of(
            Device(name="finger", kind="fingerprint", port=port), self.told.append
        )
        self.keeper.start()
        self.finger = Finger(self.keeper)
        wait_for(lambda: self.finger.works, "the module", 10)

    def present(self, finger: str) -> None:
        self.module.say(f"present {finger}")

    def end(self, kind: type, within_s: float = 15.0) -> Any:
        """How it ended; what the module asks for meanwhile is in `heard`."""

        def ended() -> Any:
            while self.told:
                told = self.finger.heard(self.told.pop(0))
                if told is not None:
                    self.heard.append(told)
            return next((one for one in self.heard if isinstance(one, kind)), None)

        return wait_for(ended, f"{kind.__name__}; so far {self.heard}", within_s)

    def wanted(self, word: str) -> None:
        def said() -> bool:
            while self.told:
                told = self.finger.heard(self.told.pop(0))
                if told is not None:
                    self.heard.append(told)
            return self.heard[-1:] == [FingerWanted(word)]

        wait_for(said, f"{word}; so far {self.heard}", 15)

    def template(self, finger: str) -> bytes:
        """As the counter enrols it."""
        assert self.finger.enrol() is None
        self.wanted("place_finger")
        self.present(finger)
        self.wanted("lift_finger")
        self.module.say("remove")
        self.wanted("place_again")
        self.present(finger)
        enrolled = self.end(FingerEnrolled)
        assert enrolled.outcome == "same"
        self.module.say("remove")
        self.heard.clear()
        return bytes(enrolled.template)

    def close(self) -> None:
        self.keeper.stop()
        self.module.end()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def test_the_owners_finger_is_the_same_and_anothers_is_different(bench: Bench) -> None:
    template = bench.template("left-thumb")
    for finger, outcome in (("left-thumb", "same"), ("right-thumb", "different")):
        assert bench.finger.verify(template) is None
        bench.wanted("place_finger")
        bench.present(finger)
        judged = bench.end(FingerJudged)
        assert judged == FingerJudged(outcome)
        bench.module.say("remove")
        bench.heard.clear()


def test_nothing_stays_in_the_modules_library(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template)
    bench.present("thumb")
    assert bench.end(FingerJudged).outcome == "same"
    assert bench.module.truth("stored") == []


def test_a_dirty_finger_is_poor_quality_with_advice_and_a_reason(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template)
    bench.present("thumb dirty")
    assert bench.end(FingerJudged) == FingerJudged("poor_quality", "messy_image")
    assert FingerWanted("clean") in bench.heard


def test_nobody_puts_a_finger_there(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template, within_s=2.0)
    assert bench.end(FingerJudged) == FingerJudged("timeout", "time_out")


def test_a_customer_who_goes_on_otherwise_ends_it(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template)
    bench.wanted("place_finger")
    bench.finger.cancel()
    assert bench.end(FingerJudged).outcome == "canceled"


def test_the_next_customer_does_not_get_the_last_ones_answer(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template)
    bench.wanted("place_finger")
    bench.finger.verify(bytes(512))
    bench.heard.clear()
    bench.present("thumb")
    assert bench.end(FingerJudged).outcome == "different"


def test_a_template_of_another_length_is_no_template(bench: Bench) -> None:
    bench.finger.verify(b"short")
    assert bench.end(FingerJudged) == FingerJudged("unavailable", "invalid_template")


def test_a_module_that_is_pulled_out_is_unavailable_not_different(bench: Bench) -> None:
    template = bench.template("thumb")
    bench.finger.verify(template)
    bench.wanted("place_finger")
    bench.module.say("unplug")
    assert bench.end(FingerJudged).outcome == "unavailable"


def test_without_a_module_it_says_so_at_once() -> None:
    assert Finger(None).verify(bytes(512)) == FingerJudged("unavailable", "no_module")
    assert not Finger(None).works


COMPLETIONS = (
    "commandErrorCode",
    "invalidData",
    "sequenceError",
    "authorisationRequired",
    "hardwareError",
    "internalError",
    "unsupportedCommand",
    "deviceNotReady",
    "canceled",
    "timeOut",
)


@pytest.mark.parametrize("completion", COMPLETIONS)
@pytest.mark.parametrize("detail", ["", "noDevice", "messyImage", "flashError", "unknownCode"])
def test_only_success_is_the_same_and_every_end_can_be_written_down(
    completion: str, detail: str
) -> None:
    judged = judge(FingerResult("job", completion, detail))
    assert judged.outcome not in ("same", "different")
    assert DECISIONS[judged.outcome] == "undecided"
    written = entry("fingerprint", judged.outcome, (judged.reason,), ENGINE, "2026-11")
    msgspec.json.decode(msgspec.json.encode(written), type=IdentityCheck)


def test_a_template_is_in_no_repr() -> None:
    assert "template" not in repr(FingerEnrolled("same", template=b"secret"))


# --- enrolled at the counter -------------------------------------------------------------------


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    keys = tmp_path / "keys"
    keys.write_text(f"old {OLD.hex()}\n")
    keys.chmod(0o600)
    text = (ROOT / "config" / "demo" / "kiosk.toml").read_text(encoding="utf-8")
    text = re.sub("^data = .*$", f'data = "{tmp_path}"', text, flags=re.MULTILINE)
    config = tmp_path / "kiosk.toml"
    config.write_text(text.replace("[cards]", f'[templates]\nkeys = "{keys}"\n\n[cards]'))
    script = (
        "import argparse, sys\nfrom kiosk.identity.enrolling import add_words\n"
        "words = argparse.ArgumentParser()\nadd_words(words.add_subparsers(required=True))\n"
        "given = words.parse_args()\nsys.exit(given.run(given))"
    )
    started: list[subprocess.Popen[str]] = []

    def start(port: str) -> "subprocess.Popen[str]":
        words = ["enrol-finger", "--port", port, "--consent", "2026-11", "--config", str(config)]
        program = subprocess.Popen(
            [sys.executable, "-c", script, *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.communicate()


def left_in(port: str) -> set[bytes]:
    """What whoever comes next could read out of the module's buffers."""
    with closing(open_port(port, baud=57600, xonxoff=False)) as wire:
        module = Module(wire, time.monotonic, DEFAULT_ADDRESS)
        assert module.unlock(0)
        patience = Patience(10.0, time.monotonic)
        return {module.upload(slot, 512, patience) for slot in (1, 2)}


def test_a_finger_enrolled_at_the_counter_is_the_owners_at_the_kiosk(
    tmp_path: Path, counter: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    with WithTruth(Simulator, tmp_path / "module", speed=5) as module:
        program = counter(str(module.link))
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(CARD + "\n")
        program.stdin.flush()
        said = [program.stdout.readline()]
        module.say("present thumb")
        said.append(program.stdout.readline())
        module.say("remove")
        said.append(program.stdout.readline())
        module.say("present thumb")
        said.append(program.stdout.readline())
        assert program.wait(10) == 0
        assert left_in(str(module.link)) == {bytes(512)}
    assert [line.split()[0] for line in said] == ["Place", "Lift", "Place", "Enrolled."]
    store = SealedStore(
        tmp_path / "templates.sqlite",
        Keys("old", {"old": OLD}),
        keep_for=timedelta(days=1),
        clock=lambda: NOON,
    )
    key = re.search(
        r'^key = "(.*)"', (ROOT / "config" / "demo" / "kiosk.toml").read_text(), re.MULTILINE
    )
    assert key is not None
    owner = pseudonym(CARD, key[1].encode())
    assert len(store.open(owner, "fingerprint", MODEL, MODEL_SHA256)) == 512
    store.close()
    assert CARD.encode() not in (tmp_path / "templates.sqlite").read_bytes()


def test_two_fingers_are_not_enrolled(
    tmp_path: Path, counter: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    with WithTruth(Simulator, tmp_path / "module", speed=5) as module:
        module.say("fault not_merging")
        program = counter(str(module.link))
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(CARD + "\n")
        program.stdin.flush()
        for line in iter(program.stdout.readline, ""):
            module.say("remove" if line.startswith("Lift") else "present thumb")
        assert program.wait(10) == 1
        assert program.stderr is not None
        assert "cannot_merge" in program.stderr.read()


def test_a_card_number_that_is_none_is_asked_for(
    tmp_path: Path, counter: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    program = counter(str(tmp_path / "nowhere"))
    _, errors = program.communicate("Zhang San\n", timeout=20)
    assert program.returncode == 2
    assert "digits" in errors
    assert "Zhang" not in errors
