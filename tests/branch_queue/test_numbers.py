"""The numbers that customers read: one series a service and business day, and no label twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from edge_agent.branch_queue.rules import Rules, ServiceRule
from tests.branch_queue.hall import COUNTERS, MONDAY, Hall


def hall_with(*services: ServiceRule) -> Hall:
    return Hall(Rules(services={service.code: service for service in services}, counters=COUNTERS))


def labels(hall: Hall, service: str = "cash") -> Iterator[str]:
    while True:
        yield hall.label(hall.take(service))


def test_each_service_counts_for_itself_from_001() -> None:
    hall = Hall()
    services = ("cash", "cards", "cash", "wealth", "cash", "cards")
    found = [hall.label(hall.take(service)) for service in services]
    assert found == ["A001", "B001", "A002", "C001", "A003", "B002"]


def test_a_series_begins_and_ends_where_the_branch_says() -> None:
    hall = hall_with(ServiceRule("cash", "K", first=101, last=103))
    found = [label for label, _ in zip(labels(hall), range(4), strict=False)]
    assert found[:3] == ["K101", "K102", "K103"]
    assert found[3] not in found[:3]


def test_a999_is_followed_by_a2001() -> None:
    hall = hall_with(ServiceRule("cash", "A", last=999))
    found = [label for label, _ in zip(labels(hall), range(2001), strict=False)]
    assert found[998:1000] == ["A999", "A2001"]
    assert found[1997:1999] == ["A2999", "A3001"]


def test_without_an_end_a999_is_followed_by_a1000() -> None:
    hall = Hall()
    found = [label for label, _ in zip(labels(hall), range(1001), strict=False)]
    assert found[998:] == ["A999", "A1000", "A1001"]


@pytest.mark.parametrize("last", [None, 99, 999, 1000, 9999])
@pytest.mark.parametrize("first", [1, 98])
def test_no_label_comes_twice_in_a_day_of_30000_tickets(first: int, last: int | None) -> None:
    rule = ServiceRule("cash", "A", first=first, last=last)
    assert len({rule.label(number) for number in range(1, 30_001)}) == 30_000


def test_no_label_comes_twice_among_the_services_of_a_day() -> None:
    rules = [ServiceRule(prefix, prefix, first=1, last=50) for prefix in ("A", "B", "AB", "BA")]
    found = [rule.label(number) for rule in rules for number in range(1, 2_001)]
    assert len(set(found)) == len(found)


def test_30000_real_tickets_of_a_day_bear_30000_labels() -> None:
    hall = hall_with(ServiceRule("cash", "A", last=999), ServiceRule("cards", "B"))
    for n in range(30_000):
        hall.take("cash" if n % 3 else "cards")
    assert len({ticket.label for ticket in hall.queue.tickets.values()}) == 30_000
    assert len(hall.queue.by_label) == 30_000


def test_a_number_that_was_cancelled_is_not_given_again() -> None:
    hall = Hall()
    hall.take()
    hall.cancel(hall.take())
    assert hall.label(hall.take()) == "A003"
    hall.cancel("t3")
    assert hall.label(hall.take()) == "A004"


def test_a_number_of_a_refused_or_uncommitted_ticket_leaves_no_second_owner() -> None:
    hall = Hall()
    hall.take()
    hall.refused(lambda: hall.take(then=("loans",)))
    assert hall.label(hall.take()) == "A002"


def test_a_transferred_ticket_keeps_its_label_and_takes_no_number_elsewhere() -> None:
    hall = Hall()
    ticket = hall.take()
    hall.press("call_next")
    hall.press("transfer", "1", "cards")
    assert hall.label(ticket) == "A001"
    assert hall.label(hall.take("cards")) == "B001"


def test_the_next_business_day_begins_its_own_series() -> None:
    hall = Hall()
    hall.take()
    hall.take()
    hall.end_day()
    hall.queue = hall.queue.following(MONDAY + timedelta(days=1))
    assert hall.label(hall.take()) == "A001"
