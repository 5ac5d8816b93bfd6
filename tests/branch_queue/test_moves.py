"""The life of a ticket, move by move, and the name of every refusal."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from edge_agent.branch_queue import moves, printing
from edge_agent.branch_queue.changes import apply_all
from edge_agent.branch_queue.facts import (
    ServiceFinished,
    ServiceResumed,
    TicketCalled,
    TicketCancelled,
    TicketParked,
    TicketReturned,
    TicketTransferred,
)
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.rules import Courtesy
from tests.branch_queue.hall import (
    MONDAY,
    NINE,
    Facts,
    Hall,
    counter,
    kinds,
    minutes,
    rules,
    seconds,
    snapshot,
)


@pytest.fixture
def hall() -> Hall:
    return Hall()


def bring_to(hall: Hall, state: str, **more: Any) -> str:
    """A cash ticket in this state, at counter 1 when it stands at one."""
    ticket = hall.take(**more)
    presses = {
        "called": ["call_next"],
        "serving": ["call_next", "start"],
        "served": ["call_next", "start", "finish"],
        "missed": ["call_next", "miss"],
        "parked": ["call_next", "park"],
    }
    for press in presses[state]:
        hall.press(press)
    assert hall.state(ticket) == state
    return ticket


F = TypeVar("F")


def one(facts: Facts, kind: type[F]) -> F:
    found = [fact for fact in facts if isinstance(fact, kind)]
    assert len(found) == 1
    return found[0]


# --- issue ------------------------------------------------------------------------------------


def test_an_issued_ticket_keeps_what_the_customer_said(hall: Hall) -> None:
    ticket = hall.ticket(hall.take("cards", "care", language="zh-Hant", then=("wealth",)))
    found = (ticket.service, ticket.segment, ticket.language, ticket.then, str(ticket.state))
    assert found == ("cards", "care", "zh-Hant", ("wealth",), "waiting")
    assert (ticket.issued_at, ticket.place) == (NINE, NINE)


def test_a_service_the_branch_does_not_offer_is_refused(hall: Hall) -> None:
    assert hall.refused(lambda: hall.take("loans")).name == "unknown-service"


def test_a_visit_to_a_service_the_branch_does_not_offer_is_refused(hall: Hall) -> None:
    assert hall.refused(lambda: hall.take(then=("cards", "loans"))).name == "unknown-service"


@pytest.mark.parametrize("then", [("cash",), ("cards", "cards"), ("cards", "cash")])
def test_a_visit_goes_through_each_service_once(hall: Hall, then: tuple[str, ...]) -> None:
    assert hall.refused(lambda: hall.take(then=then)).name == "unusable-wish"


# --- calling ----------------------------------------------------------------------------------


def test_a_call_opens_the_counter_and_names_why(hall: Hall) -> None:
    hall.take()
    facts = hall.press("call_next")
    assert kinds(facts) == ["CounterOpened", "TicketCalled"]
    assert hall.queue.counter_state("1") == "open"
    why = one(facts, TicketCalled).why
    assert why is not None
    assert (why.of, why.chosen.label, [c.label for c in why.candidates]) == (1, "A001", ["A001"])


def test_a_counter_passes_over_services_it_does_not_serve(hall: Hall) -> None:
    for service in ("wealth", "cards", "cash"):
        hall.take(service)
    assert [hall.called("1"), hall.called("3"), hall.called("2")] == ["A001", "C001", "B001"]


def test_a_counter_for_some_segments_passes_over_the_others() -> None:
    hall = Hall(rules(counters={"1": counter("cash", segments="vip care")}))
    hall.take()
    hall.take(segment="vip")
    assert hall.call_all() == ["A002"]


def test_nobody_is_called_when_only_others_wait_but_the_counter_opens(hall: Hall) -> None:
    hall.take("wealth")
    assert kinds(hall.press("call_next")) == ["CounterOpened"]


def test_two_counters_never_get_the_same_ticket(hall: Hall) -> None:
    hall.take()
    assert [hall.called("1"), hall.called("2")] == ["A001", None]


def test_call_next_finishes_the_one_being_served_first(hall: Hall) -> None:
    served, following = bring_to(hall, "serving"), hall.take()
    facts = hall.press("call_next")
    assert kinds(facts) == ["ServiceFinished", "TicketCalled"]
    assert one(facts, TicketCalled).finished == "A001"
    assert (hall.state(served), hall.state(following)) == ("served", "called")
    assert hall.queue.at("1") == hall.ticket(following)


def test_call_next_finishes_the_one_being_served_even_when_nobody_waits(hall: Hall) -> None:
    served = bring_to(hall, "serving")
    assert kinds(hall.press("call_next")) == ["ServiceFinished"]
    assert hall.state(served) == "served"
    assert hall.queue.at("1") is None


def test_call_next_is_refused_while_a_called_ticket_stands_there(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.take()
    assert hall.refused_press("call_next") == "ticket-still-called"


@pytest.mark.parametrize("state", ["missed", "parked"])
def test_a_counter_is_free_again_when_its_ticket_has_left(hall: Hall, state: str) -> None:
    bring_to(hall, state)
    hall.take()
    assert hall.called() == "A002"


def test_a_counter_is_free_again_when_the_called_customer_cancels(hall: Hall) -> None:
    hall.cancel(bring_to(hall, "called"))
    hall.take()
    assert hall.queue.at("1") is None
    assert hall.called() == "A002"


# --- recall -----------------------------------------------------------------------------------


def test_every_recall_is_counted_and_their_number_is_limited() -> None:
    hall = Hall(rules(courtesy=Courtesy(most_recalls=2, recall_pause=seconds(10))))
    ticket = bring_to(hall, "called")
    for calls in (2, 3):
        hall.later(seconds(10))
        hall.press("recall")
        assert (hall.ticket(ticket).calls, hall.state(ticket)) == (calls, "called")
    hall.later(seconds(10))
    assert hall.refused_press("recall") == "recall-limit"


def test_a_recall_waits_for_the_pause_after_the_call_and_after_each_recall() -> None:
    hall = Hall(rules(courtesy=Courtesy(recall_pause=seconds(10))))
    bring_to(hall, "called")
    for _ in range(2):
        hall.later(seconds(9))
        assert hall.refused_press("recall") == "recall-too-soon"
        hall.later(seconds(1))
        hall.press("recall")


def test_recalls_are_counted_anew_when_the_ticket_is_called_anew() -> None:
    hall = Hall(rules(courtesy=Courtesy(most_recalls=1, recall_pause=seconds(0))))
    ticket = bring_to(hall, "called")
    hall.press("recall")
    hall.press("miss")
    hall.come_back(ticket)
    hall.press("call_next")
    hall.press("recall")
    assert hall.refused_press("recall") == "recall-limit"


# --- undo -------------------------------------------------------------------------------------


def test_an_undone_call_waits_at_its_old_place(hall: Hall) -> None:
    hall.take()
    second = hall.take()
    hall.press("call_next")
    hall.press("miss")
    hall.press("call_next")
    hall.take()
    before = hall.ticket(second).place
    hall.later(seconds(4.9))
    hall.press("undo")
    assert (hall.state(second), hall.ticket(second).place) == ("waiting", before)
    assert hall.call_all() == ["A002", "A003"]


def test_the_undo_of_a_call_serves_the_finished_ticket_again(hall: Hall) -> None:
    first = bring_to(hall, "serving")
    second = hall.take()
    before = snapshot(hall.queue)
    hall.press("call_next")
    facts = hall.press("undo")
    assert kinds(facts) == ["TicketCallUndone", "ServiceResumed"]
    assert one(facts, ServiceResumed).ticket == first
    assert (hall.state(first), hall.state(second)) == ("serving", "waiting")
    assert hall.queue.at("1") == hall.ticket(first)
    after = snapshot(hall.queue)
    assert {name: after[name] for name in ("lines", "at_counter", "count")} == {
        name: before[name] for name in ("lines", "at_counter", "count")
    }


def test_the_undo_comes_too_late_after_five_seconds(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.later(seconds(5.1))
    assert hall.refused_press("undo") == "too-late-to-undo"


def test_a_call_is_undone_once(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.press("undo")
    assert hall.refused_press("undo") == "nothing-to-undo"


@pytest.mark.parametrize("press", ["start", "miss", "park"])
def test_there_is_nothing_to_undo_once_the_called_ticket_has_moved_on(
    hall: Hall, press: str
) -> None:
    bring_to(hall, "called")
    hall.press(press)
    assert hall.refused_press("undo") == "nothing-to-undo"


def test_there_is_nothing_to_undo_at_a_counter_that_has_not_called(hall: Hall) -> None:
    assert hall.refused_press("undo") == "nothing-to-undo"


def test_there_is_nothing_to_undo_when_another_counter_has_called_the_ticket_since(
    hall: Hall,
) -> None:
    ticket = bring_to(hall, "missed")
    hall.come_back(ticket)
    assert hall.called("2") == "A001"
    assert hall.refused_press("undo", "1") == "nothing-to-undo"
    hall.press("undo", "2")


def test_a_call_that_was_recalled_can_still_be_undone_within_its_five_seconds() -> None:
    hall = Hall(rules(courtesy=Courtesy(recall_pause=seconds(1))))
    ticket = bring_to(hall, "called")
    hall.later(seconds(2))
    hall.press("recall")
    hall.press("undo")
    assert hall.state(ticket) == "waiting"


def test_an_undo_does_not_tear_a_visit_from_the_counter_that_has_called_it_meanwhile() -> None:
    hall = Hall(rules(counters={"1": counter("cash"), "2": counter("cards")}))
    visit, other = bring_to(hall, "serving", then=("cards",)), hall.take()
    hall.press("call_next", "1")
    assert hall.called("2") == "A001"
    assert kinds(hall.press("undo", "1")) == ["TicketCallUndone"]
    assert (hall.state(visit), hall.ticket(visit).counter) == ("called", "2")
    assert hall.state(other) == "waiting"


def test_a_finished_ticket_is_served_again_after_an_undo_even_if_it_was_rated_meanwhile(
    hall: Hall,
) -> None:
    first = bring_to(hall, "serving")
    hall.take()
    hall.press("call_next")
    hall.rate(first, 4)
    assert kinds(hall.press("undo")) == ["TicketCallUndone", "ServiceResumed"]
    assert hall.state(first) == "serving"
    hall.press("finish")
    assert hall.refused(lambda: hall.rate(first)).name == "already-rated"


def test_an_undo_does_not_bring_back_a_visit_that_was_cancelled_meanwhile(hall: Hall) -> None:
    visit = bring_to(hall, "serving", then=("wealth",))
    hall.take()
    hall.press("call_next")
    hall.cancel(visit)
    assert kinds(hall.press("undo")) == ["TicketCallUndone"]
    assert hall.state(visit) == "cancelled"


def test_a_visit_called_to_its_next_service_by_its_own_counter_is_served_again_after_an_undo() -> (
    None
):
    hall = Hall(rules(counters={"1": counter("cash", "cards")}))
    visit = bring_to(hall, "serving", then=("cards",))
    assert hall.called() == "A001"
    assert (hall.ticket(visit).service, hall.state(visit)) == ("cards", "called")
    hall.press("undo")
    found = (hall.ticket(visit).service, hall.ticket(visit).then, hall.state(visit))
    assert found == ("cash", ("cards",), "serving")


def test_a_visit_served_again_after_an_undo_is_still_for_its_counter() -> None:
    """Else it is anybody's when it is parked and returns."""
    hall = Hall(rules(counters={"1": counter("cash", "cards"), "2": counter("cash")}))
    visit = hall.take(then=("cards",))
    hall.press("open_counter", "1")
    hall.press("call_next", "2")
    hall.press("transfer", "2", None, "1")
    hall.press("call_next", "1")
    hall.press("start", "1")
    before = hall.ticket(visit)
    hall.press("call_next", "1")
    hall.press("undo", "1")
    after = hall.ticket(visit)
    assert (after.service, after.then, after.for_counter) == ("cash", ("cards",), "1")
    assert (before.for_counter, str(before.state), str(after.state)) == ("1", "serving", "serving")


