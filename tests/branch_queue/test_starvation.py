"""The shipped order starves nobody: the bound on an ordinary customer's wait, played through.

By head start an ordinary customer is overtaken only by people whose place in time is at most
`longest_head_start()` later than theirs. With one counter they therefore wait at most as long as first come,
first served, and the service times of the favoured who came within that time after them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from edge_agent.branch_queue.rules import CallingOrder, CounterRule
from edge_agent.branch_queue.ticket import Ticket
from tests.branch_queue.hall import NINE, Hall, counter, minutes, rules, seconds

SHIPPED = CallingOrder()
SEGMENTS = ("ordinary", "ordinary", "vip", "care", "appointment")
SERVICES = ("cash", "cards", "wealth")
QUIET = settings(max_examples=100, deadline=None, derandomize=True, database=None)


@dataclass(frozen=True)
class Customer:
    """`booked`: minutes from coming to the booked time."""

    after_s: int
    segment: str
    service: str
    takes_s: int
    booked: int
    comes_to_the_call: bool = True


CUSTOMERS = st.lists(
    st.builds(
        Customer,
        after_s=st.sampled_from([0, 20, 45, 60, 90, 120, 200]),
        segment=st.sampled_from(SEGMENTS),
        service=st.sampled_from(SERVICES),
        takes_s=st.sampled_from([20, 60, 100, 150, 240, 400, 900]),
        booked=st.sampled_from([-12, -10, -10, -9, -5, 0, 4, 7]),
        comes_to_the_call=st.sampled_from([True, True, True, False]),
    ),
    min_size=25,
    max_size=45,
)
PUNCTUAL = CUSTOMERS.map(lambda them: [replace(one, comes_to_the_call=True) for one in them])
SKILLS = st.builds(
    CounterRule,
    services=st.sets(st.sampled_from(SERVICES), min_size=1).map(frozenset),
    preferred=st.sets(st.sampled_from(SERVICES)).map(frozenset),
    segments=st.sampled_from(
        [frozenset[str](), frozenset({"ordinary", "vip"}), frozenset({"care"})]
    ),
)
ORDERS = st.builds(
    CallingOrder,
    head_start=st.dictionaries(
        st.sampled_from(SEGMENTS), st.integers(0, 20).map(minutes), max_size=4
    ),
    preferred=st.integers(0, 6).map(minutes),
    lead=st.integers(0, 8).map(minutes),
    late=st.integers(0, 15).map(minutes),
)


@dataclass
class Call:
    """Somebody called at a counter, and those it might have called instead."""

    at: datetime
    chosen: Ticket
    passed: list[Ticket]


class Day:
    """Customers come, counters call whenever they are free; who is not there is missed and comes back."""

    def __init__(self, counters: dict[str, CounterRule], order: CallingOrder) -> None:
        self.hall = Hall(rules(counters=counters, order=order))
        self.free_at = dict.fromkeys(counters, NINE)
        self.customers: dict[str, Customer] = {}
        self.calls: list[Call] = []

    def run(self, customers: list[Customer]) -> list[Call]:
        for customer in customers:
            self._until(self.hall.now + seconds(customer.after_s))
            booked = self.hall.now + minutes(customer.booked)
            ticket = self.hall.take(customer.service, customer.segment, appointment=booked)
            self.customers[ticket] = customer
            self._call_where_free()
        self._until(self.hall.now + timedelta(hours=20))
        return self.calls

    def _until(self, then: datetime) -> None:
        while busy := [at for at in self.free_at.values() if self.hall.now < at <= then]:
            self.hall.now = min(busy)
            self._call_where_free()
        self.hall.now = then

    def _call_where_free(self) -> None:
        for name in self.free_at:
            while self.free_at[name] <= self.hall.now and self._calls(name):
                pass

    def _calls(self, name: str) -> bool:
        waiting = self._may_call(name)
        call = self.hall.call(name)
        assert (call is None) == (not waiting), "a free counter calls whenever it can"
        if call is None:
            return False
        chosen = next(ticket for ticket in waiting if ticket.id == call.ticket)
        waiting.remove(chosen)
        self.calls.append(Call(self.hall.now, chosen, waiting))
        customer = self.customers[chosen.id]
        if not customer.comes_to_the_call and not chosen.returns:
            self.hall.press("miss", name)
            self.hall.come_back(chosen.id)
            return True
        self.hall.press("start", name)
        self.free_at[name] = self.hall.now + seconds(customer.takes_s)
        return False

    def _may_call(self, name: str) -> list[Ticket]:
        skills = self.hall.rules.counters[name]
        return [
            ticket
            for ticket in self.hall.queue.tickets.values()
            if str(ticket.state) == "waiting" and skills.may_serve(ticket.service, ticket.segment)
        ]


def check_overtakers(calls: list[Call], longest: timedelta) -> None:
    for call in calls:
        for ordinary in call.passed:
            if ordinary.segment == "ordinary":
                assert call.chosen.place <= ordinary.place + longest
                came_back = call.chosen.returns or ordinary.returns
                assert came_back or call.chosen.issued_at <= ordinary.issued_at + longest


@QUIET
@given(CUSTOMERS, st.lists(SKILLS, min_size=1, max_size=3))
def test_only_who_came_shortly_after_an_ordinary_customer_goes_before_them(
    customers: list[Customer], skills: list[CounterRule]
) -> None:
    day = Day({str(n): one for n, one in enumerate(skills, start=1)}, SHIPPED)
    check_overtakers(day.run(customers), SHIPPED.longest_head_start())


@QUIET
@given(CUSTOMERS, st.lists(SKILLS, min_size=1, max_size=2), ORDERS)
def test_the_bound_holds_for_every_order_by_head_start(
    customers: list[Customer], skills: list[CounterRule], order: CallingOrder
) -> None:
    day = Day({str(n): one for n, one in enumerate(skills, start=1)}, order)
    check_overtakers(day.run(customers), order.longest_head_start())


@pytest.mark.parametrize(("came", "first"), [(17.9, "appointment"), (18.1, "ordinary")])
def test_the_bound_is_no_wider_than_it_must_be(came: float, first: str) -> None:
    """As late as an appointment may be, at a counter that prefers its service."""
    hall = Hall(rules(counters={"1": counter("cash", "cards", preferred="cards")}))
    hall.take()
    hall.later(minutes(came))
    hall.take("cards", "appointment", appointment=hall.now - SHIPPED.late)
    call = hall.call()
    assert call is not None
    assert call.segment == first
    assert SHIPPED.longest_head_start() == minutes(18)


def first_come_first_served(customers: list[Customer]) -> tuple[list[int], list[int]]:
    """When each came and how long each waited, in s."""
    came, free, times, waits = 0, 0, [], []
    for customer in customers:
        came += customer.after_s
        free = max(free, came)
        times.append(came)
        waits.append(free - came)
        free += customer.takes_s
    return times, waits


@QUIET
@given(PUNCTUAL, st.sampled_from(["", "cards", "cards wealth"]))
def test_an_ordinary_customer_waits_first_come_first_served_and_the_favoured_who_came_soon_after(
    customers: list[Customer], preferred: str
) -> None:
    calls = Day({"1": counter(*SERVICES, preferred=preferred)}, SHIPPED).run(customers)
    called = {call.chosen.id: call.at for call in calls}
    times, fair = first_come_first_served(customers)
    longest = SHIPPED.longest_head_start().total_seconds()
    assert len(called) == len(customers), "everybody is served in the end"
    for n, customer in enumerate(customers):
        if customer.segment != "ordinary":
            continue
        favoured = sum(
            other.takes_s
            for came, other in zip(times[n + 1 :], customers[n + 1 :], strict=True)
            if came - times[n] <= longest
            and (other.segment != "ordinary" or other.service in preferred.split())
        )
        waited = (called[f"t{n + 1}"] - NINE).total_seconds() - times[n]
        assert waited <= fair[n] + favoured


def test_no_stream_of_favoured_customers_holds_an_ordinary_one_up_for_ever() -> None:
    """Two of them a minute, each taking a minute, for three hours."""
    stream = [Customer(30, segment, "cash", 60, -10) for segment in ("vip", "care", "appointment")]
    crowd = [
        Customer(0, "vip", "cash", 60, 0),
        Customer(1, "ordinary", "cash", 60, 0),
        *stream * 120,
    ]
    calls = Day({"1": counter("cash")}, SHIPPED).run(crowd)
    [at] = [call.at for call in calls if call.chosen.id == "t2"]
    overtakers = SHIPPED.longest_head_start() / seconds(30)
    assert at - NINE <= seconds(60) * (1 + overtakers)


@QUIET
@given(
    CUSTOMERS,
    st.lists(SKILLS, min_size=1, max_size=2),
    st.sampled_from(["arrival", "strict", "head_start", "deadline"]),
    st.integers(1, 60).map(minutes),
)
def test_nobody_over_the_worst_wait_is_passed_by_somebody_under_it(
    customers: list[Customer], skills: list[CounterRule], rule: str, worst: timedelta
) -> None:
    order = CallingOrder(
        rule=rule,  # type: ignore[arg-type]
        rank={"vip": 3, "care": 2, "appointment": 1},
        targets={("*", "ordinary"): minutes(40), ("cash", "*"): minutes(15)},
        worst_wait=worst,
    )
    calls = Day({str(n): one for n, one in enumerate(skills, start=1)}, order).run(customers)
    for call in calls:
        over = [ticket for ticket in call.passed if call.at - ticket.place > worst]
        assert not over or call.at - call.chosen.place >= worst
