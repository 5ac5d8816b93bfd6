"""The simulated fingerprint module against the bytes of the manuals, on a clock of its own."""

import io
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import serial
from hypothesis import given, settings, strategies as st

from devices.fingerprint.simulated_finger import Finger, extract, score
from devices.fingerprint.simulator import Simulator
from devices.simulate import TruthLog, simulate

HEAD = "EF01FFFFFFFF"
GEN_IMG = "01 0003 01 0005"
NO_FINGER = "07 0003 02 000C"
OK = "07 0003 00 000A"


def wire(rest: str, head: str = HEAD) -> bytes:
    return bytes.fromhex(head + rest)


def framed(identifier: int, payload: bytes, head: str = HEAD) -> bytes:
    """A packet made by plain arithmetic, for what is not in the manual byte by byte."""
    rest = bytes((identifier, *divmod(len(payload) + 2, 256))) + payload
    return bytes.fromhex(head) + rest + (sum(rest) & 0xFFFF).to_bytes(2, "big")


def payloads(data: bytes) -> list[tuple[int, bytes]]:
    """Identifier and payload of all packets in `data`, which must be nothing else."""
    out = []
    while data:
        assert data[:2] == b"\xef\x01"
        length = int.from_bytes(data[7:9], "big")
        body, data = data[6 : 9 + length], data[9 + length :]
        assert sum(body[:-2]) & 0xFFFF == int.from_bytes(body[-2:], "big")
        out.append((body[0], body[3:-2]))
    return out


