"""A branch and head office at a broker that asks for a password with signs that mean something in an address."""

import subprocess

import pytest

from tests.conftest import wait_for
from tests.head_office.conftest import House

SIGNS = "p@s:s/w%41"
IN_A_URL = "p%40s%3As%2Fw%2541"


@pytest.mark.parametrize("as_file", [False, True])
def test_both_are_let_in(house: House, as_file: bool) -> None:
    broker = house.broker(start=False)
    file = house.folder / "passwords"
    words = ["mosquitto_passwd", "-c", "-b", str(file), SIGNS.replace(":", ""), SIGNS]
    subprocess.run(words, check=True, capture_output=True)  # its users have no colon
    broker.more = f"user root\npassword_file {file}\n"
    broker.start(anonymous=False)
    user = IN_A_URL.replace("%3A", "")
    url = f"mqtt://{user}:{IN_A_URL}@127.0.0.1:{broker.port}"
    given = f'url = "{url}"' if as_file else url
    office, agent = house.office(given), house.agent(given)
    agent.issue()
    wait_for(lambda: office.status(agent.branch) == "online", "the branch on the board")
    office.wait_equal(agent)
    assert IN_A_URL not in office.said() + agent.said()
    assert SIGNS not in office.said() + agent.said()
