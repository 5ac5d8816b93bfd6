"""A call for a person is one call, whoever presses how often, and ends with the day."""

from datetime import date

import pytest

from edge_agent.branch_queue import help_calls
from edge_agent.branch_queue.refusals import NoHelpWanted
from tests.branch_queue.hall import MONDAY, Facts, Hall, kinds, minutes, rebuilt


def ask(hall: Hall, kiosk: str = "kiosk-1", screen: str = "services") -> Facts:
    return hall.do(help_calls.ask_help(hall.queue, hall.now, kiosk=kiosk, screen=screen))


def come(hall: Hall, by: str, kiosk: str = "kiosk-1") -> Facts:
    return hall.do(help_calls.come_to_help(hall.queue, hall.now, kiosk=kiosk, by=by))


def end(hall: Hall, by: str = "3", kiosk: str = "kiosk-1") -> Facts:
    return hall.do(help_calls.end_help(hall.queue, hall.now, kiosk=kiosk, by=by))


def test_asked_twice_it_is_the_first_call() -> None:
    hall = Hall()
    assert kinds(ask(hall)) == ["HelpAsked"]
    began = hall.now
    hall.later(minutes(1))
    assert ask(hall, screen="ticket") == ()
    call = hall.queue.day.help_calls["kiosk-1"]
    assert (call.screen, call.at) == ("services", began)


def test_the_first_who_comes_is_the_one_who_comes() -> None:
    hall = Hall()
    ask(hall)
    assert kinds(come(hall, "3")) == ["HelpComing"]
    assert come(hall, "5") == ()
    assert hall.queue.day.help_calls["kiosk-1"].coming_by == "3"


def test_a_call_that_is_over_takes_nobody_along_and_a_new_one_can_be_made() -> None:
    hall = Hall()
    ask(hall)
    come(hall, "3")
    assert kinds(end(hall)) == ["HelpDone"]
    assert end(hall) == ()
    with pytest.raises(NoHelpWanted):
        come(hall, "3")
    assert kinds(ask(hall)) == ["HelpAsked"]
    assert hall.queue.day.help_calls["kiosk-1"].coming_at is None


def test_each_kiosk_has_its_own_call() -> None:
    hall = Hall()
    ask(hall)
    ask(hall, "kiosk-2")
    end(hall)
    assert list(hall.queue.day.help_calls) == ["kiosk-2"]


def test_the_next_day_begins_without_calls() -> None:
    hall = Hall()
    ask(hall)
    hall.end_day()
    assert hall.queue.following(date(2026, 3, 3)).day.help_calls == {}


def test_a_restart_knows_the_open_calls() -> None:
    hall = Hall()
    for kiosk in ("kiosk-1", "kiosk-2"):
        ask(hall, kiosk)
        come(hall, "3", kiosk)
    end(hall, kiosk="kiosk-2")
    assert rebuilt(MONDAY, hall.facts).day == hall.queue.day