class Bench:
    """A module with its truth, its clock, and all it said."""

    def __init__(self, *faults: str, ready: bool = True, **options: int | float | bool) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = Simulator(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 100.0
        self.machine.power_on(self.now)
        if ready:
            self.settle()
        for name in faults:
            self.fault(name)

    def settle(self) -> list[tuple[float, bytes]]:
        """What is said until nothing more is to come, with the times."""
        said = []
        while (at := self.machine.next_deadline()) is not None:
            assert at >= self.now
            self.now = at
            said.append((at, self.machine.pass_time(at)))
        return [(at, data) for at, data in said if data]

    def timed(self, data: bytes) -> list[tuple[float, bytes]]:
        self.now += 1.0
        sent_at = self.now
        said = [(self.now, self.machine.receive(data, self.now)), *self.settle()]
        return [(at - sent_at, piece) for at, piece in said if piece]

    def send(self, data: bytes) -> bytes:
        return b"".join(piece for _, piece in self.timed(data))

    def do(self, command: str, head: str = HEAD) -> bytes:
        """Payload of the only answer to a command, its code and parameters given as hex."""
        [(identifier, payload)] = payloads(self.send(framed(1, bytes.fromhex(command), head)))
        assert identifier == 7
        return payload

    def upload(self, command: str) -> list[bytes]:
        first, *rest = payloads(self.send(framed(1, bytes.fromhex(command))))
        assert first == (7, b"\x00")
        assert [one for one, _ in rest] == [2] * (len(rest) - 1) + [8]
        return [payload for _, payload in rest]

    def fault(self, name: str, on: bool = True) -> bytes:
        return self.machine.fault(name, on, self.now)

    def put(self, finger: str) -> None:
        assert self.machine.present(finger, self.now) == b""

    def take(self, finger: str, slot: int = 1) -> None:
        """A character file of this finger into a buffer."""
        self.put(finger)
        assert self.do("01") == b"\x00"
        assert self.do(f"02 {slot:02x}") == b"\x00"

    def enrol(self, finger: str, page: int) -> None:
        self.take(finger, 1)
        self.take(finger, 2)
        assert self.do("05") == b"\x00"
        assert self.do(f"06 01 {page:04x}") == b"\x00"

    def events(self, name: str) -> list[Mapping[str, object]]:
        return [event for event in self.truth if event["event"] == name]


@pytest.fixture
def bench() -> Bench:
    return Bench()


# --- the bytes of the manuals


def test_a_session_byte_by_byte(bench: Bench) -> None:
    for sent, expected in (
        ("01 0007 13 00000000 001B", OK),
        ("01 0003 0D 0011", OK),
        (GEN_IMG, NO_FINGER),
        ("01 0004 02 01 0008", "07 0003 15 001F"),
        ("01 0004 08 01 000E", "07 0003 0D 0017"),
        ("01 0008 1B 01 0000 00A3 00C8", "07 0007 09 0000 0000 0017"),
    ):
        assert bench.send(wire(sent)) == wire(expected)
    bench.put("thumb-lin")
    for sent in (GEN_IMG, "01 0004 02 01 0008", GEN_IMG, "01 0004 02 02 0009", "01 0003 05 0009"):
        assert bench.send(wire(sent)) == wire(OK)
    [(_, matched)] = payloads(bench.send(wire("01 0003 03 0007")))
    assert matched == b"\x00\x00\x64"
    assert bench.send(wire("01 0006 06 01 0003 0011")) == wire(OK)
    hit = wire("07 0007 00 0003 0064 0075")
    assert bench.send(wire("01 0008 04 01 0000 00A3 00B1")) == hit
    assert bench.send(wire("01 0008 1B 01 0000 00A3 00C8")) == hit
    assert bench.send(wire("01 0003 1D 0021")) == wire("07 0005 00 0001 000D")
    index = wire("07 0023 00 08" + "00" * 31 + "0032")
    assert bench.send(wire("01 0004 1F 00 0024")) == index
    assert bench.send(wire("01 0007 0C 0001 0001 0016")) == wire(OK)
    assert bench.send(wire("01 0004 09 01 000F")) == wire(OK)


def test_system_parameters(bench: Bench) -> None:
    expected = "07 0013 00 0000 0009 00C8 0003 FFFFFFFF 0002 0006"
    assert bench.send(wire("01 0003 0F 0013")) == wire(expected + "04F2")
    bench.do("13 00000000")
    bench.put("a")
    bench.do("01")
    assert bench.do("0F")[1:3] == b"\x00\x0c"


def test_ready_byte_after_start_and_reset(bench: Bench) -> None:
    fresh = Bench(ready=False)
    assert fresh.machine.receive(wire(GEN_IMG), fresh.now + 0.29) == b""
    assert fresh.settle() == [(pytest.approx(100.3), b"\x55")]
    assert fresh.send(wire(GEN_IMG)) == wire(NO_FINGER)
    bench.take("a")
    assert bench.send(framed(1, b"\x3d")) == wire(OK) + b"\x55"
    assert bench.do("08 01") == b"\x0d"
    quiet = Bench(ready=False, announces_ready=False)
    assert quiet.settle() == []
    assert quiet.send(wire(GEN_IMG)) == wire(NO_FINGER)


def test_small_commands(bench: Bench) -> None:
    assert bench.do("53") == b"\x55"
    one, other = bench.do("14"), bench.do("14")
    assert len(one) == len(other) == 5
    assert one != other
    assert Bench().do("14") == one
    assert bench.do("35 01 80 02 00") == b"\x00"
    light = {"control": 1, "speed": 128, "colour": 2, "times": 0}
    assert bench.truth[-1] == {"event": "light", **light}


# --- fingers and library


def test_an_image_is_the_finger_and_the_touch() -> None:
    first = Finger("a", "clean", 1)
    assert first.image() == Finger("a", "clean", 1).image()
    assert first.image() != Finger("a", "clean", 2).image()
    files = [extract(Finger("a", "clean", touch).image())[1] for touch in range(1, 30)]
    assert min(score(files[0], other) for other in files) >= 75
    assert max(score(files[0], other) for other in files[1:]) < 100
    others = [extract(Finger(f"b{i}", "clean", 1).image())[1] for i in range(30)]
    assert max(score(files[0], other) for other in others) < 10


def test_one_finger_is_found_and_another_is_not(bench: Bench) -> None:
    bench.enrol("thumb-lin", 7)
    bench.enrol("thumb-wang", 199)
    bench.take("thumb-lin")
    found = bench.do("04 01 0000 00C8")
    assert found[:3] == b"\x00\x00\x07"
    assert 75 <= found[4] < 100
    assert bench.truth[-1] == {"event": "matched", "page": 7, "score": found[4]}
    assert bench.do("1B 01 0008 00C0") == b"\x09\x00\x00\x00\x00"
    bench.take("index-lin")
    assert bench.do("04 01 0000 00C8") == b"\x09\x00\x00\x00\x00"
    assert bench.truth[-1]["event"] == "not_matched"
    assert bench.do("03") == b"\x08\x00\x00"
    bench.take("index-lin", 2)
    assert bench.do("03")[0] == 0
    assert bench.truth[-1]["alike"] is True


@pytest.mark.parametrize(("condition", "code"), [("dirty", 6), ("dry", 7)])
def test_fingers_without_character_file(bench: Bench, condition: str, code: int) -> None:
    bench.put(f"thumb-lin {condition}")
    assert bench.do("01") == b"\x00"
    assert bench.do("02 01") == bytes((code,))
    assert bench.do("08 01") == b"\x0d"


def test_a_wet_finger_matches_at_the_lowest_security_only(bench: Bench) -> None:
    bench.enrol("thumb-lin", 0)
    bench.take("thumb-lin wet")
    assert bench.do("04 01 0000 00C8")[0] == 0x09
    assert bench.do("0E 05 01") == b"\x00"
    assert bench.do("04 01 0000 00C8")[0] == 0x00
    bench.take("thumb-lin", 2)
    assert bench.do("05") == b"\x0a"


def test_two_fingers_are_not_merged(bench: Bench) -> None:
    bench.take("a", 1)
    assert bench.do("05") == b"\x0a"
    bench.take("b", 2)
    assert bench.do("05") == b"\x0a"


def test_the_finger_leaves_but_its_image_stays(bench: Bench) -> None:
    bench.put("a")
    bench.do("01")
    bench.machine.remove(bench.now)
    assert bench.do("02 01") == b"\x00"
    assert bench.do("01") == b"\x02"
    bench.machine.remove(bench.now)
    assert len(bench.events("finger_taken")) == 1


def test_pages_and_their_refusals(bench: Bench) -> None:
    assert bench.do("06 01 0000") == b"\x0c"
    bench.enrol("a", 199)
    assert bench.do("06 01 00C8") == b"\x0b"
    assert bench.do("07 01 00C8") == b"\x0b"
    assert bench.do("07 01 0000") == b"\x0c"
    assert bench.do("04 01 00C8 0001") == b"\x0b"
    for wrong in ("0C 00C8 0001", "0C 00C7 0002", "0C 0000 0000"):
        assert bench.do(wrong) == b"\x10"
    assert bench.do("1F 00")[25] == 0x80
    assert bench.do("1F 01") == bytes(33)
    assert bench.do("1F 04") == b"\x0b"
    assert bench.do("06 02 0001") == b"\x00"
    assert bench.do("1D") == b"\x00\x00\x02"
    assert bench.do("0C 0000 00C8") == b"\x00"
    assert bench.truth[-1] == {"event": "deleted", "pages": [1, 199]}
    assert bench.do("1D") == b"\x00\x00\x00"
    bench.do("06 02 0005")
    assert bench.do("0D") == b"\x00"
    assert bench.truth[-1] == {"event": "emptied", "pages": [5]}


def test_a_range_ends_before_the_page_after_it(bench: Bench) -> None:
    bench.enrol("a", 3)
    assert bench.do("04 01 0000 0003")[0] == 0x09
    assert bench.do("04 01 0003 0001")[0] == 0x00
    assert bench.do("0C 0001 0002") == b"\x00"
    assert bench.do("1D") == b"\x00\x00\x01"


def test_the_library_outlives_the_power_and_the_buffers_do_not(bench: Bench) -> None:
    bench.enrol("a", 3)
    bench.do("0E 06 00")
    bench.machine.power_on(bench.now)
    bench.settle()
    assert bench.do("1D") == b"\x00\x00\x01"
    assert bench.do("02 01") == b"\x15"
    assert bench.do("03") == b"\x08\x00\x00"
    assert bench.do("07 01 0003") == b"\x00"
    assert len(bench.upload("08 01")) == 16


# --- transfer


@pytest.mark.parametrize(("index", "size"), [(0, 32), (1, 64), (2, 128), (3, 256)])
def test_a_template_goes_up_and_comes_down(bench: Bench, index: int, size: int) -> None:
    bench.enrol("a", 3)
    assert bench.do(f"0E 06 {index:02x}") == b"\x00"
    parts = bench.upload("08 01")
    assert [len(part) for part in parts] == [size] * (512 // size)
    other = Bench()
    other.do(f"0E 06 {index:02x}")
    assert other.do("09 02") == b"\x00"
    assert other.send(b"".join(framed(2, part) for part in parts[:-1])) == b""
    assert other.send(framed(8, parts[-1])) == b""
    assert other.truth[-1] == {"event": "received", "into": 2, "bytes": 512}
    other.take("a")
    assert other.do("03")[0] == 0


def test_an_image_goes_up_and_comes_down(bench: Bench) -> None:
    assert bench.do("0A") == b"\x0f"
    bench.put("a")
    bench.do("01")
    parts = bench.upload("0A")
    assert len(b"".join(parts)) == 2048
    other = Bench()
    assert other.do("0B") == b"\x00"
    other.send(b"".join(framed(2, part) for part in parts[:-1]) + framed(8, parts[-1]))
    assert other.do("02 01") == b"\x00"
    other.take("a", 2)
    assert other.do("03")[0] == 0


def spoilt_transfers() -> list[bytes]:
    part = bytes(range(128))
    good = framed(2, part)
    wrong_sum = good[:-1] + bytes((good[-1] ^ 1,))
    return [
        good + wrong_sum + good + framed(8, part),
        good + framed(8, part),
        framed(2, part + part) + framed(8, part + part),
        good * 30 + framed(8, part),
        good * 3 + framed(8, part, "EF01FFFFFFFE"),
    ]


@pytest.mark.parametrize("data", spoilt_transfers())
def test_a_spoilt_transfer_leaves_the_buffer_empty(bench: Bench, data: bytes) -> None:
    bench.take("a")
    assert bench.do("09 01") == b"\x00"
    assert bench.send(data) == b""
    assert len(bench.events("transfer_spoilt")) == 1
    assert bench.do("08 01") == b"\x0d"


def test_a_command_ends_a_transfer(bench: Bench) -> None:
    bench.do("09 01")
    bench.send(framed(2, bytes(128)))
    bench.do("1D")
    assert bench.send(framed(8, bytes(128)) * 3) == b""
    assert bench.do("08 01") == b"\x0d"


# --- password, address, parameters


def test_password_before_all_else() -> None:
    bench = Bench(password=0x12345678)
    for command in ("01", "0F", "1D", "0D", "3D", "53", "EE"):
        assert bench.do(command) == b"\x21"
    assert bench.do("13 00000000") == b"\x13"
    assert bench.do("1D") == b"\x21"
    assert bench.do("13 12345678") == b"\x00"
    assert bench.do("1D") == b"\x00\x00\x00"
    bench.machine.power_on(bench.now)
    bench.settle()
    assert bench.do("1D") == b"\x21"
    assert "12345678" not in json.dumps(bench.truth)


def test_a_new_password_is_asked_for_after_the_next_start(bench: Bench) -> None:
    assert bench.do("13 00000001") == b"\x13"
    assert bench.do("12 00000007") == b"\x00"
    assert bench.do("1D")[0] == 0
    bench.send(framed(1, b"\x3d"))
    assert bench.do("1D") == b"\x21"
    assert bench.do("13 00000007") == b"\x00"


def test_address(bench: Bench) -> None:
    new = "EF0100000001"
    assert bench.send(framed(1, b"\x0f", new)) == framed(7, b"\x20")
    assert bench.send(framed(1, bytes.fromhex("15 00000001"))) == framed(7, b"\x00", new)
    assert bench.do("0F", new)[9:13] == b"\x00\x00\x00\x01"
    assert bench.send(framed(1, b"\x0f")) == framed(7, b"\x20", new)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("0E 04 00", 0x1A),
        ("0E 04 0D", 0x1A),
        ("0E 05 06", 0x1A),
        ("0E 06 04", 0x1A),
        ("0E 07 01", 0x1A),
        ("EE", 0x01),
        ("01 00", 0x01),
        ("02", 0x01),
        ("02 03", 0x01),
        ("08 00", 0x01),
        ("04 01 0000", 0x01),
    ],
)
def test_commands_that_are_refused(bench: Bench, command: str, code: int) -> None:
    bench.put("a")
    bench.do("01")
    assert bench.do(command) == bytes((code,))


