"""Paper: never a second one that is not marked, and staff can get one that is."""

import pytest

from edge_agent.branch_queue import printing
from edge_agent.branch_queue.facts import ReprintOrdered, TicketPrinted
from tests.branch_queue.hall import Facts, Hall, minutes, rebuilt, seconds, snapshot


@pytest.fixture
def hall() -> Hall:
    return Hall()


def told(hall: Hall, ticket: str, outcome: str, **more: object) -> Facts:
    return hall.do(printing.printed(hall.queue, hall.now, ticket, outcome, None, **more))


def ordered(hall: Hall, label: str, *kiosks: str) -> Facts:
    return hall.do(printing.order_reprint(hall.queue, hall.now, label, kiosks, "1"))


def waiting_reprints(hall: Hall) -> dict[str, str]:
    return dict(hall.queue.day.reprints)


def test_where_nothing_was_printed_the_other_kiosk_prints_instead(hall: Hall) -> None:
    ticket = hall.take()
    paper, order = told(hall, ticket, "failed", kiosk="kiosk-1", others=("kiosk-2", "kiosk-3"))
    assert (paper.kiosk, paper.outcome) == ("kiosk-1", "failed")
    assert (order.kiosk, order.reason, order.counter) == ("kiosk-2", "printer_failed", None)
    assert waiting_reprints(hall) == {ticket: "kiosk-2"}


@pytest.mark.parametrize("outcome", ["confirmed", "indeterminate"])
def test_where_paper_may_be_there_no_second_one_comes_by_itself(hall: Hall, outcome: str) -> None:
    facts = told(hall, hall.take(), outcome, others=("kiosk-2",))
    assert [type(fact) for fact in facts] == [TicketPrinted]
    assert not waiting_reprints(hall)


def test_a_reprint_that_fails_orders_no_third(hall: Hall) -> None:
    ticket = hall.take()
    told(hall, ticket, "failed", others=("kiosk-2",))
    facts = told(hall, ticket, "failed", reprint=True, kiosk="kiosk-2", others=("kiosk-1",))
    assert [fact.reprint for fact in facts] == [True]
    assert not waiting_reprints(hall)


def test_staff_order_a_reprint_with_their_counter_on_record(hall: Hall) -> None:
    ticket = hall.take()
    (order,) = ordered(hall, "A001", "kiosk-2", "kiosk-1")
    assert order == ReprintOrdered(
        at=hall.now, business_day=hall.queue.business_day, ticket=ticket, label="A001",
        service="cash", segment="ordinary", kiosk="kiosk-2", reason="staff", counter="1",
    )  # fmt: skip
    told(hall, ticket, "confirmed", reprint=True, kiosk="kiosk-2")
    assert not waiting_reprints(hall)
    assert hall.ticket(ticket).printed == "confirmed"


def test_asked_twice_one_paper_comes(hall: Hall) -> None:
    hall.take()
    ordered(hall, "A001", "kiosk-1")
    assert ordered(hall, "A001", "kiosk-1") == ()


def test_a_kiosk_that_has_failed_meanwhile_is_replaced(hall: Hall) -> None:
    ticket = hall.take()
    ordered(hall, "A001", "kiosk-1")
    ordered(hall, "A001", "kiosk-2")
    assert waiting_reprints(hall) == {ticket: "kiosk-2"}


def test_a_kiosk_that_has_been_replaced_takes_no_order_from_the_other_when_it_has_no_paper(
    hall: Hall,
) -> None:
    ticket = hall.take()
    ordered(hall, "A001", "kiosk-1")
    ordered(hall, "A001", "kiosk-2")
    told(hall, ticket, "failed", reprint=True, kiosk="kiosk-1")
    assert waiting_reprints(hall) == {ticket: "kiosk-2"}
    told(hall, ticket, "failed", reprint=True, kiosk="kiosk-2")
    assert not waiting_reprints(hall)


def test_an_outcome_of_a_reprint_is_told_once(hall: Hall) -> None:
    ticket = hall.take()
    ordered(hall, "A001", "kiosk-1")
    assert len(told(hall, ticket, "confirmed", reprint=True)) == 1
    assert told(hall, ticket, "confirmed", reprint=True) == ()


def test_paper_that_was_proved_stays_proved(hall: Hall) -> None:
    ticket = hall.take()
    told(hall, ticket, "confirmed")
    ordered(hall, "A001", "kiosk-1")
    told(hall, ticket, "failed", reprint=True)
    assert hall.ticket(ticket).printed == "confirmed"


def test_no_printer_no_such_ticket_and_an_ended_one_are_refused(hall: Hall) -> None:
    ticket = hall.take()
    assert hall.refused(lambda: ordered(hall, "A001")).name == "no-printer-works"
    assert hall.refused(lambda: ordered(hall, "A002", "kiosk-1")).name == "unknown-ticket"
    hall.cancel(ticket)
    assert hall.refused(lambda: ordered(hall, "A001", "kiosk-1")).name == "wrong-state"


def test_a_ticket_that_has_ended_gets_no_paper_by_itself(hall: Hall) -> None:
    ticket = hall.take()
    hall.cancel(ticket)
    assert len(told(hall, ticket, "failed", others=("kiosk-2",))) == 1


def test_a_restart_knows_what_is_still_to_be_printed(hall: Hall) -> None:
    hall.take()
    hall.take()
    ordered(hall, "A001", "kiosk-1")
    ordered(hall, "A002", "kiosk-2")
    told(hall, "t1", "confirmed", reprint=True)
    again = rebuilt(hall.queue.business_day, hall.facts)
    assert snapshot(again) == snapshot(hall.queue)


def test_a_reprint_that_fails_takes_no_doubt_away(hall: Hall) -> None:
    """There may be a first paper: the next one must still be marked."""
    ticket = hall.take()
    told(hall, ticket, "indeterminate")
    ordered(hall, "A001", "kiosk-1")
    told(hall, ticket, "failed", reprint=True)
    assert hall.ticket(ticket).printed == "indeterminate"


def test_a_paper_that_nobody_tells_of_is_in_doubt_after_two_minutes(hall: Hall) -> None:
    """A kiosk that was killed between the paper and its word."""
    ticket = hall.take(kiosk="kiosk-1")
    hall.take(kiosk="without-printer")
    hall.take()
    hall.later(minutes(2))
    assert printing.without_word(hall.queue, hall.now, {"kiosk-1"}) == ()
    hall.later(seconds(1))
    (fact,) = hall.do(printing.without_word(hall.queue, hall.now, {"kiosk-1"}))
    assert (fact.ticket, fact.outcome, fact.reason) == (ticket, "indeterminate", "noWord")
    assert printing.without_word(hall.queue, hall.now, {"kiosk-1"}) == ()
    assert len(told(hall, ticket, "confirmed")) == 1, "a word that comes late is worth more"


def test_nobody_looks_for_the_paper_of_a_ticket_that_has_ended(hall: Hall) -> None:
    ticket = hall.take(kiosk="kiosk-1")
    hall.cancel(ticket)
    hall.later(minutes(5))
    assert printing.without_word(hall.queue, hall.now, {"kiosk-1"}) == ()