def test_the_ticket_of_an_undone_call_is_not_punished() -> None:
    hall = Hall(rules(courtesy=Courtesy(most_recalls=1, recall_pause=seconds(0))))
    bring_to(hall, "called")
    hall.press("undo")
    hall.press("call_next")
    hall.press("recall")


# --- start, finish, visits --------------------------------------------------------------------


def test_a_visit_of_several_services_goes_on_keeping_its_place_in_time(hall: Hall) -> None:
    visit = bring_to(hall, "serving", then=("cards", "wealth"))
    hall.later(minutes(5))
    hall.take("cards")
    assert one(hall.press("finish"), ServiceFinished).next_service == "cards"
    assert (hall.ticket(visit).place, hall.ticket(visit).then) == (NINE, ("wealth",))
    assert hall.called("2") == "A001"
    hall.press("start", "2")
    assert one(hall.press("finish", "2"), ServiceFinished).next_service == "wealth"
    assert hall.called("3") == "A001"
    hall.press("start", "3")
    assert one(hall.press("finish", "3"), ServiceFinished).next_service is None
    assert hall.state(visit) == "served"


@pytest.mark.parametrize("finish", ["finish", "call_next"])
def test_a_visit_that_waited_for_one_counter_goes_on_to_anybody(finish: str) -> None:
    """Else it waits for a counter that does not serve its next service."""
    hall = Hall(rules(counters={"1": counter("cash"), "2": counter("cash"), "3": counter("cards")}))
    visit = hall.take(then=("cards",))
    hall.press("open_counter", "2")
    hall.press("call_next", "1")
    hall.press("transfer", "1", None, "2")
    hall.press("call_next", "2")
    hall.press("start", "2")
    hall.press(finish, "2")
    assert hall.ticket(visit).for_counter is None
    assert hall.called("3") == "A001"


