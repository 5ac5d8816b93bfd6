"""What the journey wishes is asked of a real client; every answer says whose question it was."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs

from devices.ticket_printer.slip import Slip
from edge_agent.messages import Appointment, ErrandBegun
from kiosk import settings
from kiosk.branch_client import BranchClient
from kiosk.granting import Granting
from kiosk.journey import events, wishes
from kiosk.journey.step import Help
from kiosk.screens.frame import every_language
from tests.conftest import ROOT
from tests.kiosk.fake_branch import FakeBranch
from tests.kiosk.states import NOW, offer, ticket, visit
from tests.kiosk.test_branch_client import branch

__all__ = ["branch"]  # a fixture
BOOKED = Appointment(reference="2001", service="cash", at=NOW)
EN = every_language()["en"]
PROBLEM = (404, b'{"type": "urn:lobby:unknown", "detail": "There is none."}')


class Printing:
    """Machines of which only the printer matters."""

    def __init__(self) -> None:
        self.slips: dict[str, Slip] = {}

    def print(self, job: str, slip: Slip) -> list[events.Event]:
        self.slips[job] = slip
        return [events.PaperTold(job, "failed", "noPrinter")]


def granted(branch: FakeBranch, *wished: wishes.Wish) -> tuple[list[events.Event], Printing]:
    """What the journey is told, one wish after the other."""
    told: list[events.Event] = []
    printing = Printing()

    async def story() -> None:
        client = BranchClient(
            branch.url, "demo-kiosk", "kiosk-1",
            on_services=lambda _: None, on_lost=lambda: None, clock=asyncio.get_running_loop().time,
        )  # fmt: skip
        begun: list[Coroutine[Any, Any, None]] = []
        granting = Granting(
            settings.load(ROOT / "config" / "demo" / "kiosk.toml"),
            client,
            printing,  # type: ignore[arg-type]
            None,
            every_language(),
            tell=told.append,
            begin=begun.append,
        )
        granting.know(offer())
        for wish in wished:
            granting.grant(wish)
            while begun:
                await asyncio.wait_for(begun.pop(0), 10)
        await client.close()

    asyncio.run(story())
    return told, printing


@pytest.mark.parametrize(
    ("wish", "path", "asked"),
    [
        (wishes.FindAppointment(reference="2001"), "2001", "2001"),
        (
            wishes.FindAppointment(token="pseudonym"),
            "appointments?customer_token=pseudonym",
            "pseudonym",
        ),
    ],
    ids=["number", "card"],
)
def test_every_answer_about_an_appointment_says_by_what_it_was_asked(
    branch: FakeBranch, wish: wishes.FindAppointment, path: str, asked: str
) -> None:
    branch.faults[path] = [msgspec.json.encode(BOOKED), PROBLEM, "drop"]
    told, _ = granted(branch, wish, wish, wish)
    assert told == [
        events.AppointmentFound(BOOKED, 0, asked),
        events.AppointmentUnknown(asked),
        events.NotTaken(asked=asked),
    ]


def test_a_visit_is_found_unknown_or_could_not_be_looked_up(branch: FakeBranch) -> None:
    branch.faults["A012"] = [msgspec.json.encode(visit()), PROBLEM, "drop"]
    wish = wishes.FindVisit(label="A012")
    told, _ = granted(branch, wish, wish, wish)
    assert told == [events.VisitFound(visit()), events.VisitUnknown(), events.NotTaken()]


def test_a_rating_is_told_as_written_down_only_by_the_branchs_own_word(branch: FakeBranch) -> None:
    branch.faults["rating"] = [msgspec.json.encode(visit(rating=5)), PROBLEM, "drop", b"<html>"]
    wish = wishes.RateVisit("t-1", 5, ("quick",))
    told, _ = granted(branch, wish, wish, wish, wish)
    assert told == [
        events.Rated(),
        events.NotTaken("unknown"),
        events.NotTaken(),
        events.NotTaken(),
    ]
    [(_, _, body), *_] = branch.seen("/api/v1/tickets/t-1/rating")
    sent = msgspec.json.decode(body)
    assert (sent["score"], sent["reasons"]) == (5, ["quick"])


def test_an_opinion_comes_back_with_its_number(branch: FakeBranch) -> None:
    branch.faults["opinions"] = [b'{"id": "page", "label": "S001", "at": "2026-11-26T02:00:00Z"}']
    wish = wishes.GiveOpinion("hall", ("hall-0",), "en", ((1, 2),))
    told, _ = granted(branch, wish)
    assert told == [events.OpinionTaken("S001", "page")]


def test_a_person_is_told_as_called_only_when_the_branch_has_heard_it(branch: FakeBranch) -> None:
    branch.faults["help"] = [b"", "drop"]
    told, _ = granted(branch, wishes.CallPerson("services"), wishes.CallPerson("services"))
    assert told == [events.HelpTold(Help.ASKED), events.HelpTold(Help.UNREACHABLE)]


def test_an_errand_reaches_the_teller_with_what_was_said_and_its_papers_the_slip(
    branch: FakeBranch,
) -> None:
    said = ErrandBegun(code="loan", choice="home", identified=True)
    ask = wishes.AskTicket("wealth", "en", "vip", "pseudonym-of-a-card", errand=said)
    told, printing = granted(branch, ask, wishes.PrintTicket(ticket(), "en", "loan"))
    [(_, _, body)] = branch.seen("/api/v1/tickets")
    assert msgspec.json.decode(body)["errand"] == {
        "code": "loan",
        "choice": "home",
        "identified": True,
    }
    assert isinstance(told[0], events.TicketIssued)
    lines = [getattr(part, "text", "") for part in printing.slips[ticket().id]]
    assert lines[lines.index(EN("slip.papers")) + 1] == "- A valid ID"


def test_a_number_in_advance_says_so_on_the_slip_and_no_place_and_no_wait(
    branch: FakeBranch,
) -> None:
    _, printing = granted(branch, wishes.PrintTicket(ticket(), "en", in_advance=True))
    lines = [getattr(part, "text", "") for part in printing.slips[ticket().id]]
    assert EN("slip.offline") in lines
    assert not [
        line
        for line in lines
        if line in (EN("slip.ahead", count=12), EN("slip.wait", low=5, high=19))
    ]


def test_a_ticket_for_which_nobody_waits_is_cancelled_at_the_branch(branch: FakeBranch) -> None:
    granted(branch, wishes.GiveBack("t-7"))
    assert branch.cancelled == ["t-7"]


def alone(branch: FakeBranch) -> Granting:
    """Nothing is asked of the branch."""
    client = BranchClient(
        branch.url, "demo-kiosk", "kiosk-1",
        on_services=lambda _: None, on_lost=lambda: None, clock=lambda: 0.0,
    )  # fmt: skip
    return Granting(
        settings.load(ROOT / "config" / "demo" / "kiosk.toml"),
        client, Printing(), None, every_language(),  # type: ignore[arg-type]
        tell=lambda _: None, begin=lambda _: None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "../../etc/passwd", "", "a" * 5000, "Asia\0", "Asia"]
)
def test_a_zone_that_nobody_here_knows_stops_no_ticket(branch: FakeBranch, zone: str) -> None:
    """A kiosk whose table of zones is older than its branch's goes by its own."""
    granting = alone(branch)
    granting.know(structs.replace(offer(), time_zone=zone))
    assert granting.now() - NOW < timedelta(minutes=1)
    granting.know(offer())
    assert granting.now().utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("said", "early"),
    [
        ("2026-11-26T10:38:00+00:00", 30),
        ("2026-11-26", None),
        ("2026-11-26T10:38:00", None),
        ("20031", None),
        ("R-20031", None),
    ],
)
def test_a_reference_that_looks_like_a_day_is_no_time(
    branch: FakeBranch, said: str, early: int | None
) -> None:
    granting = alone(branch)
    granting.know(offer())
    assert granting.early_of(said) == early


def test_a_slash_behind_the_branchs_address_makes_no_second_one_in_a_link() -> None:
    """The kiosk knows its own tickets again by their link."""
    config = settings.load(ROOT / "config" / "demo" / "kiosk.toml")
    client = BranchClient(
        config.branch.url, "demo-kiosk", "kiosk-1", on_services=lambda _: None, on_lost=lambda: None, clock=lambda: 0.0
    )  # fmt: skip
    told: list[events.Event] = []
    granting = Granting(
        config, client, Printing(), None, every_language(), tell=told.append, begin=lambda one: one.close()  # type: ignore[arg-type]
    )  # fmt: skip
    granting.know(structs.replace(offer(), public_url="https://branch.example/"))
    assert granting.link("abc") == "https://branch.example/t/abc"
