"""Head office's private key: Ed25519, in a file that nobody else may read."""

import base64
import os
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from edge_agent.messages import Command, Document

OTHERS = 0o077


class KeyUnusable(Exception):
    """The text says what to do."""


class Key:
    """Signs."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = base64.b64encode(raw).decode()  # as it stands in the branches' files

    def command(self, name: str, document: Document) -> Command:
        """The document with our signature over its bytes."""
        text = msgspec.json.encode(document)
        signature = base64.b64encode(self._private.sign(text)).decode()
        return Command(command=name, document=text.decode(), signature=signature)


def make(file: Path) -> Key:
    """A new key. Raises KeyUnusable where there is a file already: branches may know that one."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        to = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(to, "wb") as open_file:
            open_file.write(pem)
            os.fsync(to)
    except FileExistsError:
        raise KeyUnusable(f"{file}: is there already; name another file") from None
    except OSError as error:
        raise KeyUnusable(f"{file}: cannot be written ({error.strerror})") from error
    return Key(private)


def read(file: Path) -> Key:
    """Raises KeyUnusable."""
    try:
        if file.stat().st_mode & OTHERS:
            raise KeyUnusable(f"{file}: others may read it; chmod 600 {file}")
        private = load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise KeyUnusable(
            f"{file}: cannot be read ({error.strerror}); make one with python -m head_office.rollout key {file}"
        ) from error
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"{file}: is no private key in PEM without a password") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(f"{file}: is no Ed25519 key")
    return Key(private)
