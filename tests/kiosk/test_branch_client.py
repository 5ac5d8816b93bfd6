"""The kiosk's client against a small branch over real HTTP: lost answers, absence, refusals, garbage."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge_agent.messages import IssuedTicket, PaperAt, Services, TicketRequest
from kiosk.branch_client import BranchClient, Refused, Unreachable
from kiosk.numbers import open_numbers
from tests.kiosk.fake_branch import SERVICES, FakeBranch

CASH = TicketRequest(service="cash", customer_token="pseudonym")
GARBAGE = {
    "empty": b"",
    "not JSON": b"<html>Bad gateway</html>",
    "of another shape": b'{"services": 3}',
    "null": b"null",
    "cut off": b'{"services": [',
    "not UTF-8": b'{"services": [], "branch_name": {"en": "\xff"}, "public_url": ""}',
    "beyond the calendar": json.dumps(SERVICES | {"at": "9999-12-31T23:59:59Z"}).encode(),
    "before the calendar": json.dumps(SERVICES | {"at": "0001-01-01T00:00:00Z"}).encode(),
    "deep": b'{"x": ' + b"[" * 100_000,
}


class Kiosk:
    """What the client told, in order, and a clock that goes some seconds with every look at it."""

    def __init__(self, url: str, *, seconds_a_look: float) -> None:
        self.told: list[str] = []
        self.services: list[Services] = []
        self._now, self._step = 0.0, seconds_a_look
        self.client = BranchClient(
            url,
            "demo-kiosk",
            "kiosk-1",
            on_services=self._heard,
            on_lost=lambda: self.told.append("lost"),
            clock=self.clock,
        )

    def clock(self) -> float:
        self._now += self._step
        return self._now

    def _heard(self, services: Services) -> None:
        self.services.append(services)
        self.told.append("services")


@pytest.fixture
def branch() -> Iterator[FakeBranch]:
    fake = FakeBranch()
    yield fake
    fake.end()


def run(
    branch: FakeBranch,
    story: Callable[[Kiosk], Coroutine[Any, Any, Any]],
    seconds_a_look: float = 4.0,
) -> Kiosk:
    """The story on one loop, with a client that is closed afterwards."""
    kiosk = Kiosk(branch.url, seconds_a_look=seconds_a_look)

    async def whole() -> None:
        try:
            await asyncio.wait_for(story(kiosk), 20)
        finally:
            await kiosk.client.close()

    asyncio.run(whole())
    return kiosk


async def until(look: Callable[[], Any], what: str, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


async def ask_in_vain(kiosk: Kiosk) -> None:
    with pytest.raises(Unreachable):
        await kiosk.client.ticket(CASH)


def test_a_ticket_is_asked_with_a_key_and_the_kiosks_token(branch: FakeBranch) -> None:
    issued: list[IssuedTicket] = []

    async def story(kiosk: Kiosk) -> None:
        issued.append(await kiosk.client.ticket(CASH))

    run(branch, story)
    [(_, key, body)] = branch.seen("/tickets")
    assert key
    assert b"pseudonym" in body
    assert issued[0].label == "A001"


@pytest.mark.parametrize("fault", ["lose", (503, b"busy"), (500, b""), "drop"])
def test_a_lost_answer_is_asked_again_under_the_same_key_and_makes_one_ticket(
    branch: FakeBranch, fault: Any
) -> None:
    branch.faults["tickets"] = [fault, fault]
    issued: list[IssuedTicket] = []

    async def story(kiosk: Kiosk) -> None:
        issued.append(await kiosk.client.ticket(CASH))

    run(branch, story)
    assert len(branch.seen("/tickets")) == 3
    assert len({key for _, key, _ in branch.seen("/tickets")}) == 1
    assert [ticket["id"] for ticket in branch.tickets.values()] == [issued[0].id]


@pytest.mark.parametrize("fault", ["drip", "flood"])
def test_an_answer_that_does_not_end_is_none(branch: FakeBranch, fault: str) -> None:
    """Every byte in time, and yet nothing to read: the kiosk must neither wait for ever nor fill its memory."""
    branch.faults["services"] = [fault]

    async def story(kiosk: Kiosk) -> None:
        await kiosk.client.look()
        await kiosk.client.look()

    assert run(branch, story).told == ["lost", "services"]


def test_two_customers_have_two_keys(branch: FakeBranch) -> None:
    async def story(kiosk: Kiosk) -> None:
        await kiosk.client.ticket(CASH)
        await kiosk.client.ticket(CASH)

    run(branch, story)
    assert len(branch.tickets) == 2


def test_a_branch_that_stays_away_is_unreachable_after_ten_seconds_of_the_clock(
    branch: FakeBranch,
) -> None:
    branch.away = True
    run(branch, ask_in_vain, seconds_a_look=2.0)
    asked = len(branch.seen("/tickets"))
    assert 5 <= asked <= 7  # two seconds of the given clock between any two


def test_a_ticket_nobody_took_is_given_back_exactly_once_when_the_branch_is_back(
    branch: FakeBranch,
) -> None:
    branch.faults["tickets"] = ["lose", *["drop"] * 6]

    async def story(kiosk: Kiosk) -> None:
        await ask_in_vain(kiosk)
        branch.faults.clear()
        for _ in range(3):
            await kiosk.client.look()

    run(branch, story)
    assert (len(branch.tickets), branch.cancelled) == (1, ["t-1"])


@pytest.mark.parametrize("fault", ["lose", "drop", (503, b"")])
def test_giving_back_goes_on_until_the_branch_has_heard_it(branch: FakeBranch, fault: Any) -> None:
    branch.faults["tickets"] = ["lose", *["drop"] * 6]
    branch.faults["cancel"] = [fault]

    async def story(kiosk: Kiosk) -> None:
        await ask_in_vain(kiosk)
        branch.faults["tickets"] = []
        for _ in range(4):
            await kiosk.client.look()

    run(branch, story)
    assert set(branch.cancelled) == {"t-1"}
    assert len(branch.tickets) == 1


def test_a_look_and_news_of_paper_at_once_give_back_once(branch: FakeBranch) -> None:
    branch.faults["tickets"] = ["lose", *["drop"] * 6]

    async def story(kiosk: Kiosk) -> None:
        await ask_in_vain(kiosk)
        branch.faults.clear()
        await asyncio.gather(kiosk.client.look(), kiosk.client.printed("t-0", "confirmed", ""))

    run(branch, story)
    assert branch.cancelled == ["t-1"]


def test_a_refused_give_back_does_not_hold_up_what_comes_after_it(branch: FakeBranch) -> None:
    branch.faults["tickets"] = ["lose", *["drop"] * 6]
    branch.faults["cancel"] = [(409, b"{}")]

    async def story(kiosk: Kiosk) -> None:
        await ask_in_vain(kiosk)
        branch.faults["tickets"] = []
        await kiosk.client.printed("t-0", "confirmed", "")
        await kiosk.client.look()

    kiosk = run(branch, story)
    assert [ticket for ticket, _ in branch.printed.values()] == ["t-0"]
    assert kiosk.told == ["services"]


def test_paper_is_told_at_once_while_the_branch_is_there(branch: FakeBranch) -> None:
    run(branch, lambda kiosk: kiosk.client.printed("t-1", "failed", "paperOut"))
    assert list(branch.printed.values()) == [("t-1", {"outcome": "failed", "reason": "paperOut"})]


def test_what_is_being_told_when_the_kiosk_ends_is_heard(branch: FakeBranch) -> None:
    async def story(kiosk: Kiosk) -> None:
        telling = asyncio.create_task(kiosk.client.printed("t-1", "failed", "canceled"))
        await asyncio.sleep(0)
        await kiosk.client.close()
        assert telling.done()

    run(branch, story)
    assert [ticket for ticket, _ in branch.printed.values()] == ["t-1"]


def test_paper_of_the_time_away_is_told_later_once_each_and_in_order(branch: FakeBranch) -> None:
    names = [f"t-{number}" for number in range(5)]

    async def story(kiosk: Kiosk) -> None:
        branch.away = True
        for name in names:
            await kiosk.client.printed(name, "confirmed", "")
        branch.away = False
        branch.requests.clear()
        branch.faults["printed"] = [None, "lose"]
        for _ in range(4):
            await kiosk.client.look()

    run(branch, story)
    assert [ticket for ticket, _ in branch.printed.values()] == names
    assert len(branch.seen("/printed")) == len(names) + 1  # the lost answer was asked for again


def test_paper_the_branch_refuses_does_not_hold_up_the_next(branch: FakeBranch) -> None:
    branch.faults["printed"] = [(404, b"{}")]

    async def story(kiosk: Kiosk) -> None:
        await kiosk.client.printed("t-unknown", "confirmed", "")
        await kiosk.client.printed("t-2", "confirmed", "")

    run(branch, story)
    assert [ticket for ticket, _ in branch.printed.values()] == ["t-2"]


@pytest.mark.parametrize("fault", [b"<html>Sign in to the network</html>", (302, b"")])
def test_what_somebody_in_between_answers_confirms_nothing(branch: FakeBranch, fault: Any) -> None:
    branch.faults["printed"] = [fault]
    branch.faults["help"] = [fault]

    async def story(kiosk: Kiosk) -> None:
        with pytest.raises(Unreachable):
            await kiosk.client.tell("/api/v1/kiosks/kiosk-1/help", None, "key")
        assert await kiosk.client.printed("t-1", "confirmed", "") is None
        await kiosk.client.look()

    run(branch, story)
    assert [ticket for ticket, _ in branch.printed.values()] == ["t-1"]
    assert len(branch.seen("/printed")) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_no_of_the_branch_is_refused_with_its_reason_and_not_asked_again(
    branch: FakeBranch, status: int
) -> None:
    branch.faults["tickets"] = [(status, {"type": "serviceClosed", "detail": "Closed since 17:00"})]

    async def story(kiosk: Kiosk) -> None:
        with pytest.raises(Refused, match=r"serviceClosed.*Closed since 17:00"):
            await kiosk.client.ticket(CASH)

    run(branch, story)
    assert len(branch.seen("/tickets")) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b'{"type": 1}', b"<html>"])
def test_a_no_without_a_reason_is_still_refused(branch: FakeBranch, body: bytes) -> None:
    branch.faults["tickets"] = [(403, body)]

    async def story(kiosk: Kiosk) -> None:
        with pytest.raises(Refused, match="403"):
            await kiosk.client.ticket(CASH)

    run(branch, story)


ANSWERS_TO_PAPER: dict[str, tuple[Any, PaperAt | None]] = {
    "nothing more": (None, PaperAt()),
    "elsewhere": (b'{"reprint_at": "kiosk-2", "label": "A001"}', PaperAt(reprint_at="kiosk-2")),
    "refused": ((404, b"{}"), None),
    "nonsense": (b"<html>Bad gateway</html>", None),
}


@pytest.mark.parametrize(("fault", "heard"), ANSWERS_TO_PAPER.values(), ids=ANSWERS_TO_PAPER)
def test_where_the_paper_comes_out_is_heard_from_the_answer(
    branch: FakeBranch, fault: Any, heard: PaperAt | None
) -> None:
    branch.faults["printed"] = [fault]

    async def story(kiosk: Kiosk) -> None:
        assert await kiosk.client.printed("t-1", "failed", "paperOut") == heard

    run(branch, story)


def test_two_papers_told_at_once_each_hear_their_own_answer(branch: FakeBranch) -> None:
    elsewhere, heard = ANSWERS_TO_PAPER["elsewhere"]
    branch.faults["printed"] = [None, elsewhere]

    async def story(kiosk: Kiosk) -> None:
        told = (kiosk.client.printed(one, "failed", "paperOut") for one in ("t-1", "t-2"))
        assert await asyncio.gather(*told) == [PaperAt(), heard]

    run(branch, story)


def test_who_could_not_tell_of_a_paper_knows_that_nobody_has_heard_it(branch: FakeBranch) -> None:
    async def story(kiosk: Kiosk) -> None:
        branch.away = True
        assert await kiosk.client.printed("t-1", "failed", "paperOut", reprint=True) is None
        branch.away = False
        await kiosk.client.look()

    run(branch, story)
    told = {"outcome": "failed", "reason": "paperOut", "reprint": True}
    assert list(branch.printed.values()) == [("t-1", told)]


def test_numbers_that_were_refused_are_not_said_to_come_again(
    branch: FakeBranch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A kiosk whose name the branch does not know is told so once, and never the contrary."""
    caplog.set_level("INFO")
    branch.faults["numbers"] = [(403, {"type": "urn:not-your-kiosk", "detail": "No."})] * 3

    async def story() -> None:
        client = BranchClient(
            branch.url, "demo-kiosk", "kiosk-1", on_services=lambda _: None, on_lost=lambda: None,
            clock=asyncio.get_running_loop().time,
            numbers=open_numbers(tmp_path, time.monotonic, lambda: datetime.now(UTC), lambda: "x" * 22),
        )  # fmt: skip
        for _ in range(3):
            await client.look()
        await client.close()

    asyncio.run(story())
    assert len(branch.seen("/numbers")) == 3
    assert [line for line in caplog.messages if "leased" in line] == [
        "Numbers in advance cannot be leased: not-your-kiosk: No."
    ]