# --- miss and back ----------------------------------------------------------------------------


def test_a_missed_ticket_is_not_called_again_by_itself(hall: Hall) -> None:
    bring_to(hall, "missed")
    assert hall.called() is None


def test_a_missed_customer_counts_as_if_they_had_come_five_minutes_ago(hall: Hall) -> None:
    missed = bring_to(hall, "missed")
    hall.later(minutes(10))
    early = hall.take()
    hall.later(minutes(6))
    late = hall.take()
    hall.later(minutes(4))
    back = one(hall.come_back(missed), TicketReturned)
    assert (back.reason, back.counts_from) == ("missed", hall.now - minutes(5))
    assert hall.call_all() == [hall.label(t) for t in (early, missed, late)]


def test_a_missed_customer_never_gets_a_better_place_than_they_had(hall: Hall) -> None:
    first, second = hall.take(), bring_to_second(hall)
    hall.later(minutes(1))
    hall.come_back(second)
    assert hall.ticket(second).place == NINE + seconds(1)
    assert hall.label(first) == "A001"


def bring_to_second(hall: Hall) -> str:
    """A second customer, a second later, called by counter 2 and missed; the first stands at 1."""
    hall.press("call_next", "1")
    hall.later(seconds(1))
    second = hall.take()
    hall.press("call_next", "2")
    hall.press("miss", "2")
    return second


