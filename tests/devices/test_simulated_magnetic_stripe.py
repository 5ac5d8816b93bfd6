"""The simulated swipe reader against ISO/IEC 7811 and 7813, on a clock of its own."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from devices.magnetic_stripe.simulator import Simulator as SwipeReader
from tests.devices.running import Running, open_port

TRACK_1 = "%B4111111111111111^TEST/CARD               ^29122010000000000000000?"
TRACK_2 = ";6222021234567890128=29122200000012345?"
SHORT_2 = ";4111111111111111=29122010000000000?"
TRACK_3 = "+011234567890?"


class Reader:
    def __init__(self, *faults: str) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.machine = SwipeReader(self.truth.append)
        for name in faults:
            self.machine.fault(name, True, 0.0)

    def swipe(self, value: str) -> list[tuple[float, bytes]]:
        """All that is sent, with the times."""
        sent = [(0.0, self.machine.present(value, 0.0))]
        while (at := self.machine.next_deadline()) is not None:
            sent.append((at, self.machine.pass_time(at)))
        return [(at, data) for at, data in sent if data]

    def bytes_of(self, value: str) -> bytes:
        return b"".join(data for _, data in self.swipe(value))


@pytest.mark.parametrize(("track", "lrc"), [(SHORT_2, "7"), (TRACK_2, "<"), (TRACK_1, "K")])
def test_lrc_samples(track: str, lrc: str) -> None:
    assert Reader().bytes_of(track) == f"{track}{lrc}\r".encode()


def test_three_tracks_in_order_and_from_a_file(tmp_path: Path) -> None:
    # The digits of track 3 cancel out, its sentinels Bh and Fh give 4.
    expected = f"{TRACK_1}K{SHORT_2}7{TRACK_3}4\r".encode()
    assert Reader().bytes_of(TRACK_1 + SHORT_2 + TRACK_3) == expected
    card = tmp_path / "card.txt"
    card.write_text(f"{TRACK_1}\n{SHORT_2}\n;{TRACK_3[1:]}\n")
    assert Reader().bytes_of(str(card)) == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("wrong_lrc", f"{TRACK_1}J{TRACK_2}=\r"),
        ("bad_track1", f"%E?{TRACK_2}<\r"),
        ("bad_track2", f"{TRACK_1}K;E?\r"),
        ("half_swipe", f"{TRACK_1}K{TRACK_2[:20]}"),
    ],
)
def test_swipe_faults(fault: str, expected: str) -> None:
    reader = Reader(fault)
    assert reader.bytes_of(TRACK_1 + TRACK_2) == expected.encode()
    reader.machine.fault(fault, False, 0.0)
    assert reader.bytes_of(TRACK_1 + TRACK_2) == f"{TRACK_1}K{TRACK_2}<\r".encode()


def test_noise_is_around_the_swipe_and_the_same_each_time() -> None:
    first = Reader("noise").bytes_of(TRACK_2)
    assert first[8:-8] == f"{TRACK_2}<\r".encode()
    assert first == Reader("noise").bytes_of(TRACK_2)


def test_slow_and_double() -> None:
    slow = Reader("slow").swipe(SHORT_2)
    assert [len(data) for _, data in slow] == [1] * 38
    assert slow[-1][0] == pytest.approx(37 * 0.020)
    (first, data), (second, again) = Reader("double").swipe(SHORT_2)
    assert second - first == pytest.approx(0.080)
    assert data == again


def test_truth_of_a_swipe_has_no_card_number() -> None:
    reader = Reader("bad_track1")
    reader.swipe(TRACK_1 + TRACK_2)
    event = reader.truth[-1]
    assert event["tracks"] == [1, 2]
    assert event["unreadable"] == [1]
    assert event["card"] == "622202*********0128"
    assert "6222021234567890128" not in json.dumps(event)


@pytest.mark.parametrize("value", ["", "hello", ";12A?", ";" + "1" * 38 + "?", "%a?", ";1?;2?;3?"])
def test_cards_that_make_no_sense(value: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        Reader().machine.present(value, 0.0)


def test_the_reader_does_not_listen() -> None:
    assert Reader().machine.receive(bytes(range(256)), 0.0) == b""


def test_a_swipe_through_the_cable(tmp_path: Path) -> None:
    running = Running("magnetic_stripe", SwipeReader, tmp_path)
    with open_port(running.link) as port:
        assert running.command(f"present {TRACK_2}") == "ok present"
        assert port.read_until(b"\r") == f"{TRACK_2}<\r".encode()
    running.end()
    assert "6222021234567890128" not in running.log.read_text()
