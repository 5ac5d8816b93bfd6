"""Makes of simulated printers: paper, roll, images, and the mouth of a kiosk printer."""

import hashlib
from pathlib import Path

import pytest

from devices.ticket_printer.simulator import Simulator as Printer
from tests.devices.printer_bench import CLEAR, CUT, PROCESS_ID, TICKET, Bench, eot
from tests.devices.running import Running, open_port

FULL_STATUS = bytes.fromhex("10 04 14")
PRINT_STATUS = bytes.fromhex("10 04 11")
QUEUED_STATUS = b"\x1dr\x01"


def names(bench: Bench) -> list[object]:
    return [event["event"] for event in bench.truth if event["event"] not in ("paper", "fault")]


def rolls(bench: Bench) -> list[tuple[object, object]]:
    return [(e["state"], e["left_mm"]) for e in bench.truth if e["event"] == "roll"]


# --- makes


@pytest.mark.parametrize(
    ("model", "status", "queued", "identity", "language", "clear"),
    [
        ("epson", "16121212", "00", "20", "5f4348494e412047423233313200", "372500"),
        ("clone", "16121212", "00", "20", "", ""),
        ("clone58", "1612", "", "", "", ""),
        ("vkp80", "16121212", "00", "20", "5f4348494e412047423233313200", ""),
    ],
)
def test_what_each_make_answers(
    model: str, status: str, queued: str, identity: str, language: str, clear: str
) -> None:
    bench = Bench(model=model)
    assert eot(bench) == status
    assert bench.send(QUEUED_STATUS).hex() == queued
    assert bench.send(b"\x1dI\x01").hex() == identity
    assert bench.send(b"\x1dI\x45").hex() == language
    assert bench.send(CLEAR).hex() == clear
    assert (bench.send(PROCESS_ID) != b"") == (model == "epson")
    assert (bench.send(FULL_STATUS) != b"") == (model == "vkp80")


def test_unknown_make() -> None:
    with pytest.raises(ValueError, match="allowed: epson, clone, clone58, vkp80"):
        Bench(model="abacus")