def test_a_missed_customer_is_back_in_line_only_once(hall: Hall) -> None:
    ticket = bring_to(hall, "missed")
    hall.press("put_back", "1", "A001")
    assert hall.ticket(ticket).returns == 1
    hall.press("call_next")
    hall.press("miss")
    assert hall.refused_press("put_back", "1", "A001") == "return-limit"
    assert hall.refused(lambda: hall.come_back(ticket)).name == "return-limit"


def test_a_missed_customer_is_back_within_the_hour_or_not_at_all(hall: Hall) -> None:
    early, late = bring_to(hall, "missed"), bring_to(hall, "missed")
    hall.later(minutes(59))
    hall.come_back(early)
    hall.later(minutes(2))
    assert hall.refused(lambda: hall.come_back(late)).name == "return-limit"


def test_parking_does_not_use_up_the_return_after_a_missed_call(hall: Hall) -> None:
    ticket = bring_to(hall, "parked")
    hall.come_back(ticket)
    hall.press("call_next")
    hall.press("miss")
    hall.come_back(ticket)
    assert hall.state(ticket) == "waiting"


def test_only_missed_and_parked_tickets_come_back(hall: Hall) -> None:
    ticket = bring_to(hall, "serving")
    assert hall.refused(lambda: hall.come_back(ticket)).name == "wrong-state"
    assert hall.refused_press("put_back", "1", "A001") == "wrong-state"
    assert hall.refused_press("put_back", "1", "A999") == "unknown-ticket"


