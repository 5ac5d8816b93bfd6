"""Head office over HTTP: every call of the contract, its tokens, and its stream."""

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import House, Line, Office, base

EPOCH = "20260101T000000Z-00000000"
ADMIN = {"Authorization": "Bearer demo-admin"}


def entry(seq: int) -> dict[str, Any]:
    at = "2026-11-23T10:00:00Z"
    return {"seq": seq, "at": at, "type": "TicketIssued", "business_day": "2026-11-23", "n": seq}


class Board:
    """A head office, and a line to speak as any branch."""

    def __init__(self, house: House, more: str = "") -> None:
        broker = house.broker()
        self.line: Line = house.line(broker)
        self.office: Office = house.office(broker.url, more=more)
        self.http = self.office.http
        wait_for(lambda: self.http.get("/healthz").status_code == httpx.codes.OK, "the broker")

    def birth(self, branch: str, version: str = "1") -> None:
        said = {
            "branch": branch, "name": {"en": branch.title()}, "version": version, "epoch": EPOCH,
            "session": "s", "status": "online", "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        self.line.say(f"{base(branch)}/birth", said)

    def events(self, branch: str, first: int, last: int) -> None:
        batch = [entry(seq) for seq in range(first, last + 1)]
        said = {"epoch": EPOCH, "first_seq": first, "events": batch}
        self.line.say(f"{base(branch)}/events", said)


class Stream:
    """The server-sent events, read in a thread of its own."""

    def __init__(self, board: Board, last_id: str | None = None) -> None:
        self.frames: list[tuple[str, dict[str, Any]]] = []
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        self._http = httpx.Client(base_url=board.office.url, trust_env=False, timeout=20)
        request = self._http.build_request("GET", "/api/v1/stream", headers=headers)
        self._response = self._http.send(request, stream=True)
        self.status = self._response.status_code
        self.kind = self._response.headers["content-type"]
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        name = ""
        try:
            for line in self._response.iter_lines():
                if line.startswith("id: "):
                    name = line[4:]
                elif line.startswith("data: "):
                    self.frames.append((name, json.loads(line[6:])))
        except httpx.HTTPError:
            return

    def close(self) -> None:
        self._response.close()

    def branches(self) -> list[str]:
        return [said["branch"]["branch"] for _, said in self.frames if said["type"] == "Branch"]

    def wait_branch(self, branch: str) -> None:
        wait_for(lambda: branch in self.branches(), f"{branch} on the stream")

    def following(self) -> str:
        wait_for(lambda: self.frames, "the first event")
        return self.frames[0][0]


@pytest.fixture(scope="module")
def board(module_house: House) -> Board:
    made = Board(module_house)
    made.birth("first")
    made.events("first", 1, 25)
    wait_for(lambda: made.office.branch("first").get("acked") == 25, "25 entries")
    return made


@pytest.mark.parametrize("path", ["/", "/branches/first"])
def test_a_page_is_answered_as_html(board: Board, path: str) -> None:
    answer = board.http.get(path)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"].startswith("text/html")


def test_the_branches_are_listed(board: Board) -> None:
    listed = board.http.get("/api/v1/branches").json()["branches"]
    assert "first" in [one["branch"] for one in listed]


def test_one_branch_is_shown_as_it_is_listed(board: Board) -> None:
    listed = board.http.get("/api/v1/branches").json()["branches"]
    one = board.http.get("/api/v1/branches/first").json()
    assert one == next(entry for entry in listed if entry["branch"] == "first")


def test_times_are_rfc3339_in_utc(board: Board) -> None:
    assert board.office.branch("first")["since"].endswith("Z")


@pytest.mark.parametrize("path", ["/api/v1/branches/nobody", "/api/v1/branches/nobody/events"])
def test_an_unknown_branch_is_a_404_with_problem_details(board: Board, path: str) -> None:
    answer = board.http.get(path)
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {"type", "title", "status"} <= answer.json().keys()


def test_events_come_as_they_were_sent(board: Board) -> None:
    found = board.http.get("/api/v1/branches/first/events").json()
    assert found == {"events": [entry(seq) for seq in range(1, 26)]}


def test_events_are_paged_by_number(board: Board) -> None:
    asked = {"after": 10, "limit": 5}
    found = board.http.get("/api/v1/branches/first/events", params=asked).json()["events"]
    assert [one["seq"] for one in found] == [11, 12, 13, 14, 15]


def test_the_page_after_the_last_event_is_empty(board: Board) -> None:
    answer = board.http.get("/api/v1/branches/first/events", params={"after": 25})
    assert answer.json() == {"events": []}


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**63), str(10**30), ""])
def test_a_page_number_out_of_range_is_no_fault_of_the_program(board: Board, after: str) -> None:
    answer = board.http.get("/api/v1/branches/first/events", params={"after": after})
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5"])
def test_a_limit_out_of_range_is_a_400(board: Board, limit: str) -> None:
    answer = board.http.get("/api/v1/branches/first/events", params={"limit": limit})
    assert answer.status_code == httpx.codes.BAD_REQUEST