@pytest.mark.parametrize(("model", "columns"), [("epson", 48), ("vkp80", 48), ("clone58", 32)])
def test_columns_of_each_make(model: str, columns: int) -> None:
    chinese = ("国" * 25).encode("gb18030")
    text = str(Bench(model=model).printed(b"x" * 50 + b"\n\x1c&" + chinese + b"\x1c.\n"))
    assert text.split("\n", maxsplit=1)[0] == "x" * columns
    assert "国" * (columns // 2) in text.split("\n")
    assert "国" * (columns // 2 + 1) not in text


def test_a_qr_code_prints_as_text_on_a_cheap_clone() -> None:
    store = b"\x1d(k\x05\x001P0hi"
    assert Bench(model="clone58").printed(store + b"\n") == "(k1P0hi"
    assert Bench(model="clone").printed(store + b"ok\n") == "ok"


def test_a_trait_of_the_make_does_not_go_away() -> None:
    bench = Bench(model="clone58")
    bench.fault("no_status")
    bench.fault("no_status", on=False)
    assert eot(bench) == "1612"


def test_small_buffer_says_xoff_at_16_free_and_xon_at_26() -> None:
    bench = Bench(model="clone")
    bench.fault("cover_open")
    assert bench.send(b"\n" * 28) == b""
    assert bench.send(b"\n") == b"\x13"
    assert bench.send(b"\n" * 18) == b""
    assert bench.truth[-1] == {"event": "lost_bytes", "count": 2}
    bench.fault("cover_open", on=False)
    # 19 left of 45 make 26 free: 26 taken, of which 25 lines of 30 dots have been fed.
    assert bench.wait(25 * 30 / 1600 - 0.001) == b""
    assert bench.wait(0.002) == b"\x11"


# --- roll


def test_a_roll_runs_out_by_itself() -> None:
    bench = Bench(roll_mm=100.0, near_end_mm=40.0)
    bench.send(b"\x1da\x08" + b"\x1bJ\xf0")
    assert rolls(bench) == []
    bench.send(b"\x1bJ\xf0")
    assert bench.wait() == bytes.fromhex("14 00 03 0f")
    assert rolls(bench) == [("near_end", 40.0)]
    assert eot(bench) == "1612121e"
    assert bench.send(b"\x1bJ\xf0" + b"A\nB\nC\nD\n") == b""
    assert bench.wait() == bytes.fromhex("1c 00 0f 0f")
    assert rolls(bench)[1:] == [("end", 0.0)]
    assert eot(bench) == "1e32127e"
    bench.fault("paper_out")
    bench.fault("paper_out", on=False)
    assert rolls(bench)[2:] == [("new", 100.0)]
    assert bench.papers() == [("torn", "A\nB\nC")]
    bench.send(CUT)
    bench.wait()
    assert bench.papers()[1:] == [("torn", "D")]
    assert eot(bench) == "16121212"


def test_a_roll_that_ends_before_the_cut_leaves_no_ticket() -> None:
    bench = Bench(roll_mm=15.0, near_end_mm=0.0)
    bench.send(TICKET + PROCESS_ID)
    assert bench.wait() == b""
    assert bench.papers() == []
    bench.fault("paper_out")
    assert bench.fault("paper_out", on=False) == b""
    assert bench.papers() == [("torn", "A012")]


@pytest.mark.parametrize("lengths", [{"roll_mm": 0.0}, {"near_end_mm": -1.0}])
def test_rolls_that_make_no_sense(lengths: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="more than 0 mm"):
        Bench(**lengths)


# --- presenter


def test_full_status_bits() -> None:
    bench = Bench(model="vkp80")
    assert bench.send(FULL_STATUS).hex(" ") == "10 0f 00 00 00 00"
    assert bench.send(PRINT_STATUS) == b"\x12"
    bits = [
        ("paper_near_end", "04 00 00 00"),
        ("paper_out", "01 00 00 00"),
        ("cover_open", "00 03 00 00"),
        ("feed_button", "00 20 00 00"),
        ("head_hot", "00 00 01 00"),
        ("cutter_jam", "00 00 00 01"),
        ("unrecoverable", "00 00 00 04"),
        ("mouth_sensor", "20 00 00 00"),
    ]
    for name, expected in bits:
        bench.fault(name)
        assert bench.send(FULL_STATUS).hex(" ") == "10 0f " + expected
        bench.fault(name, on=False)
        bench.printer.power_on(bench.now)
    bench.send(TICKET)
    assert bench.send(FULL_STATUS).hex(" ") == "10 0f 00 0c 00 00"
    assert bench.send(PRINT_STATUS) == b"\x16"


def test_a_ticket_stands_in_the_mouth_until_it_is_taken() -> None:
    bench = Bench(model="vkp80")
    bench.send(TICKET)
    assert bench.send(FULL_STATUS)[2] == 0
    bench.wait()
    assert bench.send(FULL_STATUS)[2] == 0x20
    assert bench.papers() == [("full", "A012")]
    bench.printer.power_on(bench.now)
    assert bench.send(FULL_STATUS)[2] == 0x20
    bench.printer.remove(bench.now)
    assert bench.send(FULL_STATUS)[2] == 0
    assert names(bench) == ["presented", "taken"]


def test_the_next_ticket_pushes_on_top_of_one_that_is_not_taken() -> None:
    bench = Bench()
    bench.fault("presenter")
    bench.fault("not_taken")
    for _ in range(2):
        bench.send(TICKET)
        bench.wait()
        bench.printer.remove(bench.now)
        assert bench.send(FULL_STATUS)[2] == 0x20
    bench.fault("not_taken", on=False)
    bench.printer.remove(bench.now)
    bench.printer.remove(bench.now)
    assert names(bench) == ["presented", "on_top", "taken"]
    assert bench.truth[-1] == {"event": "taken", "tickets": 2}
    assert bench.send(FULL_STATUS)[2] == 0


def test_a_stuck_sensor_sees_a_ticket_that_is_not_there() -> None:
    bench = Bench(model="vkp80")
    bench.fault("mouth_sensor")
    bench.send(TICKET)
    bench.wait()
    bench.printer.remove(bench.now)
    assert bench.send(FULL_STATUS)[2] == 0x20
    assert names(bench) == ["presented", "taken"]


def test_full_status_inside_image_data_counts_only_where_it_is_known() -> None:
    image = bytes.fromhex("1d 76 30 00 03 00 01 00") + FULL_STATUS
    assert Bench().send(image) == b""
    bench = Bench(model="vkp80")
    assert bench.send(image)[:2] == bytes.fromhex("10 0f")
    assert bench.truth[-1]["event"] == "real_time_inside_data"


def test_presenter_through_the_cable(tmp_path: Path) -> None:
    running = Running("ticket_printer", lambda t: Printer(t, model="vkp80", speed=50.0), tmp_path)
    with open_port(running.link) as port:
        port.write(TICKET + QUEUED_STATUS)
        assert port.read(1) == b"\x00"
        port.write(FULL_STATUS)
        assert port.read(6) == bytes.fromhex("10 0f 20 00 00 00")
        assert running.command("remove") == "ok remove"
        port.write(FULL_STATUS)
        assert port.read(6) == bytes.fromhex("10 0f 00 00 00 00")
    running.end()
    assert [e["event"] for e in running.events()] == [
        "ready",
        "paper",
        "presented",
        "taken",
        "ended",
    ]


# --- images


def picture(bench: Bench, image: bytes) -> tuple[object, object]:
    bench.send(image + CUT)
    bench.wait()
    [piece] = [event for event in bench.truth if event["event"] in ("paper", "blank_paper")]
    return piece.get("text"), piece.get("images")


def digest(dots: bytes) -> list[str]:
    return [hashlib.sha256(dots).hexdigest()[:16]]


@pytest.mark.parametrize(
    ("mode", "size"), [("00", "16x3"), ("01", "32x3"), ("02", "16x6"), ("33", "32x6")]
)
def test_an_image_is_known_by_its_dots(mode: str, size: str) -> None:
    dots = bytes.fromhex("ff 00 00 00 00 01")
    image = bytes.fromhex(f"1d 76 30 {mode} 02 00 03 00") + dots
    assert picture(Bench(), image) == (f"[image {size}]", digest(dots))


def test_an_image_wider_than_the_paper_is_cut_off_at_its_edge() -> None:
    image = bytes.fromhex("1d 76 30 00 48 00 02 00") + b"\xaa" * 144
    assert picture(Bench(), image) == ("[image 576x2]", digest(b"\xaa" * 144))
    narrow = ("[image 384x2]", digest(b"\xaa" * 96))
    assert picture(Bench(model="clone58"), image) == narrow
    # Doubled, only 288 of 576 dots find room.
    image = bytes.fromhex("1d 76 30 01 48 00 01 00") + b"\xff" * 72
    assert picture(Bench(), image) == ("[image 576x1]", digest(b"\xff" * 36))


def test_an_image_without_a_black_dot_is_blank_paper() -> None:
    assert picture(Bench(), bytes.fromhex("1d 76 30 00 02 00 01 00 00 00")) == (None, None)
    beyond = bytes.fromhex("1d 76 30 00 49 00 01 00") + b"\x00" * 72 + b"\xff"
    assert picture(Bench(), beyond) == (None, None)
    assert picture(Bench(), bytes.fromhex("1d 76 30 00 00 00 09 00")) == (None, None)
