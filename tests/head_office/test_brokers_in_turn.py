"""Several brokers are tried in turn and the first is gone back to; pauses between attempts spread a fleet."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from program.back_off import pauses
from program.broker import Broker as Section
from program.line_state import LineState
from program.mqtt_link import MqttLink
from program.settings_file import SettingsError
from tests.head_office.conftest import Broker, House


@given(
    first=st.floats(0.01, 10), factor=st.floats(1, 1000), seed=st.integers(), n=st.integers(1, 40)
)
def test_no_pause_is_longer_than_its_limit_which_doubles(
    first: float, factor: float, seed: int, n: int
) -> None:
    longest = first * factor
    for attempt, pause in enumerate(islice(pauses(first, longest, Random(seed)), n)):
        assert 0 <= pause <= min(first * 2**attempt, longest)


def test_a_fleet_knocks_evenly_over_the_whole_limit() -> None:
    """Full jitter: of 5,000 branches in their eighth attempt each tenth of the limit has about a tenth."""
    eighth = [next(islice(pauses(0.5, 30, Random(seed)), 7, None)) for seed in range(5000)]
    tenths = [sum(int(pause / 3) == tenth for pause in eighth) for tenth in range(10)]
    assert all(400 <= count <= 600 for count in tenths), tenths  # 500 ± 4.7 standard deviations


@pytest.mark.parametrize(
    "section",
    [
        Section(),
        Section(url="mqtt://a", urls=["mqtt://b"]),
        Section(urls=["mqtt://a", "nowhere"]),
        Section(url="mqtt://a:0x1"),
    ],
)
def test_one_of_url_and_urls_and_each_an_address(section: Section) -> None:
    with pytest.raises(SettingsError, match=r"section \[broker\]: key 'urls?'.*mqtt://HOST:PORT"):
        section.addresses()


def test_the_command_line_replaces_all_of_them() -> None:
    assert [a.host for a in Section(urls=["mqtt://a", "mqtt://b"]).instead("mqtt://c").addresses()] == ["c"]  # fmt: skip


@pytest.mark.parametrize("password", ["a/secret", "50%secret", "secret%", "secret%ff", "secret%4"])
def test_what_is_wrong_with_an_address_is_said_without_its_password(password: str) -> None:
    with pytest.raises(SettingsError, match="write % as %25, / as %2F") as refused:
        Section(url=f"mqtt://bund:{password}@broker.example:1883").addresses()
    assert "broker.example:1883" in str(refused.value)
    assert "secret" not in str(refused.value)


@given(user=st.text(), password=st.text())
def test_user_and_password_may_be_any_text(user: str, password: str) -> None:
    """RFC 3986, 2.1: a character that would end its part of the address is written as % and two digits."""
    url = f"mqtts://{quote(user, safe='')}:{quote(password, safe='')}@broker.example"
    (found,) = Section(url=url).addresses()
    assert (found.user, found.password, found.host) == (user, password, "broker.example")


async def until(look: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(20):
            while not look():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


def test_the_next_one_is_taken_and_the_first_again_once_it_is_back(house: House) -> None:
    asyncio.run(away_and_back(house.broker(), house.broker()))


async def away_and_back(first: Broker, second: Broker) -> None:
    link = MqttLink(
        Section(urls=[first.url, second.url]),
        client_id="one",
        subscriptions=[],
        on_connected=lambda: None,
        on_message=lambda _message: None,
        will=None,
        state=LineState(),
        one_reader=False,
        clock=lambda: datetime.now(UTC),
        random=Random(1),
        back_to_first_s=0.5,
    )

    def at(broker: Broker) -> bool:
        return link.connected and link.address.port == broker.port

    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: at(first), "the first broker")
    first.kill()
    await until(lambda: at(second), "the second one")
    first.start()
    await until(lambda: at(first), "the first one again")
    link.leave()
    await asyncio.wait_for(task, 5)


def test_branch_and_head_office_meet_at_the_next_broker_and_nothing_is_lost(house: House) -> None:
    first, second = house.broker(), house.broker()
    both = f'urls = ["{first.url}", "{second.url}"]'
    office, agent = house.office(both), house.agent(both)
    agent.issue(5)
    office.wait_equal(agent)
    first.kill()
    agent.issue(5)
    office.wait_equal(agent, 30)
    assert f"Connected to the broker at 127.0.0.1:{second.port}" in agent.said()
    said = [line for line in agent.said().splitlines() if "No broker" in line]
    assert len(said) == 1
    assert str(first.port) in said[0]
    assert str(second.port) in said[0]