def test_baud_is_kept_and_its_answer_comes_at_the_old_speed(bench: Bench) -> None:
    for n in (1, 12):
        assert bench.do(f"0E 04 {n:02x}") == b"\x00"
        assert bench.do("0F")[15:] == bytes((0, n))
    bench.take("a")
    times = [at for at, _ in bench.timed(framed(1, b"\x08\x01"))]
    assert times[2] - times[1] == pytest.approx(139 * 10 / 115200)


# --- framing


def test_wrong_sum_and_wrong_length(bench: Bench) -> None:
    assert bench.send(wire("01 0003 01 0006")) == wire("07 0003 01 000B")
    assert bench.send(wire("01 FFFF 01 0005")) == wire("07 0003 01 000B")
    assert bench.send(wire("01 0002 0003")) == wire("07 0003 01 000B")
    assert bench.send(wire(GEN_IMG)) == wire(NO_FINGER)


def test_packets_in_noise_in_pieces_and_several_at_once(bench: Bench) -> None:
    command = wire(GEN_IMG)
    assert bench.send(b"\x00\xef\x55\x01\xef" + command + b"\xef") == wire(NO_FINGER)
    for byte in command[1:-1]:
        assert bench.machine.receive(bytes((byte,)), bench.now) == b""
    assert bench.machine.receive(command[-1:], bench.now) == b""
    assert b"".join(data for _, data in bench.settle()) == wire(NO_FINGER)
    assert bench.send(command + wire("01 0003 1D 0021")) == wire(NO_FINGER) + framed(7, bytes(3))


