"""A head office that people sign in to: the real application on a real port, with cheap hashes and a clock of its own."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyotp
import pytest
import uvicorn
from argon2 import PasswordHasher

from head_office.access import Role
from head_office.accounts import audit
from head_office.accounts.opening import open_door
from head_office.accounts.people import Account, new_id
from head_office.settings import Settings, Store
from head_office.store import open_ledger
from head_office.web import application
from head_office.wiring import register_of, wired
from tests.conftest import free_port, wait_for

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reads no authorities: quick, and never used
PASSWORD = "correct horse battery"
LIST = "branch,region\nbund,East/Shanghai\nxidan,North\n"


class Clock:
    """The real time, and as much as a test adds; or it stands."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.stands: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stands or datetime.now(UTC)) + self.ahead

    def go_on(self, **how_long: float) -> None:
        self.ahead += timedelta(**how_long)


class Bank:
    """`said`: sections of head_office.toml."""

    def __init__(
        self, folder: Path, store: Store | None = None, port: int | None = None, **said: Any
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "branches.csv").write_text(LIST, encoding="utf-8")
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        values = {
            "http": {"listen": "0.0.0.0:1"},  # as the rights see it; nobody listens there
            "store": {"data": str(folder)} if store is None else msgspec.to_builtins(store),
            "broker": {"url": "mqtt://127.0.0.1:1"},
            "branches": {"file": str(folder / "branches.csv")},
            "accounts": {"key_file": str(folder / "accounts.key")},
            **said,
        }
        self.settings = msgspec.convert(values, Settings)
        self.clock = Clock()
        self._ledger = open_ledger(self.settings.store)
        office = wired(self.settings, self._ledger, register_of(self.settings))
        office.door = open_door(self.settings, self._ledger.engine, self.clock, CHEAP)
        office.picture.place(datetime.now(UTC))
        self.office, self.door = office, office.door
        config = uvicorn.Config(
            application(office), port=self.port, log_level="warning", lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_for(lambda: self._server.started, "the server")

    def end(self) -> None:
        self.office.close()
        self._server.should_exit = True
        self._thread.join(5)
        self._ledger.close()

    def add(
        self,
        name: str,
        role: Role = Role.VIEWER,
        regions: tuple[str, ...] | None = None,
        until: float | None = None,
    ) -> Account:
        now = self.clock().timestamp()
        one = Account(new_id(), name, role, regions, CHEAP.hash(PASSWORD), until, made=now)
        with self.door.engine.begin() as to:
            self.door.people.add(to, one)
        return one

    def visitor(self, address: str | None = None) -> "Visitor":
        return Visitor(self, address)


class Visitor(httpx.Client):
    """Keeps cookies and says where its pages are from, as browsers do."""

    def __init__(self, bank: Bank, address: str | None = None) -> None:
        """`address`: as a proxy on head office's machine tells it."""
        headers = {"Origin": bank.url} | ({} if address is None else {"X-Forwarded-For": address})
        super().__init__(
            base_url=bank.url, trust_env=False, timeout=20, headers=headers, verify=PLAIN
        )
        self.bank = bank
        self.secret = ""
        self.recovery_codes: list[str] = []

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        return self.post("/sign-in/password", json={"name": name, "password": password})

    def set_up(self, **given: str) -> Any:
        """The second factor, with a phone whose clock is right."""
        self.secret = self.post("/api/v1/account/second-factor", json=given).json()["key"]
        code = {"code": self.code()}
        answer = self.post("/api/v1/account/second-factor/confirm", json=code)
        self.recovery_codes = answer.json().get("recovery_codes", [])
        return answer

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.bank.clock(), counter_offset=steps)

    def give(self, code: str) -> Any:
        return self.post("/sign-in/code", json={"code": code})

    def inside(self) -> bool:
        return self.get("/api/v1/branches").status_code == httpx.codes.OK

    def session(self) -> str:
        return self.cookies.get("lobby_session") or ""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    made = Bank(tmp_path_factory.mktemp("bank"))
    yield made
    made.end()


@pytest.fixture
def visitor(bank: Bank) -> Iterator[Visitor]:
    with bank.visitor() as made:
        yield made


def audited(bank: Bank) -> list[tuple[str, str, str]]:
    """Who, what, to whom; the latest first."""
    return [(one.person, one.what, one.of) for one in audit.read(bank.door.engine, None, 500)]
