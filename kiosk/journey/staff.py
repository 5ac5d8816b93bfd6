"""Maintenance: behind a PIN, for staff in front of the kiosk."""

from dataclasses import replace

from kiosk.journey.events import (
    Entered,
    Event,
    PinJudged,
    StaffAsked,
    StaffTold,
    StaffTouched,
)
from kiosk.journey.step import Entry, Screen, Step
from kiosk.journey.wishes import DoDuty, JudgePin, Wish

Next = tuple[Step, tuple[Wish, ...]]
SCREENS = (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)
DEVICES = "devices"
DUTIES = (
    "test_print", DEVICES, "new_roll", "brighter", "darker", "louder", "quieter", "export_log", "restart",
)  # fmt: skip


def begun(step: Step, event: Event) -> Next | None:
    """None where the event begins no maintenance."""
    if not isinstance(event, StaffAsked):
        return None
    return replace(step, screen=Screen.STAFF_PIN, entry=Entry(), notice=""), ()


def touched(step: Step, event: Event) -> Next:
    match event, step.screen:
        case Entered(), Screen.STAFF_PIN if step.entry.text:
            return replace(step, entry=Entry(), asking=True), (JudgePin(step.entry.text),)
        case StaffTouched(what), Screen.STAFF if what in DUTIES:
            screen = Screen.STAFF_DEVICES if what == DEVICES else Screen.STAFF
            return replace(step, screen=screen, told=(), notice=""), (DoDuty(what),)
    return step, ()


def is_answer(event: Event) -> bool:
    return isinstance(event, PinJudged | StaffTold)


def answered(step: Step, event: Event) -> Step:
    match event:
        case PinJudged(right, wait_s) if step.asking and step.screen is Screen.STAFF_PIN:
            if right:
                return replace(step, screen=Screen.STAFF, asking=False, notice="", told=())
            notice = "notice.pin_wait" if wait_s else "notice.pin_wrong"
            return replace(step, asking=False, notice=notice, tries=wait_s)
        case StaffTold(lines) if step.screen in SCREENS[1:]:
            return replace(step, told=lines)
    return step