def test_half_a_packet_is_forgotten_after_a_pause(bench: Bench) -> None:
    assert bench.send(wire("01 00F0 01")) == b""
    assert bench.send(wire(GEN_IMG)) == wire(NO_FINGER)


def test_answers_and_stray_data_are_not_answered(bench: Bench) -> None:
    for identifier in (2, 7, 8, 0x55):
        assert bench.send(framed(identifier, b"\x01")) == b""


def test_commands_take_their_time(bench: Bench) -> None:
    [(capture, _)] = bench.timed(wire(GEN_IMG))
    assert capture == pytest.approx(0.15)
    (first, _), (second, _) = bench.timed(wire(GEN_IMG) * 2)
    assert second - first == pytest.approx(0.15 + 12 * 10 / 57600)
    [(quick, _)] = Bench(speed=10.0).timed(wire(GEN_IMG))
    assert quick == pytest.approx(0.015)


# --- faults


def test_silent_does_nothing(bench: Bench) -> None:
    bench.enrol("a", 3)
    bench.fault("silent")
    assert bench.send(framed(1, b"\x0d")) == b""
    bench.fault("silent", on=False)
    assert bench.do("1D") == b"\x00\x00\x01"


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("bad_checksum", HEAD + "07 0003 02 000D"),
        ("huge_length", HEAD + "07 FFFF 02 000C"),
        ("wrong_address", "EF01FFFFFFFE" + "07 0003 02 000C"),
    ],
)
def test_faults_in_the_packet(fault: str, answer: str) -> None:
    bench = Bench(fault)
    assert bench.send(wire(GEN_IMG)) == bytes.fromhex(answer)
    bench.fault(fault, on=False)
    assert bench.send(wire(GEN_IMG)) == wire(NO_FINGER)


