"""The day's appointments from the bank's file: found, read again, and no line's mistake is another's."""

import asyncio
import csv
import hmac
import io
import logging
import os
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, given, settings as run, strategies as st

from demo import appointments as demo
from devices.bank_card import pseudonym
from edge_agent.appointments import Appointments
from edge_agent.branch_queue.business_day import business_day
from tests.conftest import ROOT
from tests.edge_agent.conftest import (
    API,
    DEMO,
    KIOSK,
    STAFF,
    Clock,
    bearer,
    branch_at,
    check_problem,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # ten o'clock in Shanghai
HEADER = "reference,service,at,customer_token\n"
GOOD = "2001,cash,2026-11-26T10:30:00+08:00,\n"
TOKEN = "0123456789abcdef0123456789abcdef"
SERVICES = ("cash", "wealth")


def listed(path: Path) -> Appointments:
    day = datetime.min.time().replace(hour=4)
    return Appointments(path, SHANGHAI, lambda at: business_day(at, SHANGHAI, day), SERVICES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "appointments.csv"


def found(appointments: Appointments, *references: str) -> list[bool]:
    return [appointments.of(reference, TODAY) is not None for reference in references]


def test_todays_appointment_is_found_by_its_reference(file: Path) -> None:
    file.write_text(HEADER + GOOD + "2001,wealth,2026-11-27T10:30:00+08:00,\n", "utf-8")
    one = listed(file).of("2001", TODAY)
    assert one is not None
    assert (one.service, one.at) == ("cash", datetime(2026, 11, 26, 2, 30, tzinfo=UTC))
    assert listed(file).of("2002", TODAY) is None
    assert listed(file).of("2001", TODAY - timedelta(days=1)) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-26T10:30:00+08:00",
        "2026-11-26T02:30:00Z",
        "2026-11-26 10:30",  # without a zone: the branch's own time
        '"2026-11-26T10:30"',
    ],
)
def test_times_of_several_kinds_are_one_moment(file: Path, text: str) -> None:
    file.write_text(f"{HEADER}2001,cash,{text},\n", "utf-8")
    one = listed(file).of("2001", TODAY)
    assert one is not None
    assert one.at == datetime(2026, 11, 26, 2, 30, tzinfo=UTC)


def test_the_hours_after_midnight_belong_to_the_day_before(file: Path) -> None:
    file.write_text(HEADER + "2001,cash,2026-11-27T00:30:00+08:00,\n", "utf-8")
    assert found(listed(file), "2001") == [True]


def test_of_a_customers_appointments_the_nearest_is_meant(file: Path) -> None:
    times = {"1": "08:00", "2": "10:10", "3": "16:00"}
    rows = "".join(f"{n},cash,2026-11-26 {at},{TOKEN}\n" for n, at in times.items())
    file.write_text(HEADER + rows + GOOD, "utf-8")
    nearest = listed(file).of_customer(TOKEN, TODAY, NOW)
    assert nearest is not None
    assert nearest.reference == "2"
    assert listed(file).of_customer("somebody-else", TODAY, NOW) is None


