"""Head office's pen: documents as it signs them, by hand and not by its own code; and a branch that heeds it."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.conftest import demo_config, wait_for
from tests.head_office.conftest import Agent, House, Line, base

BRANCH = "riverside"
CASH, LOANS = ("cash", "A"), ("loans", "E")


class Pen:
    """A key of head office's."""

    def __init__(self, seed: int = 1) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(document, ensure_ascii=False)
        signature = base64.b64encode(self._key.sign(text.encode())).decode()
        command = "config" if document["kind"] == "config" else "message"
        return {"command": command, "document": text, "signature": signature}

    def config(self, version: int, contents: str, **more: Any) -> dict[str, Any]:
        document = {"kind": "config", "version": version, "branch": BRANCH, "contents": contents}
        return self.sign(document | more)

    def notice(self, id_: str, **more: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        document = {
            "kind": "notice", "id": id_, "branch": BRANCH, "from": now.isoformat(),
            "until": (now + timedelta(hours=1)).isoformat(), "where": ["hall", "counter"],
            "words": {"zh-Hans": "今日系统维护", "zh-Hant": "今日系統維護", "en": "Maintenance today"},
        }  # fmt: skip
        return self.sign(document | more)

    def withdrawal(self, id_: str, **more: Any) -> dict[str, Any]:
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return self.sign({"kind": "withdrawal", "id": id_, "branch": BRANCH, "until": until} | more)


def services(*some: tuple[str, str], more: str = "") -> str:
    """A document's text with these services, by code and prefix."""
    return "".join(
        f'[[services]]\ncode = "{code}"\nprefix = "{prefix}"\nnames = {{ en = "{code}" }}\n{more}\n'
        for code, prefix in some
    )


DEMO_SERVICES = (CASH, ("cards", "B"), ("wealth", "C"), ("business", "D"))


def central_config(pen: Any, trial_min: float = 10, *, keys: list[str] | None = None) -> str:
    """The demo's branch with section [central], without machines."""
    section = f"[central]\nkeys = {json.dumps(keys or [pen.public])}\ntrial_min = {trial_min}\n\n"
    return demo_config("branch.toml").replace("[[services]]", f"{section}[[services]]", 1)


class Branch(Agent):
    """A real agent that heeds head office, and what it says of its configuration."""

    def __init__(self, house: House, broker: str, config: str, line: Line) -> None:
        super().__init__(house.folder / BRANCH, broker, BRANCH)
        self.file = self.data.parent / "edge_agent.toml"
        self.file.write_text(config, encoding="utf-8")
        self.line = line

    def hear(self, command: dict[str, Any]) -> None:
        """Once the branch is on the line: the broker keeps nothing for it."""
        wait_for(self.on_line, "the branch on the line")
        self.line.say(f"{base(BRANCH)}/command", command)

    def on_line(self) -> bool:
        births = [json.loads(one.payload) for one in self.line.of("birth")]
        return bool(births) and births[-1]["status"] == "online"

    def now(self) -> tuple[int, int, str]:
        """What really runs, and what became of which version."""
        try:
            view = self.http.get("/api/v1/queues").json()
        except httpx.TransportError:  # it starts anew
            return (-1, -1, "")
        return view["config_version"], view["config_about"], view["config_state"]

    def wait(self, version: int, about: int, state: str, timeout_s: float = 20) -> None:
        what = (version, about, state)
        wait_for(lambda: self.now() == what, f"{what}, not {self.now()}", timeout_s)

    def reason(self) -> str:
        return str(self.http.get("/api/v1/queues").json()["config_reason"])

    def codes(self) -> list[str]:
        try:
            found = self.http.get("/api/v1/services").json()["services"]
        except httpx.TransportError:  # it starts anew
            return []
        return [one["code"] for one in found if one["open"]]

    def told(self, kind: str = "Configuration") -> list[tuple[str, int]]:
        return [
            (e["type"], e.get("version", e.get("notice")))
            for e in self.journal()
            if e["type"].startswith(kind)
        ]


@pytest.fixture(scope="session")
def pen() -> Pen:
    return Pen()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.end()
