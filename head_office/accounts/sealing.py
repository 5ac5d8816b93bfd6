"""Seals what must be read again but by nobody who only has the database: the second factor's secrets."""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class NoKey(Exception):
    """There is no key, or another one than it was sealed with; the text says what to do."""


class Sealing:
    """AES-256-GCM under the key in `file`, which is made where there is none. Each text is bound to whose it is."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def seal(self, text: str, of: str) -> bytes:
        """Raises NoKey."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, text.encode(), of.encode())

    def open(self, sealed: bytes, of: str) -> str:
        """Raises NoKey."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher().decrypt(nonce, rest, of.encode()).decode()
        except InvalidTag as error:
            raise NoKey(
                f"{self._file}: another key than the second factor was sealed with; bring the old file "
                "back, or let an administrator remove the second factor"
            ) from error

    def _cipher(self) -> AESGCM:
        if self._file is None:
            raise NoKey(
                "section [accounts]: key 'key_file': is missing; name a file for the key that the "
                "second factor is sealed with"
            )
        try:
            key = self._file.read_bytes() if self._file.exists() else _made(self._file)
        except OSError as error:
            raise NoKey(
                f"{self._file}: cannot be used ({error.strerror}); check its rights"
            ) from error
        if len(key) != KEY_BYTES:
            raise NoKey(f"{self._file}: is no key; expected {KEY_BYTES} bytes")
        return AESGCM(key)


def _made(file: Path) -> bytes:
    """Readable by us alone, and never in place of another one."""
    key = secrets.token_bytes(KEY_BYTES)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
        to.write(key)
        to.flush()
        os.fsync(to.fileno())
    try:
        os.link(new, file)
    except FileExistsError:
        return file.read_bytes()
    finally:
        new.unlink()
    return key