def test_noise_and_stale() -> None:
    sent = Bench("noise").send(wire(GEN_IMG))
    assert sent[8:-8] == wire(NO_FINGER)
    assert len(sent) == 28
    stale = Bench("stale")
    assert stale.send(wire(GEN_IMG)) == wire(NO_FINGER)
    assert stale.send(framed(1, b"\x1d")) == wire(NO_FINGER) + framed(7, bytes(3))
    assert stale.send(wire(GEN_IMG)) == framed(7, bytes(3)) + wire(NO_FINGER)


def test_faults_of_time() -> None:
    slow = Bench("byte_by_byte").timed(wire(GEN_IMG))
    assert [len(data) for _, data in slow] == [1] * 12
    assert slow[-1][0] - slow[0][0] == pytest.approx(11 * 0.020)
    (first, head), (second, tail) = Bench("split").timed(wire(GEN_IMG))
    assert head + tail == wire(NO_FINGER)
    assert second - first == pytest.approx(0.200)
    [(late, _)] = Bench("slow").timed(wire(GEN_IMG))
    assert late == pytest.approx(0.15 + 0.9)


def test_upload_that_stops_and_upload_with_a_wrong_sum(bench: Bench) -> None:
    bench.take("a")
    whole = bench.send(framed(1, b"\x08\x01"))
    bench.fault("silent_in_upload")
    assert bench.send(framed(1, b"\x08\x01")) == whole[: 12 + 139]
    assert bench.do("1D")[0] == 0
    bench.fault("silent_in_upload", on=False)
    bench.fault("upload_bad_checksum")
    assert bench.send(framed(1, b"\x08\x01")) == whole[:-1] + bytes((whole[-1] ^ 1,))


