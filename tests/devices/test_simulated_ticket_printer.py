"""The simulated printer against the bytes of the manuals, on a clock of its own."""

import pytest

from devices.ticket_printer.simulator import Simulator as Printer
from tests.devices.printer_bench import CLEAR, CUT, PROCESS_ID, TICKET, Bench, eot


@pytest.fixture
def bench() -> Bench:
    return Bench()


# --- status


def test_idle_printer_answers_as_in_the_table(bench: Bench) -> None:
    assert eot(bench) == "16121212"
    assert eot(Bench(drawer_high=False)) == "12121212"
    assert bench.send(bytes.fromhex("1b 40 1b 3d 01 10 04 01")) == b"\x16"


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (["paper_near_end"], "1612121e"),
        (["paper_out"], "1e321272"),
        (["paper_near_end", "paper_out"], "1e32127e"),
        (["cover_open"], "1e161212"),
        (["cutter_jam"], "1e521a12"),
        (["head_hot"], "1e525212"),
        (["unrecoverable"], "1e523212"),
        (["no_status"], "1612"),
        (["power_off"], ""),
    ],
)
def test_real_time_status_of_faults(bench: Bench, faults: list[str], status: str) -> None:
    for name in faults:
        bench.fault(name)
    assert eot(bench) == status


def test_every_fault_has_an_explanation_and_others_are_refused(bench: Bench) -> None:
    for name, text in Printer.FAULTS.items():
        assert len(text) > 10
        bench.fault(name)
        bench.fault(name, on=False)
    with pytest.raises(ValueError, match="allowed: paper_near_end"):
        bench.fault("no_such_thing")


def test_automatic_status_at_once_on_change_and_off_after_initialise(bench: Bench) -> None:
    assert bench.fault("cover_open") == b""
    bench.fault("cover_open", on=False)
    assert bench.send(b"\x1da\xff") == bytes.fromhex("14 00 00 0f")
    assert bench.fault("paper_near_end") == bytes.fromhex("14 00 03 0f")
    assert bench.fault("paper_out") == bytes.fromhex("1c 00 0f 0f")
    bench.fault("paper_out", on=False)
    assert bench.fault("cover_open") == bytes.fromhex("3c 00 03 0f")
    assert bench.fault("cover_open", on=False) == bytes.fromhex("14 00 03 0f")
    assert bench.fault("cutter_jam") == bytes.fromhex("1c 08 03 0f")
    bench.fault("cutter_jam", on=False)
    assert bench.send(b"\x10\x05\x02") == bytes.fromhex("14 00 03 0f")
    bench.send(b"\x1b@")
    assert bench.fault("cover_open") == b""


def test_automatic_status_of_paper_only(bench: Bench) -> None:
    bench.send(b"\x1da\x08")
    assert bench.fault("cover_open") == b""
    assert bench.fault("paper_near_end") == bytes.fromhex("3c 00 03 0f")


def test_queued_status_and_identity(bench: Bench) -> None:
    assert bench.send(b"\x1dr\x01\x1dr\x02") == b"\x00\x01"
    assert bench.send(b"\x1dI\x45") == b"_CHINA GB2312\x00"
    for n in (1, 2, 3):
        (reply,) = bench.send(bytes((0x1D, 0x49, n)))
        assert reply & 0x90 == 0
    bench.fault("paper_near_end")
    assert bench.send(b"\x1dr1") == b"\x03"
    bench.fault("cover_open")
    assert bench.send(b"\x1dr1") == b""
    assert bench.fault("cover_open", on=False) == b"\x03"


# --- completion


def test_process_id_comes_after_the_paper_has_moved(bench: Bench) -> None:
    assert bench.send(PROCESS_ID) == b"\x37\x22Q7~ \x00"
    assert bench.send(TICKET + PROCESS_ID) == b""
    assert bench.papers() == []
    assert bench.wait(0.3) == b""
    assert bench.wait(0.2) == b"\x37\x22Q7~ \x00"
    assert bench.papers() == [("full", "A012")]


