"""A PostgreSQL as head office asks it: a server that does not answer is given up, however it came to that.

Of what libpq knows what the url says itself counts.
"""

import os
import socket
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

SOONER = 0.75  # of our limit: one that is well, and where one waits for another's lock, ends the statement itself
# where the way is half open: without these a write waits a quarter of an hour for the kernel to give up, and a
# connection that is accepted and not answered for ever
PATIENCE = {
    "connect_timeout": "5",  # s
    "tcp_user_timeout": "20000",  # ms
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
R = TypeVar("R")


class Patient(psycopg.Connection[Any]):
    """None of the kernel's limits sees a server that has stopped while its machine goes on. `answers_s`: the limit of each
    wait."""

    answers_s: float

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        try:
            return super().wait(gen, interval, timeout or self.answers_s)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise  # it has answered
            self.pgconn.finish()
            raise psycopg.OperationalError(
                f"the server has not answered for {self.answers_s:g} s"
            ) from error

    def hang_up(self) -> None:
        """Whoever waits, in another thread, waits no longer."""
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def engine(url: str, answers_s: float) -> sa.Engine:
    """As durable as the server is set to be; its default, synchronous_commit = on, survives a power cut. Whoever
    waits when it is disposed of waits no longer."""
    to = sa.make_url(url).set(drivername="postgresql+psycopg")
    asked = PATIENCE | {"options": f"-c statement_timeout={int(answers_s * 1000 * SOONER)}"}
    patience = {word: value for word, value in asked.items() if word not in to.query}
    made = sa.create_engine(to, pool_pre_ping=True, connect_args=patience, hide_parameters=True)
    lines: WeakSet[Patient] = WeakSet()

    @sa.event.listens_for(made, "do_connect")
    def connect(_dialect: Any, _record: Any, words: Any, named: Any) -> Patient:
        line = Patient.connect(*words, **named)
        line.answers_s = answers_s
        lines.add(line)
        return line

    @sa.event.listens_for(made, "engine_disposed")
    def end(_engine: sa.Engine) -> None:
        for line in list(lines):
            line.hang_up()

    return made
