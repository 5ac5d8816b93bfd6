"""Recording, masking, the file, and a machine that is played from it on a pseudo-terminal."""

import json
import os
import threading
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from devices.catalogue import KINDS
from devices.magnetic_stripe.driver import MagneticStripeReader
from devices.magnetic_stripe.protocol import Swipe, lrc, mask as masked_swipes, parse
from devices.port import PortLost, open_port
from devices.recording import (
    LONGEST_BYTES,
    Piece,
    RecordedPort,
    Tape,
    UnusableRecording,
    load,
    masked,
    save,
    turns,
)
from devices.replay import HOST_COMES_S, Replayed
from devices.simulate import simulate
from tests.conftest import wait_for

PAN = "6222021234567890128"


def track(number: int, text: str) -> bytes:
    """With its check character."""
    return text.encode() + bytes([lrc(number, text.encode())])


CARD = track(1, f"%B{PAN}^ZHANG/SAN^29122200000012345?") + track(2, f";{PAN}=29122200000012345?")
PASSBOOK = track(2, ";0123456789?")
SECRETS = (b"1234567890", b"ZHANG", b"SAN", b"2912", b"12345")


class FakePort:
    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.said: list[str] = []

    def read(self, timeout_s: float) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""

    def write(self, data: bytes, timeout_s: float) -> None:
        self.said.append(data.decode())
        raise PortLost("noDevice")

    def wake(self) -> None:
        self.said.append("wake")

    def close(self) -> None:
        self.said.append("close")


def test_both_sides_are_on_the_tape_with_their_times_and_silence_is_not() -> None:
    times = iter([100.0, 100.25, 101.5])
    tape = Tape(lambda: next(times))
    port = RecordedPort(FakePort(b"hello", b""), tape)
    assert (port.read(1.0), port.read(1.0)) == (b"hello", b"")
    with pytest.raises(PortLost):
        port.write(b"ask", 1.0)
    assert tape.pieces == [Piece(0.25, "machine", b"hello"), Piece(1.5, "host", b"ask")]


def test_a_recorded_wire_is_woken_and_closed_like_any_other() -> None:
    inner = FakePort()
    port = RecordedPort(inner, Tape(lambda: 0.0))
    port.wake()
    port.close()
    assert inner.said == ["wake", "close"]


def test_a_tape_ends_and_says_so() -> None:
    tape = Tape(lambda: 0.0)
    half = bytes(LONGEST_BYTES // 2)
    tape.add("host", half)
    assert not tape.full
    tape.add("host", half)
    tape.add("host", b"too much")
    assert (tape.full, len(tape.pieces)) == (True, 2)


PIECES = [
    Piece(0.0, "machine", b"\x00hello"),
    Piece(0.1, "host", b"ask"),
    Piece(0.2, "machine", b"ans"),
    Piece(0.4, "machine", b"wer\xff"),
]


def test_a_file_holds_what_was_recorded(tmp_path: Path) -> None:
    save(tmp_path / "file", "telex", PIECES, is_masked=True)
    assert load(tmp_path / "file") == ("telex", PIECES)
    head = json.loads((tmp_path / "file").read_text().splitlines()[0])
    assert (head["recording"], head["kind"], head["masked"]) == (1, "telex", True)


@pytest.mark.parametrize(
    "text", ["", "[]", "7", "null", '"recording"', "{}", "{" * 9, "[" * 99_999]
)
def test_what_is_no_recording_is_one_sentence(tmp_path: Path, text: str) -> None:
    assert_unusable(tmp_path, text.encode(), "is no recording")


LINE = '{"at": 0.0, "from": "host", "hex": "00"}'


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"host"', '"nobody"'),
        ('"00"', '"0"'),
        ('"00"', '"zz"'),
        ('"00"', "7"),
        ("0.0", '"soon"'),
        ("0.0", "NaN"),
        ("0.0", "1e999"),
        ("0.0", "1" + "0" * 400),
        ("0.0", "null"),
        ('"at"', '"when"'),
        (LINE, "[]"),
        (LINE, ""),
    ],
)
def test_a_line_that_is_no_piece_makes_the_file_unusable(
    tmp_path: Path, was: str, now: str
) -> None:
    head = '{"recording": 1, "kind": "telex", "masked": true, "pieces": 1}'
    assert load_bytes(tmp_path, f"{head}\n{LINE}\n".encode())[0] == "telex"
    assert_unusable(tmp_path, f"{head}\n{LINE.replace(was, now)}\n".encode(), "is no recording")


def test_a_file_of_another_format_says_which(tmp_path: Path) -> None:
    assert_unusable(tmp_path, b'{"recording": 2, "kind": "telex"}', "format 2; expected 1")


def test_a_file_that_was_cut_anywhere_is_not_played(tmp_path: Path) -> None:
    save(tmp_path / "whole", "telex", PIECES, is_masked=True)
    whole = (tmp_path / "whole").read_bytes()
    for end in range(len(whole) - 1):  # without the last line end nothing is missing
        assert_unusable(tmp_path, whole[:end], "")


