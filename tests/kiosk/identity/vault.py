"""A sealed store on a real file, with a clock and keys."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.identity.keys import Keys
from kiosk.identity.sealed import BESIDE, SealedStore
from kiosk.identity.sealing import Purpose

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
A_YEAR = timedelta(days=365)
OLD, NEW = bytes(range(32)), bytes(range(32, 64))
TEMPLATE = random.Random(1).randbytes(512)
MODEL = ("SFace 2021dec", "0ba9fbfa")


class Vault:
    """A store with a clock and keys."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "templates" / "templates.sqlite"
        self.now = NOON
        self.keys = Keys("old", {"old": OLD})
        self.store = self.opened()

    def opened(self) -> SealedStore:
        return SealedStore(self.path, self.keys, keep_for=A_YEAR, clock=lambda: self.now)

    def again(self, keys: Keys | None = None) -> None:
        """Closed and opened, perhaps with other keys."""
        self.store.close()
        self.keys = keys or self.keys
        self.store = self.opened()

    def keep(
        self, customer: str = "a", purpose: Purpose = "face", template: bytes = TEMPLATE
    ) -> None:
        self.store.keep(customer, purpose, *MODEL, template, consent="2026-11")

    def open(self, customer: str = "a", purpose: Purpose = "face") -> bytes:
        return self.store.open(customer, purpose, *MODEL)

    def on_disk(self) -> bytes:
        files = [Path(f"{self.path}{end}") for end in BESIDE]
        return b"".join(file.read_bytes() for file in files if file.exists())

    def sealed(self, customer: str = "a") -> bytes:
        return bytes(self.sql("SELECT body FROM template WHERE customer = ?", customer)[0][0])

    def sql(self, words: str, *values: object) -> list[Any]:
        """By hand, as somebody who has the file."""
        with sqlite3.connect(self.path) as file:
            found = file.execute(words, values).fetchall()
        file.close()
        return found


def pieces(sealed: bytes) -> list[bytes]:
    return [sealed[n : n + 16] for n in range(0, len(sealed), 16)]