WRONG = {
    "no cells": "2002",
    "no reference": ",cash,2026-11-26T10:30:00+08:00,",
    "a long reference": f"{'x' * 65},cash,2026-11-26T10:30:00+08:00,",
    "a phone number": "13800138000,cash,2026-11-26T10:30:00+08:00,",
    "a card's number": "6222 0212 3456 7890 128,cash,2026-11-26T10:30:00+08:00,",
    "no such service": "2002,loans,2026-11-26T10:30:00+08:00,",
    "no time": "2002,cash,tomorrow,",
    "a date alone": "2002,cash,2026-12-01,",
    "the first year": "2002,cash,0001-01-01T00:00:00+08:00,",
    "the last year": "2002,cash,9999-12-31T23:59:59-12:00,",
    "twice the same": "2001,wealth,2026-11-26T11:30:00+08:00,",
    "an open quotation mark": '2002,cash,"2026-11-26T10:30:00+08:00,',
    "a cell without end": f'2002,cash,"{"x" * 200_000}",',
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_line_that_cannot_be_used_is_told_once_by_number_and_keeps_no_other_out(
    file: Path, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    caplog.set_level(logging.INFO)
    last = "2003,wealth,2026-11-26T11:00:00+08:00,\n"
    file.write_text(f"{HEADER}{GOOD}\n{WRONG[wrong]}\n{last}", "utf-8")
    appointments = listed(file)
    assert found(appointments, "2001", "2003") == [True, True]
    file.write_text(
        f"{HEADER}{GOOD}\n{WRONG[wrong]}\n{last}{last.replace('2003', '2004')}", "utf-8"
    )
    assert found(appointments, "2003", "2004") == [True, True]
    assert len(caplog.messages) == 1
    said = caplog.messages[0].replace(str(file), "")
    assert "line 4:" in said
    assert not any(cell in said for cell in WRONG[wrong].split(",") if len(cell) > len("wealth"))


def test_a_line_in_another_encoding_keeps_no_other_out(file: Path) -> None:
    file.write_bytes(HEADER.encode() + "預2,cash,2026-11-26 10:30,\n".encode("gbk") + GOOD.encode())
    assert found(listed(file), "2001") == [True]


def test_a_file_wrong_throughout_does_not_fill_the_log(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(HEADER + "x,y,z,\n" * 5000, "utf-8")
    assert listed(file).readable
    assert len(caplog.messages) == 21
    assert "4980 more" in caplog.messages[-1]


def test_what_the_bank_changes_is_read_at_the_next_question(file: Path) -> None:
    file.write_text(HEADER + GOOD, "utf-8")
    appointments = listed(file)
    beside = file.with_suffix(".new")
    beside.write_text("\ufeff" + HEADER + GOOD.replace("2001", "2009"), "utf-8")
    os.utime(beside, ns=(file.stat().st_mtime_ns,) * 2)
    beside.replace(file)  # as old and as long as the one before
    assert found(appointments, "2001", "2009") == [False, True]


def test_a_file_that_is_missing_is_said_once_and_once_when_it_is_back(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    appointments = listed(file)
    for _ in range(3):
        assert not appointments.readable
    assert len(caplog.messages) == 1
    file.write_text(HEADER + GOOD, "utf-8")
    assert appointments.readable
    file.unlink()
    assert found(appointments, "2001") == [False]
    file.write_text(HEADER + GOOD, "utf-8")
    assert found(appointments, "2001") == [True]
    assert [str(file) in said for said in caplog.messages] == [True] * 4


@pytest.mark.parametrize("text", ["", "number,what,when\n2001,cash,10:30\n", "\n" + HEADER + GOOD])
def test_a_file_without_our_columns_is_no_list(
    file: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    file.write_text(text, "utf-8")
    assert not listed(file).readable
    [said] = caplog.messages
    assert "reference,service,at,customer_token" in said


@given(raw=st.binary(max_size=300))
@run(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_whatever_bytes_the_file_holds_nothing_breaks(file: Path, raw: bytes) -> None:
    file.write_bytes(HEADER.encode() + GOOD.encode() + raw)
    assert listed(file).readable in (True, False)
    file.write_bytes(raw)
    assert listed(file).of("2001", TODAY) is None


def test_the_demos_file_holds_appointments_around_now(file: Path) -> None:
    demo.write(file, NOW)
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
    assert [row["reference"] for row in rows] == [str(2001 + n) for n in range(len(rows))]
    services = tomllib.loads(DEMO.read_text("utf-8"))["services"]
    assert {row["service"] for row in rows} <= {one["code"] for one in services}
    away = [datetime.fromisoformat(row["at"]) - NOW for row in rows]
    assert min(away) < timedelta(0) < max(away)
    assert max(map(abs, away)) <= timedelta(hours=1)


# --- over HTTP ---------------------------------------------------------------------------------


def answers_at(
    folder: Path, rows: str | None, *paths: str, token: str = KIOSK
) -> list[httpx.Response]:
    text = DEMO.read_text("utf-8")
    config, file = folder / "branch.toml", folder / "appointments.csv"
    config.write_text(text.replace('"run/appointments.csv"', f'"{file}"'), "utf-8")
    if rows is not None:
        file.write_text(rows, "utf-8")

    async def story() -> list[httpx.Response]:
        async with branch_at(folder, Clock(NOW), config) as (_, client):
            return [await client.get(API + path, headers=bearer(token)) for path in paths]

    return asyncio.run(story())


def test_a_kiosk_finds_an_appointment_by_reference_and_by_customer(tmp_path: Path) -> None:
    rows = HEADER + GOOD.replace(",\n", f",{TOKEN}\n")
    by_reference, by_customer, services = answers_at(
        tmp_path, rows, "/appointments/2001", f"/appointments?customer_token={TOKEN}", "/services"
    )
    expected = {"reference": "2001", "service": "cash", "at": "2026-11-26T02:30:00Z"}
    assert by_reference.json() == by_customer.json() == expected
    assert services.json()["appointments"] is True


def test_what_is_not_there_is_404_with_a_stable_type(tmp_path: Path) -> None:
    paths = ("/appointments/2002", "/appointments?customer_token=nobody")
    for answer in answers_at(tmp_path, HEADER + GOOD, *paths):
        check_problem(answer, 404, "appointment-unknown")


def test_without_a_file_the_kiosk_is_told_that_there_are_none(tmp_path: Path) -> None:
    services, one = answers_at(tmp_path, None, "/services", "/appointments/2001")
    assert services.json()["appointments"] is False
    check_problem(one, 404, "appointment-unknown")


def test_only_a_kiosk_may_ask_and_must_say_for_whom(tmp_path: Path) -> None:
    for answer in answers_at(tmp_path, HEADER + GOOD, "/appointments/2001", token=STAFF):
        check_problem(answer, 403, "not-allowed")
    for answer in answers_at(
        tmp_path, HEADER + GOOD, "/appointments", f"/appointments?customer_token={'x' * 129}"
    ):
        check_problem(answer, 400)


def test_no_token_is_ever_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rows = HEADER + f"2001,nowhere,never,{TOKEN}\n" + f"{TOKEN}\n" + GOOD
    answers_at(tmp_path, rows, "/appointments?customer_token=" + TOKEN)
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert ours
    assert TOKEN not in "\n".join(record.getMessage() for record in ours)


def test_the_documents_way_to_a_token_is_the_kiosks() -> None:
    key, number = "our key", "6222021234567890128"
    said = hmac.new(key.encode(), number.encode(), "sha256").hexdigest()[:32]
    assert said == pseudonym(number, key.encode())
    words = 'hmac.new(key.encode(), number.encode(), "sha256").hexdigest()[:32]'
    assert words in (ROOT / "docs" / "devices.md").read_text("utf-8")
