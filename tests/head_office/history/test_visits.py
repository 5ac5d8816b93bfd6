"""Visits from hand-written entries, by the rules of docs/queue.md; and of whole days, beside what the branch says itself."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from edge_agent.branch_queue.ticket import State
from edge_agent.journal.entries import encode
from edge_agent.opinions import ratings
from head_office.history.counters import CounterTime, counters
from head_office.history.opinions import opinions
from head_office.history.seen import at_counters, seen
from head_office.history.visits import Visit, visits
from tests.head_office.history.days import busy_day

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
DAY = date(2026, 11, 23)


def entry(seq: int, minute: float, kind: str, ticket: str | None = "t1", **more: Any) -> bytes:
    at = (NINE + timedelta(minutes=minute)).isoformat()
    of_ticket = {"ticket": ticket, "label": f"A{ticket}", "service": "cash", "segment": "ordinary"}
    said = {"seq": seq, "type": kind, "at": at, "business_day": str(DAY)}
    return json.dumps(said | (of_ticket if ticket else {}) | more).encode()


def day(*events: tuple[Any, ...], first: int = 1) -> list[bytes]:
    """Each as (minute, type, ticket or None, more)."""
    return [
        entry(n, at, kind, ticket, **(more[0] if more else {}))
        for n, (at, kind, ticket, *more) in enumerate(events, first)
    ]


def told(*events: tuple[Any, ...]) -> list[Visit]:
    return visits(seen({"e": day(*events)}).entries)


def one(*events: tuple[Any, ...]) -> Visit:
    (visit,) = told(*events)
    return visit


AT_1 = {"counter": "1"}
ISSUED = (0, "TicketIssued", "t1", {"channel": "kiosk", "language": "en"})
CALLED = (10, "TicketCalled", "t1", AT_1)
STARTED = (11, "ServiceStarted", "t1", AT_1)
FINISHED = (16, "ServiceFinished", "t1", AT_1)


def test_a_visit_waits_from_arrival_to_call_and_is_served_from_start_to_finish() -> None:
    visit = one(ISSUED, CALLED, STARTED, FINISHED, (17, "TicketRated", "t1", {"score": 4}))
    assert (visit.waited_s, visit.service_s, visit.outcome) == (600, 300, "served")
    assert (visit.score, visit.counter, visit.channel) == (4, "1", "kiosk")


def test_a_number_given_out_offline_arrived_when_it_was_touched() -> None:
    touched = {"touched_at": (NINE - timedelta(minutes=5)).isoformat(), "offline": True}
    assert one((0, "TicketIssued", "t1", touched), CALLED).waited_s == 900


def test_a_call_that_was_undone_ends_no_wait() -> None:
    undone = (10.05, "TicketCallUndone", "t1", AT_1)
    visit = one(ISSUED, CALLED, undone, (20, "TicketCalled", "t1", AT_1))
    assert visit.waited_s == 1200


def test_a_second_call_that_was_undone_leaves_the_first_wait() -> None:
    missed, back = (
        (12, "TicketMissed", "t1", AT_1),
        (15, "TicketReturned", "t1", {"reason": "missed"}),
    )
    again, undone = (20, "TicketCalled", "t1", AT_1), (20.05, "TicketCallUndone", "t1", AT_1)
    visit = one(ISSUED, CALLED, missed, back, again, undone)
    assert (visit.waited_s, visit.missed_calls, visit.outcome) == (600, 1, "unfinished")


def test_a_missed_customer_who_came_back_was_served_and_missed_once() -> None:
    missed, back = (
        (12, "TicketMissed", "t1", AT_1),
        (15, "TicketReturned", "t1", {"reason": "missed"}),
    )
    later = ((20, *CALLED[1:]), (21, *STARTED[1:]), (23, *FINISHED[1:]))
    visit = one(ISSUED, CALLED, missed, back, *later)
    assert (visit.outcome, visit.missed_calls, visit.waited_s, visit.service_s) == (
        "served",
        1,
        600,
        120,
    )


def test_who_did_not_come_is_missed() -> None:
    assert one(ISSUED, CALLED, (12, "TicketMissed", "t1", AT_1)).outcome == "missed"


def test_a_finish_that_was_undone_goes_on_from_its_start() -> None:
    undone = (16.05, "ServiceResumed", "t1", AT_1)
    visit = one(ISSUED, CALLED, STARTED, FINISHED, undone, (21, *FINISHED[1:]))
    assert (visit.service_s, visit.outcome) == (600, "served")


def test_service_before_and_after_parking_adds_up() -> None:
    parked = (13, "TicketParked", "t1", AT_1 | {"until": NINE.isoformat()})
    back, again = (20, "TicketReturned", "t1", {"reason": "parked"}), (21, *CALLED[1:])
    visit = one(
        ISSUED, CALLED, STARTED, parked, back, again, (22, *STARTED[1:]), (25, *FINISHED[1:])
    )
    assert (visit.service_s, visit.parks, visit.waited_s) == (120 + 180, 1, 600)


def test_a_visit_of_two_services_is_one_visit() -> None:
    on = (16, "ServiceFinished", "t1", AT_1 | {"next_service": "cards"})
    visit = one(
        ISSUED, CALLED, STARTED, on, (20, *CALLED[1:]), (21, *STARTED[1:]), (23, *FINISHED[1:])
    )
    assert (visit.services, visit.service_s, visit.service, visit.outcome) == (
        2,
        420,
        "cash",
        "served",
    )


def test_a_transferred_visit_keeps_the_service_it_came_for() -> None:
    moved = (13, "TicketTransferred", "t1", AT_1 | {"to_service": "wealth"})
    visit = one(ISSUED, CALLED, STARTED, moved)
    assert (visit.service, visit.transfers, visit.service_s, visit.outcome) == (
        "cash",
        1,
        120,
        "unfinished",
    )


@pytest.mark.parametrize(
    ("was", "outcome"),
    [("waiting", "left"), ("parked", "left"), ("called", "left"), ("serving", "unfinished")],
)
def test_what_the_day_ends_over(was: str, outcome: str) -> None:
    ended = (600, "TicketCancelled", "t1", {"reason": "day_ended", "was": was})
    assert one(ISSUED, ended).outcome == outcome


def test_who_gives_up_has_cancelled_and_never_waited_for_a_call() -> None:
    visit = one(ISSUED, (5, "TicketCancelled", "t1", {"reason": "customer"}))
    assert (visit.outcome, visit.waited_s, visit.ended) == (
        "cancelled",
        None,
        NINE + timedelta(minutes=5),
    )


@pytest.mark.parametrize("many", range(1, 4))
def test_a_day_cut_short_ends_in_no_outcome(many: int) -> None:
    assert one(*(ISSUED, CALLED, STARTED)[:many]).outcome == "unfinished"


def test_nothing_is_invented_for_entries_that_are_missing() -> None:
    visit = one(CALLED, FINISHED)
    assert (visit.arrived, visit.waited_s, visit.service_s, visit.outcome) == (
        None,
        None,
        None,
        "served",
    )


def test_the_missing_numbers_are_counted() -> None:
    bodies = day(ISSUED, CALLED, STARTED, FINISHED)
    assert seen({"e": [bodies[0], bodies[3]]}).gaps == 2


def test_a_clock_set_back_makes_no_wait_less_than_nothing() -> None:
    visit = one(ISSUED, (-5, *CALLED[1:]), (-8, *STARTED[1:]), (-9, *FINISHED[1:]))
    assert (visit.waited_s, visit.service_s) == (0, 0)


def test_types_that_nobody_knows_change_nothing() -> None:
    strange = (12, "TicketBlessed", "t1", {"score": 9, "state": "missed"})
    assert one(ISSUED, strange, CALLED, strange, STARTED, FINISHED) == one(
        ISSUED, CALLED, STARTED, FINISHED
    )


def test_an_entry_of_the_wrong_make_is_counted_and_passed_over() -> None:
    found = seen({"e": day(ISSUED, CALLED, (11, "ServiceStarted", "t1", {"counter": 7}), FINISHED)})
    assert found.unreadable == 1
    assert [visit.outcome for visit in visits(found.entries)] == ["served"]


def test_a_nought_in_a_text_does_not_get_through() -> None:
    assert one((0, "TicketIssued", "t\0x")).label == "At\ufffdx"


class Restored:
    """A backup of 10:02 was put back: `old` is the journal that was lost, `new` the one that began from the backup."""

    shared = day(ISSUED, (1, "TicketIssued", "t2"), (2, "TicketIssued", "t3"))
    lost = day(
        CALLED,
        STARTED,
        FINISHED,
        (17, "TicketIssued", "t4"),
        (18, "TicketCalled", "t4", AT_1),
        (19, "TicketMissed", "t4", AT_1),
        first=4,
    )
    later = day((60, "TicketCalled", "t1", AT_1), (61, "TicketMissed", "t1", AT_1), (62, "TicketCalled", "t2", AT_1), (63, "ServiceStarted", "t2", AT_1), (65, "ServiceFinished", "t2", AT_1), (600, "TicketCancelled", "t3", {"reason": "day_ended", "was": "waiting"}), first=4)  # fmt: skip
    journals = {"20260101T000000Z-0": [*shared, *lost], "20261123T020000Z-1": [*shared, *later]}


def test_a_day_of_two_journals_counts_each_customer_once() -> None:
    found = visits(seen(Restored.journals).entries)
    assert {visit.label: visit.outcome for visit in found} == {
        "At1": "served",
        "At2": "served",
        "At3": "left",
        "At4": "missed",
    }


def test_the_journal_before_the_backup_is_read_first_whatever_order_they_are_handed_over() -> None:
    other_way = dict(reversed(Restored.journals.items()))
    assert visits(seen(other_way).entries) == visits(seen(Restored.journals).entries)


@pytest.mark.parametrize("seed", range(12))
def test_whole_days_agree_with_what_the_branch_says_of_itself(seed: int) -> None:
    hall = busy_day(DAY, seed, ends=seed % 3 != 0)
    bodies = [encode(n, fact) for n, fact in enumerate(hall.facts, 1)]
    found = visits(seen({"e": bodies}).entries)
    count, outcomes = hall.queue.count, Counter(visit.outcome for visit in found)
    open_now = sum(count[s] for s in (State.WAITING, State.CALLED, State.SERVING, State.PARKED))
    assert outcomes["served"] == count[State.SERVED]
    assert outcomes["missed"] == count[State.MISSED]
    assert outcomes["cancelled"] == count[State.CANCELLED]
    assert outcomes["left"] + outcomes["unfinished"] == count[State.EXPIRED] + open_now
    assert len(found) == count.total()
    said = ratings(hall.queue, count[State.SERVED])
    scores = [visit.score for visit in found if visit.score is not None]
    assert said.mean == (round(sum(scores) / len(scores), 2) if scores else None)
    for visit, ticket in zip(found, hall.queue.tickets.values(), strict=True):
        assert (visit.label, visit.score) == (ticket.label, ticket.rating)


def of_counters(*events: tuple[Any, ...]) -> list[CounterTime]:
    return counters(at_counters(seen({"e": day(*events)})))


OPENED, PAUSED, CLOSED = (
    (at, f"Counter{what}", None, AT_1)
    for at, what in ((0, "Opened"), (30, "Paused"), (60, "Closed"))
)


def test_a_counter_is_open_until_it_closes_and_busy_from_call_to_finish() -> None:
    assert of_counters(OPENED, CALLED, STARTED, FINISHED, CLOSED) == [
        CounterTime("1", 3600, 0, 360)
    ]


def test_a_paused_counter_is_not_open() -> None:
    assert of_counters(OPENED, PAUSED, CLOSED) == [CounterTime("1", 1800, 1800, 0)]


def test_a_press_opens_a_counter() -> None:
    assert of_counters(
        PAUSED, (40, *CALLED[1:]), (41, *STARTED[1:]), (45, *FINISHED[1:]), CLOSED
    ) == [CounterTime("1", 1200, 600, 300)]


def test_a_counter_that_nobody_closed_is_open_until_the_branch_closes_not_until_the_night() -> None:
    shut = (90, "BranchClosed", None, {"reason": "hours"})
    night = (900, "BranchClosed", None, {"reason": "day_ended"})
    assert of_counters(OPENED, CALLED, STARTED, FINISHED, shut, night) == [
        CounterTime("1", 5400, 0, 360)
    ]


def test_who_is_forgotten_at_a_counter_keeps_it_busy_only_as_long_as_it_was_pressed() -> None:
    ended = (900, "TicketCancelled", "t1", AT_1 | {"reason": "day_ended", "was": "serving"})
    assert of_counters(OPENED, CALLED, STARTED, ended) == [CounterTime("1", 660, 0, 60)]


@pytest.mark.parametrize("seed", range(6))
def test_a_counter_is_never_busier_than_it_is_open(seed: int) -> None:
    bodies = [encode(n, fact) for n, fact in enumerate(busy_day(DAY, seed).facts, 1)]
    found = counters(at_counters(seen({"e": bodies})))
    assert found
    assert all(0 <= one.busy_s <= one.open_s for one in found)


def test_opinions_are_given_and_answered() -> None:
    given = (
        5,
        "OpinionGiven",
        None,
        {"opinion": "o1", "label": "S001", "topic": "hall", "phrases": ["seats"]},
    )
    found = opinions(
        at_counters(
            seen(
                {"e": day(given, (65, "OpinionAnswered", None, {"opinion": "o1", "label": "S001"}))}
            )
        )
    )
    assert [(o.opinion, o.topic, o.given is None, o.answered is None) for o in found] == [
        ("o1", "hall", False, True),
        ("o1", None, True, False),
    ]
