"""Fingers on the real widgets: what a touch does, and what it must not do. Runs where Kivy runs."""

from typing import Any

from kivy.tests.common import UnitTestTouch
from kivy.uix.widget import Widget

from kiosk.journey import Begun, Finished, ServiceTouched, Step
from kiosk.look.widgets import WordButton
from kiosk.screens.services import ServiceTile
from tests.kiosk import screen_states as states


class Finger(UnitTestTouch):
    """A touch at a widget's middle, or so far from it."""

    def __init__(self, widget: Widget) -> None:
        super().__init__(*widget.to_window(*widget.center))

    def slide(self, widget: Widget) -> None:
        self.touch_move(*widget.to_window(*widget.center))


def tap(widget: Widget) -> None:
    finger = Finger(widget)
    finger.touch_down()
    finger.touch_up()


def tiles(stage: Any) -> list[ServiceTile]:
    screen = stage.screens.current_screen
    found = [w for w in screen.walk(restrict=True) if isinstance(w, ServiceTile)]
    return sorted(found, key=lambda tile: tile.code)


def back(stage: Any) -> WordButton:
    screen = stage.screens.current_screen
    return next(w for w in screen.walk(restrict=True) if isinstance(w, WordButton))


def claims(stage: Any) -> dict[str, bool]:
    return {name: bool(claim(stage)) for name, claim in CLAIMS.items()}


def fresh(stage: Any, state: str = "services-4") -> list[ServiceTile]:
    stage.show(states.STATES[state], "en")
    stage.told.clear()
    return tiles(stage)


def acts_on_release(stage: Any) -> bool:
    first = fresh(stage)[0]
    finger = Finger(first)
    finger.touch_down()
    early = list(stage.told)
    pressed = first.pressed
    finger.touch_up()
    return (early, pressed, stage.told) == ([], True, [ServiceTouched("s0")])


def sliding_off_cancels(stage: Any) -> bool:
    first, second = fresh(stage)[:2]
    finger = Finger(first)
    finger.touch_down()
    finger.slide(second)
    shown = first.pressed or second.pressed
    finger.touch_up()
    return stage.told == [] and not shown


def sliding_off_and_back_acts(stage: Any) -> bool:
    first, second = fresh(stage)[:2]
    finger = Finger(first)
    finger.touch_down()
    finger.slide(second)
    finger.slide(first)
    finger.touch_up()
    return stage.told == [ServiceTouched("s0")]


def a_second_finger_elsewhere_does_nothing(stage: Any) -> bool:
    first, second = fresh(stage)[:2]
    one, other = Finger(first), Finger(second)
    one.touch_down()
    other.touch_down()
    other.touch_up()
    one.touch_up()
    return stage.told == [ServiceTouched("s0")]


def a_second_finger_on_the_same_tile_acts_once(stage: Any) -> bool:
    first = fresh(stage)[0]
    one, other = Finger(first), Finger(first)
    one.touch_down()
    other.touch_down()
    one.touch_up()
    other.touch_move(other.x + 1, other.y + 1)
    other.touch_up()
    return stage.told == [ServiceTouched("s0")]


def the_next_touch_after_two_fingers_works(stage: Any) -> bool:
    a_second_finger_elsewhere_does_nothing(stage)
    first = fresh(stage)[0]
    tap(first)
    return stage.told == [ServiceTouched("s0")]


def a_shut_service_does_nothing(stage: Any) -> bool:
    for tile in fresh(stage, "services-4-closed"):
        tap(tile)
    return stage.told == []


def nothing_can_be_touched_while_asking(stage: Any) -> bool:
    for tile in fresh(stage, "services-4-asking"):
        tap(tile)
    tap(back(stage))
    return stage.told == []


def a_tile_disabled_under_the_finger_does_nothing(stage: Any) -> bool:
    first = fresh(stage)[0]
    finger = Finger(first)
    finger.touch_down()
    stage.show(states.STATES["services-4-asking"], "en")
    finger.touch_up()
    return stage.told == [] and not first.pressed


def a_tile_that_became_another_under_the_finger_does_nothing(stage: Any) -> bool:
    """The branch has changed its list between down and release."""
    first = fresh(stage)[0]
    finger = Finger(first)
    finger.touch_down()
    stage.show(states.choosing(states.services(4)[1:]), "en")
    finger.touch_up()
    return stage.told in ([], [ServiceTouched("s0")])  # never what was not under the finger


def a_finger_down_while_the_screen_leaves_does_nothing(stage: Any) -> bool:
    first = fresh(stage)[0]
    finger = Finger(first)
    finger.touch_down()
    stage.show(states.STATES["away"], "en")
    finger.touch_up()
    return stage.told == []


def every_tile_tells_its_own_service(stage: Any) -> bool:
    for tile in fresh(stage):
        tap(tile)
    return stage.told == [ServiceTouched(f"s{n}") for n in range(4)]


def back_and_done_finish(stage: Any) -> bool:
    fresh(stage)
    tap(back(stage))
    fresh_ticket = states.STATES["ticket-no-paper"]
    stage.show(fresh_ticket, "en")
    tap(back(stage))
    return stage.told == [Finished(), Finished()]


def a_closed_welcome_cannot_be_begun(stage: Any) -> bool:
    stage.show(states.STATES["welcome-closed"], "en")
    stage.told.clear()
    tap(stage.screens.current_screen)
    return stage.told == []


def welcome_begins(stage: Any) -> bool:
    stage.show(states.STATES["welcome"], "en")
    stage.told.clear()
    tap(stage.screens.current_screen)
    return stage.told == [Begun()]


def nothing_of_a_ticket_stays_in_any_widget(stage: Any) -> bool:
    stage.show(states.STATES["ticket-no-paper"], "en")
    screen = stage.screens.current_screen
    screen.show(stage.view(Step(states.Screen.WELCOME, "en", states.services(4))))
    stage.settle()
    kept = [
        getattr(widget, name)
        for widget in screen.walk(restrict=True)
        for name in ("text", "data", "value", "label", "link")
        if hasattr(widget, name)
    ]
    said = " ".join(map(str, kept))
    return "A012" not in said and states.LINK not in said and "12" not in said


CLAIMS = {
    function.__name__: function
    for function in (
        acts_on_release,
        sliding_off_cancels,
        sliding_off_and_back_acts,
        a_second_finger_elsewhere_does_nothing,
        a_second_finger_on_the_same_tile_acts_once,
        the_next_touch_after_two_fingers_works,
        a_shut_service_does_nothing,
        nothing_can_be_touched_while_asking,
        a_tile_disabled_under_the_finger_does_nothing,
        a_tile_that_became_another_under_the_finger_does_nothing,
        a_finger_down_while_the_screen_leaves_does_nothing,
        every_tile_tells_its_own_service,
        back_and_done_finish,
        a_closed_welcome_cannot_be_begun,
        welcome_begins,
        nothing_of_a_ticket_stays_in_any_widget,
    )
}