# --- park -------------------------------------------------------------------------------------


@pytest.mark.parametrize("press", [[], ["start"]])
def test_a_parked_ticket_returns_by_itself_to_its_old_place(hall: Hall, press: list[str]) -> None:
    ticket = bring_to(hall, "called")
    for one_press in press:
        hall.press(one_press)
    hall.later(minutes(1))
    other = hall.take()
    until = one(hall.press("park", "1", 7), TicketParked).until
    assert (until, hall.ticket(ticket).parked_until) == (hall.now + minutes(7), until)
    hall.later(minutes(7) - seconds(1))
    assert hall.due() == ()
    hall.later(seconds(1))
    back = one(hall.due(), TicketReturned)
    assert (back.ticket, back.reason, back.counts_from) == (ticket, "parked", NINE)
    assert hall.call_all() == [hall.label(ticket), hall.label(other)]


def test_parking_is_for_ten_minutes_when_nobody_says_otherwise(hall: Hall) -> None:
    bring_to(hall, "called")
    assert one(hall.press("park"), TicketParked).until == NINE + minutes(10)


@pytest.mark.parametrize("wished", [-5, 0, 121, 100_000_000_000])
def test_parking_for_no_time_or_for_too_long_is_refused(hall: Hall, wished: int) -> None:
    bring_to(hall, "called")
    assert hall.refused_press("park", "1", wished) == "unusable-wish"


def test_a_parked_customer_who_is_there_early_waits_at_the_old_place_at_once(hall: Hall) -> None:
    ticket = bring_to(hall, "parked")
    hall.later(minutes(2))
    hall.take()
    hall.press("put_back", "1", "A001")
    assert hall.ticket(ticket).parked_until is None
    assert hall.called() == "A001"
    hall.later(minutes(10))
    assert hall.due() == ()


def test_a_parked_ticket_that_is_cancelled_does_not_return(hall: Hall) -> None:
    ticket = bring_to(hall, "parked")
    hall.cancel(ticket)
    hall.later(minutes(11))
    assert hall.due() == ()
    assert (hall.state(ticket), hall.ticket(ticket).parked_until) == ("cancelled", None)


def test_a_parked_ticket_that_waited_for_one_counter_still_does(hall: Hall) -> None:
    ticket = bring_to(hall, "called")
    hall.press("open_counter", "2")
    hall.press("transfer", "1", None, "2")
    hall.press("call_next", "2")
    hall.press("park", "2")
    hall.come_back(ticket)
    assert [hall.called("1"), hall.called("2")] == [None, "A001"]


# --- transfer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("press", [[], ["start"]])
def test_a_transferred_ticket_keeps_its_place_in_time(hall: Hall, press: list[str]) -> None:
    ticket = bring_to(hall, "called")
    for one_press in press:
        hall.press(one_press)
    hall.later(minutes(5))
    hall.take("cards")
    moved = one(hall.press("transfer", "1", "cards"), TicketTransferred)
    assert (moved.service, moved.to_service, moved.to_counter) == ("cash", "cards", None)
    assert (hall.ticket(ticket).service, hall.ticket(ticket).place) == ("cards", NINE)
    assert hall.queue.at("1") is None
    assert hall.call_all("2") == ["A001", "B001"]


