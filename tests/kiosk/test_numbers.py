"""The kiosk's numbers in advance: each once, of today only, and never one that is not committed."""

import multiprocessing
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge_agent.messages import (
    HandedIn,
    IssuedTicket,
    Lease,
    NotTaken,
    NumberBlock,
    Reprint,
    Service,
    Services,
    TicketRequest,
)
from kiosk.numbers import Numbers, open_numbers
from kiosk.store import FILE, StoreUnusable, keep_note

NINE = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
UNTIL = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
CASH, CARDS = TicketRequest(service="cash", segment="vip"), TicketRequest(service="cards")


class World:
    """A kiosk's folder, and its clocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steady = 1000.0
        self.wall = NINE + timedelta(hours=3)  # wrong, as kiosks' clocks are
        self._ids = count(1)

    def start(self) -> Numbers:
        """Also after a kill: nothing was closed."""
        return open_numbers(self.folder, lambda: self.steady, lambda: self.wall, self.new_id)

    def new_id(self) -> str:
        return f"a-ticket-of-kiosk-1-{next(self._ids)}"

    def later(self, seconds: float, *, off: bool = False) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady = 5.0 if off else self.steady + seconds


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "kiosk-1")


def lease(*cash: str, cards: tuple[str, ...] = (), **more: Any) -> Lease:
    blocks = [NumberBlock(service="cash", labels=list(cash))]
    blocks.append(NumberBlock(service="cards", labels=list(cards)))
    given: dict[str, Any] = {"business_day": TODAY, "at": NINE, "until": UNTIL, **more}
    return Lease(blocks=blocks, **given)


def services(**more: Any) -> Services:
    cash = Service(
        code="cash", prefix="A", names={"en": "Cash"}, waiting=3, estimated_wait=None, open=True
    )
    given: dict[str, Any] = {
        "services": [cash], "branch_name": {"en": "Riverside"}, "public_url": "http://branch",
        "time_zone": "Asia/Shanghai", "at": NINE, "business_day": TODAY, **more,
    }  # fmt: skip
    return Services(**given)


def label(ticket: IssuedTicket | None) -> str | None:
    return ticket.label if ticket else None


def test_numbers_come_in_order_each_once_and_then_none(world: World) -> None:
    numbers = world.start()
    assert numbers.take(CASH) is None
    numbers.keep(lease("A9001", "A9002", cards=("B9001",)))
    assert [label(numbers.take(CASH)) for _ in range(3)] == ["A9001", "A9002", None]
    assert (numbers.left("cash"), numbers.left("cards"), numbers.left("loans")) == (0, 1, 0)


def test_a_ticket_says_what_is_known(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001"))
    world.later(90)
    ticket = numbers.take(CASH)
    assert ticket is not None
    assert (ticket.label, ticket.service, ticket.segment) == ("A9001", "cash", "vip")
    assert (ticket.business_day, ticket.ahead, ticket.estimated_wait) == (TODAY, 0, None)
    assert ticket.issued_at == NINE + timedelta(seconds=90)
    (told,) = numbers.to_hand_in()
    assert (told.id, told.label, told.asked) == (ticket.id, "A9001", CASH)
    assert told.touched_at == ticket.issued_at


def test_a_kill_after_every_number_gives_none_twice_and_forgets_no_ticket(world: World) -> None:
    labels = [f"A90{n:02d}" for n in range(1, 21)]
    world.start().keep(lease(*labels))
    given = [label(world.start().take(CASH)) for _ in range(21)]
    assert given == [*labels, None]
    assert [one.label for one in world.start().to_hand_in()] == labels


def test_what_was_given_out_is_not_given_again_though_the_branch_leases_it_still(
    world: World,
) -> None:
    numbers = world.start()
    for _ in range(2):
        numbers.keep(lease("A9001", "A9002"))
        numbers.take(CASH)
        numbers = world.start()
    numbers.keep(lease("A9001", "A9002", "A9003"))
    assert label(numbers.take(CASH)) == "A9003"


def test_what_the_branch_no_longer_leases_is_not_given_out(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001", "A9002"))
    numbers.keep(lease("A9007"))
    assert [label(numbers.take(CASH)) for _ in range(2)] == ["A9007", None]


# --- the day, by the branch's time ----------------------------------------------------------------


@pytest.mark.parametrize("killed", [False, True])
def test_a_lease_ends_with_its_business_day_whatever_the_wall_clock_shows(
    world: World, killed: bool
) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001", "A9002"))
    world.later((UNTIL - NINE).total_seconds() - 1, off=killed)
    if killed:
        numbers = world.start()
    assert label(numbers.take(CASH)) == "A9001"
    world.later(2)
    assert numbers.take(CASH) is None
    assert numbers.left("cash") == 0


def test_a_wall_clock_that_went_back_while_the_kiosk_was_off_orders_as_before(
    world: World,
) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001", "A9002"))
    world.later(600)
    first = numbers.take(CASH)
    world.later(-86400, off=True)
    second = world.start().take(CASH)
    assert first is not None
    assert second is not None
    assert second.issued_at >= first.issued_at


@pytest.mark.parametrize(
    "kept",
    [
        "rubbish",
        "2026-11-26T01:00:00+00:00",
        "2026-11-26T01:00:00 1990-01-01T00:00:00",
        "9999-12-31T23:59:59+00:00 1990-01-01T00:00:00+00:00",
    ],
)
def test_a_kept_time_that_cannot_be_stops_no_start(world: World, kept: str) -> None:
    numbers = world.start()
    numbers.keep(lease("A901"))
    with numbers.store.writing() as file:
        keep_note(file, "time", kept)
    again = world.start()
    again.keep(lease("A901"))
    assert again.left("cash") == 1


def test_numbers_of_a_new_day_may_look_as_yesterdays_did(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001"))
    numbers.take(CASH)
    day = timedelta(days=1)
    numbers.keep(lease("A9001", business_day=TODAY + day, at=NINE + day, until=UNTIL + day))
    assert label(numbers.take(CASH)) == "A9001"
    days = [[one.business_day for one in numbers.to_hand_in()]]
    numbers.handed_in(numbers.to_hand_in(), HandedIn(taken=["A9001"], refused=[]))
    days.append([one.business_day for one in numbers.to_hand_in()])
    assert days == [[TODAY], [TODAY + day]]


# --- handing in -----------------------------------------------------------------------------------


def test_what_the_branch_took_is_not_handed_in_again_nor_what_it_refused(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001", "A9002", "A9003"))
    for _ in range(3):
        numbers.take(CASH)
    refused = [NotTaken(label="A9002", reason="used")]
    assert numbers.handed_in(numbers.to_hand_in(), HandedIn(taken=["A9001"], refused=refused))
    assert [one.label for one in world.start().to_hand_in()] == ["A9003"]
    assert not numbers.handed_in(numbers.to_hand_in(), HandedIn(taken=["A9009"], refused=[]))
    assert [one.label for one in numbers.to_hand_in()] == ["A9003"]


def test_what_the_branch_refused_is_kept_for_a_month_and_what_it_has_not_heard_for_ever(
    world: World,
) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001", "A9002"))
    numbers.take(CASH)
    numbers.take(CASH)
    numbers.handed_in(
        numbers.to_hand_in(),
        HandedIn(taken=[], refused=[NotTaken(label="A9001", reason="used")]),
    )
    for days, kept in ((31, ["A9001", "A9002"]), (32, ["A9002"])):
        later = timedelta(days=days)
        new = lease("A9001", business_day=TODAY + later, at=NINE + later, until=UNTIL + later)
        numbers.keep(new)
        rows = numbers.store.rows("SELECT body FROM ticket ORDER BY n")
        assert [msgspec.json.decode(body)["label"] for (body,) in rows] == kept
    assert [one.label for one in world.start().to_hand_in()] == ["A9002"]


def test_when_numbers_are_missing_is_seen(world: World) -> None:
    numbers = world.start()
    assert numbers.wanted(services())
    numbers.keep(lease("A9001", "A9002", "A9003"))
    assert not numbers.wanted(services())
    assert numbers.wanted(services(business_day=TODAY + timedelta(days=1)))
    for running_out in (False, True):
        numbers.take(CASH)
        assert numbers.wanted(services())
        assert numbers.running_out() is running_out


# --- what the branch offers -----------------------------------------------------------------------


def test_a_kiosk_that_starts_alone_knows_what_was_offered_and_prints_nothing_again(
    world: World,
) -> None:
    numbers = world.start()
    assert numbers.remembered() is None
    numbers.keep(lease("A9001"))
    ticket = numbers.take(CASH)
    assert ticket is not None
    offered = services(reprints=[Reprint(ticket=ticket, language="en")], help="asked")
    numbers.remember(offered)
    again = world.start().remembered()
    assert again == services()


def test_the_disk_is_spared_while_nothing_changes(world: World) -> None:
    numbers = world.start()
    file = world.folder / f"{FILE}-wal"
    numbers.remember(services())
    size = file.stat().st_size
    for n in range(15):
        world.later(3)
        numbers.remember(services(at=NINE + timedelta(seconds=3 * n)))
    assert file.stat().st_size == size
    numbers.remember(services(time_zone="UTC"))
    assert world.start().remembered() == services(time_zone="UTC")


# --- disks ----------------------------------------------------------------------------------------


def test_two_programs_on_one_file_never_give_out_the_same_number(world: World) -> None:
    world.start().keep(lease(*(f"A9{n:03d}" for n in range(1, 61))))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        given = [one for some in pool.map(_take_all, [world.folder] * 2) for one in some]
    assert len(given) == len(set(given)) == 60


def _take_all(folder: Path) -> list[str]:
    world = World(folder)
    world.new_id = lambda: f"a-ticket-{os.urandom(12).hex()}"  # type: ignore[method-assign]
    numbers = world.start()
    return list(iter(lambda: label(numbers.take(CASH)), None))  # type: ignore[arg-type]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    words = ["mount", "-t", "tmpfs", "-o", "size=512k", "lobby-test", str(path)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("no small disk can be mounted here")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_a_full_disk_gives_no_ticket_and_with_room_again_the_next_number(small_disk: Path) -> None:
    world = World(small_disk / "kiosk-1")
    numbers = world.start()
    numbers.keep(lease(*(f"A9{n:03d}" for n in range(1, 200))))
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as full, suppress(OSError):  # no space left
        while True:
            full.write(b"x" * 4096)
    given: list[str | None] = []

    def take_until_refused() -> None:
        while len(given) < 199:
            given.append(label(numbers.take(CASH)))

    with pytest.raises(StoreUnusable, match="free space"):
        take_until_refused()
    filler.unlink()
    given.append(label(numbers.take(CASH)))
    assert given == [f"A9{n:03d}" for n in range(1, len(given) + 1)]
    assert [one.label for one in world.start().to_hand_in()] == given[:50]


@pytest.mark.parametrize("found", [b"", b"no database, but somebody's work" * 300, None])
def test_a_file_that_cannot_be_used_is_said_and_left_alone(
    world: World, found: bytes | None
) -> None:
    if found is None:
        world.folder.write_bytes(b"a file where the folder should be")
    else:
        world.folder.mkdir()
        (world.folder / FILE).write_bytes(found)
    if found == b"":
        assert world.start().take(CASH) is None  # an empty file is as good as none
        return
    with pytest.raises(StoreUnusable, match="cannot be used"):
        world.start()
    assert found is None or (world.folder / FILE).read_bytes() == found


def test_a_file_that_somebody_deleted_gives_no_more_numbers(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001"))
    (world.folder / FILE).unlink()
    with pytest.raises(StoreUnusable):
        numbers.take(CASH)
    assert world.start().store.name != numbers.store.name


def test_what_another_version_kept_is_asked_for_again(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001"))
    with numbers.store.writing() as file:
        file.execute("UPDATE note SET value = '{}' WHERE name = 'lease'")
    again = world.start()
    assert again.take(CASH) is None
    assert again.wanted(services())


def test_ids_are_those_of_the_branch_and_fit_its_shape(world: World) -> None:
    numbers = world.start()
    numbers.keep(lease("A9001"))
    numbers.take(CASH)
    (told,) = numbers.to_hand_in()
    assert msgspec.json.decode(msgspec.json.encode(told), type=type(told)) == told
