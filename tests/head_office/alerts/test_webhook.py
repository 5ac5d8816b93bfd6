"""The bank's own system is told of every step, in order, until it says that it knows."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from typing import Any

import httpx
import pytest

from head_office.alerts.book import AlertBook
from head_office.alerts.watch import Changes
from head_office.alerts.webhook import Webhook
from head_office.ledger import Ledger
from head_office.settings import Store
from head_office.store import open_ledger
from tests.head_office.alerts.branches import NOON
from tests.head_office.alerts.test_book import PAPER, SILENT, begun

KEY = "of the bank and us"


class Bank:
    """Answers with the statuses it is given, then 204."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        bank = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bank.heard.append((dict(self.headers), body))
                self.send_response(bank.answers.pop(0) if bank.answers else 204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing on the screen."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook/a-secret-path"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def bank() -> Iterator[Bank]:
    made = Bank()
    yield made
    made.end()


@pytest.fixture
def ledger(tmp_path: Any) -> Iterator[Ledger]:
    made = open_ledger(Store(data=str(tmp_path)))
    yield made
    made.close()


async def told(url: str, book: AlertBook) -> None:
    """Run it until everything is told."""
    client = lambda: httpx.AsyncClient(trust_env=False)  # noqa: E731
    running = asyncio.create_task(Webhook(url, KEY, book, Random(1), client).run())
    async with asyncio.timeout(20):
        while book.untold(1):
            await asyncio.sleep(0.02)
    running.cancel()


def test_steps_in_order_signed_and_again_after_a_refusal(
    ledger: Ledger, bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    book = AlertBook(ledger.engine, telling=True)
    book.keep(Changes(begun={SILENT: begun("East", "silent"), PAPER: begun("", "paper-low")}), NOON)
    book.acknowledge(1, "li", "seen", NOON)
    bank.answers = [503, 500]
    asyncio.run(told(bank.url, book))
    assert len(bank.heard) == 3
    headers, body = bank.heard[-1]
    assert headers["Lobby-Signature"] == hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    calls = json.loads(body)["calls"]
    assert [(one["id"], one["alert"]["branch"], one["step"]["what"]) for one in calls] == [
        (1, "bund", "began"),
        (2, "xidan", "began"),
        (3, "bund", "acknowledged"),
    ]
    assert [body for _, body in bank.heard[:2]] == [body, body]
    said = [one.getMessage() for one in caplog.records if one.name.endswith("webhook")]
    assert len(said) == 2, "once when lost, once when back"
    assert "a-secret-path" not in " ".join(said)


def test_where_nobody_answers_nothing_is_lost(ledger: Ledger, bank: Bank) -> None:
    book = AlertBook(ledger.engine, telling=True)
    book.keep(Changes(begun={SILENT: begun("East", "silent")}), NOON)
    bank.end()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(told(bank.url, book), 0.5))
    assert len(book.untold(10)) == 1