def test_binary_missing_and_folders_are_one_sentence_each(tmp_path: Path) -> None:
    assert_unusable(tmp_path, os.urandom(64) + b"\xff", "is no recording")
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UnusableRecording, match="cannot be read"):
            load(path)


def load_bytes(folder: Path, data: bytes) -> tuple[str, list[Piece]]:
    (folder / "file").write_bytes(data)
    return load(folder / "file")


def assert_unusable(folder: Path, data: bytes, why: str) -> None:
    with pytest.raises(UnusableRecording) as error:
        load_bytes(folder, data)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_an_os_error() -> None:
    with pytest.raises(OSError, match="No space"):
        save(Path("/dev/full"), "telex", PIECES, is_masked=True)


def test_turns_are_what_the_host_said_and_what_followed() -> None:
    assert turns(PIECES) == [(b"", PIECES[:1]), (b"ask", PIECES[2:])]
    assert turns([]) == []


# --- masking


def test_each_side_is_masked_as_one_stream_whatever_pieces_it_came_in() -> None:
    def mask(stream: bytes) -> bytes:
        return stream.replace(b"SECRET", b"------")

    pieces = [
        Piece(0.0, "machine", b"a SEC"),
        Piece(0.1, "host", b"SECRET?"),
        Piece(0.2, "machine", b"RET b"),
    ]
    assert masked(pieces, mask) == [
        Piece(0.0, "machine", b"a ---"),
        Piece(0.1, "host", b"------?"),
        Piece(0.2, "machine", b"--- b"),
    ]


def test_a_mask_that_changes_lengths_is_a_mistake_and_not_written() -> None:
    with pytest.raises(ValueError, match="length"):
        masked(PIECES, lambda stream: stream[1:])


def test_a_masked_swipe_is_the_same_swipe_without_the_person() -> None:
    hidden = masked_swipes(CARD + b"\r")
    was, now = parse(CARD, b"key"), parse(hidden[:-1], b"key")
    assert (len(hidden), [secret for secret in SECRETS if secret in hidden]) == (len(CARD) + 1, [])
    assert was is not None
    assert now is not None
    assert (was.tracks, was.card and was.card.masked) == (now.tracks, now.card and now.card.masked)
    assert was.card.luhn_ok == now.card.luhn_ok  # type: ignore[union-attr]


def test_a_badly_read_swipe_stays_as_badly_read_and_hides_as_much() -> None:
    wrong = CARD[:-1] + bytes([CARD[-1] ^ 1])
    for data in (wrong, CARD[:40], CARD[10:], CARD.replace(b"=", b"<"), CARD.replace(b"B", b"")):
        hidden = masked_swipes(data)
        was, now = parse(data, b""), parse(hidden, b"")
        assert (was and was.tracks) == (now and now.tracks)
        assert [secret for secret in SECRETS if secret in hidden] == []


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_no_bytes_break_the_mask_or_bring_a_number_through(before: bytes, after: bytes) -> None:
    hidden = masked_swipes(before + CARD + after)
    assert len(hidden) == len(before + CARD + after)
    assert b"ZHANG" not in hidden
    assert PAN.encode() not in hidden


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_every_kinds_mask_keeps_lengths(kind: str, data: bytes) -> None:
    assert len(KINDS[kind].mask(data)) == len(data)


# --- replay


def replayed(pieces: list[Piece]) -> tuple[Replayed, list[str]]:
    told: list[str] = []
    return Replayed(lambda event: told.append(str(event["event"])), pieces), told


def test_answers_come_after_as_much_as_was_recorded_and_after_the_recorded_pause() -> None:
    machine, told = replayed(PIECES)
    assert machine.power_on(10.0) == b"\x00hello"
    assert machine.receive(b"as", 11.0) == b""
    assert machine.receive(b"k", 12.0) == b"ans"
    assert machine.next_deadline() == pytest.approx(12.2)
    assert machine.pass_time(12.19) == b""
    assert machine.pass_time(12.21) == b"wer\xff"
    assert (machine.next_deadline(), told) == (None, ["end_of_recording"])


def test_a_long_recorded_pause_is_not_waited_for() -> None:
    pieces = [Piece(0.0, "machine", b"a"), Piece(600.0, "machine", b"b"), Piece(601, "host", b"?")]
    machine, _ = replayed(pieces)
    assert machine.power_on(0.0) == b"a"
    assert machine.pass_time(1.0) == b"b"


def test_a_machine_that_only_talks_waits_until_somebody_may_listen() -> None:
    machine, _ = replayed([Piece(0.0, "machine", b"swipe")])
    assert machine.power_on(10.0) == b""
    assert machine.pass_time(10.0 + HOST_COMES_S - 0.01) == b""
    assert machine.pass_time(10.0 + HOST_COMES_S) == b"swipe"


def test_a_driver_that_says_something_else_is_told_and_answered_all_the_same() -> None:
    machine, told = replayed(PIECES)
    machine.power_on(0.0)
    assert machine.receive(b"ASK", 1.0) == b"ans"
    assert told == ["differs", "end_of_recording"]
    assert machine.receive(b"and more", 2.0) == b"wer\xff"


