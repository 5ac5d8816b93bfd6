"""A PostgreSQL that is there and does not answer: head office says so, goes on when it is back, and loses nothing."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from head_office.settings import Store
from head_office.store import engine_of
from tests.conftest import wait_for
from tests.head_office.conftest import House
from tests.head_office.postgres import USER, Postgres

pytestmark = pytest.mark.postgresql
ANSWERS_S = 2
GIVEN_UP_S = 30  # a statement, 5 s of a new connection, and a busy machine
PIECE = 65_536


class Line:
    """TCP to the server's socket. While it is `still`, it takes connections and bytes, and nothing arrives."""

    def __init__(self, to: Path) -> None:
        self._to = str(to)
        self._goes = threading.Event()
        self._goes.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def still(self) -> None:
        self._goes.clear()

    def go_on(self) -> None:
        self._goes.set()

    def close(self) -> None:
        self.go_on()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._goes.wait()
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._to)
        for one, other in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE):
                self._goes.wait()
                other.sendall(piece)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    made = Line(postgres.folder / ".s.PGSQL.5432")
    yield made
    made.close()


def by(line: Line, store: Store) -> Store:
    database = sa.make_url(store.url or "").database
    url = f"postgresql://{USER}@127.0.0.1:{line.port}/{database}"
    return Store(url=url, answers_s=ANSWERS_S)


@pytest.mark.parametrize("more", ["", "\n[intake]\nprocesses = 1\n"])
def test_head_office_says_so_and_loses_nothing(
    house: House, postgres: Postgres, line: Line, more: str
) -> None:
    broker = house.broker()
    agent = house.agent(broker.url)
    office = house.office(broker.url, store=by(line, postgres.store()), more=more)
    office.http.timeout = httpx.Timeout(GIVEN_UP_S)
    agent.issue(5)
    office.wait_equal(agent, 30)

    line.still()
    agent.issue(5)
    wait_for(
        lambda: reasons(office) == ["the ledger cannot be written or read"], "a word", GIVEN_UP_S
    )
    assert agent.acked < agent.health()["journal_seq"]
    assert office.metric("head_office_ledger_failing") == 1
    line.go_on()
    agent.issue(5)
    office.wait_equal(agent, GIVEN_UP_S)
    wait_for(lambda: reasons(office) == [], "all is well", GIVEN_UP_S)
    for word in ("The ledger cannot be", "The ledger can be"):
        said = [one.partition(word)[2].split()[0] for one in office.said().splitlines() if word in one]  # fmt: skip
        assert said
        assert len(said) == len(set(said)), "each of who reads and who writes says it once"

    line.still()
    agent.issue(1)
    began = time.monotonic()
    assert office.end() == 0
    assert time.monotonic() - began < 5


def reasons(office: Any) -> list[str]:
    found = office.http.get("/healthz").json()["reasons"]
    return [one for one in found if "shards" not in one]


def backend(to: sa.Connection) -> int:
    return int(to.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_a_server_that_is_stopped_is_given_up_and_another_connection_made(
    postgres: Postgres,
) -> None:
    engine = engine_of(postgres.store(), answers_s=1)
    with engine.connect() as to:
        stopped = backend(to)
        os.kill(stopped, signal.SIGSTOP)
        try:
            began = time.monotonic()
            with pytest.raises(sa.exc.OperationalError, match="has not answered for 1 s"):
                to.exec_driver_sql("SELECT 1")
            assert time.monotonic() - began < 5
            with engine.connect() as other:
                assert backend(other) != stopped
        finally:
            os.kill(stopped, signal.SIGCONT)
    engine.dispose()


def test_a_server_that_is_well_ends_what_takes_too_long_itself(postgres: Postgres) -> None:
    """And its connection stays."""
    engine = engine_of(postgres.store(), answers_s=1)
    with engine.connect() as to:
        ours = backend(to)
        with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
            to.exec_driver_sql("SELECT pg_sleep(10)")
        to.rollback()
        assert backend(to) == ours
    engine.dispose()


def test_who_waits_at_the_end_waits_no_longer(postgres: Postgres) -> None:
    engine = engine_of(postgres.store())
    waits, failed = threading.Event(), threading.Event()

    def wait() -> None:
        with engine.connect() as to:
            waits.set()
            try:
                to.exec_driver_sql("SELECT pg_sleep(15)")
            except sa.exc.OperationalError:
                failed.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert waits.wait(5)
    wait_for(lambda: sleeps(postgres), "the statement")
    engine.dispose()
    assert failed.wait(3)
    waiting.join(3)


def sleeps(postgres: Postgres) -> bool:
    engine = engine_of(Store(url=postgres.url("postgres")))
    with engine.connect() as to:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(15)'"
        found = bool(to.exec_driver_sql(asked).scalar_one())
    engine.dispose()
    return found
