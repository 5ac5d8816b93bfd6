"""Is the card theirs? Asked first; then the customer sees themselves, one instruction at a time, and another way always."""

from kiosk.journey.events import Agreed, AnotherWay, TriedAgain
from kiosk.journey.step import Check, Screen
from kiosk.look import icons
from kiosk.screens.page import Block, Choice, Mirror, Notice, Page, Picture, Steps, Text, View
from kiosk.screens.pieces import back, steps

METHODS = {"face": icons.FACE, "fingerprint": icons.FINGER}
ASKED = (  # whatever may be asked of the customer while they stand before the camera or touch the glass
    *(
        f"face.{what}"
        for what in (
            "opening", "no_face", "several_people", "move_to_middle", "come_closer", "step_back", "too_dark",
            "too_bright", "light_from_one_side", "look_straight", "hold_head_upright", "hold_still", "open_eyes", "show_eyes", "ready",
            "turn_left", "turn_right", "turn_front", "turn_slowly", "blink", "wait", "again",
        )
    ),
    *(
        f"fingerprint.{what}"
        for what in ("opening", "place_finger", "lift_finger", "clean", "press_harder", "wait", "again")
    ),
)  # fmt: skip


def page(view: View) -> Page:
    check = view.step.check
    if check is None:
        return _consent(view)
    return _over(view, check) if check.over else _checking(view, check)


def _consent(view: View) -> Page:
    """Saying no is as easy, and as large, as saying yes."""
    say = view.words
    ways = [one for one in METHODS if one in view.step.here.checks]
    agree = tuple(
        Choice(
            f"agree-{way}",
            say(f"{way}.agree"),
            Agreed(way),
            icon=METHODS[way],
        )
        for way in ways
    )
    return Page(
        Screen.IDENTITY,
        say("identity.title"),
        blocks=(Text(say("identity.why")),),
        choices=(*agree, _another(view, "identity.another_way")),
        foot=(back(view),),
        steps=_steps(view),
    )


def _checking(view: View, check: Check) -> Page:
    say = view.words
    shown: Block = Mirror(check.progress) if check.mirror else Picture((METHODS[check.method],))
    again = check.leads_on and Choice(
        "again", say(check.leads_on), TriedAgain(), icon=icons.RESTART
    )
    return Page(
        Screen.IDENTITY,
        say(f"{check.method}.title"),
        blocks=(shown,),
        choices=(*((again,) if again else ()), _another(view, "identity.another_way")),
        foot=(back(view),),
        notice=Notice(say(check.says), icon=check.icon, waiting=not check.icon, large=True),
        steps=_steps(view),
    )


def _over(view: View, check: Check) -> Page:
    """No reason is given: whoever is not the owner shall learn nothing from it."""
    say = view.words
    return Page(
        Screen.IDENTITY,
        say(check.says),
        blocks=(Text(say("identity.over_why"), large=True), Picture((icons.PERSON,))),
        choices=(_another(view, "identity.go_on"),),
        foot=(back(view),),
        steps=_steps(view),
    )


def _another(view: View, text: str) -> Choice:
    return Choice("another-way", view.words(text), AnotherWay(), icon=icons.TICKET)


def _steps(view: View) -> Steps | None:
    return None if view.step.errand else steps(view, 2, 3)
