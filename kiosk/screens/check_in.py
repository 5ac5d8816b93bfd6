"""Check in for an appointment: by its code, by an ID or card, or by its number."""

from kiosk.journey.step import Screen
from kiosk.look import icons
from kiosk.screens.page import Block, Entry, Page, Picture, Text, View
from kiosk.screens.pieces import back, keypad, notice


def page(view: View) -> Page:
    say = view.words
    by_number = _has_book(view)
    return Page(
        Screen.CHECK_IN,
        say("check_in.title"),
        blocks=(*_ways(view), *(_entry(view) if by_number else ())),
        choices=keypad(view) if by_number else (),
        foot=(back(view),),
        notice=notice(view, "check_in.asking"),
    )


def _has_book(view: View) -> bool:
    step = view.step
    return step.offer is not None and step.offer.appointments and step.here.reachable


def _ways(view: View) -> tuple[Block, ...]:
    ways, say = view.step.here.ways, view.words
    said, pictures = list[str](), list[str]()
    if "scanner" in ways:
        said.append(say("check_in.code"))
        pictures.append(icons.CODE)
    if ways - {"scanner"} and _has_book(view):
        said.append(say("check_in.card"))
        pictures.append(icons.ID)
    if not said:
        return () if _has_book(view) else (Text(say("check_in.lost"), large=True),)
    text = say("check_in.ways", first=said[0], more=said[1]) if len(said) > 1 else said[0]
    by_number = _has_book(view)
    return (Text(text, large=not by_number, quiet=by_number), Picture(tuple(pictures)))


def _entry(view: View) -> tuple[Block, ...]:
    typed = view.step.entry
    return (Entry(typed.text, view.words("check_in.number"), wrong=typed.wrong),)