def test_process_id_of_odd_characters_gets_no_answer(bench: Bench) -> None:
    assert bench.send(PROCESS_ID[:-1] + b"\x7f") == b""


@pytest.mark.parametrize(
    ("fault", "text"),
    [("no_process_id", "A012"), ("prints_garbage_on_gs_paren", "A012\n(H00Q7~ ")],
)
def test_clones_without_process_id(bench: Bench, fault: str, text: str) -> None:
    bench.fault(fault)
    assert bench.send(b"A012\n" + PROCESS_ID + b"\n" + CUT) == b""
    assert bench.wait() == b""
    assert bench.papers()[0][1] in (text, text + "\n")


def test_offline_response_when_asked_for(bench: Bench) -> None:
    bench.send(bytes.fromhex("1d 28 48 03 00 31 30 01"))
    assert bench.fault("paper_out") == bytes.fromhex("37 23 60 00")


def test_unknown_block_commands_are_skipped_by_their_length(bench: Bench) -> None:
    text = bench.printed(b"\x1d(Z\x03\x00abc" + b"\x1d8L\x02\x00\x00\x00xy" + b"ok\n")
    assert text == "ok"


# --- text


def test_chinese_only_while_kanji_mode_is_on() -> None:
    gb = "排队￥".encode("gb18030")
    assert Bench().printed(b"\x1c&" + gb + b"\x1c.ABC\n") == "排队￥ABC"
    assert Bench().printed(gb[:4] + b"\n") == gb[:4].decode("cp437")
    assert Bench(kanji_at_start=True).printed(b"\x1b@" + gb + b"\n") == "排队￥"


def test_four_byte_gb18030_is_garbage() -> None:
    text = "张" + "\U00020bb7" + "三"
    assert Bench().printed(b"\x1c&" + text.encode("gb18030") + b"\x1c.\n") == "张??三"
    assert Bench().printed(b"\x1c&" + "¥".encode("gb18030") + b"5\x1c.\n") == "??5"


def test_half_a_chinese_character_does_not_eat_the_next_command() -> None:
    assert Bench().printed(b"\x1c&\xc5\x1c.\nB\n") == "?\nB"


@pytest.mark.parametrize(
    ("settings", "text", "columns"),
    [
        (b"", "1", 48),
        (b"\x1bM\x01", "1", 64),
        (b"\x1d!\x11", "1", 24),
        (b"\x1b!\x20", "1", 24),
        (b"\x1c&", "国", 24),
        (b"\x1c&\x1d!\x33", "国", 6),
        (b"\x1c&\x1c!\x04", "国", 12),
        (b"\x1c&\x1cW\x01", "国", 12),
        (b"\x1c&\x1cS\x00\x08", "国", 18),
    ],
)
def test_columns_of_a_line(settings: bytes, text: str, columns: int) -> None:
    printed = Bench().printed(settings + (text * (columns + 1)).encode("gb18030") + b"\n")
    assert printed == text * columns + "\n" + text


def test_settings_leave_nothing_on_paper() -> None:
    job = b"\x1ba\x01\x1bE\x01\x1b-\x01\x1dB\x01\x1b3\x10\x1b2\x1bt\x00\x1bp\x00\x19\xfa\r"
    assert Bench().printed(job + b"A\n\x1bd\x02B\x1bd\x01C\x1bJ\x40") == "A\n\n\nB\nC"


def test_qr_code_and_raster(bench: Bench) -> None:
    data = b"https://queue.example/A012"
    store = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    setup = bytes.fromhex("1d286b0400314132001d286b03003143061d286b0300314531")
    bench.send(setup + store + bytes.fromhex("1d286b0300315130"))
    bench.send(bytes.fromhex("1d 76 30 00 02 00 03 00 ff 00 00 00 00 01") + b"end\n" + CUT)
    bench.wait()
    [piece] = [event for event in bench.truth if event["event"] == "paper"]
    assert piece["qr"] == [data.decode()]
    assert piece["text"] == "[image 16x3]\nend"
    assert bytes.fromhex(str(piece["bytes_hex"])).endswith(b"end\n" + CUT)


# --- cutting


