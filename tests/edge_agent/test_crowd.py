"""Many at once: kiosks issuing, counters calling, screens reading while the agent is told to end."""

import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice

import httpx

from tests.conftest import wait_for
from tests.edge_agent.conftest import API, STAFF, Agent, bearer, check_whole, frames

SERVICES = ("cash", "cards", "wealth", "business")


def test_eight_kiosks_issue_four_hundred_tickets_without_a_label_twice(own_agent: Agent) -> None:
    with ThreadPoolExecutor(8) as kiosks:
        issued = list(kiosks.map(lambda n: own_agent.issue(SERVICES[n % 4]), range(400)))
    labels = Counter(ticket["label"] for ticket in issued)
    expected = {f"{prefix}{number:03d}" for prefix in "ABCD" for number in range(1, 101)}
    assert set(labels) == expected
    assert len({ticket["id"] for ticket in issued}) == 400
    entries = own_agent.journal()
    check_whole(entries)
    assert {(e["ticket"], e["label"]) for e in entries} == {(t["id"], t["label"]) for t in issued}


def test_sixteen_counters_calling_at_once_never_call_a_ticket_twice(own_agent: Agent) -> None:
    issued = [own_agent.issue(SERVICES[n % 4])["id"] for n in range(100)]

    def work(counter: int) -> list[str]:
        """Call and serve until nobody waits."""
        called = []
        while (answer := own_agent.press(str(counter), "call-next")).status_code == 200:
            called.append(answer.json()["id"])
            assert answer.json()["counter"] == str(counter)
            assert own_agent.press(str(counter), "start").status_code == 200
        assert answer.status_code == 204
        return called

    with ThreadPoolExecutor(16) as counters:
        called = [id_ for calls in counters.map(work, range(1, 17)) for id_ in calls]
    assert sorted(called) == sorted(issued)
    entries = own_agent.journal()
    check_whole(entries)
    order = [entry["ticket"] for entry in entries if entry["type"] == "TicketCalled"]
    assert order == issued  # every counter serves everything: strictly in order of arrival


def test_sixteen_counters_at_one_ticket_get_it_once(own_agent: Agent) -> None:
    own_agent.issue()
    with ThreadPoolExecutor(16) as counters:
        answers = list(counters.map(lambda n: own_agent.press(str(n), "call-next"), range(1, 17)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 204: 15}


def test_sigterm_with_open_streams_and_idle_callers_ends_in_five_seconds(own_agent: Agent) -> None:
    own_agent.issue()
    host, _, port = own_agent.address.partition(":")
    with ExitStack() as stack:
        client = stack.enter_context(own_agent.client())
        headers = {**bearer(STAFF), "Last-Event-ID": "0"}
        readers = [
            stack.enter_context(client.stream("GET", f"{API}/stream", headers=headers))
            for _ in range(12)
        ]
        read = [frames(reader) for reader in readers]
        assert all(len(list(islice(one, 2))) == 2 for one in read)
        deaf = stack.enter_context(socket.create_connection((host, int(port))))
        deaf.sendall(
            f"GET {API}/stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0\r\n\r\n".encode()
        )
        half = stack.enter_context(socket.create_connection((host, int(port))))
        half.sendall(b"POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\n")
        began = time.monotonic()
        status = own_agent.end()
        assert time.monotonic() - began < 5
        assert status == 0, own_agent.log.read_text(encoding="utf-8")
    assert "Traceback" not in own_agent.log.read_text(encoding="utf-8")


def test_sigterm_among_a_crowd_loses_no_answered_ticket(own_agent: Agent) -> None:
    answered: list[str] = []

    def issue(_: int) -> None:
        while True:
            try:
                answered.append(own_agent.issue()["id"])
            except httpx.TransportError:  # the agent has gone
                return

    with ThreadPoolExecutor(4) as kiosks:
        working = [kiosks.submit(issue, n) for n in range(4)]
        wait_for(lambda: len(answered) >= 40, "forty tickets")
        status = own_agent.end()
        for one in working:
            one.result()
    assert status == 0
    own_agent.start()
    entries = own_agent.journal()
    check_whole(entries)
    assert set(answered) <= {entry["ticket"] for entry in entries}
