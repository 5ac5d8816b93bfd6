"""What can happen to the answers of a simulated printer on their way, and which it does not give."""

import pytest

from tests.devices.printer_bench import CLEAR, PROCESS_ID, TICKET, Bench, arrivals, faulty

ID = b"\x37\x22Q7~ \x00"
ASB = bytes.fromhex("14 00 00 0f")
STATUS_1 = bytes.fromhex("10 04 01")


@pytest.mark.parametrize(
    ("fault", "first", "second"),
    [
        ("duplicate_replies", "1616", ID.hex() * 2),
        ("stale", "16", "16" + ID.hex()),
        ("asb_in_between", "1400000f161400000f", (ASB + ID + ASB).hex()),
        ("asb_in_block", "16", (ID[:3] + ASB + ID[3:]).hex()),
        ("xoff_in_reply", "131611", (ID[:3] + b"\x13" + ID[3:] + b"\x11").hex()),
    ],
)
def test_what_happens_to_answers(fault: str, first: str, second: str) -> None:
    bench = faulty(fault)
    assert bench.send(STATUS_1).hex() == first
    assert bench.send(PROCESS_ID).hex() == second
    bench.fault(fault, on=False)
    assert bench.send(STATUS_1) == b"\x16"


def test_xoff_inside_automatic_status_and_no_xon_while_the_buffer_is_full() -> None:
    bench = faulty("xoff_in_reply")
    assert bench.send(b"\x1da\xff") == bytes.fromhex("14 00 13 00 0f 11")
    assert bench.fault("cover_open") == bytes.fromhex("3c 00 13 00 0f 11")
    bench.send(b"x" * 4000)
    assert bench.send(STATUS_1) == bytes.fromhex("13 1e")


def test_late_process_id_is_overtaken() -> None:
    bench = faulty("late_process_id")
    assert bench.send(PROCESS_ID + STATUS_1) == b"\x16"
    assert bench.wait(2.9) == b""
    assert bench.send(PROCESS_ID.replace(b"Q7", b"Q8")) == b""
    assert bench.wait(0.2) == ID
    assert bench.wait(2.9) == ID.replace(b"Q7", b"Q8")


def test_slow_and_byte_by_byte() -> None:
    bench = faulty("slow")
    assert bench.send(STATUS_1) == b""
    assert arrivals(bench) == [(0.4, b"\x16")]
    bench = faulty("byte_by_byte")
    assert bench.send(PROCESS_ID + STATUS_1) == b""
    heard = arrivals(bench)
    assert b"".join(data for _, data in heard) == ID + b"\x16"
    assert [at for at, _ in heard] == [round(0.02 * i, 3) for i in range(1, 9)]


def test_xoff_overtakes_a_dribbling_answer() -> None:
    bench = faulty("byte_by_byte", "cover_open")
    assert bench.send(STATUS_1 + b"x" * 3968) == b"\x13"
    assert arrivals(bench) == [(0.02, b"\x1e")]


def test_noise_is_around_each_answer_and_the_same_each_time() -> None:
    first, again = faulty("noise").send(STATUS_1), faulty("noise").send(STATUS_1)
    assert first == again
    assert first[4:5] == b"\x16"
    assert len(first) == 9
    assert min(first[:4] + first[5:]) >= 0x80
    assert faulty("noise", noise_seed=81).send(STATUS_1) != first


def test_a_status_byte_nobody_asked_for_after_an_image() -> None:
    bench = faulty("spurious_status")
    assert bench.send(bytes.fromhex("1d 76 30 00 01 00 01 00 ff")) == b"\x16"
    assert bench.send(TICKET) == b""


@pytest.mark.parametrize(
    ("fault", "question"),
    [
        ("no_queued_status", b"\x1dr\x01\x1dr\x02"),
        ("no_identity", b"\x1dI\x01\x1dI\x45"),
        ("no_identity_text", b"\x1dI\x45"),
        ("no_clear", CLEAR),
    ],
)
def test_questions_a_clone_does_not_answer(fault: str, question: bytes) -> None:
    bench = Bench()
    assert bench.send(question) != b""
    bench.fault(fault)
    assert bench.send(question) == b""
    assert bench.send(STATUS_1) == b"\x16"


def test_no_qr_prints_the_command_as_text() -> None:
    bench = faulty("no_qr")
    assert bench.send(PROCESS_ID) == ID
    text = bench.printed(bytes.fromhex("1d286b0500315030") + b"hi" + b"\n")
    assert text == "(k1P0hi"