@pytest.mark.parametrize("cut", ["1d5600", "1d5601", "1d564110", "1d564200"])
def test_every_cut(bench: Bench, cut: str) -> None:
    bench.send(b"A012\n\x1bd\x05" + bytes.fromhex(cut))
    bench.wait()
    [(paper, text)] = bench.papers()
    assert (paper, str(text).strip()) == ("full", "A012")
    bench.send(b"B\n" + CUT)
    bench.wait()
    assert bench.papers()[1] == ("full", "B")


def test_cut_without_feed_goes_through_the_text(bench: Bench) -> None:
    bench.send(b"1\n2\n3\n4\n5\n6\n" + b"\x1dV\x00" + b"next\n" + CUT)
    bench.wait()
    assert bench.papers() == [("torn", "1\n2"), ("torn", "3\n4\n5\n6\nnext")]


def test_cut_is_ignored_in_the_middle_of_a_line(bench: Bench) -> None:
    bench.send(b"A012" + CUT)
    bench.wait()
    assert bench.papers() == []
    assert bench.truth[-1]["event"] == "ignored"


def test_blank_paper_is_not_a_ticket(bench: Bench) -> None:
    bench.send(b"\n" + CUT)
    bench.wait()
    assert [event["event"] for event in bench.truth] == ["blank_paper"]


# --- faults in the middle of a ticket


def test_paper_out_in_a_ticket_then_the_rest_comes_by_itself(bench: Bench) -> None:
    bench.send(b"one\ntwo\n" + CUT + PROCESS_ID)
    bench.wait(0.02)
    bench.fault("paper_out")
    assert bench.wait() == b""
    bench.fault("paper_out", on=False)
    assert bench.papers() == [("torn", "one\n[unfinished]")]
    assert bench.wait() == b"\x37\x22Q7~ \x00"
    assert bench.papers()[1:] == [("torn", "two")]


def test_cleared_buffer_leaves_only_the_next_ticket(bench: Bench) -> None:
    bench.send(b"one\ntwo\n" + CUT + PROCESS_ID)
    bench.wait(0.02)
    bench.fault("paper_out")
    assert bench.send(CLEAR) == b"\x37\x25\x00"
    bench.fault("paper_out", on=False)
    bench.send(TICKET)
    assert bench.wait() == b""
    assert [paper for paper, _ in bench.papers()] == ["torn", "full"]


@pytest.mark.parametrize("name", ["cover_open", "head_hot"])
def test_printing_goes_on_by_itself(bench: Bench, name: str) -> None:
    bench.send(TICKET + PROCESS_ID)
    bench.fault(name)
    assert bench.wait() == b""
    bench.fault(name, on=False)
    assert bench.wait() == b"\x37\x22Q7~ \x00"
    assert bench.papers() == [("full", "A012")]


def test_cutter_jam_needs_a_command_after_the_blade_is_free(bench: Bench) -> None:
    bench.fault("cutter_jam_at_cut")
    bench.send(TICKET + PROCESS_ID)
    bench.wait()
    assert eot(bench) == "1e521a12"
    bench.fault("cutter_jam_at_cut", on=False)
    assert bench.wait() == b""
    assert eot(bench) == "1e521a12"
    bench.send(b"\x10\x05\x02")
    assert eot(bench) == "16121212"
    bench.send(TICKET)
    assert bench.wait() == b""
    assert bench.papers() == [("torn", "A012"), ("full", "A012")]


def test_enquiry_one_goes_on_and_does_not_help_while_the_blade_is_stuck(bench: Bench) -> None:
    bench.fault("cutter_jam")
    bench.send(TICKET + PROCESS_ID + b"\x10\x05\x01")
    assert eot(bench)[4:6] == "1a"
    bench.fault("cutter_jam", on=False)
    bench.send(b"\x10\x05\x01")
    assert bench.wait() == b"\x37\x22Q7~ \x00"
    assert bench.papers() == [("full", "A012")]


def test_enquiry_two_without_an_error_clears_nothing(bench: Bench) -> None:
    bench.fault("cover_open")
    bench.send(TICKET + b"\x10\x05\x02")
    bench.fault("cover_open", on=False)
    bench.wait()
    assert bench.papers() == [("full", "A012")]


