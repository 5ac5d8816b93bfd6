"""The live stream: a reader that reconnects misses nothing, and a stranger learns no ticket's id."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice

import pytest

from tests.edge_agent.conftest import API, STAFF, Agent, Event, bearer, check_problem, frames

Frames = Iterator[tuple[int, Event]]


@contextmanager
def reading(agent: Agent, **headers: str) -> Iterator[Frames]:
    """A reader of the stream; header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with agent.client() as client, client.stream("GET", f"{API}/stream", headers=named) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield frames(answer)


def facts(read: Frames, count: int) -> list[tuple[int, Event]]:
    """The next so many journal entries; the greeting is none."""
    return list(islice(((id_, e) for id_, e in read if e["type"] != "Following"), count))


def test_a_new_reader_hears_what_happens_from_now_on(agent: Agent) -> None:
    agent.issue()
    seq = agent.seq()
    with reading(agent) as read:
        first_id, _ = next(read)
        issued = agent.issue("cards")
        ((id_, event),) = facts(read, 1)
    assert (first_id, id_) == (seq, seq + 1)
    assert (event["type"], event["label"]) == ("TicketIssued", issued["label"])


def test_each_event_carries_the_journal_number_that_is_its_id(agent: Agent) -> None:
    agent.issue()
    with reading(agent, Last_Event_ID="0") as read:
        heard = facts(read, agent.seq())
    assert [id_ for id_, _ in heard] == list(range(1, len(heard) + 1))
    assert all(event["journal_seq"] == id_ for id_, event in heard)


def test_nothing_is_missed_or_told_twice_across_a_reconnect(agent: Agent) -> None:
    with reading(agent, Last_Event_ID=str(agent.seq())) as read:
        for _ in range(3):
            agent.issue()
        before = facts(read, 3)
    last = before[-1][0]
    for _ in range(4):
        agent.issue("cards")
    with reading(agent, Last_Event_ID=str(last)) as read:
        agent.issue("wealth")
        after = facts(read, 5)
    ids = [id_ for id_, _ in before + after]
    assert ids == list(range(ids[0], ids[0] + 8))
    assert [e["label"][0] for _, e in after] == ["B", "B", "B", "B", "C"]


def test_a_long_backlog_arrives_whole_and_in_order(agent: Agent) -> None:
    start = agent.seq()
    for _ in range(600):  # more than one read of the journal
        agent.issue()
    with reading(agent, Last_Event_ID=str(start)) as read:
        ids = [id_ for id_, _ in facts(read, 600)]
    assert ids == list(range(start + 1, start + 601))


def test_nothing_is_missed_across_a_restart_of_the_agent(own_agent: Agent) -> None:
    with reading(own_agent) as read:
        own_agent.issue()
        ((last, _),) = facts(read, 1)
        own_agent.issue()
        own_agent.kill()
    own_agent.start()
    own_agent.issue()
    with reading(own_agent, Last_Event_ID=str(last)) as read:
        assert [e["label"] for _, e in facts(read, 2)] == ["A002", "A003"]


def test_a_stranger_reads_labels_but_no_ticket_ids(agent: Agent) -> None:
    seq = agent.seq()
    issued = agent.issue(appointment="0930", customer_token="pseudonym")
    with reading(agent, Last_Event_ID=str(seq)) as read:
        ((_, event),) = facts(read, 1)
    assert event["label"] == issued["label"]
    assert "ticket" not in event
    assert issued["id"] not in str(event)
    assert "pseudonym" not in str(event)


def test_staff_read_the_ticket_ids_too(agent: Agent) -> None:
    seq = agent.seq()
    issued = agent.issue()
    with reading(agent, Last_Event_ID=str(seq), **bearer(STAFF)) as read:
        ((_, event),) = facts(read, 1)
    assert event["ticket"] == issued["id"]


def test_a_token_that_is_nobodys_opens_no_stream(agent: Agent) -> None:
    answer = agent.http.get(f"{API}/stream", headers=bearer("stolen"))
    check_problem(answer, 401, "unknown-token")


@pytest.mark.parametrize(
    "absurd", [b"-1", b"1.5", b"x", b"\xb2", b"9" * 5000, b"0x10", b"\xd9\xa3", b"1 2"]
)
def test_an_absurd_last_event_id_is_told_so(agent: Agent, absurd: bytes) -> None:
    with (
        agent.client() as client,
        client.stream("GET", f"{API}/stream", headers={b"last-event-id": absurd}) as answer,
    ):
        if answer.status_code != 200:  # a stream would never end
            answer.read()
            check_problem(answer, 400, "last-event-id-unusable")
        assert answer.status_code == 400


def test_an_empty_last_event_id_names_nothing(agent: Agent) -> None:
    with reading(agent, Last_Event_ID="") as read:
        issued = agent.issue()
        ((_, event),) = facts(read, 1)
    assert event["label"] == issued["label"]


def test_blanks_around_a_last_event_id_are_not_part_of_it(agent: Agent) -> None:
    seq = agent.seq()
    agent.issue()
    line = HTTPConnection(agent.address)  # httpx refuses to send such a thing
    line.request("GET", f"{API}/stream", headers={"Last-Event-ID": f" {seq} "})
    answer = line.getresponse()
    assert answer.status == 200
    assert answer.readline().split() == [b"id:", b"%d" % seq]
    line.close()


def test_a_number_from_the_future_still_gets_what_happens_next(agent: Agent) -> None:
    seq = agent.seq()
    with reading(agent, Last_Event_ID=str(seq + 10**6)) as read:
        greeting, _ = next(read)
        agent.issue()
        ((id_, _),) = facts(read, 1)
    assert (greeting, id_) == (seq, seq + 1)


def test_forty_readers_all_hear_the_same(agent: Agent) -> None:
    seq = agent.seq()
    with agent.client() as client:
        requests = [
            client.build_request("GET", f"{API}/stream", headers={"Last-Event-ID": str(seq)})
            for _ in range(40)
        ]
        answers = [client.send(request, stream=True) for request in requests]
        try:
            agent.issue()
            agent.issue("cards")
            heard = [[id_ for id_, _ in facts(frames(answer), 2)] for answer in answers]
        finally:
            for answer in answers:
                answer.close()
    assert heard == [[seq + 1, seq + 2]] * 40
