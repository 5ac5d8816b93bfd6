"""Is the branch there? What the client says of it when it goes, comes back, or talks nonsense."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from edge_agent.messages import DeviceHealth
from kiosk.branch_client import Refused, Unreachable
from tests.kiosk.fake_branch import FakeBranch
from tests.kiosk.test_branch_client import CASH, GARBAGE, Kiosk, ask_in_vain, branch, run, until

__all__ = ["branch"]  # a fixture


def test_lost_is_called_while_away_and_services_when_back(branch: FakeBranch) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.client.look()
        branch.away = True
        await kiosk.client.look()
        await kiosk.client.look()
        branch.away = False
        await kiosk.client.look()

    kiosk = run(branch, story)
    assert kiosk.told == ["services", "lost", "lost", "services"]
    assert kiosk.services[0].branch_name == {"en": "Riverside"}


def test_lost_and_back_are_each_logged_once(
    branch: FakeBranch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kiosk.branch_client")

    async def story(kiosk: Kiosk) -> None:
        branch.away = True
        for _ in range(4):
            await kiosk.client.look()
        branch.away = False
        for _ in range(3):
            await kiosk.client.look()

    run(branch, story)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_from_the_branch_is_a_lost_branch_and_not_a_crash(
    branch: FakeBranch, garbage: bytes
) -> None:
    branch.faults["services"] = [garbage]

    async def story(kiosk: Kiosk) -> None:
        await kiosk.client.look()
        await kiosk.client.look()

    assert run(branch, story).told == ["lost", "services"]


def test_following_goes_on_after_garbage_and_refusals(branch: FakeBranch) -> None:
    branch.faults["services"] = [b"<html>", (401, b"")]

    async def story(kiosk: Kiosk) -> None:
        following = asyncio.create_task(kiosk.client.follow())
        await until(lambda: kiosk.told == ["lost", "lost", "services"] or following.done(), "looks")
        following.cancel()

    assert run(branch, story).told == ["lost", "lost", "services"]


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_instead_of_a_ticket_is_unreachable_or_refused(
    branch: FakeBranch, garbage: bytes
) -> None:
    """What the client's own sentence promises; anything else throws the customer out unheard."""
    branch.faults["tickets"] = [garbage] * 10

    async def story(kiosk: Kiosk) -> None:
        with pytest.raises((Unreachable, Refused)):
            await kiosk.client.ticket(CASH)

    run(branch, story)


def test_one_answer_of_garbage_is_asked_again_under_the_same_key(branch: FakeBranch) -> None:
    branch.faults["tickets"] = [b"<html>"]
    labels: list[str] = []

    async def story(kiosk: Kiosk) -> None:
        labels.append((await kiosk.client.ticket(CASH)).label)

    run(branch, story)
    assert labels == ["A001"]


def test_garbage_while_giving_back_does_not_throw_out_the_next_customer(
    branch: FakeBranch,
) -> None:
    branch.faults["tickets"] = ["drop"] * 7

    async def story(kiosk: Kiosk) -> None:
        await ask_in_vain(kiosk)
        branch.faults["tickets"] = [b"<html>"]
        await kiosk.client.printed("t-0", "confirmed", "")

    run(branch, story)


@pytest.mark.parametrize("answer", [(404, b"{}"), (422, b"{}")])
def test_a_refused_report_of_devices_does_not_close_the_kiosk(
    branch: FakeBranch, answer: Any
) -> None:
    """A branch that refuses a report is there; `on_lost` would end the present customer's visit."""
    branch.faults["devices"] = [answer]
    kiosk = run(branch, lambda kiosk: kiosk.client.report([]))
    assert kiosk.told == []


def test_a_report_names_every_device(branch: FakeBranch) -> None:
    health = DeviceHealth(
        device="kiosk-1/printer",
        kind="ticket_printer",
        state="ready",
        since=datetime(2026, 11, 23, tzinfo=UTC),
    )
    run(branch, lambda kiosk: kiosk.client.report([health]))
    [(method, _, body)] = branch.seen("/api/v1/kiosks/kiosk-1/devices")
    assert method == "PUT"
    assert b"kiosk-1/printer" in body


def test_a_port_where_nobody_listens_is_a_lost_branch() -> None:
    fake = FakeBranch()
    fake.end()
    assert run(fake, lambda kiosk: kiosk.client.look()).told == ["lost"]
