"""A branch small enough to be wrong on purpose: real HTTP, tickets kept by their key."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SERVICES = {
    "services": [
        {
            "code": "cash",
            "prefix": "A",
            "names": {"en": "Cash"},
            "waiting": 2,
            "estimated_wait": None,
            "open": True,
        }
    ],
    "branch_name": {"en": "Riverside"},
    "public_url": "http://branch",
    "time_zone": "Asia/Shanghai",
    "at": "2026-11-26T02:00:00Z",
    "business_day": "2026-11-26",
}


class FakeBranch:
    """`faults` are used up one a request of their path: "lose" commits and hangs up, "drop" only hangs up,
    "drip" answers a byte now and then for half a minute, "flood" without an end; bytes are the whole body of a 200, and
    (status, body) is an answer.
    """

    def __init__(self) -> None:
        self.faults: dict[str, list[Any]] = {}
        self.away = False
        self.requests: list[tuple[str, str, str | None, bytes]] = []
        self.tickets: dict[str, dict[str, Any]] = {}
        self.cancelled: list[str] = []
        self.printed: dict[str, tuple[str, Any]] = {}
        self.lock = threading.Lock()
        self._enough = threading.Event()
        branch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                branch.answer(self)

            do_POST = do_PUT = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._enough.set()
        self.server.shutdown()
        self.server.server_close()

    def seen(self, path: str) -> list[tuple[str, str | None, bytes]]:
        return [(m, key, body) for m, where, key, body in self.requests if where.endswith(path)]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        key = handler.headers.get("Idempotency-Key")
        with self.lock:
            self.requests.append((handler.command, handler.path, key, body))
            waiting = self.faults.get(handler.path.rpartition("/")[2], [])
            fault = "drop" if self.away else (waiting.pop(0) if waiting else None)
            reply = self._do(handler.path, key, body) if fault in (None, "lose") else fault
        if fault in ("drop", "lose"):
            handler.close_connection = True
            return
        if fault in ("drip", "flood"):
            self._pour(handler, fault)
            return
        status, said = reply if isinstance(reply, tuple) else (200, reply)
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _pour(self, handler: BaseHTTPRequestHandler, fault: str) -> None:
        """Until the other side has had enough."""
        pause_s, part, parts = (
            (0.2, b" ", 150) if fault == "drip" else (0.0, b" " * 1_000_000, 1000)
        )
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        with suppress(OSError):
            for _ in range(parts):
                handler.wfile.write(part)
                self._enough.wait(pause_s)

    def _do(self, path: str, key: str | None, body: bytes) -> Any:
        what = path.rpartition("/")[2]
        if what == "services":
            return SERVICES
        if what == "tickets":
            return 201, self._issue(str(key), json.loads(body))
        if what == "cancel":
            return self._cancel(path.split("/")[-2])
        if what == "printed":
            self.printed.setdefault(str(key), (path.split("/")[-2], json.loads(body)))
        return {}

    def _issue(self, key: str, asked: dict[str, Any]) -> dict[str, Any]:
        number = len(self.tickets) + 1
        fresh = {
            "id": f"t-{number}",
            "label": f"A{number:03}",
            "service": asked["service"],
            "segment": asked.get("segment", "ordinary"),
            "business_day": "2026-11-23",
            "issued_at": "2026-11-23T01:00:00Z",
            "ahead": 2,
            "estimated_wait": None,
        }
        return self.tickets.setdefault(key, fresh)

    def _cancel(self, ticket: str) -> Any:
        self.cancelled.append(ticket)
        return {}