def test_a_ticket_for_one_counter_is_called_by_no_other(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.press("open_counter", "2")
    hall.press("transfer", "1", None, "2")
    hall.take()
    assert hall.called("1") == "A002"
    assert hall.called("2") == "A001"


def test_a_ticket_for_a_paused_counter_waits_for_it(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.press("open_counter", "2")
    hall.press("pause_counter", "2")
    hall.press("transfer", "1", None, "2")
    assert hall.called("1") is None


def test_a_ticket_for_a_counter_that_closes_is_anybodys(hall: Hall) -> None:
    bring_to(hall, "called")
    hall.press("open_counter", "2")
    hall.press("transfer", "1", None, "2")
    hall.press("close_counter", "2")
    assert hall.called("1") == "A001"


def test_a_ticket_goes_to_a_service_and_a_counter_at_once(hall: Hall) -> None:
    ticket = bring_to(hall, "serving")
    hall.press("transfer", "1", "cards", "2")
    assert (hall.ticket(ticket).service, hall.ticket(ticket).for_counter) == ("cards", "2")


def test_a_transfer_to_a_service_frees_the_ticket_from_its_counter(hall: Hall) -> None:
    ticket = bring_to(hall, "called")
    hall.press("transfer", "1", None, "2")
    hall.press("call_next", "2")
    hall.press("transfer", "2", "wealth")
    assert hall.ticket(ticket).for_counter is None
    assert hall.called("3") == "A001"


def test_a_transfer_to_a_service_still_to_come_does_not_lead_there_twice(hall: Hall) -> None:
    ticket = bring_to(hall, "called", then=("cards", "wealth"))
    hall.press("transfer", "1", "cards")
    assert (hall.ticket(ticket).service, hall.ticket(ticket).then) == ("cards", ("wealth",))


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ((None, None), "unusable-wish"),
        (("loans", None), "unknown-service"),
        (("loans", "2"), "unknown-service"),
        ((None, "99"), "unknown-counter"),
        (("cards", "99"), "unknown-counter"),
        ((None, "3"), "unusable-wish"),  # counter 3 does not serve cash
        (("cards", "3"), "unusable-wish"),
    ],
)
def test_a_transfer_to_nowhere_is_refused(
    hall: Hall, to: tuple[str | None, str | None], name: str
) -> None:
    bring_to(hall, "called")
    assert hall.refused_press("transfer", "1", *to) == name


# --- cancel, rate, print ----------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["customer", "staff"])
@pytest.mark.parametrize("state", ["called", "parked"])
def test_a_cancelled_ticket_says_by_whom(hall: Hall, state: str, reason: str) -> None:
    ticket = bring_to(hall, state)
    assert one(hall.cancel(ticket, reason), TicketCancelled).reason == reason
    assert hall.state(ticket) == "cancelled"
    assert hall.refused(lambda: hall.cancel(ticket)).name == "wrong-state"


def test_a_cancelled_customer_is_not_called(hall: Hall) -> None:
    hall.cancel(hall.take())
    hall.take()
    assert hall.called() == "A002"


def test_a_visit_is_rated_once_and_only_when_served(hall: Hall) -> None:
    ticket = bring_to(hall, "serving")
    assert hall.refused(lambda: hall.rate(ticket)).name == "wrong-state"
    hall.press("finish")
    hall.rate(ticket, 4)
    assert hall.ticket(ticket).rating == 4
    assert hall.refused(lambda: hall.rate(ticket, 5)).name == "already-rated"


@pytest.mark.parametrize("score", [-1, 0, 6])
def test_a_rating_goes_from_one_to_five(hall: Hall, score: int) -> None:
    ticket = bring_to(hall, "served")
    assert hall.refused(lambda: hall.rate(ticket, score)).name == "unusable-wish"


