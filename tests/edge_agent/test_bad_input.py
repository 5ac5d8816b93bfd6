"""Whatever is sent to it, the agent answers with a problem, stays quick, and the queue is untouched."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from tests.edge_agent.conftest import API, KIOSK, STAFF, Agent, bearer, check_problem

DEEP = b"[" * 30_000


@pytest.fixture(autouse=True)
def untouched(agent: Agent) -> Iterator[None]:
    """After each of these tests the journal is as before, and the agent answers at once."""
    before = agent.seq()
    yield
    began = time.monotonic()
    assert agent.seq() == before
    assert time.monotonic() - began < 5.0
    assert agent.program is not None
    assert agent.program.process.poll() is None


def send(agent: Agent, body: bytes, path: str = "/tickets", token: str = KIOSK) -> httpx.Response:
    headers = {**bearer(token), "Content-Type": "application/json"}
    return agent.http.post(API + path, content=body, headers=headers)


def test_an_unknown_service_is_named(agent: Agent) -> None:
    answer = send(agent, b'{"service": "loans"}')
    check_problem(answer, 404, "unknown-service")
    assert "loans" in answer.json()["detail"]


@pytest.mark.parametrize("counter", ["99", "0", "01", "1 ", "%00", "lin'; DROP TABLE event;--"])
def test_an_unknown_counter_is_named(agent: Agent, counter: str) -> None:
    check_problem(agent.press(counter, "call-next"), 404, "unknown-counter")


@pytest.mark.parametrize("move", ["dance", "end_day", "__class__", "call_next", "CALL-NEXT"])
def test_an_unknown_press_is_404(agent: Agent, move: str) -> None:
    check_problem(agent.press("1", move), 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"cash"',
        b'{"service": "cash"',
        b'{"service": "cash"} {"service": "cash"}',
        b"service=cash",
        b"{}",
        b'{"service": null}',
        b'{"service": 1}',
        b'{"service": ["cash"]}',
        b'{"service": ""}',
        b'{"service": "cash", "segment": "emperor"}',
        b'{"service": "cash", "language": "in Klingon"}',
        b'{"service": "cash", "channel": 7}',
        b'{"service": "cash", "customer_token": {}}',
        b'{"service": "cash", "customer_token": ""}',
        b'{"service": "cash", "colour": "red"}',
        b'{"service": "cash", "Segment": "vip"}',
        b'{"service": "cash\xff\xfe"}',
        b'\xff\xfe{\x00"\x00',
        b'{"service": "\\ud800"}',
        b'{"service": "cash", "customer_token": "\\udfff"}',
        b'{"service": ' + DEEP,
        DEEP,
    ],
    ids=lambda body: body[:28].decode("ascii", "replace") or "nothing",
)
def test_a_body_that_is_no_ticket_request_is_400(agent: Agent, body: bytes) -> None:
    check_problem(send(agent, body), 400)


@pytest.mark.parametrize(
    "channel", ["", "\0", "张三", "a b", "13800138000", "138-0013-8000", "app6222021234567890123"]
)
def test_a_channel_that_might_tell_of_a_person_is_400(agent: Agent, channel: str) -> None:
    """It stands in the journal, and all readers of the stream and the wire see it."""
    answer = agent.post("/tickets", {"service": "cash", "channel": channel}, token=KIOSK)
    check_problem(answer, 400, "bad-request")


@pytest.mark.parametrize("field", ["service", "channel", "customer_token", "appointment"])
def test_a_text_of_endless_length_is_400(agent: Agent, field: str) -> None:
    asked = b'{"service": "cash", "%s": "%s"}' % (field.encode(), b"x" * 5000)
    check_problem(send(agent, asked), 400)


@pytest.mark.parametrize("body", [b"{}", b'{"outcome": "perhaps"}', b'{"outcome": true}'])
def test_a_printers_word_that_nobody_knows_is_400(agent: Agent, body: bytes) -> None:
    check_problem(send(agent, body, "/tickets/nobody/printed"), 400)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"name": "lin"}', b'{"name": "lin", "pin": 2468}', b'{"pin": "2468"}']
)
def test_half_a_sign_in_is_400(agent: Agent, body: bytes) -> None:
    check_problem(send(agent, body, "/sign-in"), 400)


@pytest.mark.parametrize("body", [b'{"devices": 1}', b'{"devices": [{}]}', b"{}"])
def test_a_device_report_that_is_none_is_400(agent: Agent, body: bytes) -> None:
    answer = agent.http.put(f"{API}/kiosks/kiosk-1/devices", content=body, headers=bearer(KIOSK))
    check_problem(answer, 400)


def test_endless_nesting_under_an_unknown_key_is_400(agent: Agent) -> None:
    body = b'{"devices": [{"newer": ' + DEEP
    answer = agent.http.put(f"{API}/kiosks/kiosk-1/devices", content=body, headers=bearer(KIOSK))
    check_problem(answer, 400)


def report(agent: Agent, device: str) -> httpx.Response:
    health = {
        "device": device,
        "kind": "printer",
        "state": "ready",
        "since": "2026-03-02T01:00:00Z",
    }
    return agent.http.put(
        f"{API}/kiosks/kiosk-1/devices", json={"devices": [health]}, headers=bearer(KIOSK)
    )


def test_metrics_stay_readable_whatever_a_machine_is_called(agent: Agent) -> None:
    report(agent, 'kiosk-1/"}\nlobby_journal_failing 1\n')
    lines = agent.http.get("/metrics").text.splitlines()
    values = [line for line in lines if line and not line.startswith("#")]
    assert "lobby_journal_failing 1" not in values
    assert all(line.rsplit(" ", 1)[-1].replace(".", "").isdigit() for line in values)


def test_a_kiosk_does_not_speak_for_another(agent: Agent) -> None:
    answer = agent.http.put(
        f"{API}/kiosks/kiosk-2/devices", json={"devices": []}, headers=bearer(KIOSK)
    )
    check_problem(answer, 403, "not-your-kiosk")


@pytest.mark.parametrize("after", [str(2**63), "9" * 30, "9" * 5000, "²", "1e3"])
def test_an_absurd_journal_number_is_400_or_an_empty_page(agent: Agent, after: str) -> None:
    answer = agent.http.get(f"{API}/journal", params={"after": after}, headers=bearer(STAFF))
    if answer.status_code != 200:
        check_problem(answer, 400)
    else:
        assert answer.json()["events"] == []


def big() -> Iterator[bytes]:
    for _ in range(160):
        yield b"x" * 65536


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", ["/tickets", "/counters/1/call-next", "/tickets/nobody/cancel"])
def test_ten_megabytes_are_413(agent: Agent, path: str, chunked: bool) -> None:
    body: object = big() if chunked else b"".join(big())
    token = KIOSK if path == "/tickets" else STAFF
    headers = {**bearer(token), "Content-Type": "application/json", "Idempotency-Key": "big"}
    try:
        answer = agent.http.post(API + path, content=body, headers=headers)
    except httpx.WriteError:  # turned away before all of it was sent
        return
    check_problem(answer, 413)


def test_ten_megabytes_without_a_key_are_413_too(agent: Agent) -> None:
    answer = send(agent, b"".join(big()), "/counters/1/call-next", STAFF)
    check_problem(answer, 413, "request-entity-too-large")  # Python's phrase is another from 3.13
    assert "smaller" in answer.json()["detail"]


@pytest.mark.parametrize(
    "name", ["X-Anything", "Authorization", "Idempotency-Key", "Last-Event-ID"]
)
def test_a_gigantic_header_is_refused(agent: Agent, name: str) -> None:
    with suppress(httpx.TransportError), agent.client() as client:
        answer = client.post(
            f"{API}/tickets", json={"service": "cash"}, headers={name: "9" * 10**6}
        )
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"GET\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/tickets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["tls", "no-version", "negative-length", "two-lengths", "not-ascii"],
)
def test_what_is_no_http_ends_at_the_door(agent: Agent, said: bytes) -> None:
    host, _, port = agent.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        heard = line.recv(100)
    assert heard == b"" or heard.split()[1].startswith(b"4")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/..%2fweb.py",
        "/assets/counter/..%2froutes.py",
        "/assets/counter/..%2f..%2f..%2fconfig%2fdemo%2fbranch.toml",
        "/assets/counter/..%5croutes.py",
        "/assets/counter/routes.py",
        "/assets/counter/%2fetc%2fpasswd",
        "/assets/%2e%2e/web.py",
        "/assets/counter/..",
        "/assets/counter/.",
        "/assets/counter/%00.js",
        "/assets/counter/counter.js%00",
        "/assets/branch_queue/moves.py",
        "/assets//etc/passwd",
        "/assets/counter/" + "x" * 5000 + ".js",
    ],
)
def test_a_path_trick_finds_nothing(agent: Agent, path: str) -> None:
    answer = agent.http.get(path)
    check_problem(answer, 404)
    assert "import" not in answer.text


def test_an_unknown_address_and_a_wrong_method_are_problems_too(agent: Agent) -> None:
    nowhere = agent.http.get("/nothing")
    check_problem(nowhere, 404, "not-found")
    assert "/openapi.json" in nowhere.json()["detail"]
    wrong = agent.http.delete(f"{API}/tickets")
    check_problem(wrong, 405, "method-not-allowed")
    assert "POST" in wrong.headers["allow"]  # RFC 9110 section 15.5.6
    assert "Allow" in wrong.json()["detail"]


def test_a_caller_who_hangs_up_half_way_changes_nothing(agent: Agent) -> None:
    host, _, port = agent.address.partition(":")
    head = f"POST {API}/tickets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KIOSK}\r\n"
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(head.encode() + b'Content-Length: 20\r\n\r\n{"service": ')


def test_five_hundred_mistakes_in_a_row_do_not_slow_the_next_caller(agent: Agent) -> None:
    wrong: list[Callable[[], httpx.Response]] = [
        lambda: send(agent, b"{"),
        lambda: send(agent, b'{"service": "loans"}'),
        lambda: agent.press("99", "call-next"),
    ]
    assert {wrong[n % 3]().status_code for n in range(500)} == {400, 404}
