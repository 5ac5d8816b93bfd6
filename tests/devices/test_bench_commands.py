"""`python -m devices …` as a technician types it: help, wrong words, exit statuses, files, never a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.catalogue import KINDS
from devices.recording import load
from tests.conftest import ROOT, Program, SimulatedMachine, wait_for

PAN = "6222021234567890128"
TRACK_2 = f";{PAN}=29122200000012345?"
COMMANDS = ("list", "watch", "record", "replay", "simulate", "selftest")


def devices(*words: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "devices", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_help_names_every_command() -> None:
    done = devices("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert [command for command in COMMANDS if command not in done.stdout] == []


def test_every_command_has_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert status(command, "--help") == 0
        assert f"python -m devices {command}" in capsys.readouterr().out


def status(*words: str) -> int:
    """In this process: only for what ends before a machine is opened."""
    from devices.__main__ import main  # noqa: PLC0415

    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)


WRONG = [
    ("", "required"),
    ("telephone", "telephone"),
    ("list telex", "telex"),
    ("watch", "KIND"),
    ("watch telex --port x", "telex"),
    ("watch ticket_printer", "--port"),
    ("watch ticket_printer --port x --baud fast", "fast"),
    ("watch ticket_printer --port x --baud 0", "300"),
    ("watch ticket_printer --port x --baud -5", "300"),
    ("watch ticket_printer --port x --seconds soon", "soon"),
    ("watch ticket_printer --port x --seconds nan", "nan"),
    ("watch ticket_printer --port x --seconds inf", "inf"),
    ("watch ticket_printer --port x --seconds -1", "--seconds"),
    ("watch ticket_printer --port x --seconds 1e12", "1e12"),
    ("record magnetic_stripe --port x", "--to"),
    ("record telex --port x --to y", "telex"),
    ("replay", "FILE"),
    ("replay none.rec", "--link"),
    ("simulate", "KIND"),
    ("simulate telex --link x", "telex"),
    ("simulate ticket_printer", "--link"),
    ("selftest telex", "telex"),
    ("selftest --port x", "KIND"),
    ("selftest ticket_printer --baud 1", "300"),
]


@pytest.mark.parametrize(("words", "named"), WRONG)
def test_wrong_words_are_status_2_and_named(
    words: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*words.split()) == 2
    said = capsys.readouterr()
    assert (said.out, named in said.err) == ("", True)


def test_list_names_kinds_faults_and_ports(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("list") == 0
    said = capsys.readouterr().out
    named = [*KINDS, *(fault for kind in KINDS.values() for fault in kind.faults), "Ports here"]
    assert [name for name in named if f"{name}:" not in said] == []


def test_who_reads_only_the_beginning_of_a_list_gets_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "devices", "list"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "ticket_printer", "--link", "{folder}/x", "--log", "{folder}/file/log"),
        ("simulate", "ticket_printer", "--link", "{folder}/file"),
        ("simulate", "ticket_printer", "--link", "{folder}/x", "--fault", "fire"),
        ("replay", "{folder}/file", "--link", "{folder}/x"),
        ("replay", "{folder}/none", "--link", "{folder}/x"),
        ("replay", "{folder}", "--link", "{folder}/x"),
        ("replay", "{folder}/good", "--link", "{folder}/file"),
        ("replay", "{folder}/good", "--link", "{folder}/x", "--log", "{folder}/file/log"),
        ("record", "ticket_printer", "--port", "x", "--to", "{folder}/none/file"),
        ("record", "ticket_printer", "--port", "x", "--to", "{folder}"),
        ("record", "ticket_printer", "--port", "x", "--to", "/dev/full"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_and_status_2(
    tmp_path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"\xffno recording")
    good = '{"recording": 1, "kind": "telex", "masked": true, "pieces": 0}\n'
    (tmp_path / "good").write_text(good)
    assert status(*(word.format(folder=tmp_path) for word in words)) == 2
    said = capsys.readouterr()
    assert len((said.out + said.err).splitlines()) == 1
    assert (tmp_path / "file").read_bytes() == b"\xffno recording"


@pytest.mark.parametrize(
    ("port", "cause"), [("{folder}/none", "noDevice"), ("socks://nowhere", "badSettings")]
)
def test_watching_what_is_not_there_names_the_cause(tmp_path: Path, port: str, cause: str) -> None:
    address = port.format(folder=tmp_path)
    done = devices("watch", "ticket_printer", "--port", address, "--seconds", "0.2")
    assert (done.returncode, cause in done.stdout) == (0, True)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_recording_is_written_however_it_is_ended_and_holds_no_card_number(
    simulated: Callable[..., SimulatedMachine], tmp_path: Path, end: signal.Signals
) -> None:
    machine, file = simulated("magnetic_stripe"), tmp_path / "swipes.rec"
    record = Program(
        "devices", "record", "magnetic_stripe", "--port", str(machine.link), "--to", str(file),
        log=tmp_path / "record.log",
    )  # fmt: skip
    try:
        wait_for(lambda: "ready" in record.output(), "record to open the reader")
        machine.say(f"present {TRACK_2}")
        wait_for(lambda: "swipe" in record.output(), "the swipe")
        record.process.send_signal(end)
        assert record.process.wait(5.0) == 0
    finally:
        record.end()
    kind, pieces = load(file)
    heard = b"".join(piece.data for piece in pieces if piece.sender == "machine")
    assert (kind, len(heard), heard[1:7], heard[16:20]) == (
        "magnetic_stripe", len(TRACK_2) + 2, b"622202", b"0128",
    )  # fmt: skip
    assert b"1234567" not in heard
    assert json.loads(file.read_text().splitlines()[0])["masked"] is True
    assert "Traceback" not in record.output()
    assert PAN not in record.output()


def test_a_recording_can_be_played_and_watched_like_the_machine(tmp_path: Path) -> None:
    file, link = tmp_path / "swipes.rec", tmp_path / "link"
    swipe = {"at": 1.0, "from": "machine", "hex": b";4111111111111111=2912?0\r".hex()}
    head = {"recording": 1, "kind": "magnetic_stripe", "masked": True, "pieces": 2}
    start = {"at": 0.0, "from": "host", "hex": b"go".hex()}
    file.write_text("".join(json.dumps(line) + "\n" for line in (head, start, swipe)))
    replay = Program(
        "devices", "replay", str(file), "--link", str(link), log=tmp_path / "replay.log"
    )
    watch = None
    try:
        wait_for(lambda: "ready" in replay.output(), "the replay")
        watch = Program(
            "devices", "watch", "magnetic_stripe", "--port", str(link), log=tmp_path / "watch.log"
        )
        wait_for(lambda: "ready" in watch.output(), "watch to open it")
        ours = os.open(link, os.O_RDWR | os.O_NOCTTY)  # the driver of this reader says nothing
        os.write(ours, b"go")
        os.close(ours)
        wait_for(lambda: "swipe" in watch.output(), "the swipe")
    finally:
        assert replay.end() == 0
        if watch is not None:
            assert watch.end() == 0


def test_a_watch_that_nobody_reads_any_more_ends(
    simulated: Callable[..., SimulatedMachine],
) -> None:
    machine = simulated("magnetic_stripe")
    with subprocess.Popen(
        [sys.executable, "-m", "devices", "watch", "magnetic_stripe", "--port", str(machine.link)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        watching.stdout.readline()
        watching.stdout.close()
        machine.say(f"present {TRACK_2}")
        machine.say("unplug")
        assert watching.wait(10.0) == 0
        assert watching.stderr.read() == b""


def test_selftest_of_a_kind_is_0_with_a_line_a_step() -> None:
    done = devices("selftest", "magnetic_stripe")
    assert (done.returncode, done.stderr.replace("\n", "")) == (
        0, "magnetic_stripe: is lost (noDevice).",
    )  # fmt: skip
    steps = [line.split(" (")[0] for line in done.stdout.splitlines()]
    assert steps == [f"magnetic_stripe: {what}" for what in ("answers", "is missed", "is back")]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_selftest_that_is_ended_leaves_no_simulator_behind(
    tmp_path: Path, end: signal.Signals
) -> None:
    test = Program(
        "devices", "selftest", "ticket_printer",
        log=tmp_path / "selftest.log", env={"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    wait_for(lambda: "answers" in test.output(), "the first step")
    test.process.send_signal(end)
    assert test.process.wait(15.0) == 130
    test.end()
    assert "Traceback" not in test.output()
    assert simulators_below(tmp_path) == []


def simulators_below(folder: Path) -> list[str]:
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes()
        except OSError:
            continue  # it has ended
        if str(folder).encode() in words:
            found.append(words.decode())
    return found
