"""What the motorised reader's driver says is where the card is: random days, the days that once showed a lie, liars."""

from collections.abc import Callable
from typing import Any

import pytest

from devices.card_reader.driver import CardReader
from devices.card_reader.orders import (
    AcceptCard,
    CardFound,
    CardTaken,
    ReturnCard,
)
from devices.card_reader.protocol import CAPTURE, TO_GATE, Where
from devices.card_reader.simulator import Simulator
from devices.device import Patience
from tests.devices.card_runs import many
from tests.devices.world import Attendant, World


def test_random_days_without_a_lie() -> None:
    stories: list[str] = []
    counts = many(150, "test", stories.append)
    assert not counts["violations"], "\n".join(stories)
    assert counts["CardTaken success"] > 5
    assert counts["captures"] > 5


class KeepsWhatIsLeft(CardReader):
    """A card that nobody takes goes into the bin."""

    def _return(self, order: ReturnCard, patience: Patience) -> Any:
        outcome = super()._return(order, patience)
        if outcome.where is Where.GATE:
            self._machine.move(CAPTURE)
        return outcome


class MovesAgain(CardReader):
    """One motion more cannot hurt."""

    def _return(self, order: ReturnCard, patience: Patience) -> Any:
        for request in (TO_GATE, TO_GATE):
            self._machine.move(request)
        return super()._return(order, patience)


class SaysTaken(CardReader):
    """What was pushed out has been taken."""

    def _await_taking(self, take_s: float, patience: Patience) -> tuple[str, Where]:
        return "success", Where.NONE


class TellsTwice(CardReader):
    def _accept(self, order: AcceptCard, patience: Patience) -> CardTaken:
        outcome = super()._accept(order, patience)
        self._tell(outcome)
        return outcome


@pytest.mark.parametrize(
    ("liar", "lie"),
    [
        (KeepsWhatIsLeft, "kept"),
        (MovesAgain, "moved twice"),
        (SaysTaken, "false place"),
        (TellsTwice, "outcomes"),
    ],
)
def test_a_driver_that_lies_is_caught(liar: Callable[..., Any], lie: str) -> None:
    days = (many(1, f"liar {n}", lambda story: None, liar, stories=0) for n in range(60))
    assert any(day[lie] for day in days if lie in day)


class Day:
    """A reader, its driver, and what happens to them at moments that a test chose."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.reader = Simulator(lambda event: None)
        self.world = World(self.reader, baud=9600)
        self.attendant = Attendant(self.world, self._start)

    def _start(self) -> CardReader:
        return CardReader(self.told.append, clock=self.world.clock)

    def run(self, seconds: float) -> "Day":
        self.attendant.run(self.world.now + seconds)
        return self

    def push(self, after_s: float) -> None:
        """Somebody puts a card in."""
        present = self.reader.present
        self.world.at(
            self.world.now + after_s, lambda: self.world.hear(present("blank", self.world.now))
        )

    def found(self) -> list[Where]:
        return [event.where for event in self.told if isinstance(event, CardFound)]

    @property
    def place(self) -> str:
        return self.reader._mechanism.where


def test_a_card_drawn_in_after_the_order_has_ended_is_turned_out_and_told() -> None:
    day = Day().run(5)
    day.attendant.order(AcceptCard("1"), 5.0)
    day.push(4.7)
    day.run(12)
    assert day.found() == [Where.GATE]
    assert day.place == "gate"


def test_a_card_drawn_in_while_the_program_starts_again_is_turned_out_and_told() -> None:
    day = Day().run(5)
    day.attendant.order(AcceptCard("1"))
    day.world.at(day.world.now + 2.0, day.world.kill)
    day.push(2.9)
    day.run(20)
    assert day.found() == [Where.GATE]
    assert day.place == "gate"


@pytest.mark.parametrize("after_s", [0.5, 1.0, 2.0, 2.4])
def test_a_found_card_is_told_once_although_the_wire_broke_while_it_came_out(
    after_s: float,
) -> None:
    day = Day().run(5)
    day.attendant.order(AcceptCard("1"))
    day.push(1)
    day.run(8)
    assert day.place == "inside"
    day.attendant = Attendant(day.world, day._start)  # nobody knows of the card any more
    day.world.at(day.world.now + after_s, day.world.unplug)
    day.world.at(day.world.now + after_s + 4.0, day.world.replug)
    day.run(25)
    assert day.found() == [Where.GATE]
    assert day.place == "gate"
