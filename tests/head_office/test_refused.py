"""A broker that refuses is not taken for one that delivers: staff and /healthz see it, nothing is lost."""

import json
from pathlib import Path

import pytest

from program.in_flight import Message
from program.line_state import LineState
from program.refusals import Refusals
from tests.conftest import wait_for
from tests.head_office.conftest import Agent, Broker, House, base

DYNAMIC_SECURITY = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
OURS = base("riverside")


def restricted(house: House, *lines: str) -> tuple[Broker, Path]:
    """mosquitto with a list of permissions, which it reads as who starts it."""
    broker, permissions = house.broker(start=False), house.folder / "acl"
    permissions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    permissions.chmod(0o600)
    broker.more = f"user root\nacl_file {permissions}\n"
    broker.start()
    return broker, permissions


def warned(agent: Agent, word: str) -> list[str]:
    return [warning for warning in agent.health()["warnings"] if word in warning]


def line_of(agent: Agent) -> list[str]:
    """What the console's page is told."""
    named: list[str] = agent.http.get("/api/v1/queues").json()["line"]
    return named


def test_entries_that_the_broker_refuses_are_kept_said_once_and_sent_when_it_relents(
    house: House,
) -> None:
    allowed = [f"topic readwrite {OURS}/{leaf}" for leaf in ("birth", "queues", "health")]
    broker, permissions = restricted(house, *allowed, f"topic read {OURS}/#")
    agent = house.agent(broker.url)
    agent.issue(3)
    wait_for(lambda: warned(agent, "refuses"), "a word of it")
    assert f"{OURS}/events (Not authorized)" in warned(agent, "refuses")[0]
    assert "publish-refused" in line_of(agent)
    assert agent.acked == 0
    permissions.write_text("topic readwrite bank/#\n", encoding="utf-8")
    broker.read_files_again()
    office = house.office(broker.url)
    office.wait_equal(agent, 40)
    wait_for(lambda: "publish-refused" not in line_of(agent), "the end of it", 40)
    assert not warned(agent, "refuses")
    said = [line for line in agent.said().splitlines() if "The line:" in line]
    assert [sum(word in line for line in said) for word in ("refuses", "everything")] == [1, 1]


def test_a_branch_that_may_not_hear_itself_has_no_trouble(house: House) -> None:
    may = [f"topic write {OURS}/{leaf}" for leaf in ("birth", "queues", "health", "events")]
    hears = [f"topic read {OURS}/{leaf}" for leaf in ("ack", "command")]
    broker, _ = restricted(house, *may, *hears, "user head-office", "topic readwrite bank/#")
    agent = house.agent(broker.url)
    wait_for(lambda: warned(agent, "nobody listens"), "its line to be told of")
    assert line_of(agent) == ["nobody-there"]


def test_a_head_office_whose_acknowledgements_are_refused_is_failing(house: House) -> None:
    """Its own permissions lack the acknowledgements; the branch's are those of everybody here."""
    leaves = ("birth", "queues", "health", "events", "history", "command")
    broker, _ = restricted(
        house, *[f"topic readwrite bank/v1/+/+/{leaf}" for leaf in leaves], "topic read bank/#"
    )
    office, agent = house.office(broker.url), house.agent(broker.url)
    agent.issue()
    wait_for(lambda: office.http.get("/healthz").status_code == 503, "a word of it")
    wait_for(lambda: "/ack (Not authorized)" in office.http.get("/healthz").text, "the topic")
    assert agent.acked == 0


def test_a_head_office_that_is_away_is_said_and_no_refusal(house: House) -> None:
    broker = house.broker()
    agent = house.agent(broker.url)
    wait_for(lambda: warned(agent, "nobody listens"), "a word of it")
    assert not warned(agent, "refuses")
    house.office(broker.url)
    wait_for(lambda: not warned(agent, "nobody listens"), "the end of it", 25)


def refusing_acks(house: House) -> Broker:
    """mosquitto refuses the subscription to acknowledgements; its list of permissions alone never would."""
    if DYNAMIC_SECURITY is None:
        pytest.skip("mosquitto's plugin for dynamic security is not there")
    every = dict.fromkeys(
        ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe"), True
    )
    deny = {"acltype": "subscribePattern", "topic": f"{OURS}/ack", "priority": 0, "allow": False}
    rules = {
        "defaultACLAccess": every,
        "anonymousGroup": "all",
        "groups": [{"groupname": "all", "roles": [{"rolename": "all"}]}],
        "roles": [{"rolename": "all", "acls": [deny]}],
        "clients": [],
    }
    file = house.folder / "security.json"
    file.write_text(json.dumps(rules), encoding="utf-8")
    broker = house.broker(start=False)
    broker.more = f"user root\nplugin {DYNAMIC_SECURITY}\nplugin_opt_config_file {file}\n"
    broker.start()
    return broker


def test_a_refused_subscription_is_seen_and_its_end_too(house: House) -> None:
    broker = refusing_acks(house)
    agent = house.agent(broker.url)
    wait_for(lambda: "subscription-refused" in line_of(agent), "a word of it")
    assert f"{OURS}/ack (Not authorized)" in warned(agent, "subscription")[0]
    broker.kill()
    broker.more = ""
    broker.start()
    wait_for(lambda: "subscription-refused" not in line_of(agent), "the end of it", 25)


@pytest.mark.parametrize("code", [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99])
def test_every_failure_of_the_standard_is_a_refusal(code: int) -> None:
    """MQTT 5.0, table 3-4: PUBACK reason codes from 0x80."""
    state = LineState()
    refusals = Refusals(state, one_reader=True)
    said = Message("bank/v1/00/one/events", b"{}")
    refusals.published(said, code, "because")
    assert (state.names, refusals.to_try_again()) == (["publish-refused"], ([said], []))
    refusals.published(said, 0, "Success")
    assert (state.names, refusals.to_try_again()) == ([], ([], []))


@pytest.mark.parametrize("code", [0x00, 0x10])
def test_a_message_without_a_subscriber_is_none(code: int) -> None:
    state = LineState()
    Refusals(state, one_reader=False).published(Message("ack", b""), code, "")
    assert state.names == []


def test_what_was_said_since_takes_the_place_of_what_was_refused() -> None:
    refusals = Refusals(LineState(), one_reader=True)
    old, new = Message("queues", b"old"), Message("queues", b"new")
    refusals.published(old, 0x97, "Quota exceeded")
    refusals.published(new, 0x97, "Quota exceeded")
    assert refusals.to_try_again()[0] == [new]
