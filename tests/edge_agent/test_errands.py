"""What the customer has said at the kiosk reaches the teller, and nobody else."""

from pathlib import Path
from typing import Any

import pytest

from edge_agent import settings
from edge_agent.branch_queue.ticket import Errand
from edge_agent.errands import in_words
from edge_agent.settings import SettingsError
from tests.edge_agent.conftest import API, DEMO, KIOSK, Agent, bearer, check_problem, frames

LOST_CARD = {"code": "lost-card", "choice": "credit-card", "identified": True}


def called_to(agent: Agent, counter: str, **asked: Any) -> dict[str, Any]:
    """A fresh ticket with this errand, called to this counter."""
    issued = agent.issue(**asked)
    while True:
        called: dict[str, Any] = agent.press(counter, "call-next").json()
        if called["id"] == issued["id"]:
            return called
        agent.press(counter, "no-show")


def test_the_kiosk_is_offered_the_errands_in_the_order_of_the_configuration(agent: Agent) -> None:
    services = agent.http.get(f"{API}/services").json()
    offered = services["errands"]
    assert [one["code"] for one in offered] == ["lost-card", "loan", "company-account"]
    assert {one["service"] for one in offered} <= {one["code"] for one in services["services"]}
    lost_card, loan, _ = offered
    assert [choice["code"] for choice in lost_card["choices"]] == [
        "debit-card", "credit-card", "passbook",
    ]  # fmt: skip
    assert {"zh-Hans", "zh-Hant", "en"} <= set(loan["question"])
    assert "收入证明" in [paper["zh-Hans"] for paper in loan["papers"]]


def test_a_ticket_carries_its_errand_into_the_journal_and_back_in_words(agent: Agent) -> None:
    issued = agent.issue("cards", errand=LOST_CARD)
    entry = agent.journal()[-1]
    assert (entry["errand"], entry["errand_choice"], entry["identified"]) == (
        "lost-card", "credit-card", True,
    )  # fmt: skip
    said = agent.ticket(issued["id"])["errand"]
    assert (said["names"]["zh-Hans"], said["choice"]["zh-Hans"]) == ("银行卡、存折挂失", "信用卡")
    assert said["identified"] is True


def test_a_ticket_without_one_says_nothing_of_errands(agent: Agent) -> None:
    assert agent.ticket(agent.issue()["id"])["errand"] is None
    assert {"errand", "errand_choice", "identified"}.isdisjoint(agent.journal()[-1])


@pytest.mark.parametrize(
    ("service", "errand", "name", "said"),
    [
        ("cards", {"code": "dance"}, "unknown-errand", "lost-card"),
        ("cards", {"code": "lost-card", "choice": "umbrella"}, "unknown-choice", "passbook"),
        ("cash", {"code": "lost-card"}, "errand-of-another-service", "'cards'"),
    ],
)
def test_an_errand_that_is_not_offered_so_is_400_and_no_ticket(
    agent: Agent, service: str, errand: dict[str, Any], name: str, said: str
) -> None:
    before = agent.seq()
    answer = agent.post("/tickets", {"service": service, "errand": errand}, token=KIOSK)
    check_problem(answer, 400, name)
    assert said in answer.json()["detail"]
    assert agent.seq() == before


def test_the_counter_is_told_and_the_hall_is_not(agent: Agent) -> None:
    called = called_to(agent, "7", service="cards", errand=LOST_CARD)
    assert called["errand"]["code"] == "lost-card"

    def counter_seven(**headers: str) -> dict[str, Any]:
        queues = agent.http.get(f"{API}/queues", headers=headers).json()
        return next(one for one in queues["counters"] if one["counter"] == "7")

    assert counter_seven(**bearer("demo-staff"))["errand"]["choice"]["en"] == "Credit card"
    assert counter_seven()["errand"] is None


def test_the_stream_tells_strangers_of_no_errand(agent: Agent) -> None:
    after = agent.seq()
    agent.issue("cards", errand=LOST_CARD)
    headers = {"Last-Event-ID": str(after)}
    with agent.http.stream("GET", f"{API}/stream", headers=headers) as answer:
        told = next(event for _, event in frames(answer) if event["type"] == "TicketIssued")
    assert {"errand", "errand_choice", "identified"}.isdisjoint(told)


def test_an_errand_outlives_a_kill(own_agent: Agent) -> None:
    issued = own_agent.issue("cards", errand=LOST_CARD)
    own_agent.kill()
    own_agent.start()
    called = own_agent.press("1", "call-next").json()
    assert (called["id"], called["errand"]["identified"]) == (issued["id"], True)


def test_what_is_no_longer_configured_is_called_by_its_code() -> None:
    said = in_words([], Errand("lost-card", "passbook"))
    assert said is not None
    assert set(said.names.values()) == {"lost-card"}
    assert said.choice is not None
    assert set(said.choice.values()) == {"passbook"}
    assert said.identified is False


ERRAND = """
[[errands]]
code = "gold"
names = { en = "Gold" }
service = "cash"
"""


@pytest.mark.parametrize(
    ("wrong", "key", "expected"),
    [
        (ERRAND.replace('"cash"', '"metals"'), "service", "cash, cards, wealth, business"),
        (ERRAND + ERRAND, "code", "gold stands there twice"),
        (ERRAND.replace('{ en = "Gold" }', "{}"), "names", "at least one language"),
        (ERRAND.replace('"Gold"', '" "'), "names", "at least one language"),
        (ERRAND + "papers = [{}]", "papers", "at least one language"),
        (ERRAND + 'colour = "red"', "colour", "papers"),
        (
            ERRAND + 'question = { en = "?" }\nchoices = ['
            + '{ code = "bar", names = { en = "A bar" } },' * 2 + "]",
            "choices",
            "bar stands there twice",
        ),
        (ERRAND + 'choices = [{ code = "bar", names = { en = "A bar" } }]', "question", "language"),
        (
            ERRAND + 'question = { en = "?" }\nchoices = ['
            + "".join(f'{{ code = "{n}", names = {{ en = "{n}" }} }},' for n in range(7)) + "]",
            "choices",
            "length <= 6",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_an_errand_is_said_with_section_key_and_expectation(
    tmp_path: Path, wrong: str, key: str, expected: str
) -> None:
    config = tmp_path / "branch.toml"
    config.write_text(DEMO.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        settings.load(config, listen=None, data=None, broker=None)
    for word in (str(config), "[errands", f"'{key}'", expected):
        assert word in str(caught.value)