def test_unrecoverable_until_power_cycle(bench: Bench) -> None:
    bench.fault("unrecoverable")
    bench.send(TICKET + b"\x10\x05\x02")
    assert eot(bench)[4:6] == "32"
    assert bench.fault("unrecoverable", on=False) == b"\x11"
    assert bench.wait() == b""
    assert bench.papers() == []


def test_paper_torn_off_by_hand(bench: Bench) -> None:
    bench.send(b"A012\n")
    bench.wait()
    bench.printer.remove(bench.now)
    bench.printer.remove(bench.now)
    assert bench.papers() == [("torn", "A012")]
    with pytest.raises(ValueError, match="allowed: remove"):
        bench.printer.present("card", bench.now)


# --- buffer


def test_xoff_at_128_free_xon_at_256_free_and_the_rest_is_lost(bench: Bench) -> None:
    bench.fault("cover_open")
    assert bench.send(b"x" * (4096 - 129)) == b""
    assert bench.send(b"x") == b"\x13"
    assert bench.send(b"x" * 128 + b"lost") == b""
    assert bench.send(b"\x10\x04\x02") == b"\x16"
    assert bench.fault("cover_open", on=False) == b""
    # 48 characters a row; the XON comes in the row that leaves 256 bytes free.
    said = bench.wait()
    assert said == b"\x11"
    text = bench.printed(b"\n")
    assert str(text).replace("\n", "") == "x" * 4096


def test_polling_does_not_fill_the_buffer(bench: Bench) -> None:
    bench.fault("paper_out")
    for _ in range(2000):
        assert bench.send(b"\x10\x04\x01") == b"\x1e"


def test_stuck_xoff_still_answers_in_real_time(bench: Bench) -> None:
    assert bench.fault("stuck_xoff") == b"\x13"
    assert bench.send(TICKET) == b""
    assert bench.wait() == b""
    assert bench.send(b"\x10\x04\x01") == b"\x16"
    assert bench.fault("stuck_xoff", on=False) == b"\x11"
    bench.wait()
    assert bench.papers() == [("full", "A012")]


def test_power_on_says_xon_and_forgets_settings(bench: Bench) -> None:
    bench.send(b"\x1da\xff")
    assert bench.printer.power_on(0.0) == b"\x11"
    assert bench.fault("cover_open") == b""
    assert bench.fault("power_off") == b""
    bench.fault("cover_open", on=False)
    assert bench.fault("power_off", on=False) == b"\x11"


def test_real_time_inside_raster_is_carried_out_and_stays_data(bench: Bench) -> None:
    image = bytes.fromhex("1d 76 30 00 03 00 01 00 10 04 01")
    assert bench.send(image) == b"\x16"
    assert bench.truth[-1]["event"] == "real_time_inside_data"
    assert bench.printed(b"A\n") == "[image 24x1]\nA"


def test_half_a_command_swallows_what_follows_until_it_is_full(bench: Bench) -> None:
    bench.send(bytes.fromhex("1d 76 30 00 48 00 64 00 ff"))  # 7200 bytes of image announced
    assert bench.send(TICKET + PROCESS_ID) == b""
    assert bench.wait() == b""
    bench.send(b"\x00" * 8192)
    bench.wait()
    assert bench.send(PROCESS_ID) == b"\x37\x22Q7~ \x00"


def test_raster_larger_than_the_buffer_is_taken_in_as_it_comes(bench: Bench) -> None:
    image = bytes.fromhex("1d 76 30 00 48 00 ff 00") + b"\xff" * (72 * 255)
    assert bench.send(image) == b""
    assert bench.printed(b"") == "[image 576x255]"


def test_garbage_never_raises() -> None:
    noise = bytes((i * i * 31 + i * 7 + (i >> 3)) % 256 for i in range(20000))
    for start in range(0, 1000, 200):
        bench = Bench()
        bench.send(noise[start : start + 5000])
        bench.wait(3600.0)