def test_two_questions_that_come_at_once_have_both_answers() -> None:
    machine, told = replayed(
        [Piece(n, who, what) for n, who, what in (
            (0, "host", b"a"), (1, "machine", b"1"), (2, "host", b"b"), (3, "machine", b"2"),
        )]
    )  # fmt: skip
    assert (machine.receive(b"ab", 0.0), told) == (b"12", ["end_of_recording"])


def test_an_empty_recording_plays_nothing() -> None:
    machine, _ = replayed([])
    assert (machine.power_on(0.0), machine.receive(b"x", 1.0), machine.next_deadline()) == (
        b"", b"", None,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["fault", "present", "remove"])
def test_nothing_can_be_done_to_a_recording(what: str) -> None:
    machine, _ = replayed(PIECES)
    calls: dict[str, Callable[[], object]] = {
        "fault": lambda: machine.fault("noise", on=True, now=0.0),
        "present": lambda: machine.present("card", 0.0),
        "remove": lambda: machine.remove(0.0),
    }
    with pytest.raises(ValueError, match=r"recording|taken"):
        calls[what]()


class Talker:
    """Asks twice, and keeps what it heard."""

    def run(self, port: RecordedPort) -> bytes:
        heard = b""
        for question, length in ((b"who?", 7), (b"what?", 8)):
            port.write(question, 2.0)
            end, until = len(heard) + length, time.monotonic() + 5.0
            while len(heard) < end and time.monotonic() < until:
                heard += port.read(1.0)
        return heard


def test_a_driver_runs_the_same_course_on_what_was_recorded_of_it(tmp_path: Path) -> None:
    script = [
        Piece(0.0, "host", b"who?"), Piece(0.05, "machine", b"SIM"), Piece(0.1, "machine", b"PLE\x00"),
        Piece(0.2, "host", b"what?"), Piece(0.25, "machine", b"NOTHING\xff"),
    ]  # fmt: skip
    first = course(script, tmp_path)
    save(tmp_path / "file", "talker", first[1], is_masked=True)
    second = course(load(tmp_path / "file")[1], tmp_path)
    assert first[0] == second[0] == b"SIMPLE\x00NOTHING\xff"
    sides = [
        [b"".join(p.data for p in pieces if p.sender == side) for side in ("host", "machine")]
        for pieces in (first[1], second[1])
    ]
    assert sides[0] == sides[1]


def course(pieces: list[Piece], folder: Path) -> tuple[bytes, list[Piece]]:
    """Play these on a pseudo-terminal to the talker, and record that."""
    tape = Tape(time.monotonic)
    with Playing(pieces, folder) as link:
        port = RecordedPort(open_port(str(link), baud=9600, xonxoff=False), tape)
        heard = Talker().run(port)
        port.close()
    return heard, tape.pieces


class Playing:
    """A replayed machine in a thread, on a link."""

    def __init__(self, pieces: list[Piece], folder: Path) -> None:
        self._link = folder / "link"
        self._commands_from, self._commands_to = os.pipe()
        machine, self._out = Replayed(lambda _event: None, pieces), StringIO()
        stdin = os.fdopen(self._commands_from)
        self._thread = threading.Thread(
            target=simulate,
            args=("talker", machine, self._link, None, [], stdin, self._out, time.monotonic),
        )

    def __enter__(self) -> Path:
        self._thread.start()
        wait_for(lambda: "ready" in self._out.getvalue(), "the replayed machine")
        return self._link

    def __exit__(self, *_: object) -> None:
        os.write(self._commands_to, b"quit\n")
        self._thread.join(5.0)
        os.close(self._commands_to)


def test_recorded_and_masked_swipes_played_again_are_the_same_swipes(tmp_path: Path) -> None:
    def swipes(port: RecordedPort | FakePort) -> list[Swipe]:
        told: list[Swipe] = []
        driver, until = MagneticStripeReader(told.append, key=b"key"), time.monotonic() + 5.0
        driver.probe(port)
        while len(told) < 2 and time.monotonic() < until:
            driver.idle(port)
        return told

    tape = Tape(time.monotonic)
    first = swipes(RecordedPort(FakePort(CARD[:50], CARD[50:] + b"\r", PASSBOOK + b"\r"), tape))
    later = [Piece(p.at + 0.5, p.sender, p.data) for p in masked(tape.pieces, masked_swipes)]
    pieces = [Piece(0.0, "machine", b"\r"), *later]  # time to open the wire
    save(tmp_path / "file", "magnetic_stripe", pieces, is_masked=True)
    assert PAN.encode().hex() not in (tmp_path / "file").read_text()
    with Playing(load(tmp_path / "file")[1], tmp_path) as link:
        port = open_port(str(link), baud=9600, xonxoff=False)
        second = swipes(port)  # type: ignore[arg-type]
        port.close()
    assert [swipe.tracks for swipe in first] == [swipe.tracks for swipe in second]
    cards = [[swipe.card and swipe.card.masked for swipe in told] for told in (first, second)]
    assert cards[0] == cards[1] == [f"{PAN[:6]}******{PAN[-4:]}", None]