def test_the_printers_word_is_kept_and_moves_nobody(hall: Hall) -> None:
    ticket = hall.take()
    for _ in range(2):
        hall.do(printing.printed(hall.queue, hall.now, ticket, "indeterminate", "no answer"))
    assert (hall.ticket(ticket).printed, hall.state(ticket)) == ("indeterminate", "waiting")
    assert printing.printed(hall.queue, hall.now, ticket, "indeterminate", None) == ()


@pytest.mark.parametrize(
    "wish",
    [
        lambda hall: hall.cancel("nobody"),
        lambda hall: hall.rate("nobody"),
        lambda hall: hall.come_back("nobody"),
        lambda hall: printing.printed(hall.queue, hall.now, "nobody", "confirmed", None),
    ],
)
def test_an_unknown_ticket_is_refused(hall: Hall, wish: Callable[[Hall], object]) -> None:
    assert hall.refused(lambda: wish(hall)).name == "unknown-ticket"


# --- counters ---------------------------------------------------------------------------------

PRESSES: dict[str, tuple[object, ...]] = {
    "call_next": (),
    "recall": (),
    "start": (),
    "finish": (),
    "miss": (),
    "undo": (),
    "park": (),
    "transfer": ("cards",),
    "put_back": ("A001",),
    "open_counter": (),
    "pause_counter": (),
    "close_counter": (),
}
NEEDS_A_TICKET = ("recall", "start", "finish", "miss", "park", "transfer")


@pytest.mark.parametrize("press", PRESSES)
def test_a_counter_the_branch_does_not_have_is_refused(hall: Hall, press: str) -> None:
    bring_to(hall, "missed")
    assert hall.refused_press(press, "99", *PRESSES[press]) == "unknown-counter"


@pytest.mark.parametrize("press", NEEDS_A_TICKET)
def test_a_press_at_an_empty_counter_moves_nobody(hall: Hall, press: str) -> None:
    bring_to(hall, "called")
    assert hall.refused_press(press, "2", *PRESSES[press]) == "nobody-at-counter"


@pytest.mark.parametrize(
    ("press", "state"), [("finish", "called"), *((p, "serving") for p in ("recall", "start", "miss"))]
)  # fmt: skip
def test_a_press_that_does_not_fit_the_ticket_is_refused(
    hall: Hall, press: str, state: str
) -> None:
    bring_to(hall, state)
    hall.later(minutes(1))
    assert hall.refused_press(press) == "wrong-state"


def test_a_counter_opens_pauses_and_closes(hall: Hall) -> None:
    assert hall.queue.counter_state("1") == "closed"
    for press, state in (("open", "open"), ("pause", "paused"), ("open", "open"), ("close", "closed")):  # fmt: skip
        assert len(hall.press(f"{press}_counter")) == 1
        assert hall.queue.counter_state("1") == state
        assert hall.press(f"{press}_counter") == ()


def test_call_next_opens_a_paused_counter(hall: Hall) -> None:
    hall.press("open_counter")
    hall.press("pause_counter")
    assert kinds(hall.press("call_next")) == ["CounterOpened"]


@pytest.mark.parametrize("state", ["called", "serving"])
@pytest.mark.parametrize("press", ["pause_counter", "close_counter"])
def test_a_counter_with_a_ticket_is_not_left(hall: Hall, press: str, state: str) -> None:
    bring_to(hall, state)
    assert hall.refused_press(press) == "counter-busy"


# --- the branch and its day -------------------------------------------------------------------


def test_after_early_closing_nobody_comes_in_and_who_waits_is_served(hall: Hall) -> None:
    waiting, missed = hall.take(), hall.take("wealth")
    hall.press("call_next", "3")
    hall.press("miss", "3")
    assert kinds(hall.close_branch()) == ["BranchClosed"]
    assert hall.close_branch() == ()
    assert hall.refused(hall.take).name == "branch-closed"
    hall.come_back(missed)
    assert hall.called("3") == "C001"
    assert hall.called("1") == "A001"
    assert hall.state(waiting) == "called"