def test_flash_error(bench: Bench) -> None:
    bench.enrol("a", 3)
    bench.fault("flash_error")
    for command, code in (("06 01 0004", 0x18), ("0C 0003 0001", 0x10), ("0D", 0x11)):
        assert bench.do(command) == bytes((code,))
    for command in ("0E 05 01", "12 00000001", "15 00000001"):
        assert bench.do(command) == b"\x18"
    assert bench.do("1D") == b"\x00\x00\x01"
    assert [event["page"] for event in bench.events("stored")] == [3]


def test_misread_once_for_each_finger(bench: Bench) -> None:
    bench.fault("misread")
    assert bench.do("01") == b"\x02"
    for _ in range(2):
        bench.put("a")
        assert [bench.do("01") for _ in range(3)] == [b"\x03", b"\x00", b"\x00"]


def test_not_merging(bench: Bench) -> None:
    bench.take("a", 1)
    bench.take("a", 2)
    bench.fault("not_merging")
    assert bench.do("05") == b"\x0a"


def test_power_off_and_boot_noise(bench: Bench) -> None:
    bench.enrol("a", 3)
    bench.fault("power_off")
    assert bench.send(wire(GEN_IMG)) == b""
    bench.fault("boot_noise")
    bench.fault("power_off", on=False)
    [(_, hello)] = bench.settle()
    assert len(hello) == 17
    assert hello.endswith(b"\x55")
    assert bench.do("1D") == b"\x00\x00\x01"
    assert bench.do("08 01") == b"\x0d"


def test_boot_noise_set_while_it_starts() -> None:
    bench = Bench(ready=False)
    noise = bench.fault("boot_noise")
    assert len(noise) == 16
    assert [data for _, data in bench.settle()] == [b"\x55"]


def test_wrong_speed_is_junk_and_does_nothing(bench: Bench) -> None:
    bench.enrol("a", 3)
    bench.fault("wrong_speed")
    junk = bench.send(framed(1, b"\x0d"))
    assert junk
    assert min(junk) >= 0x80
    bench.fault("wrong_speed", on=False)
    assert bench.do("1D") == b"\x00\x00\x01"


