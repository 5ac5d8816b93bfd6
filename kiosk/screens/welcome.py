"""The first screen: touch here, or show a card, an ID or a code."""

from functools import reduce

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from kiosk.journey import Begun
from kiosk.look import icons
from kiosk.screens import View

# what a customer may show, by the kinds of machines that read it
SHOWN = (
    ("welcome.way.card", {"magnetic_stripe", "card_reader", "contactless"}),
    ("welcome.way.id", {"id_card"}),
    ("welcome.way.code", {"scanner"}),
)


class WelcomeScreen(Screen):
    tell = ObjectProperty()
    title = StringProperty()
    begin = StringProperty()
    card = StringProperty()
    icon = StringProperty()
    ready = BooleanProperty(False)

    def show(self, view: View) -> None:
        say = view.words
        self.ready = any(service.open for service in view.step.services)
        self.title = say("welcome.title")
        self.begin = say("welcome.begin") if self.ready else ""
        self.card = _ways(view) if self.ready else say("welcome.closed")
        self.icon = _icon(view.step.ways) if self.ready else icons.WARNING

    def begun(self) -> None:
        self.tell(Begun())


def _ways(view: View) -> str:
    """What may be shown first; nothing where no reader works."""
    say = view.words
    ways = [say(word) for word, kinds in SHOWN if kinds & view.step.ways]
    if not ways:
        return ""
    *firsts, last = ways
    if firsts:
        first = reduce(lambda one, more: say("welcome.ways.more", first=one, more=more), firsts)
        last = say("welcome.ways.last", first=first, more=last)
    return say("welcome.ways", ways=last)


def _icon(ways: frozenset[str]) -> str:
    if not ways:
        return ""
    return icons.CODE if ways == {"scanner"} else icons.CARD
