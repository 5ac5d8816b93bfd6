"""`processes = 0`: nobody takes in beside the board, who does so is started elsewhere."""

from collections.abc import Iterator

import pytest

from tests.conftest import Program, wait_for
from tests.head_office.conftest import House, Office

NONE_HERE = "\n[intake]\nprocesses = 0\n"


@pytest.fixture
def office(house: House) -> Office:
    made: Office = house.office(house.broker().url, more=NONE_HERE)
    return made


@pytest.fixture
def intake(office: Office) -> Iterator[Program]:
    """The board's own words, without its address."""
    words = list(office.words[1:])
    at = words.index("--listen")
    del words[at : at + 2]
    made = Program("head_office.intake", *words, log=office.log.with_name("intake.log"))
    yield made
    made.end()


def test_the_board_lives_and_shows_what_others_take_in(
    house: House, office: Office, intake: Program
) -> None:
    wait_for(lambda: "Taking in" in intake.output(), "an intake process")
    agent = house.agent(office.words[-1])
    agent.issue(3)
    office.wait_equal(agent)
    assert office.program is not None
    assert office.program.process.poll() is None