def test_health_is_good_while_branches_are_heard(board: Board) -> None:
    assert board.http.get("/healthz").json()["status"] == "ok"


def test_metrics_count_events_and_branches(board: Board) -> None:
    assert board.office.metric("head_office_events") >= 25
    assert board.office.metric("head_office_branches") >= 1


def test_openapi_is_3_1_and_names_every_call(board: Board) -> None:
    document = board.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    calls = {"/api/v1/branches", "/api/v1/branches/{branch}", "/api/v1/stream", "/healthz"}
    assert calls <= set(document["paths"])
    assert {"/api/v1/branches/{branch}/events", "/metrics"} <= set(document["paths"])


def test_a_refusal_says_what_would_be_taken(board: Board) -> None:
    """RFC 9110 sections 15.5.2 and 15.5.6."""
    unknown = board.http.get("/api/v1/branches", headers={"Authorization": "Bearer nobody"})
    assert (unknown.status_code, unknown.headers["www-authenticate"]) == (401, "Bearer")
    wrong = board.http.delete("/api/v1/branches")
    assert (wrong.status_code, "GET" in wrong.headers["allow"]) == (405, True)


def test_an_address_that_does_not_exist_is_a_404(board: Board) -> None:
    assert board.http.get("/api/v1/nothing").status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("name", ["../settings.py", "..%2fsettings.py", "%2e%2e%2fsettings.py"])
def test_no_file_outside_the_board_is_given_away(board: Board, name: str) -> None:
    assert board.http.get(f"/assets/board/{name}").status_code == httpx.codes.NOT_FOUND


def test_the_stream_tells_of_a_branch_that_changes(board: Board) -> None:
    stream = Stream(board)
    stream.following()
    assert stream.kind.startswith("text/event-stream")
    board.birth("second")
    stream.wait_branch("second")


def test_a_reader_that_reconnects_is_told_what_changed_meanwhile(board: Board) -> None:
    seen = Stream(board).following()
    board.birth("third")
    wait_for(lambda: board.office.branch("third"), "the branch")
    Stream(board, seen).wait_branch("third")


def test_a_reader_cut_between_two_branches_is_told_of_the_second(board: Board) -> None:
    stream = Stream(board)
    stream.following()
    names = [f"fleet-{n}" for n in range(20)]
    for name in names:
        board.birth(name)
    wait_for(lambda: set(names) <= set(stream.branches()), "the fleet on the stream")
    said = [(at, frame["branch"]["branch"]) for at, frame in stream.frames if "branch" in frame]
    cut = next(n for n in range(1, len(said)) if said[n - 1][0] == said[n][0] or n > 10)
    seen = {name for _, name in said[:cut]}
    again = Stream(board, said[cut - 1][0])
    again.following()
    wait_for(lambda: set(names) <= seen | set(again.branches()), "those after the cut", 5)


def test_a_reader_of_an_earlier_run_is_told_of_every_branch(board: Board) -> None:
    Stream(board, "1").wait_branch("first")


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "9" * 5000, b"\xb2"])
def test_a_senseless_last_event_id_is_no_fault_of_the_program(board: Board, last: Any) -> None:
    assert Stream(board, last).status < httpx.codes.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize("path", ["/branches", "/branches/first", "/branches/first/events"])
