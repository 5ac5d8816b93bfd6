"""Choose a service: each with the people ahead and the likely wait."""

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from edge_agent.messages import Service
from kiosk.journey import REFUSALS, Finished, ServiceTouched
from kiosk.look.widgets import Pressable
from kiosk.minutes import minutes
from kiosk.screens import View
from kiosk.words import Words, name_in

WARNINGS = (
    "notice.card_unreadable",
    "notice.cards_together",
    "notice.code_unknown",
    "notice.appointment_closed",
    "notice.refused",
    *REFUSALS.values(),
)
ROOMY = 4  # up to so many services, tiles have large letters


class ServiceTile(Pressable):
    """One service."""

    code = StringProperty()
    meant = StringProperty()  # the code when the finger came down: tiles may change under it
    badge = StringProperty()
    label = StringProperty()
    letters = NumericProperty("10.5mm")
    ahead = StringProperty()
    wait = StringProperty()

    def on_pressed(self, _tile: Any, pressed: bool) -> None:
        if pressed:
            self.meant = self.code

    def show(self, service: Service, say: Words) -> None:
        self.code, self.badge = service.code, service.prefix
        self.disabled = not service.open
        self.label = name_in(service.names, say.language)
        self.ahead = _ahead(service, say)
        self.wait = _wait(service, say) if service.open and service.waiting else ""


class ServicesScreen(Screen):
    tell = ObjectProperty()
    title = StringProperty()
    hint = StringProperty()
    notice = StringProperty()
    warning = BooleanProperty(False)
    back = StringProperty()
    progress = StringProperty()
    asking = BooleanProperty(False)
    letters = NumericProperty("10.5mm")

    def show(self, view: View) -> None:
        say, step = view.words, view.step
        self.title = say("services.title")
        self.hint = say("services.hint")
        key = "services.asking" if step.asking else step.notice
        self.notice = say(key) if key else ""
        self.warning = step.notice in WARNINGS and not step.asking
        self.back = say("back")
        self.progress = say("step", step=1, steps=2)
        self.asking = step.asking
        self.letters = "10.5mm" if len(step.services) <= ROOMY else "8mm"
        self._show_services(step.services, say)

    def finished(self) -> None:
        self.tell(Finished())

    def _show_services(self, services: tuple[Service, ...], say: Words) -> None:
        tiles = list(reversed(self.ids.tiles.children))
        for tile in tiles[len(services) :]:
            self.ids.tiles.remove_widget(tile)
        for service in services[len(tiles) :]:
            tile = ServiceTile(code=service.code)
            tile.bind(on_press_done=self._touched)
            self.ids.tiles.add_widget(tile)
        shown = reversed(self.ids.tiles.children)
        for tile, service in zip(shown, services, strict=True):
            tile.letters = self.letters
            tile.show(service, say)

    def _touched(self, tile: Any) -> None:
        self.tell(ServiceTouched(tile.meant))


def _ahead(service: Service, say: Words) -> str:
    if not service.open:
        return say("services.closed")
    if service.waiting == 0:
        return say("services.ahead.none")
    return say("services.ahead", count=service.waiting)


def _wait(service: Service, say: Words) -> str:
    if service.estimated_wait is None:
        return say("services.wait.unknown")
    if service.estimated_wait.high_s == 0:
        return say("services.wait.none")
    low, high = minutes(service.estimated_wait)
    return say("services.wait.one" if low == high else "services.wait", low=low, high=high)
