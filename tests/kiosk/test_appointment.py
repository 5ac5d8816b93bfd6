"""Codes as a scanner reads them: which are appointments, and what exactly was booked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from kiosk.appointment import Appointment, read
from tests.conftest import ROOT

NO_APPOINTMENTS = {
    "nothing": "",
    "a telephone number": "13800000000",
    "our own ticket's link": "http://branch.example:8080/t/01JD5Y8Q2V7K3M9N4P6R8T0W2X",
    "a payment code": "https://pay.example/qr?service=wealth&at=2026-11-25T14:30:00+08:00",
    "somebody else's scheme": "bank:appointment?service=wealth&reference=R-1",
    "another word of ours": "lobby:ticket?service=wealth&reference=R-1",
    "a host": "lobby://appointment?service=wealth&reference=R-1",
    "no service": "lobby:appointment?reference=R-1",
    "an empty service": "lobby:appointment?service=&reference=R-1",
    "no booking": "lobby:appointment?service=wealth",
    "an empty reference": "lobby:appointment?service=wealth&reference=",
    "a blank reference": "lobby:appointment?service=wealth&reference=%20",
    "a reference with what nobody can read": "lobby:appointment?service=wealth&reference=R%00%1b",
    "a service longer than any": f"lobby:appointment?service={'w' * 33}&reference=R-1",
    "a reference longer than any": f"lobby:appointment?service=wealth&reference={'R' * 65}",
    "a time without its zone": "lobby:appointment?service=wealth&at=2026-11-25T14:30:00",
    "a day": "lobby:appointment?service=wealth&at=2026-11-25",
    "no such day": "lobby:appointment?service=wealth&at=2026-11-31T14:30:00+08:00",
    "a time before time": "lobby:appointment?service=wealth&at=0001-01-01T00:00:00+08:00",
    "words for a time": "lobby:appointment?service=wealth&at=tomorrow",
    "a broken query": "lobby:appointment?service",
    "a broken address": "lobby:appointment//[?service=wealth&reference=R-1",
}


def examples() -> list[str]:
    """Those that we show to banks."""
    text = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.startswith("    lobby:")]


def test_what_we_tell_banks_to_make_is_read() -> None:
    timed, referred = map(read, examples())
    assert timed is not None
    assert timed.service == "wealth"
    assert datetime.fromisoformat(timed.booked) == datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
    assert referred == Appointment("wealth", "R-20031")


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-25T14:30:00+08:00",
        "2026-11-25T14:30:00%2B08:00",  # as a careful maker of codes writes it
        "2026-11-25T14%3A30%3A00%2B08%3A00",
        "2026-11-25T14:30+08:00",
        "2026-11-25T06:30:00Z",
        "2026-11-25T14:30:00.000+08:00",
    ],
)
def test_every_way_to_write_the_same_moment_is_the_same_booking(at: str) -> None:
    found = read(f"lobby:appointment?service=wealth&at={at}")
    assert found == Appointment("wealth", "2026-11-25T06:30:00+00:00")


def test_a_scanners_line_end_and_other_facts_in_the_code_do_no_harm() -> None:
    code = " lobby:appointment?v=2&service=cards&reference=R-20031&lang=en\r\n"
    assert read(code) == Appointment("cards", "R-20031")


def test_a_reference_in_chinese_and_the_longest_one_are_read() -> None:
    assert read("lobby:appointment?service=cards&reference=预约20031") == Appointment(
        "cards", "预约20031"
    )
    longest = read(f"lobby:appointment?service={'s' * 32}&reference={'R' * 64}")
    assert longest == Appointment("s" * 32, "R" * 64)


def test_a_mistyped_time_is_not_replaced_by_the_reference_beside_it() -> None:
    assert read("lobby:appointment?service=wealth&at=14:30&reference=R-1") is None


@pytest.mark.parametrize("text", NO_APPOINTMENTS.values(), ids=NO_APPOINTMENTS)
def test_every_other_code_is_none(text: str) -> None:
    assert read(text) is None


@given(st.one_of(st.text(), st.text().map("lobby:appointment?service=wealth&".__add__)))
def test_no_code_at_all_can_break_the_reader(text: str) -> None:
    found = read(text)
    assert found is None or (found.service and found.booked)


def test_the_number_of_a_card_is_no_reference() -> None:
    assert read("lobby:appointment?service=wealth&reference=6222021234567890128") is None
