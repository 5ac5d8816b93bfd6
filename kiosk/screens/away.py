"""The branch cannot be reached: said politely, with the nearest sensible thing to do."""

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from kiosk.screens import View


class AwayScreen(Screen):
    tell = ObjectProperty()
    title = StringProperty()
    text = StringProperty()
    text2 = StringProperty()

    def show(self, view: View) -> None:
        self.title = view.words("away.title")
        self.text = view.words("away.text")
        self.text2 = view.words("away.text2")
