"""Idempotency-Key: the same key again gets the first answer and changes nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import httpx
import pytest

from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, check_problem, check_whole


def same(first: httpx.Response, again: httpx.Response) -> bool:
    names = ("status_code", "content")
    kind = [answer.headers.get("content-type") for answer in (first, again)]
    return kind[0] == kind[1] and all(getattr(first, n) == getattr(again, n) for n in names)


def take(agent: Agent, key: str, *, service: str = "cash", token: str = KIOSK) -> httpx.Response:
    return agent.post("/tickets", {"service": service}, token=token, key=key)


def first_answers(agent: Agent) -> dict[tuple[str, str, str], httpx.Response]:
    """One of each kind of answer, by (path, key, token): 201, 200, 409, 404, 204."""
    asked = [
        ("/tickets", "issue", KIOSK),
        ("/counters/1/call-next", "call", STAFF),
        ("/counters/1/call-next", "too-early", STAFF),
        ("/counters/99/call-next", "no-such", STAFF),
        ("/counters/2/call-next", "nobody", STAFF),
    ]
    return {one: ask(agent, one) for one in asked}


def ask(agent: Agent, one: tuple[str, str, str]) -> httpx.Response:
    path, key, token = one
    body = {"service": "cash"} if path == "/tickets" else None
    return agent.post(path, body, token=token, key=key)


def check_same_answers(agent: Agent, first: dict[tuple[str, str, str], httpx.Response]) -> None:
    seq = agent.seq()
    assert all(same(answer, ask(agent, one)) for one, answer in first.items())
    assert agent.seq() == seq


def test_every_kind_of_answer_is_given_again_and_nothing_changes(own_agent: Agent) -> None:
    first = first_answers(own_agent)
    assert [answer.status_code for answer in first.values()] == [201, 200, 409, 404, 204]
    # what would now be answered otherwise without the key:
    own_agent.press("1", "start")
    own_agent.issue()
    own_agent.issue()
    check_same_answers(own_agent, first)


@pytest.mark.parametrize("end", ["end", "kill"])
def test_first_answers_outlive_a_restart(own_agent: Agent, end: str) -> None:
    first = first_answers(own_agent)
    own_agent.press("1", "start")
    own_agent.issue()
    getattr(own_agent, end)()
    own_agent.start()
    check_same_answers(own_agent, first)


def test_a_key_used_for_another_body_is_422_and_changes_nothing(agent: Agent) -> None:
    take(agent, "one-body")
    seq = agent.seq()
    check_problem(take(agent, "one-body", service="cards"), 422, "idempotency-key-reused")
    assert agent.seq() == seq


def test_a_key_used_for_another_call_is_422_and_changes_nothing(agent: Agent) -> None:
    agent.press("10", "call-next", key="one-call")
    seq = agent.seq()
    check_problem(agent.press("11", "call-next", key="one-call"), 422, "idempotency-key-reused")
    assert agent.seq() == seq


def test_a_mistaken_reuse_does_not_spoil_the_first_answer(agent: Agent) -> None:
    first = take(agent, "kept")
    take(agent, "kept", service="cards")
    assert same(first, take(agent, "kept"))


def test_two_callers_with_the_same_key_do_not_meet(agent: Agent) -> None:
    at_kiosk, at_desk = take(agent, "shared"), take(agent, "shared", token=STAFF)
    assert (at_kiosk.status_code, at_desk.status_code) == (201, 201)
    assert at_kiosk.json()["id"] != at_desk.json()["id"]


def test_a_strangers_key_never_shows_him_anothers_answer(agent: Agent) -> None:
    mine, other = agent.issue(), agent.issue()
    paths = [f"/tickets/{ticket['id']}/cancel" for ticket in (mine, other)]
    answers = [agent.post(path, token=None, key="cancel-1") for path in paths]
    assert [answer.json()["id"] for answer in answers] == [mine["id"], other["id"]]


def test_without_a_key_each_call_counts(agent: Agent) -> None:
    assert agent.issue()["id"] != agent.issue()["id"]


def test_the_same_key_from_twenty_hands_at_once_gives_one_ticket(agent: Agent) -> None:
    seq = agent.seq()
    with ThreadPoolExecutor(20) as hands:
        answers = list(hands.map(lambda _: take(agent, "twenty"), range(20)))
    assert all(same(answers[0], answer) for answer in answers)
    assert answers[0].status_code == 201
    assert agent.seq() == seq + 1
    check_whole(agent.journal())


def test_a_request_turned_away_at_the_door_does_not_use_up_its_key(agent: Agent) -> None:
    assert take(agent, "fresh", token="wrong").status_code == 401
    assert agent.post("/tickets", {"servise": 1}, token=KIOSK, key="fresh").status_code == 400
    assert take(agent, "fresh").status_code == 201


@pytest.mark.parametrize("key", ["k", "k" * 255])
def test_a_key_may_be_as_long_as_other_services_take(agent: Agent, key: str) -> None:
    first = take(agent, key)
    assert first.status_code == 201
    assert same(first, take(agent, key))


def test_blanks_around_a_key_are_not_part_of_it(agent: Agent) -> None:
    first = take(agent, "bare")
    line = HTTPConnection(agent.address)  # httpx refuses to send such a thing
    named = {"Authorization": f"Bearer {KIOSK}", "Idempotency-Key": " bare \t"}
    line.request("POST", f"{API}/tickets", first.request.content, named)
    answer = line.getresponse()
    assert json.load(answer)["id"] == first.json()["id"]
    line.close()


@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 10_000])
def test_an_unusable_key_is_told_so_and_changes_nothing(agent: Agent, key: str) -> None:
    seq = agent.seq()
    check_problem(take(agent, key), 400, "idempotency-key-unusable")
    assert agent.seq() == seq
