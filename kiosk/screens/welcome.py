"""The first screen: touch here, or swipe a card."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from kiosk.journey import Begun
from kiosk.screens import View


class WelcomeScreen(Screen):
    tell = ObjectProperty()
    title = StringProperty()
    begin = StringProperty()
    card = StringProperty()
    ready = BooleanProperty(False)

    def show(self, view: View) -> None:
        say = view.words
        self.ready = any(service.open for service in view.step.services)
        self.title = say("welcome.title")
        self.begin = say("welcome.begin") if self.ready else ""
        self.card = say("welcome.card") if self.ready else say("welcome.closed")

    def begun(self) -> None:
        self.tell(Begun())
