"""Maintenance, for staff."""

from kiosk.journey import staff
from kiosk.journey.events import StaffTouched
from kiosk.journey.step import Screen
from kiosk.look import icons
from kiosk.screens.page import Block, Choice, Entry, Items, Notice, Page, View
from kiosk.screens.pieces import back, done, keypad, notice

ICONS = {
    "test_print": icons.PRINTER,
    "devices": icons.MACHINES,
    "new_roll": icons.ROLL,
    "brighter": icons.BRIGHTER,
    "darker": icons.DARKER,
    "louder": icons.LOUDER,
    "quieter": icons.QUIETER,
    "export_log": icons.EXPORT,
    "restart": icons.RESTART,
}


def pin(view: View) -> Page:
    say = view.words
    return Page(
        Screen.STAFF_PIN,
        say("staff.pin"),
        blocks=(Entry(view.step.entry.text, say("staff.pin_hint"), masked=True),),
        choices=keypad(view),
        foot=(back(view),),
        notice=notice(view, "staff.asking"),
    )


def duties(view: View) -> Page:
    say = view.words
    return Page(
        Screen.STAFF,
        say("staff.title"),
        choices=tuple(
            Choice(what, say(f"staff.{what}"), StaffTouched(what), icon=ICONS[what])
            for what in staff.DUTIES
            if what not in view.step.here.duties_missing
        ),
        foot=(done(view),),
        notice=Notice(" · ".join(view.step.told)) if view.step.told else None,
    )


def devices(view: View) -> Page:
    return Page(
        Screen.STAFF_DEVICES,
        view.words("staff.devices"),
        blocks=_told(view),
        foot=(back(view), done(view)),
    )


def _told(view: View) -> tuple[Block, ...]:
    return (Items("", view.step.told),) if view.step.told else ()
