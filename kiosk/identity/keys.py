"""The keys that templates are sealed with: a file that only this user can read, or a systemd credential.

A line is a key: its name, a blank, 64 hexadecimal digits (256 bits). The first line seals; the others only open what was
sealed before. `python -m kiosk.identity store new-key NAME` prints a line.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LINE = re.compile(r"([A-Za-z0-9._-]{1,32})\s+([0-9a-fA-F]{64})")
CREDENTIAL = "credential:"
CREDENTIALS_FOLDER = "CREDENTIALS_DIRECTORY"  # systemd.exec(5)
KEY_BYTES = 32


class KeysUnusable(Exception):
    """The text says what to do; no part of a key is in it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`current` is the name of the key that seals."""

    current: str
    by_name: Mapping[str, bytes] = field(repr=False)


def read_keys(where: str, environment: Mapping[str, str] = os.environ) -> Keys:
    """`where`: a path, or credential:NAME. Raises KeysUnusable."""
    path = _path(where, environment)
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(f"{path}: the keys cannot be read ({_why(error)})") from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeysUnusable(f"{path}: others than its owner may read the keys; chmod 600 {path}")
    return _keys(path, text)


def new_key(name: str, random: bytes) -> str:
    """A line for the file."""
    line = f"{name} {random.hex()}"
    if len(random) != KEY_BYTES or not LINE.fullmatch(line):
        raise KeysUnusable(f"'{name}' is no name for a key: 1 to 32 letters, digits, - . and _")
    return line


def _path(where: str, environment: Mapping[str, str]) -> Path:
    if not where.startswith(CREDENTIAL):
        return Path(where)
    folder = environment.get(CREDENTIALS_FOLDER)
    if not folder:
        raise KeysUnusable(
            f"{where}: systemd gave this program no credentials; LoadCredential= in its unit, or a path here"
        )
    return Path(folder) / where.removeprefix(CREDENTIAL)


def _keys(path: Path, text: str) -> Keys:
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.fullmatch(line.strip())
        if match is None or match[1] in found:
            raise KeysUnusable(
                f"{path}: line {number} is no key of its own; expected NAME and 64 hexadecimal digits"
            )
        found[match[1]] = bytes.fromhex(match[2])
    if not found:
        raise KeysUnusable(f"{path}: there is no key in it")
    return Keys(next(iter(found)), found)


def _why(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else "not ASCII"
