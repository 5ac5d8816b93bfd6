"""The paper of a number that was given out without the branch says so, and promises nothing that nobody knows."""

from datetime import UTC, date, datetime

import pytest

from devices.ticket_printer.slip import Line, Slip
from edge_agent.messages import IssuedTicket
from kiosk.slip import ticket_slip
from kiosk.words import languages, load

SAID = {"en": "OFFLINE", "zh-Hans": "离线", "zh-Hant": "離線"}


def slip(language: str, *, offline: bool) -> Slip:
    ticket = IssuedTicket(
        id="n5Yk2vXrT0mQ8wLb3cJd4A", label="A9001", service="cash", segment="ordinary",
        business_day=date(2026, 11, 26), issued_at=datetime(2026, 11, 26, 2, tzinfo=UTC), ahead=0,
        estimated_wait=None,
    )  # fmt: skip
    return ticket_slip(
        ticket, load(language), bank="Harmony Bank", branch="Riverside", service="Cash",
        link="https://branch/t/n5Yk2vXrT0mQ8wLb3cJd4A", zone=UTC, offline=offline,
    )  # fmt: skip


def lines(slip: Slip) -> list[str]:
    return [part.text for part in slip if isinstance(part, Line)]


@pytest.mark.parametrize("language", languages())
def test_an_offline_number_says_that_it_is_one_and_from_when_it_counts(language: str) -> None:
    found = lines(slip(language, offline=True))
    assert SAID.get(language, "") in found[0]
    assert {"A9001", "2026-11-26 02:00"} <= set(found)
    assert load(language)("slip.ahead", count=0) not in found


@pytest.mark.parametrize("language", languages())
def test_any_other_number_does_not(language: str) -> None:
    found = lines(slip(language, offline=False))
    assert load(language)("slip.offline") not in found
    assert load(language)("slip.offline.place") not in found
