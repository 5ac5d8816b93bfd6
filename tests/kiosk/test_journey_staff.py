"""Maintenance, behind a PIN: for staff in front of the kiosk."""

from dataclasses import replace

import pytest

from kiosk.journey import staff
from kiosk.journey.events import (
    AccessTouched,
    BranchLost,
    Entered,
    PinJudged,
    ServicesKnown,
    StaffAsked,
    StaffTold,
    StaffTouched,
    Typed,
)
from kiosk.journey.step import Screen, Step
from kiosk.journey.wishes import DoDuty, JudgePin
from kiosk.screens.page import Entry
from tests.kiosk.played import ZH, after, keys, notice, play, reading, seen, start, wished
from tests.kiosk.states import HERE, STATES, offer

START = start()
PIN = after(START, StaffAsked())
ASKED = after(PIN, "key-2", "key-4", "key-6", "key-8", "enter")
STAFF = after(ASKED, PinJudged(right=True))
FROM = (Screen.WELCOME, Screen.AWAY)
ELSEWHERE = {name: step for name, step in STATES.items() if step.screen not in FROM}


@pytest.mark.parametrize("step", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_held_header_opens_it_only_where_no_customer_has_begun(step: Step) -> None:
    held, wishes = play(step, StaffAsked())
    assert (replace(held, touched_at=step.touched_at), wishes) == (step, [])
    assert PIN.screen is Screen.STAFF_PIN


def test_staff_reach_it_while_the_branch_is_away_and_come_back_to_what_is_true_then() -> None:
    away = after(START, BranchLost())
    duties = after(away, StaffAsked(), "key-2", "enter", BranchLost(), PinJudged(right=True))
    assert (away.screen, duties.screen) == (Screen.AWAY, Screen.STAFF)
    assert after(duties, BranchLost(), "done").screen is Screen.AWAY
    assert after(duties, ServicesKnown(offer()), "done").screen is Screen.WELCOME


def test_the_pin_is_judged_and_not_kept_nor_shown() -> None:
    typed = after(PIN, "key-2", "key-4", "key-6", "key-8")
    assert [block.masked for block in seen(typed).page.blocks if isinstance(block, Entry)] == [True]
    step, wishes = play(typed, "enter")
    assert wishes == [JudgePin("2468")]
    assert (step.asking, step.entry.text) == (True, "")
    assert step.screen is Screen.STAFF_PIN
    assert play(PIN, "enter") == (PIN, [])


def test_a_right_pin_opens_the_duties() -> None:
    assert (STAFF.screen, STAFF.asking) == (Screen.STAFF, False)
    assert set(staff.DUTIES) <= set(keys(STAFF))


def test_a_wrong_pin_is_said_and_may_be_typed_again() -> None:
    step = after(ASKED, PinJudged(right=False))
    assert (step.screen, step.entry.text, notice(step)) == (
        Screen.STAFF_PIN,
        "",
        ZH("notice.pin_wrong"),
    )
    assert wished(step, "key-1", "enter") == [JudgePin("1")]


def test_after_too_many_wrong_ones_it_is_said_how_long_to_wait() -> None:
    step = after(ASKED, PinJudged(right=False, wait_s=60))
    assert notice(step) == ZH("notice.pin_wait", seconds=60)
    again = after(step, "key-1", "enter", PinJudged(right=False, wait_s=41))
    assert (again.screen, notice(again)) == (Screen.STAFF_PIN, ZH("notice.pin_wait", seconds=41))


@pytest.mark.parametrize("step", [START, PIN, after(ASKED, PinJudged(right=False))])
def test_a_judgement_of_a_pin_that_nobody_typed_opens_nothing(step: Step) -> None:
    assert play(step, PinJudged(right=True)) == (step, [])


@pytest.mark.parametrize("what", staff.DUTIES)
def test_each_duty_is_wished_and_what_came_of_it_is_told(what: str) -> None:
    step, wishes = play(STAFF, what)
    assert wishes == [DoDuty(what)]
    told = after(step, StaffTold(("printer: confirmed",)))
    assert "printer: confirmed" in reading(seen(told).page)
    assert told.screen is (Screen.STAFF_DEVICES if what == staff.DEVICES else Screen.STAFF)


def test_what_was_told_of_one_duty_is_not_said_of_the_next_nor_kept_on_the_way_back() -> None:
    told = after(STAFF, "test_print", StaffTold(("printed",)))
    assert "printed" not in reading(seen(after(told, "louder")).page)
    machines = after(STAFF, "devices", StaffTold(("scanner: ready",)))
    assert "scanner: ready" not in reading(seen(after(machines, "back")).page)
    assert machines.screen is Screen.STAFF_DEVICES


def test_what_this_machine_cannot_do_is_not_offered() -> None:
    here = replace(HERE, duties_missing=frozenset({"brighter", "darker"}))
    step = after(start(here=here), StaffAsked(), "key-2", "enter", PinJudged(right=True))
    assert {"brighter", "darker"}.isdisjoint(keys(step))


def test_duties_are_done_only_behind_the_pin() -> None:
    for step in (START, PIN, ASKED, after(START, "begin")):
        assert wished(step, StaffTouched("restart")) == []
        assert after(step, StaffTold(("secret",))).told == ()
    assert wished(STAFF, StaffTouched("no such duty")) == []


def test_done_leads_to_the_start_and_nothing_is_left() -> None:
    assert after(STAFF, "test_print", StaffTold(("printed",)), "done") == START
    assert after(STAFF, "devices", "done") == START
    assert after(PIN, "key-2", "back") == START
    assert after(STAFF, 90).screen is Screen.WELCOME


@pytest.mark.parametrize("step", [PIN, ASKED, STAFF])
def test_staff_are_not_led_away_from_the_maintenance(step: Step) -> None:
    assert play(step, AccessTouched()) == (step, [])


def test_keys_are_typed_only_where_something_is_asked_for() -> None:
    assert after(STAFF, Typed("1"), Entered()).entry.text == ""
