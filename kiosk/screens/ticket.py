"""The customer's number, large, whatever became of the paper."""

from math import ceil

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from edge_agent.messages import EstimatedWait
from kiosk.journey import Finished, Paper, seconds_left
from kiosk.minutes import minutes
from kiosk.screens import View
from kiosk.words import Words, name_in

HEAD = {
    Paper.PRINTING: "ticket.printing",
    Paper.TAKEN_FROM_PRINTER: "ticket.take",
    Paper.NONE: "ticket.no_paper",
}


class TicketScreen(Screen):
    tell = ObjectProperty()
    progress = StringProperty()
    head = StringProperty()
    no_paper = BooleanProperty(False)
    paper_taken = BooleanProperty(False)
    yours = StringProperty()
    label = StringProperty()
    service = StringProperty()
    ahead_title = StringProperty()
    ahead = StringProperty()
    wait_title = StringProperty()
    wait = StringProperty()
    hint = StringProperty()
    link = StringProperty()
    done = StringProperty()
    back_in = StringProperty()

    def show(self, view: View) -> None:
        say, step, ticket = view.words, view.step, view.step.ticket
        if ticket is None:
            self._wipe()
            return
        self.progress = say("step", step=2, steps=2)
        self.head = say(HEAD[step.paper])
        if step.paper is Paper.NONE and step.paper_at:
            self.head = say("ticket.paper_at", kiosk=step.paper_at)
        self.no_paper = step.paper is Paper.NONE
        self.paper_taken = step.paper is Paper.TAKEN_FROM_PRINTER
        self.yours, self.label = say("ticket.yours"), ticket.label
        names = {s.code: s.names for s in step.services}
        self.service = name_in(names.get(ticket.service, {}), say.language) or ticket.service
        self.ahead_title = say("ticket.ahead")
        self.ahead = say("ticket.ahead.count", count=ticket.ahead)
        self.wait_title, self.wait = say("ticket.wait"), _wait(ticket.estimated_wait, say)
        self.hint = say("ticket.no_paper.hint" if self.no_paper else "ticket.seat")
        self.link = view.link if self.no_paper else ""
        self.done = say("ticket.done")
        left = seconds_left(step, view.rules) or 0
        self.back_in = say("ticket.back_in", seconds=max(0, ceil(left)))

    def finished(self) -> None:
        self.tell(Finished())

    def _wipe(self) -> None:
        """Nothing of the last customer stays, not even in a widget that is out of sight."""
        self.label = self.service = self.ahead = self.wait = self.link = ""


def _wait(wait: EstimatedWait | None, say: Words) -> str:
    if wait is None:
        return say("ticket.wait.unknown")
    if wait.high_s == 0:
        return say("ticket.wait.none")
    low, high = minutes(wait)
    return say("ticket.wait.one" if low == high else "ticket.wait.range", low=low, high=high)