def test_every_fault_has_an_explanation_and_others_are_refused(bench: Bench) -> None:
    for name, text in Simulator.FAULTS.items():
        assert len(text) > 10
        bench.fault(name)
        bench.fault(name, on=False)
    bench.settle()
    assert bench.do("1D")[0] == 0
    with pytest.raises(ValueError, match="allowed: silent"):
        bench.fault("dust")


# --- truth, hands and any bytes


def test_truth_has_neither_names_nor_templates(bench: Bench) -> None:
    bench.enrol("thumb-lin", 3)
    bench.take("index-lin wet")
    bench.machine.remove(bench.now)
    bench.put("thumb-lin")
    put = [(event["finger"], event["condition"]) for event in bench.events("finger_put")]
    assert put == [(1, "clean"), (1, "clean"), (2, "wet"), (1, "clean")]
    assert [event["finger"] for event in bench.events("finger_taken")] == [1, 1, 2]
    assert bench.events("stored") == [{"event": "stored", "page": 3, "replaced": False}]
    log = json.dumps(bench.truth)
    assert "lin" not in log
    assert len(log) < 1500


@pytest.mark.parametrize("value", ["", "thumb lin", "thumb-lin soaked", "a/b", "x" * 41])
def test_fingers_that_make_no_sense(bench: Bench, value: str) -> None:
    with pytest.raises(ValueError, match="a finger is a name"):
        bench.put(value)


PIECE = st.one_of(
    st.binary(max_size=40),
    st.builds(framed, st.sampled_from([1, 1, 1, 2, 7, 8]), st.binary(min_size=1, max_size=6)),
    st.builds(
        lambda code, rest: framed(1, bytes((code,)) + rest),
        st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 18, 19, 21, 27, 31, 61]),
        st.sampled_from([b"", b"\x01", b"\x01\x00\x00", bytes(4), b"\x01\x00\x00\x00\xc8"]),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECE, max_size=12), st.sets(st.sampled_from([*Simulator.FAULTS]), max_size=3))
def test_no_bytes_raise_or_hang(pieces: list[bytes], faults: set[str]) -> None:
    bench = Bench(*faults, speed=20.0)
    bench.put("a")
    for piece in pieces:
        bench.now += 0.01
        bench.machine.receive(piece, bench.now)
    bench.settle()
    for name in faults:
        bench.fault(name, on=False)
    bench.settle()
    # A new password or address may have been set; it must answer all the same.
    assert bench.send(wire(GEN_IMG))[6:9] == b"\x07\x00\x03"


# --- through the cable


def test_a_finger_through_the_cable(tmp_path: Path) -> None:
    link, log, out = tmp_path / "port", tmp_path / "truth.jsonl", io.StringIO()
    read_end, write_end = os.pipe()
    machine = Simulator(TruthLog(log), speed=20.0, start_seconds=0.0, announces_ready=False)
    with os.fdopen(read_end) as commands, os.fdopen(write_end, "w", buffering=1) as type_in:
        arguments = ("fingerprint", machine, link, log, [], commands, out, time.monotonic)
        thread = threading.Thread(target=simulate, args=arguments)
        thread.start()
        await_line(out, "ready")
        with serial.Serial(str(link), 57600, timeout=5.0) as port:
            type_in.write("present thumb-lin\n")
            await_line(out, "ok present")
            for command in (GEN_IMG, "01 0004 02 01 0008"):
                port.write(wire(command))
                assert port.read(12) == wire(OK)
            port.write(wire("01 0004 08 01 000E"))
            answer = payloads(port.read(12 + 4 * 139))
            assert [identifier for identifier, _ in answer] == [7, 2, 2, 2, 8]
        type_in.write("quit\n")
        thread.join(5.0)
        assert not thread.is_alive()
    assert '"captured"' in log.read_text()
    assert "thumb-lin" not in log.read_text()


def await_line(out: io.StringIO, beginning: str) -> None:
    end = time.monotonic() + 5.0
    while beginning not in out.getvalue():
        assert time.monotonic() < end, "took too long"
        threading.Event().wait(0.005)
