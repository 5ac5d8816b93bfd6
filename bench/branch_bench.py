"""The branch: issue, call-next, commit to hall page, commit to head office, backlog, memory."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import sync_playwright

from bench.bare_commit import bare_commits
from bench.figures import quantile, tell, tell_times
from bench.programs import KIOSK, STAFF, branch, cpu_seconds, memory_mb, wait_until

TICKETS = 400
CLIENTS = 8
COUNTERS = 16
CALLS_TO_HALL = 20


def run(folder: Path) -> None:
    """All figures of the branch."""
    alone = folder / "alone"
    alone.mkdir()
    bare = bare_commits(alone / "bare.sqlite", TICKETS)
    tell_times("sqlite_full_commit", bare)
    # a branch's machine does not run head office, whose commits would share this one's disk and cores
    with branch(alone, head_office=False) as (agent, _, processes):
        issue_one_after_the_other(agent, processes["edge_agent"], bare)
        issue_at_once(agent)
    with branch(folder) as (agent, office, processes):
        kiosk = Kiosk(agent)
        for number in range(TICKETS):
            kiosk.issue(f"before-{number}")
        call_at_once(agent)
        commit_to_hall(agent)
        commit_to_head_office(agent, office)
        drain(agent, office, processes["head_office"])
        for name in ("edge_agent", "head_office"):
            tell(f"{name}_memory", memory_mb(processes[name]), "MB", 1)


def issue_one_after_the_other(agent: str, process: psutil.Process, bare: list[float]) -> None:
    kiosk = Kiosk(agent)
    kiosk.issue("warm-up")
    before, seconds = cpu_seconds(process), []
    for number in range(TICKETS):
        start = time.perf_counter()
        kiosk.issue(f"one-{number}")
        seconds.append(time.perf_counter() - start)
    cpu = (cpu_seconds(process) - before) / TICKETS
    tell_times("ticket_issue", seconds)
    tell("ticket_issue_server_cpu", cpu * 1000, "ms", TICKETS)
    ratio = quantile(seconds, 0.99) / quantile(bare, 0.99)
    tell("ticket_issue_p99_over_bare_commit_p99", ratio, "ratio", TICKETS)


def issue_at_once(agent: str) -> None:
    def client(name: int) -> list[str]:
        kiosk = Kiosk(agent)
        return [kiosk.issue(f"c{name}-{n}") for n in range(TICKETS // CLIENTS)]

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        labels = [label for some in clients.map(client, range(CLIENTS)) for label in some]
    tell("ticket_issue_rate_8_clients", len(labels) / (time.perf_counter() - start), "1/s", TICKETS)
    tell("ticket_issue_numbers_given_twice", len(labels) - len(set(labels)), "count", len(labels))


def call_at_once(agent: str) -> None:
    """16 counters press together, again and again."""
    called: list[str] = []
    seconds: list[float] = []

    def counter(name: int) -> None:
        with httpx.Client(base_url=agent, headers=STAFF, trust_env=False, timeout=30) as http:
            for _ in range(10):
                start = time.perf_counter()
                answer = http.post(f"/api/v1/counters/{name}/call-next")
                seconds.append(time.perf_counter() - start)
                called.append(answer.json()["label"])
                http.post(f"/api/v1/counters/{name}/start")

    with ThreadPoolExecutor(COUNTERS) as counters:
        list(counters.map(counter, range(1, COUNTERS + 1)))
    tell_times("call_next_16_counters", seconds)
    twice = sum(n - 1 for n in Counter(called).values())
    tell("call_next_tickets_called_twice", twice, "count", len(called))


def commit_to_hall(agent: str) -> None:
    """From the answer to a call until the number stands on the page."""
    with (
        sync_playwright() as playwright,
        httpx.Client(base_url=agent, headers=STAFF, trust_env=False) as http,
    ):
        words = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=words)
        page = chromium.new_page()
        page.goto(f"{agent}/hall")
        page.wait_for_selector("body[data-chimes]", state="attached")
        seconds = []
        for _ in range(CALLS_TO_HALL):
            page.wait_for_timeout(1_700)  # each call stays prominent for 1.6 s
            http.post("/api/v1/counters/1/start")
            label = http.post("/api/v1/counters/1/call-next").json()["label"]
            committed = time.perf_counter()
            page.wait_for_selector(f'body[data-last-call="{label}@1"]', timeout=10_000)
            seconds.append(time.perf_counter() - committed)
        chromium.close()
    tell_times("commit_to_hall_page", seconds)


def commit_to_head_office(agent: str, office: str) -> None:
    """From the answer to a ticket until head office has committed it and says so on its stream."""
    arrived: dict[int, float] = {}
    stop = threading.Event()

    def listen() -> None:
        with httpx.stream("GET", f"{office}/api/v1/stream", trust_env=False, timeout=30) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:") and (now := json.loads(line[5:]).get("branch")):
                    arrived.setdefault(now["acked"], time.perf_counter())
                if stop.is_set():
                    return

    threading.Thread(target=listen, daemon=True).start()
    seconds = []
    kiosk = Kiosk(agent)
    with httpx.Client(base_url=agent, trust_env=False) as http:
        for number in range(30):
            kiosk.issue(f"ho-{number}")
            committed, seq = time.perf_counter(), http.get("/healthz").json()["journal_seq"]
            wait_until(partial(_arrived, arrived, seq))
            first = min(at for acked, at in arrived.items() if acked >= seq)
            seconds.append(max(0.0, first - committed))
            time.sleep(0.25)  # beyond the stream's breath, so that each is a push of its own
    stop.set()
    tell_times("commit_to_head_office", seconds)


def _arrived(arrived: dict[int, float], seq: int) -> bool:
    return any(acked >= seq for acked in list(arrived))


def drain(agent: str, office: str, process: psutil.Process) -> None:
    """An outage's backlog: head office sleeps while tickets are issued, and catches up."""
    process.suspend()
    kiosk = Kiosk(agent)
    for number in range(1000):
        kiosk.issue(f"drain-{number}")
    last = httpx.get(f"{agent}/healthz", trust_env=False).json()["journal_seq"]
    before, start = cpu_seconds(process), time.perf_counter()
    process.resume()
    address = f"{office}/api/v1/branches/riverside"
    wait_until(lambda: httpx.get(address, trust_env=False).json()["acked"] >= last, 120)
    seconds = time.perf_counter() - start
    tell("head_office_backlog_drain", 1000 / seconds, "events/s", 1000)
    tell("head_office_cpu_per_event", (cpu_seconds(process) - before) * 1000, "us", 1000)


class Kiosk:
    """A client that costs next to nothing, so that what is measured is the branch."""

    def __init__(self, agent: str) -> None:
        self._http = HTTPConnection(agent.removeprefix("http://"))

    def issue(self, key: str) -> str:
        """A ticket; its label."""
        headers = {**KIOSK, "Idempotency-Key": key, "Content-Type": "application/json"}
        self._http.request("POST", "/api/v1/tickets", b'{"service":"cash"}', headers)
        answer = self._http.getresponse()
        body = json.loads(answer.read())
        if answer.status != HTTPStatus.CREATED:
            raise RuntimeError(str(body))
        return str(body["label"])
