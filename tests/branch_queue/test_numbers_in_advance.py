"""Numbers leased to kiosks in advance: nobody else's, and tickets at the time of the touch once handed in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from edge_agent.branch_queue import business_day, numbers, printing
from edge_agent.branch_queue.facts import TicketHandedInLate, TicketIssued
from edge_agent.branch_queue.number_book import book_of
from edge_agent.branch_queue.numbers import Taken
from edge_agent.branch_queue.rules import CallingOrder, Limits, ServiceRule
from edge_agent.branch_queue.ticket import Errand
from tests.branch_queue.hall import MONDAY, NINE, Facts, Hall, minutes, rebuilt, rules, seconds

STORE = "store-of-kiosk-1"


def hall(in_advance: int = 3, **more: Any) -> Hall:
    return Hall(rules(numbers_in_advance=in_advance, **more))


def lease(at: Hall, kiosk: str = "kiosk-1", store: str = STORE) -> dict[str, list[str]]:
    at.do(numbers.lease(at.queue, at.rules, at.now, kiosk, store))
    return numbers.left(at.queue, at.rules, kiosk, store)


def taken(label: str, touched_at: datetime = NINE, **more: Any) -> Taken:
    given: dict[str, Any] = {
        "id": f"id-of-{label}", "business_day": MONDAY, "service": "cash", "segment": "ordinary",
        "language": "en", "channel": "kiosk", **more,
    }  # fmt: skip
    return Taken(label=label, touched_at=touched_at, **given)


def hand_in(at: Hall, *tickets: Taken, kiosk: str = "kiosk-1") -> Facts:
    return at.do(numbers.hand_in(at.queue, at.rules, at.now, kiosk, tickets, {}))


def why_not(at: Hall, ticket: Taken, kiosk: str = "kiosk-1") -> str:
    return numbers.why_not(at.queue, {}, kiosk, ticket)


# --- which numbers --------------------------------------------------------------------------------


def test_each_service_has_its_numbers_in_advance_and_asking_again_changes_nothing() -> None:
    branch = hall()
    first = lease(branch)
    assert first == {
        "cash": ["A9001", "A9002", "A9003"],
        "cards": ["B9001", "B9002", "B9003"],
        "wealth": ["C9001", "C9002", "C9003"],
    }
    assert lease(branch) == first
    assert len(branch.facts) == 3


def test_two_kiosks_have_nothing_in_common_nor_has_a_kiosk_that_lost_its_store() -> None:
    branch = hall()
    lease(branch)
    assert lease(branch, "kiosk-2", "store-2")["cash"] == ["A9004", "A9005", "A9006"]
    assert lease(branch, "kiosk-1", "new-store")["cash"] == ["A9007", "A9008", "A9009"]
    assert lease(branch)["cash"] == ["A9001", "A9002", "A9003"]


def test_what_was_handed_in_is_topped_up() -> None:
    branch = hall()
    lease(branch)
    hand_in(branch, taken("A9001"), taken("A9002"))
    assert lease(branch)["cash"] == ["A9003", "A9004", "A9005"]


def test_a_branch_that_wants_none_gives_none() -> None:
    branch = hall(in_advance=0)
    assert lease(branch) == {"cash": [], "cards": [], "wealth": []}
    assert branch.facts == []


def test_a_range_that_is_used_up_gives_fewer() -> None:
    branch = hall(in_advance=200)
    given = [lease(branch, f"kiosk-{n}", f"store-{n}")["cash"] for n in range(6)]
    assert [len(some) for some in given] == [200, 200, 200, 200, 199, 0]
    assert given[4][-1] == "A9999"


@given(
    first=st.integers(0, 99_999),
    span=st.one_of(st.none(), st.integers(1, 100_000)),
    ordinary=st.integers(1, 10**7),
    data=st.data(),
)
def test_no_ordinary_number_reaches_into_those_in_advance(
    first: int, span: int | None, ordinary: int, data: st.DataObject
) -> None:
    rule = ServiceRule("cash", "A", first, None if span is None else first + span)
    in_advance = rule.label_in_advance(data.draw(st.integers(1, rule.most_in_advance)))
    digits = in_advance[1:]
    # the one ordinary series that could ever show these digits is asked for all its numbers around them
    near = int(digits) - first + 1
    some = {ordinary, *(n for n in range(near - 2, near + 3) if n > 0)}
    length = None if span is None else span + 1
    if length is not None:
        some |= {length * 8 + n for n in range(1, min(length, 50))}
        some |= {length * 8 + 1 + int(digits[1:]) - first}
    assert in_advance not in {rule.label(n) for n in some if n > 0}


@pytest.mark.parametrize(
    ("first", "last"), [(1, None), (1, 999), (1, 9), (0, 3), (900, None), (998, 999), (1, 1200)]
)
def test_a_hundred_thousand_tickets_of_a_day_leave_them_alone(first: int, last: int | None) -> None:
    rule = ServiceRule("cash", "A", first, last)
    ordinary = {rule.label(number) for number in range(1, 100_001)}
    in_advance = {rule.label_in_advance(n) for n in range(1, rule.most_in_advance + 1)}
    assert len(ordinary) == 100_000
    assert not ordinary & in_advance


def test_a8999_is_followed_by_a_number_that_is_nobody_elses() -> None:
    assert ServiceRule("cash", "A").label(8999) == "A8999"
    assert ServiceRule("cash", "A").label(9000) == "A10000"
    assert ServiceRule("cash", "A", last=999).label(8 * 999 + 1) == "A10001"


# --- handed in ------------------------------------------------------------------------------------


def test_a_ticket_handed_in_stands_where_its_customer_touched() -> None:
    branch = hall()
    lease(branch)
    branch.later(minutes(5))
    branch.take()
    branch.later(minutes(5))
    (fact,) = hand_in(branch, taken("A9001", NINE + minutes(1)))
    assert isinstance(fact, TicketIssued)
    assert (fact.label, fact.offline, fact.kiosk) == ("A9001", True, "kiosk-1")
    assert branch.call_all("1") == ["A9001", "A001"]


def test_what_was_asked_at_the_touch_is_kept() -> None:
    branch = hall()
    lease(branch)
    card, errand = "pseudonym", Errand("lost-card", "stolen", True)
    asked: dict[str, Any] = {"segment": "vip", "customer_token": card, "errand": errand}
    hand_in(branch, taken("A9001", then=("cards", "gone"), **asked))
    ticket = branch.ticket("id-of-A9001")
    assert ticket.errand == errand
    assert (ticket.segment, ticket.customer_token, ticket.then) == ("vip", card, ("cards",))
    assert branch.queue.taken_with_card[card] == 1


def test_ordinary_numbers_go_on_as_if_nothing_had_been_handed_in() -> None:
    branch = hall()
    lease(branch)
    assert branch.label(branch.take()) == "A001"
    hand_in(branch, taken("A9001"))
    assert branch.label(branch.take()) == "A002"


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_wrong_clock_puts_nobody_before_the_lease_or_into_the_future(hours: int) -> None:
    branch = hall()
    lease(branch)
    branch.later(minutes(10))
    hand_in(branch, taken("A9001", NINE + timedelta(hours=hours)))
    assert branch.ticket("id-of-A9001").place == (NINE if hours < 0 else branch.now)


def test_an_appointment_counts_from_what_its_customer_would_have_had() -> None:
    order = CallingOrder(lead=minutes(5), late=minutes(10))
    branch = hall(order=order)
    lease(branch)
    booked, touched = NINE + minutes(10), NINE + minutes(12)
    branch.later(minutes(40))
    hand_in(branch, taken("A9001", touched, segment="appointment", appointment=booked))
    assert branch.ticket("id-of-A9001").place == booked - minutes(5)


@pytest.mark.parametrize("kiosk", ["kiosk-1", "kiosk-2"])
def test_handed_in_twice_changes_nothing_and_is_taken(kiosk: str) -> None:
    branch = hall()
    lease(branch)
    ticket = taken("A9001")
    hand_in(branch, ticket, ticket)
    branch.press("call_next")
    assert hand_in(branch, ticket, kiosk=kiosk) == ()
    assert why_not(branch, ticket, kiosk) == ("" if kiosk == "kiosk-1" else "unknown-number")
    assert [fact.label for fact in branch.facts if isinstance(fact, TicketIssued)] == ["A9001"]


@pytest.mark.parametrize(
    "label", ["A001", "A9004", "A900", "A90011", "B9001", "A-901", "", "A９００１"]
)
def test_a_number_that_was_not_leased_is_not_taken(label: str) -> None:
    branch = hall()
    lease(branch)
    lease(branch, "kiosk-2", "store-2")
    assert hand_in(branch, taken(label)) == ()
    assert why_not(branch, taken(label)) == "unknown-number"


def test_a_number_has_one_ticket_and_a_ticket_one_number() -> None:
    branch = hall()
    lease(branch)
    ordinary = branch.take()
    hand_in(branch, taken("A9001", id="one"))
    others = [taken("A9001", id="two"), taken("A9002", id="one"), taken("A9002", id=ordinary)]
    for other in others:
        assert hand_in(branch, other) == ()
        assert why_not(branch, other) == "used"


def test_closed_doors_and_limits_refuse_no_paper() -> None:
    branch = hall(limits=Limits(per_kiosk_a_minute=1, per_card_open=1, per_card_a_day=1))
    lease(branch)
    branch.close_branch()
    hand_in(branch, *(taken(f"A900{n}", customer_token="card") for n in (1, 2, 3)))
    assert len(branch.queue.waiting()) == 3
    branch.open_branch()
    branch.take(kiosk="kiosk-1")  # its papers of the time alone do not count as taken just now


def test_a_paper_without_word_is_in_doubt_two_minutes_after_it_was_handed_in() -> None:
    branch = hall()
    lease(branch)
    branch.later(minutes(30))
    hand_in(branch, taken("A9001"))
    assert printing.without_word(branch.queue, branch.now, {"kiosk-1"}) == ()
    branch.later(seconds(121))
    assert len(printing.without_word(branch.queue, branch.now, {"kiosk-1"})) == 1


def test_the_journal_tells_it_all_again() -> None:
    branch = hall()
    lease(branch)
    hand_in(branch, taken("A9002"), taken("A9001", NINE + seconds(1)))
    again = rebuilt(MONDAY, branch.facts)
    assert again.day.numbers == branch.queue.day.numbers
    assert [t.label for t in again.waiting()] == [t.label for t in branch.queue.waiting()]


# --- a day that is over ---------------------------------------------------------------------------


def test_a_ticket_of_yesterday_is_on_record_once_and_in_no_line_of_today() -> None:
    branch = hall()
    lease(branch)
    branch.end_day()
    yesterday = list(branch.facts)
    branch.queue = branch.queue.following(MONDAY + timedelta(days=1))
    branch.later(timedelta(days=1))
    lease(branch)
    hand_in(branch, taken("A9001", branch.now, id="today", business_day=MONDAY + timedelta(days=1)))
    ticket = taken("A9001", NINE + minutes(5))
    for _ in range(2):
        books = {MONDAY: book_of(MONDAY, branch.facts)}
        facts = numbers.hand_in(branch.queue, branch.rules, branch.now, "kiosk-1", [ticket], books)
        branch.do(facts)
    books = {MONDAY: book_of(MONDAY, branch.facts)}
    assert numbers.why_not(branch.queue, books, "kiosk-1", ticket) == ""
    late = [fact for fact in branch.facts if isinstance(fact, TicketHandedInLate)]
    assert [(f.label, f.taken_on, f.business_day) for f in late] == [
        ("A9001", MONDAY, MONDAY + timedelta(days=1))
    ]
    assert [t.id for t in branch.queue.waiting()] == ["today"]
    assert branch.facts[: len(yesterday)] == yesterday


def test_a_day_of_which_nothing_is_known_takes_nothing() -> None:
    branch = hall()
    lease(branch)
    for day in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)):
        ticket = taken("A9001", business_day=day)
        assert hand_in(branch, ticket) == ()
        assert why_not(branch, ticket) == "unknown-number"


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC")


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    starts_at=st.times().map(lambda t: time(t.hour, t.minute)),
)
def test_a_day_ends_at_the_moment_from_which_the_next_one_is_named(
    day: date, zone: ZoneInfo, starts_at: time
) -> None:
    end = business_day.ends(day, zone, starts_at)
    assert end.tzinfo is UTC
    assert business_day.business_day(end, zone, starts_at) == day + timedelta(days=1)
    assert business_day.business_day(end - seconds(1), zone, starts_at) == day
