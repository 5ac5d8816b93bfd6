"""What a branch and head office really say, over MQTT and HTTP, is what their documents say."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import Agent, Heard, House, Line, Office
from tests.head_office.test_web import ADMIN

ASYNC = json.loads((ROOT / "edge_agent" / "asyncapi.json").read_text(encoding="utf-8"))
LEAVES = tuple(ASYNC["channels"])
DEVICE = {"device": "kiosk-1/printer", "kind": "ticket_printer", "since": "2026-11-26T10:00:00Z"}
KIOSK = {"Authorization": "Bearer demo-kiosk"}
ANSWERED = (
    "/api/v1/branches",
    "/api/v1/branches/{branch}",
    "/api/v1/branches/{branch}/proof",
    "/api/v1/alerts",
    "/api/v1/branches/{branch}/events",
    "/api/v1/history",
    "/healthz",
    "/api/v1/branches/{branch}/curve",
)


class Branch:
    """One branch's day, told to head office, with somebody who listens in."""

    def __init__(self, house: House) -> None:
        broker = house.broker()
        self.line: Line = house.line(broker, "bank/#")
        self.agent: Agent = house.agent(broker.url, start=False)
        self.agent.fill(300)  # a backlog
        self.agent.start()
        self.office: Office = house.office(broker.url)
        self._live()
        self.office.wait_equal(self.agent)
        wait_for(lambda: all(self.line.of(leaf) for leaf in LEAVES), "a message on every topic")

    def _live(self) -> None:
        http = self.agent.http
        http.put(
            "/api/v1/kiosks/kiosk-1/devices",
            json={"devices": [{**DEVICE, "state": "fault"}]},
            headers=KIOSK,
        )
        http.post("/api/v1/counters/1/open")
        self.agent.issue(2)
        for press in ("call-next", "start", "finish"):
            http.post(f"/api/v1/counters/1/{press}")


@pytest.fixture(scope="module")
def branch(module_house: House) -> Iterator[Branch]:
    return Branch(module_house)


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_message_is_what_asyncapi_says(branch: Branch, leaf: str) -> None:
    heard = branch.line.of(leaf)
    for one in heard:
        jsonschema.validate(one.json(), payload(leaf))
        assert re.fullmatch(address(leaf), one.topic)
    assert not unknown(leaf, heard), "said, and not in the document"


def payload(leaf: str) -> dict[str, Any]:
    return {**ASYNC["components"]["messages"][leaf]["payload"], "components": ASYNC["components"]}


def address(leaf: str) -> str:
    return str(ASYNC["channels"][leaf]["address"]).format(shard=r"\d\d", branch="riverside")


def unknown(leaf: str, heard: list[Heard]) -> set[str]:
    name = payload(leaf)["$ref"].rpartition("/")[2]
    known = set(ASYNC["components"]["schemas"][name]["properties"])
    return {key for one in heard for key in one.json()} - known


@pytest.mark.parametrize("path", ANSWERED)
def test_every_answer_is_what_openapi_says(branch: Branch, path: str) -> None:
    document = branch.office.http.get("/openapi.json").json()
    answer = branch.office.http.get(path.format(branch="riverside"), headers=ADMIN)
    said = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    whole = {**said["schema"], "components": document["components"]}
    assert answer.is_success, answer.text
    jsonschema.validate(answer.json(), whole)
