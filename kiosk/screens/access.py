"""How the kiosk is read and reached."""

from kiosk.journey.events import ComfortTouched
from kiosk.journey.step import Screen, Theme
from kiosk.look import icons
from kiosk.screens.page import Choice, Page, Role, Text, View
from kiosk.screens.pieces import done


def page(view: View) -> Page:
    say, comfort, here = view.words, view.step.comfort, view.step.here
    ways = [
        ("large", icons.LARGE, comfort.large, True),
        ("contrast", icons.CONTRAST, comfort.theme is Theme.CONTRAST, True),
        ("low", icons.LOW, comfort.low, here.can_lower),
        ("speech", icons.SPEECH, comfort.speech, here.can_speak),
    ]
    return Page(
        Screen.ACCESS,
        say("access.title"),
        blocks=(Text(say("access.hint"), quiet=True),),
        choices=tuple(
            Choice(
                what,
                say(f"access.{what}"),
                ComfortTouched(what),
                Role.CHIP,
                icon,
                detail=(say("access.on" if chosen else "access.off"),),
                chosen=chosen,
            )
            for what, icon, chosen, possible in ways
            if possible
        ),
        foot=(done(view),),
    )
