"""Suggestions and complaints, reasons and coverage of ratings, over HTTP: to the journal and back, across days."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from edge_agent.journal.check import JOURNAL_FILE
from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, bearer, check_problem
from tests.edge_agent.journal_tools import (
    A_DAY,
    Desk,
    Machine,
    all_quiet,
    change,
    desk_at,
    said,
    settings_of,
)

SEATS = {"topic": "hall", "phrases": ["seats", "dirty"], "language": "en"}
STROKES = [[100, 200, 140, 260, 180, 200], [400, 413, 417, 419]]
PHONE = "13800138000"


def give(agent: Agent, *, key: str | None = None, **more: Any) -> httpx.Response:
    return agent.post("/opinions", {**SEATS, **more}, token=KIOSK, key=key)


def given(agent: Agent, **more: Any) -> Any:
    answer = give(agent, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def answer(agent: Agent, opinion: str, text: str = "More seats come on Monday.") -> httpx.Response:
    return agent.post(f"/opinions/{opinion}/answer", {"text": text})


def still_open(agent: Agent) -> list[Any]:
    found = agent.http.get(f"{API}/opinions", params={"open": "true"}, headers=bearer(STAFF))
    opinions: list[Any] = found.raise_for_status().json()["opinions"]
    return opinions


def shown(agent: Agent, opinion: str) -> Any:
    return agent.http.get(f"{API}/opinions/{opinion}").raise_for_status().json()


def visit(agent: Agent) -> str:
    """The id of a ticket that has been served."""
    agent.issue()
    for press in ("call-next", "start"):
        agent.press("1", press)
    ticket = agent.press("1", "finish").raise_for_status().json()
    return str(ticket["id"])


def rate(agent: Agent, ticket: str, score: int, reasons: list[str]) -> httpx.Response:
    asked = {"score": score, "reasons": reasons}
    return agent.post(f"/tickets/{ticket}/rating", asked, token=None)


# --- why a visit was rated so ------------------------------------------------------------------


def test_a_rating_keeps_its_reasons_in_the_journal(agent: Agent) -> None:
    ticket = visit(agent)
    assert rate(agent, ticket, 2, ["waited-long", "unclear"]).status_code == 200
    assert agent.journal()[-1]["type"] == "TicketRated"
    assert agent.journal()[-1]["reasons"] == ["waited-long", "unclear"]


@pytest.mark.parametrize("reasons", [["unheard-of"], ["waited-long"], ["friendly", "friendly"]])
def test_a_reason_that_is_not_offered_with_the_score_is_400_and_nothing_is_rated(
    agent: Agent, reasons: list[str]
) -> None:
    ticket = visit(agent)
    check_problem(rate(agent, ticket, 5, reasons), 400, "unusable-wish")
    assert agent.ticket(ticket)["rating"] is None
    assert rate(agent, ticket, 5, ["friendly"]).status_code == 200


def test_the_services_name_reasons_and_topics_in_three_languages(agent: Agent) -> None:
    offered = agent.http.get(f"{API}/services").json()
    reasons = {one["code"]: one for one in offered["reasons"]}
    assert (len(reasons), reasons["waited-long"]["scores"]) == (8, [1, 2, 3])
    topics = {one["code"]: one for one in offered["topics"]}
    assert list(topics) == ["waiting", "staff", "machines", "hall", "other"]
    touched = [*reasons.values(), *topics.values()]
    for topic in topics.values():
        assert len(topic["phrases"]) == 4
        touched += topic["phrases"]
    for one in touched:
        assert set(one["names"]) == {"zh-Hans", "zh-Hant", "en"}
        assert all(one["names"].values())


# --- coverage ----------------------------------------------------------------------------------


def test_the_queues_tell_how_many_visits_were_rated_and_how(own_agent: Agent) -> None:
    assert own_agent.queues()["ratings"] == {"visits": 0, "rated": 0, "mean": None}
    first, second, _ = (visit(own_agent) for _ in range(3))
    rate(own_agent, first, 5, [])
    rate(own_agent, second, 2, ["not-solved"])
    assert own_agent.queues()["ratings"] == {"visits": 3, "rated": 2, "mean": 3.5}
    own_agent.kill()
    assert own_agent.start().queues()["ratings"] == {"visits": 3, "rated": 2, "mean": 3.5}


def test_a_rated_visit_whose_finish_is_undone_is_no_visit_until_it_is_finished(
    own_agent: Agent,
) -> None:
    own_agent.issue()
    own_agent.issue()
    for press in ("call-next", "start"):
        first = own_agent.press("1", press).json()["id"]
    own_agent.press("1", "call-next")
    rate(own_agent, first, 4, [])
    own_agent.press("1", "undo").raise_for_status()
    assert own_agent.queues()["ratings"] == {"visits": 0, "rated": 0, "mean": 4.0}
    own_agent.press("1", "finish")
    assert own_agent.queues()["ratings"] == {"visits": 1, "rated": 1, "mean": 4.0}


# --- suggestions and complaints ----------------------------------------------------------------


def test_an_opinion_gets_a_number_of_its_own_series_and_an_id_nobody_guesses(
    own_agent: Agent,
) -> None:
    own_agent.issue()
    first, second = given(own_agent), given(own_agent)
    assert (first["label"], second["label"]) == ("S001", "S002")
    assert len(first["id"]) >= 16
    assert first["id"] != second["id"]
    assert own_agent.queues()["open_opinions"] == 2


def test_the_same_key_again_gives_the_first_answer_and_no_second_opinion(own_agent: Agent) -> None:
    first, again = (give(own_agent, key="touched-once").content for _ in range(2))
    assert first == again
    assert len(still_open(own_agent)) == 1
    assert give(own_agent, key="touched-once", topic="staff").status_code == 422


def test_only_a_kiosk_gives_and_only_staff_read_and_answer(agent: Agent) -> None:
    check_problem(agent.post("/opinions", SEATS, token=None), 401, "token-missing")
    check_problem(agent.post("/opinions", SEATS, token=STAFF), 403, "not-allowed")
    opinion = given(agent)["id"]
    path, text = f"/opinions/{opinion}/answer", {"text": "Yes."}
    check_problem(agent.post(path, text, token=KIOSK), 403, "not-allowed")
    check_problem(agent.post(path, text, token=None), 401, "token-missing")
    check_problem(agent.http.get(f"{API}/opinions"), 401, "token-missing")
    check_problem(
        agent.http.get(f"{API}/opinions", params={"open": "false"}, headers=bearer(STAFF)), 400
    )


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"topic": "weather"}, "unusable-wish"),
        ({"phrases": ["praise"]}, "unusable-wish"),
        ({"phrases": ["seats", "seats"]}, "unusable-wish"),
        ({"phrases": []}, "bad-request"),
        ({"writing": [[1, 2, 3]]}, "writing-unusable"),
        ({"writing": [[1, -2]]}, "writing-unusable"),
        ({"writing": [[1, 10**30]]}, None),
        ({"comment": "call me"}, "bad-request"),
    ],
)
def test_what_cannot_be_meant_is_400_with_a_reason(
    agent: Agent, wrong: dict[str, Any], name: str | None
) -> None:
    before = len(still_open(agent))
    check_problem(give(agent, **wrong), 400, name)
    assert len(still_open(agent)) == before


def test_the_customer_follows_it_to_the_answer(agent: Agent) -> None:
    opinion = given(agent, writing=STROKES)["id"]
    now = shown(agent, opinion)
    assert now["topic"]["en"] == "The hall"
    assert [one["zh-Hans"] for one in now["phrases"]] == ["座位不够", "大厅不够整洁"]
    assert (now["answer"], now["writing"]) == (None, [])
    assert answer(agent, opinion, "  More seats come on Monday. ").status_code == 200
    now = shown(agent, opinion)
    assert now["answer"] == "More seats come on Monday."
    assert now["answered_at"] >= now["at"]


def test_minutes_of_writing_are_taken_and_more_is_refused(agent: Agent) -> None:
    stroke = [1000, 1414] * 1000
    assert give(agent, writing=[stroke] * 20).status_code == 201  # 200 kB
    check_problem(give(agent, writing=[stroke] * 40), 413)


def test_staff_see_the_handwriting_of_what_is_open_oldest_first(own_agent: Agent) -> None:
    first = given(own_agent, writing=STROKES)["id"]
    second = given(own_agent, topic="staff", phrases=["praise"])["id"]
    assert [(one["id"], one["writing"]) for one in still_open(own_agent)] == [
        (first, STROKES),
        (second, []),
    ]
    answer(own_agent, first)
    assert [one["id"] for one in still_open(own_agent)] == [second]
    assert own_agent.queues()["open_opinions"] == 1


def test_an_opinion_is_answered_once_and_an_unknown_one_not_at_all(agent: Agent) -> None:
    opinion = given(agent)["id"]
    answer(agent, opinion, "First.")
    check_problem(answer(agent, opinion, "Second."), 409, "already-answered")
    assert shown(agent, opinion)["answer"] == "First."
    check_problem(answer(agent, "nobody"), 404, "unknown-opinion")
    check_problem(agent.http.get(f"{API}/opinions/nobody"), 404, "unknown-opinion")


@pytest.mark.parametrize(
    "text", [f"We shall call {PHONE}.", "138 0013 8000", "11010519491231002X", " \n"]
)
def test_an_answer_with_a_persons_number_or_without_a_word_is_refused(
    agent: Agent, text: str
) -> None:
    opinion = given(agent)["id"]
    check_problem(answer(agent, opinion, text), 400, "answer-unusable")
    assert shown(agent, opinion)["answer"] is None
    assert answer(agent, opinion, "Please ring 95588.").status_code == 200


def test_handwriting_and_answer_stand_in_no_event_stream_or_log(own_agent: Agent) -> None:
    opinion = given(own_agent, writing=STROKES)["id"]
    answer(own_agent, opinion, "Mr Li will see to it.")
    facts = [one for one in own_agent.journal() if one["type"].startswith("Opinion")]
    both = {"seq", "at", "type", "business_day", "opinion", "label"}
    assert [set(one) for one in facts] == [both | {"topic", "phrases", "language"}, both]
    said_by_agent = own_agent.log.read_text(encoding="utf-8")
    for secret in ("Mr Li", "413", opinion):
        assert secret not in said_by_agent
    assert "OpinionGiven S001" in said_by_agent


def stream_of(agent: Agent, how_many: int, headers: dict[str, str]) -> Iterator[Any]:
    """The first events of the whole journal."""
    asked = {"Last-Event-ID": "0", **headers}
    with agent.http.stream("GET", f"{API}/stream", headers=asked) as answered:
        for line in answered.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])
                how_many -= 1
            if how_many == 0:
                return


def test_nobody_else_learns_what_was_said_or_its_id(own_agent: Agent) -> None:
    opinion = given(own_agent)["id"]
    [_, public] = stream_of(own_agent, 2, {})
    assert public["type"] == "OpinionGiven"
    assert not {"opinion", "topic", "phrases"} & set(public)
    [_, private] = stream_of(own_agent, 2, bearer(STAFF))
    assert private["opinion"] == opinion


def test_what_is_open_outlives_kill_9(own_agent: Agent) -> None:
    first, second = (given(own_agent, writing=STROKES) for _ in range(2))
    answer(own_agent, first["id"])
    own_agent.kill()
    own_agent.start()
    assert [(one["id"], one["label"]) for one in still_open(own_agent)] == [
        (second["id"], "S002"),
    ]
    assert shown(own_agent, first["id"])["answer"]
    assert given(own_agent)["label"] == "S003"


# --- from one business day to the next ---------------------------------------------------------


async def give_at(desk: Desk, **more: Any) -> Any:
    headers = bearer(KIOSK)
    taken = await desk.http.post(f"{API}/opinions", json={**SEATS, **more}, headers=headers)
    return taken.raise_for_status().json()


async def open_at(desk: Desk) -> list[tuple[str, str]]:
    found = await desk.http.get(f"{API}/opinions", headers=bearer(STAFF))
    return [(one["id"], one["label"]) for one in found.raise_for_status().json()["opinions"]]


async def shown_at(desk: Desk, opinion: str) -> httpx.Response:
    return await desk.http.get(f"{API}/opinions/{opinion}")


async def answered_at(desk: Desk, opinion: str) -> None:
    answer = await desk.post(f"/opinions/{opinion}/answer", {"text": "Done."}, key=opinion)
    answer.raise_for_status()


async def two_left_open(folder: Path, machine: Machine) -> list[Any]:
    """Three given on the first day, the second answered on the next; the agent has ended."""
    async with desk_at(settings_of(folder), machine) as desk:
        taken = [await give_at(desk, writing=STROKES) for _ in range(3)]
        machine.goes_on(A_DAY)
        await answered_at(desk, taken[1]["id"])
    return [taken[0], taken[2]]


@pytest.mark.parametrize("short_cut", ["snapshot", "no snapshot"])
def test_open_ones_live_on_over_days_and_restarts(tmp_path: Path, short_cut: str) -> None:
    async def story() -> None:
        machine = Machine()
        left = [(one["id"], one["label"]) for one in await two_left_open(tmp_path, machine)]
        if short_cut == "no snapshot":
            assert change(tmp_path, "DELETE FROM snapshot")
        async with desk_at(settings_of(tmp_path), machine) as desk:
            assert await open_at(desk) == left
            assert (await desk.queues())["open_opinions"] == 2
            new = await give_at(desk)
            assert new["label"] == "S001"
            await answered_at(desk, left[0][0])
            machine.goes_on(3 * A_DAY)
            await desk.issue()
            assert await open_at(desk) == [left[1], (new["id"], "S001")]
        assert said("verify", tmp_path)[0] == 0

    asyncio.run(story())


def test_whoever_waits_is_not_archived_and_what_is_answered_leaves_with_its_day(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        machine = Machine()
        waits, late = await two_left_open(tmp_path, machine)
        machine.goes_on(5 * A_DAY)
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            await desk.issue()
            await all_quiet(
                desk, tmp_path, 2
            )  # the days when they were given, and one was answered
            assert notes(tmp_path) == {f"opinion:{one['id']}" for one in (waits, late)}
            assert await open_at(desk) == [(one["id"], one["label"]) for one in (waits, late)]
            await answered_at(desk, late["id"])
            assert [key for key, text in answers(tmp_path) if "Done." in text] == [late["id"]]
            assert (await shown_at(desk, late["id"])).json()["topic"]["en"] == "The hall"
            machine.goes_on(5 * A_DAY)
            await desk.issue()
            await all_quiet(desk, tmp_path, 3)
            assert (await shown_at(desk, late["id"])).status_code == 404
            assert [key for key, text in answers(tmp_path) if "Done." in text] == []
        machine.goes_on(timedelta(minutes=1))
        assert change(tmp_path, "DELETE FROM snapshot")
        async with desk_at(settings_of(tmp_path, 3), machine) as desk:
            assert await open_at(desk) == [(waits["id"], waits["label"])]
        assert notes(tmp_path) == {f"opinion:{waits['id']}"}
        assert said("verify", tmp_path)[0] == 0

    asyncio.run(story())


def notes(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / JOURNAL_FILE)) as reader:
        rows = reader.execute(
            "SELECT name FROM note WHERE name GLOB 'opinion:*' OR name GLOB 'answer:*'"
        )
        return {name for (name,) in rows}


def answers(folder: Path) -> list[tuple[str, str]]:
    """Those kept for who asks again with the same key."""
    with closing(sqlite3.connect(folder / JOURNAL_FILE)) as reader:
        return reader.execute("SELECT key, CAST(body AS TEXT) FROM answer").fetchall()


def test_what_no_longer_stands_in_the_configuration_is_called_by_its_code(tmp_path: Path) -> None:
    async def story() -> None:
        machine = Machine()
        waits, _ = await two_left_open(tmp_path, machine)
        settings = settings_of(tmp_path)
        fewer = structs.replace(settings, topics=[])
        async with desk_at(fewer, machine) as desk:
            now = (await shown_at(desk, waits["id"])).json()
            assert (now["topic"], now["phrases"][0]) == ({"en": "hall"}, {"en": "seats"})

    asyncio.run(story())
