"""The verdict sees planted lies, and nothing where there is none."""

import json
from typing import Any

import pytest

from torture import verdict
from torture.client import World
from torture.ledger import Entry, Ledger
from torture.lives import Tally
from torture.summary import MUST_BE_ZERO, Summary
from torture.verdict import Event, Figures, Journal
from torture.wire import Answer

DAY, NEXT_DAY = "2026-11-24", "2026-11-25"


class Writer:
    """Writes a journal, entry by entry."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, type_: str, ticket: str, **more: Any) -> "Writer":
        event = {"seq": len(self.events) + 1, "type": type_, "business_day": DAY, "ticket": ticket}
        self.events.append({**event, "label": ticket.upper(), **more})
        return self

    def judged(self) -> Journal:
        journal = Journal(Figures())
        for event in self.events:
            journal.feed(event)
        return journal


def found(journal: Journal) -> dict[str, int]:
    return {name: times for name, times in journal.figures.found.items() if times}


def answered(ledger: Ledger, press: str, told: dict[str, Any], counter: str | None = None) -> Entry:
    entry = ledger.open(press, "/somewhere", counter=counter)
    ledger.note(entry, Answer(200, json.dumps(told).encode()))
    return entry


def ticket(id_: str) -> dict[str, Any]:
    return {"id": id_, "label": id_.upper(), "business_day": DAY}


def a_visit() -> Writer:
    return Writer().add("TicketIssued", "a").add("TicketCalled", "a", counter="1")


def test_an_honest_journal_has_nothing_against_it() -> None:
    journal = (
        a_visit()
        .add("TicketRecalled", "a", counter="1")
        .add("ServiceStarted", "a", counter="1")
        .add("ServiceFinished", "a", counter="1")
        .add("TicketIssued", "b")
        .add("TicketCancelled", "b")
        .add("TicketIssued", "c", business_day=NEXT_DAY, label="A")
    ).judged()
    assert found(journal) == {}


def test_a_label_given_twice_is_seen() -> None:
    journal = Writer().add("TicketIssued", "a").add("TicketIssued", "b", label="A").judged()
    assert found(journal) == {"labels_twice": 1}


def test_a_ticket_called_to_two_counters_is_seen() -> None:
    assert found(a_visit().add("TicketCalled", "a", counter="2").judged()) == {"called_twice": 1}


def test_a_ticket_called_while_it_is_served_is_seen() -> None:
    journal = a_visit().add("ServiceStarted", "a").add("TicketCalled", "a", counter="2").judged()
    assert found(journal) == {"called_twice": 1}


@pytest.mark.parametrize("between", ["TicketReturned", "TicketCallUndone", "TicketTransferred"])
def test_a_ticket_back_in_line_may_be_called_again(between: str) -> None:
    journal = a_visit().add(between, "a").add("TicketCalled", "a", counter="2").judged()
    assert found(journal) == {}


@pytest.mark.parametrize(
    "between", ["TicketMissed", "TicketParked", "TicketCancelled", "ServiceFinished"]
)
def test_a_ticket_out_of_line_may_not_be_called(between: str) -> None:
    journal = a_visit().add(between, "a").add("TicketCalled", "a", counter="2").judged()
    assert found(journal) == {"wrong_moves": 1}


def test_a_visit_of_several_services_goes_on() -> None:
    journal = a_visit().add("ServiceFinished", "a", next_service="wealth")
    assert found(journal.add("TicketCalled", "a", counter="2").judged()) == {}


def test_a_gap_in_the_numbers_is_seen() -> None:
    writer = a_visit()
    writer.events[1]["seq"] = 3
    assert found(writer.judged()) == {"gaps": 1}


def test_a_business_day_that_goes_back_is_seen() -> None:
    journal = Writer().add("TicketIssued", "a", business_day=NEXT_DAY).add("TicketIssued", "b")
    assert found(journal.judged()) == {"days_back": 1}


def test_an_entry_that_changed_is_seen() -> None:
    writer = a_visit()
    journal = writer.judged()
    journal.compare(writer.events[1])
    assert found(journal) == {}
    journal.compare({**writer.events[1], "counter": "2"})
    assert found(journal) == {"lost": 1}


def test_a_lost_ticket_is_seen() -> None:
    ledger = Ledger("kiosk")
    answered(ledger, "issue", ticket("a"))
    answered(ledger, "issue", ticket("b"))
    journal = Writer().add("TicketIssued", "a").judged()
    verdict.check_answered(ledger.entries, journal)
    assert found(journal) == {"lost": 1}


def test_a_ticket_with_another_label_is_seen() -> None:
    ledger = Ledger("kiosk")
    answered(ledger, "issue", ticket("a"))
    journal = Writer().add("TicketIssued", "a", label="OTHER").judged()
    verdict.check_answered(ledger.entries, journal)
    assert found(journal) == {"lost": 1}


def test_a_lost_call_is_seen() -> None:
    ledger = Ledger("counter")
    answered(ledger, "call-next", ticket("a"), "1")
    journal = Writer().add("TicketIssued", "a").judged()
    verdict.check_presses([ledger], journal)
    assert found(journal) == {"lost": 1}


def test_a_call_answered_to_two_presses_is_seen() -> None:
    ledgers = [Ledger("one"), Ledger("other")]
    for number, ledger in enumerate(ledgers):
        answered(ledger, "call-next", ticket("a"), str(number + 1))
    journal = a_visit().judged()
    verdict.check_presses(ledgers, journal)
    assert found(journal) == {"lost": 1}


def test_what_nobody_was_told_is_seen() -> None:
    kiosk, counter = Ledger("kiosk"), Ledger("counter")
    answered(kiosk, "issue", ticket("a"))
    refused = kiosk.open("issue", "/tickets")
    kiosk.note(refused, proper_refusal())
    journal = a_visit().add("TicketIssued", "b").judged()
    verdict.check_ghosts([kiosk, counter], journal)
    assert found(journal) == {"ghosts": 2}  # the ticket that was refused, and the call


def test_a_changed_answer_is_seen() -> None:
    ledger, figures = Ledger("kiosk"), Figures()
    entry = answered(ledger, "issue", ticket("a"))
    ledger.note(entry, Answer(200, json.dumps(ticket("a")).encode()))
    verdict.check_ledgers([ledger], figures)
    assert not figures.found
    ledger.note(entry, Answer(200, json.dumps(ticket("b")).encode()))
    verdict.check_ledgers([ledger], figures)
    assert figures.found["answers_changed"] == 1


def test_two_clients_with_one_label_are_seen() -> None:
    ledgers, figures = [Ledger("one"), Ledger("other")], Figures()
    answered(ledgers[0], "issue", ticket("a"))
    answered(ledgers[1], "issue", {**ticket("b"), "label": "A"})
    verdict.check_ledgers(ledgers, figures)
    assert figures.found["labels_twice"] == 1


def proper_refusal() -> Answer:
    said = {"type": "urn:lobby:problem:disk", "title": "-", "status": 503, "detail": "-"}
    return Answer(503, json.dumps(said).encode(), "application/problem+json")


@pytest.mark.parametrize(
    ("answer", "bad"),
    [
        (proper_refusal(), 0),
        (Answer(500, proper_refusal().body, "application/problem+json"), 1),
        (Answer(503, b"Service Unavailable", "text/plain"), 1),
        (Answer(503, b"{}", "application/problem+json"), 1),
    ],
)
def test_a_failure_must_be_a_proper_refusal(answer: Answer, bad: int) -> None:
    ledger, figures = Ledger("kiosk"), Figures()
    ledger.note(ledger.open("issue", "/tickets"), answer)
    verdict.check_ledgers([ledger], figures)
    assert figures.found["bad_answers"] == bad


def test_only_what_was_refused_every_time_may_be_given_up() -> None:
    ledger = Ledger("kiosk")
    entry = ledger.open("issue", "/tickets")
    ledger.note(entry, proper_refusal())
    assert entry.may_be_abandoned
    entry.unanswered += 1
    assert not entry.may_be_abandoned


def summary(**found: int) -> Summary:
    figures = Figures()
    figures.found.update(found)
    made = Summary(Tally(kills=3), World(1, 1), [], figures)
    made.chain, made.finished, made.syncs = "intact", True, 1
    return made


def test_a_run_is_good_only_if_nothing_is_against_it() -> None:
    assert summary().good
    assert not any(summary(**{name: 1}).good for name in MUST_BE_ZERO)
    assert json.loads(summary(lost=2).line())["lost"] == 2


@pytest.mark.parametrize("chain", ["broken", "not checked"])
def test_a_chain_that_is_not_intact_fails_the_run_and_is_said(chain: str) -> None:
    made = summary()
    made.chain = chain
    assert not made.good
    assert chain in made.page().lower()


def test_a_run_without_its_last_look_is_not_good() -> None:
    made = summary()
    made.finished = False
    assert not made.good
