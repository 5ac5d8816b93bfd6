"""The life of a ticket, as the contract and a teller know it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from edge_agent.branch_queue import moves
from edge_agent.branch_queue.facts import Fact, TicketCalled
from edge_agent.branch_queue.queue import BranchQueue, apply_all
from edge_agent.branch_queue.refusals import (
    NobodyAtCounter,
    Refusal,
    TicketStillCalled,
    UnknownCounter,
    UnknownService,
    UnknownTicket,
    WrongState,
)
from edge_agent.branch_queue.rules import Rules, ServiceRule

MONDAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RULES = Rules(
    services={
        "cash": ServiceRule("cash", "A"),
        "cards": ServiceRule("cards", "B"),
        "wealth": ServiceRule("wealth", "C"),
    },
    counters={
        "1": frozenset({"cash"}),
        "2": frozenset({"cash", "cards"}),
        "3": frozenset({"wealth"}),
    },
)


class Hall:
    """A branch's day; every wish comes a second after the one before."""

    def __init__(self) -> None:
        self.queue = BranchQueue(business_day=MONDAY)
        self.now = NINE
        self.ids = 0

    def take(self, service: str = "cash", **more: Any) -> str:
        self.ids += 1
        given = {"segment": "ordinary", "language": "en", "channel": "kiosk", **more}
        ticket = f"t{self.ids}"
        self._do(moves.issue(self.queue, RULES, self.now, ticket=ticket, service=service, **given))
        return ticket

    def press(self, move: str, counter: str) -> tuple[Fact, ...]:
        wish: Callable[..., tuple[Fact, ...]] = getattr(moves, move)
        return self._do(wish(self.queue, RULES, self.now, counter))

    def cancel(self, ticket: str, reason: str = "customer") -> None:
        self._do(moves.cancel(self.queue, self.now, ticket, reason))

    def end_day(self) -> None:
        self._do(moves.end_day(self.queue, self.now))

    def called(self, counter: str) -> str | None:
        """The label that call-next calls to this counter."""
        facts = self.press("call_next", counter)
        return next((fact.label for fact in facts if isinstance(fact, TicketCalled)), None)

    def label(self, ticket: str) -> str:
        return self.queue.tickets[ticket].label

    def state(self, ticket: str) -> str:
        return str(self.queue.tickets[ticket].state)

    def _do(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        self.now += timedelta(seconds=1)
        self.queue = apply_all(self.queue, facts)
        return facts


@pytest.fixture
def hall() -> Hall:
    return Hall()


def kinds(facts: tuple[Fact, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def bring_to(hall: Hall, state: str) -> str:
    """A cash ticket in this state, at counter 1 when it stands at one."""
    ticket = hall.take()
    if state == "cancelled":
        hall.cancel(ticket)
    presses = {
        "called": ["call_next"],
        "serving": ["call_next", "start"],
        "served": ["call_next", "start", "finish"],
        "missed": ["call_next", "miss"],
    }
    for press in presses.get(state, []):
        hall.press(press, "1")
    assert hall.state(ticket) == state
    return ticket


def test_each_service_counts_for_itself_from_001(hall: Hall) -> None:
    tickets = [hall.take(s) for s in ("cash", "cards", "cash", "wealth", "cash", "cards")]
    labels = [hall.label(ticket) for ticket in tickets]
    assert labels == ["A001", "B001", "A002", "C001", "A003", "B002"]


def test_a_cancelled_ticket_does_not_give_its_number_back(hall: Hall) -> None:
    hall.cancel(hall.take())
    assert hall.label(hall.take()) == "A002"


def test_the_thousandth_ticket_is_a1000_and_no_label_comes_back(hall: Hall) -> None:
    labels = [hall.label(hall.take()) for _ in range(1001)]
    assert labels[998:] == ["A999", "A1000", "A1001"]
    assert len(set(labels)) == 1001


def test_an_issued_ticket_keeps_what_the_customer_said(hall: Hall) -> None:
    id_ = hall.take("cards", segment="care", language="zh-Hant")
    ticket = hall.queue.tickets[id_]
    found = (ticket.segment, ticket.language, ticket.service, str(ticket.state), ticket.issued_at)
    assert found == ("care", "zh-Hant", "cards", "waiting", NINE)


def test_a_service_the_branch_does_not_offer_is_refused(hall: Hall) -> None:
    with pytest.raises(UnknownService, match="loans"):
        hall.take("loans")
    assert hall.queue == BranchQueue(business_day=MONDAY)


def test_customers_are_called_in_order_of_arrival_across_services(hall: Hall) -> None:
    for service in ("cards", "cash", "cash", "cards"):
        hall.take(service)
    order = []
    for _ in range(4):
        order.append(hall.called("2"))
        hall.press("miss", "2")
    assert order == ["B001", "A001", "A002", "B002"]


def test_a_counter_passes_over_services_it_does_not_serve(hall: Hall) -> None:
    for service in ("wealth", "cards", "cash"):
        hall.take(service)
    assert hall.called("1") == "A001"
    assert hall.called("3") == "C001"
    assert hall.called("2") == "B001"


def test_nobody_is_called_when_only_others_wait(hall: Hall) -> None:
    hall.take("wealth")
    assert hall.press("call_next", "1") == ()


def test_two_counters_never_get_the_same_ticket(hall: Hall) -> None:
    hall.take()
    assert hall.called("1") == "A001"
    assert hall.called("2") is None


def test_call_next_finishes_the_one_being_served_first(hall: Hall) -> None:
    served, following = bring_to(hall, "serving"), hall.take()
    assert kinds(hall.press("call_next", "1")) == ["ServiceFinished", "TicketCalled"]
    assert (hall.state(served), hall.state(following)) == ("served", "called")
    assert hall.queue.at("1") == hall.queue.tickets[following]


def test_call_next_finishes_the_one_being_served_even_when_nobody_waits(hall: Hall) -> None:
    served = bring_to(hall, "serving")
    assert kinds(hall.press("call_next", "1")) == ["ServiceFinished"]
    assert hall.state(served) == "served"
    assert hall.queue.at("1") is None


@pytest.mark.parametrize("recalls", [0, 2])
def test_call_next_is_refused_while_a_called_ticket_stands_there(hall: Hall, recalls: int) -> None:
    bring_to(hall, "called")
    hall.take()
    for _ in range(recalls):
        hall.press("recall", "1")
    before = hall.queue
    with pytest.raises(TicketStillCalled, match="A001"):
        hall.press("call_next", "1")
    assert hall.queue == before


def test_a_counter_is_free_again_after_a_miss_and_the_missed_one_is_not_called_again(
    hall: Hall,
) -> None:
    bring_to(hall, "missed")
    hall.take()
    assert hall.called("1") == "A002"


def test_a_counter_is_free_again_when_the_called_customer_cancels(hall: Hall) -> None:
    hall.cancel(bring_to(hall, "called"))
    hall.take()
    assert hall.queue.at("1") is None
    assert hall.called("1") == "A002"


def test_a_cancelled_customer_is_not_called(hall: Hall) -> None:
    hall.cancel(hall.take())
    hall.take()
    assert hall.called("1") == "A002"


def test_every_recall_is_counted(hall: Hall) -> None:
    ticket = bring_to(hall, "called")
    hall.press("recall", "1")
    hall.press("recall", "1")
    assert hall.queue.tickets[ticket].calls == 3


ALLOWED = {  # state -> move -> state after it; what is not here is refused
    "waiting": {"cancel": "cancelled"},
    "called": {"recall": "called", "start": "serving", "miss": "missed", "cancel": "cancelled"},
    "serving": {"finish": "served"},
    "served": {},
    "missed": {},
    "cancelled": {},
}
AT_COUNTER = ("called", "serving")


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("move", ["recall", "start", "finish", "miss", "cancel"])
def test_only_the_moves_of_the_table_are_possible(hall: Hall, state: str, move: str) -> None:
    ticket = bring_to(hall, state)
    before = hall.queue

    def wish() -> object:
        return hall.cancel(ticket) if move == "cancel" else hall.press(move, "1")

    after = ALLOWED[state].get(move)
    if after is not None:
        wish()
        assert hall.state(ticket) == after
        return
    expected = WrongState if move == "cancel" or state in AT_COUNTER else NobodyAtCounter
    with pytest.raises(expected):
        wish()
    assert hall.queue == before


@pytest.mark.parametrize("move", ["recall", "start", "finish", "miss"])
def test_one_counter_cannot_move_anothers_ticket(hall: Hall, move: str) -> None:
    bring_to(hall, "called")
    with pytest.raises(NobodyAtCounter):
        hall.press(move, "2")


@pytest.mark.parametrize("move", ["call_next", "recall", "start", "finish", "miss"])
def test_a_counter_the_branch_does_not_have_is_refused(hall: Hall, move: str) -> None:
    hall.take()
    with pytest.raises(UnknownCounter, match="99"):
        hall.press(move, "99")


def test_an_unknown_ticket_can_be_neither_cancelled_nor_printed(hall: Hall) -> None:
    with pytest.raises(UnknownTicket):
        hall.cancel("nobody")
    with pytest.raises(UnknownTicket):
        moves.printed(hall.queue, hall.now, "nobody", "confirmed", None)


def test_every_refusal_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in Refusal.__subclasses__()]
    assert len(set(names)) == len(names)
    assert Refusal.name not in names


def test_the_printers_word_is_kept_and_does_not_move_the_ticket(hall: Hall) -> None:
    ticket = hall.take()
    hall._do(moves.printed(hall.queue, hall.now, ticket, "indeterminate", "no answer"))
    assert (hall.queue.tickets[ticket].printed, hall.state(ticket)) == ("indeterminate", "waiting")
    assert hall.called("1") == "A001"


def test_the_day_ends_every_open_ticket_and_no_other(hall: Hall) -> None:
    served, missed = bring_to(hall, "served"), bring_to(hall, "missed")
    serving = bring_to(hall, "serving")
    called = hall.take("cards")
    hall.press("call_next", "2")
    waiting = hall.take("wealth")
    hall.end_day()
    ended = {t: hall.state(t) for t in (served, missed, serving, called, waiting)}
    assert list(ended.values()) == ["served", "missed", "cancelled", "cancelled", "cancelled"]
    assert not hall.queue.waiting
    assert not hall.queue.at_counter
    assert moves.end_day(hall.queue, hall.now) == ()