def test_early_closing_is_taken_back(hall: Hall) -> None:
    assert hall.open_branch() == ()
    hall.close_branch()
    assert kinds(hall.open_branch()) == ["BranchOpened"]
    assert hall.label(hall.take()) == "A001"


def test_the_day_ends_every_open_ticket_and_says_what_it_was(hall: Hall) -> None:
    left = {bring_to(hall, state): state for state in ("parked", "serving")}
    over = {}
    left[hall.take("wealth")] = "waiting"
    left[hall.take("cards")] = "called"
    hall.press("call_next", "2")
    over[hall.take("cards")] = "cancelled"
    hall.cancel(list(over)[-1])
    facts = hall.end_day()
    ended = {f.ticket: (f.reason, f.was) for f in facts if isinstance(f, TicketCancelled)}
    assert ended == {ticket: ("day_ended", state) for ticket, state in left.items()}
    assert {hall.state(ticket) for ticket in left} == {"expired"}
    assert {ticket: hall.state(ticket) for ticket in over} == over
    assert not hall.queue.waiting()
    assert not hall.queue.at_counter
    assert not hall.queue.parked
    assert hall.end_day() == ()


@pytest.mark.parametrize(
    "wish",
    [
        lambda hall: hall.come_back("t1"),
        lambda hall: hall.press("put_back", "1", "A001"),
        lambda hall: hall.take(),
        lambda hall: hall.open_branch() and hall.take(),
    ],
    ids=["come back", "put back", "take", "open again and take"],
)
def test_nobody_gets_into_a_day_that_has_ended(wish: Callable[[Hall], object]) -> None:
    hall = Hall()
    bring_to(hall, "missed")
    hall.end_day()
    with suppress(Refusal):
        wish(hall)
    open_states = {"waiting", "called", "serving", "parked"}
    assert not [t.label for t in hall.queue.tickets.values() if str(t.state) in open_states]


def test_the_next_day_begins_with_nobody_and_the_first_number(hall: Hall) -> None:
    bring_to(hall, "missed")
    hall.take()
    hall.press("open_counter", "2")
    hall.end_day()
    hall.queue = hall.queue.following(MONDAY + timedelta(days=1))
    hall.later(minutes(24 * 60))
    assert not hall.queue.tickets
    assert hall.queue.business_day == MONDAY + timedelta(days=1)
    assert hall.queue.counter_state("2") == "closed"
    assert hall.refused_press("put_back", "1", "A001") == "unknown-ticket"
    assert hall.label(hall.take()) == "A001"


def test_early_closing_lasts_for_the_day_only(hall: Hall) -> None:
    hall.close_branch()
    hall.end_day()
    hall.queue = hall.queue.following(MONDAY + timedelta(days=1))
    assert hall.label(hall.take()) == "A001"


# --- refusals and commits ---------------------------------------------------------------------


def test_every_refusal_has_a_name_of_its_own() -> None:
    names = [kind.name for kind in Refusal.__subclasses__()]
    assert len(set(names)) == len(names)
    assert Refusal.name not in names


def test_what_is_not_committed_is_taken_back(hall: Hall) -> None:
    for _ in range(3):
        hall.take()
    hall.press("call_next")
    before = snapshot(hall.queue)
    apply_all(hall.queue, moves.cancel(hall.queue, hall.now, "t1", "staff"))
    apply_all(hall.queue, moves.cancel(hall.queue, hall.now, "t2", "staff"))
    apply_all(hall.queue, moves.close_branch(hall.queue, hall.now))
    assert snapshot(hall.queue) != before
    hall.queue.roll_back()
    assert snapshot(hall.queue) == before
    hall.queue.roll_back()
    assert snapshot(hall.queue) == before


def test_an_empty_day_is_a_day() -> None:
    queue = BranchQueue(MONDAY)
    assert (queue.waiting(), queue.at("1"), queue.counter_state("1")) == ([], None, "closed")