def test_an_unknown_token_is_refused(board: Board, path: str) -> None:
    answer = board.http.get(f"/api/v1{path}", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_the_demo_token_is_known_on_loopback(board: Board) -> None:
    answer = board.http.get("/api/v1/branches", headers=ADMIN)
    assert answer.status_code == httpx.codes.OK


def test_signing_in_with_an_unknown_token_is_refused(board: Board) -> None:
    answer = board.http.post("/sign-in", json={"token": "nobody"})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(board: Board) -> None:
    answer = httpx.post(
        f"{board.office.url}/sign-in", json={"token": "demo-admin"}, trust_env=False
    )
    assert "httponly" in answer.headers["set-cookie"].lower()


def check(config: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "head_office", "--config", str(config), *words, "--check"]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


DEMO = ROOT / "config/demo/head_office.toml"


def test_the_demo_configuration_can_be_used_as_it_stands() -> None:
    assert check(DEMO).returncode == 0


def test_the_demo_token_is_refused_on_any_other_address() -> None:
    answer = check(DEMO, "--listen", "0.0.0.0:8090")
    assert (answer.returncode, "demo-admin" in answer.stderr) == (2, True)


def test_no_readers_are_refused_on_any_other_address(tmp_path: Path) -> None:
    config = tmp_path / "office.toml"
    config.write_text(DEMO.read_text(encoding="utf-8").partition("[[readers]]")[0])
    answer = check(config, "--listen", "0.0.0.0:8090")
    assert answer.returncode == 2
    assert "readers" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--listen", "127.0.0.1"),
        ("--listen", "127.0.0.1:²"),
        ("--broker", "http://127.0.0.1:1"),
        ("--config", "/nowhere.toml"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence_with_status_2(words: tuple[str, ...]) -> None:
    answer = check(DEMO, *words)
    assert answer.returncode == 2
    assert "expected" in answer.stderr or "cannot be read" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[branches]\nfile = "/nowhere.csv"\n', "section [branches]: key 'file'"),
        ('[map]\noutline = "/nowhere.json"\n', "section [map]: key 'outline'"),
        ('[rollout]\nkey = "/nowhere"\nspecimen = "/nowhere"\n', "section [rollout]: key"),
    ],
)
def test_what_is_wrong_is_said_with_the_file_it_stands_in(
    tmp_path: Path, more: str, key: str
) -> None:
    config = tmp_path / "office.toml"
    config.write_text(DEMO.read_text(encoding="utf-8") + more, encoding="utf-8")
    answer = check(config)
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"{config}: {key}")


@pytest.mark.parametrize("program", ["head_office", "edge_agent"])
@pytest.mark.parametrize("more", ["", "s"])
def test_a_broker_that_cannot_be_is_said_with_its_file(
    tmp_path: Path, program: str, more: str
) -> None:
    """Files for a line without TLS, and a file that is not there."""
    of = {"head_office": "head_office.toml", "edge_agent": "branch.toml"}
    text = (DEMO.parent / of[program]).read_text(encoding="utf-8")
    wrong = f'url = "mqtt{more}://127.0.0.1:1"\nca = "/nowhere.pem"'
    config = tmp_path / "unusable.toml"
    config.write_text(text.replace('url = "mqtt://127.0.0.1:1883"', wrong), encoding="utf-8")
    line = [sys.executable, "-m", program, "--config", str(config), "--check"]
    answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"{config}: section [broker]: key")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/branches/first",
        "/assets/board/board.js",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/api/v1/branches",
        "/api/v1/branches/first",
        "/api/v1/branches/nobody",
        "/api/v1/branches/first/events",
        "/api/v1/board",
    ],
)
def test_head_answers_as_get_does_without_the_body(board: Board, path: str) -> None:
    """RFC 9110 section 9.3.2."""
    asked, head = board.http.get(path), board.http.head(path)
    assert (head.status_code, head.content) == (asked.status_code, b"")
    changes = {"date", "content-length"}
    assert {k: v for k, v in head.headers.items() if k not in changes} == {
        k: v for k, v in asked.headers.items() if k not in changes | {"transfer-encoding"}
    }
    assert board.http.get("/openapi.json").status_code == httpx.codes.OK


@pytest.mark.parametrize("of", ["", "/board", "/branches/first"])
def test_head_does_not_wait_for_the_end_of_a_stream(board: Board, of: str) -> None:
    head = board.http.head(f"/api/v1{of}/stream", timeout=2)
    assert head.status_code == httpx.codes.OK
    assert head.headers["content-type"].startswith("text/event-stream")
