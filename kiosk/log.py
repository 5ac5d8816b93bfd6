"""The kiosk's log for an engineer: from systemd's journal, else the last lines of this process; and onto a stick."""

import errno
import logging
import os
import re
import subprocess
from collections import deque
from contextlib import suppress
from pathlib import Path

from kiosk.mishaps import WithoutValues

log = logging.getLogger(__name__)

UNIT = "lobby-kiosk"
DAYS, LINES = 7, 5000
JOURNAL_S = 30.0
LONGEST_LINE = 2000
STICKS = (
    "/media",
    "/mnt",
    "/run/media",
)  # below these, a folder is a stick only when one is mounted
LONG_NUMBER = re.compile(
    r"\d{9,}"
)  # cards, documents, phones: none should be there; none leaves the house
FULL, READ_ONLY = (errno.ENOSPC, errno.EDQUOT), (errno.EROFS, errno.EACCES, errno.EPERM)


class Recent(logging.Handler):
    """The last LINES lines of this process."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(WithoutValues("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        self._lines: deque[str] = deque(maxlen=LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record)[:LONGEST_LINE])

    def text(self) -> str:
        return "".join(f"{line}\n" for line in list(self._lines))


class NotExported(Exception):
    """The log is not on the stick; `why`: no_stick, full, read_only or broken."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def last_days(recent: Recent, *, unit: str | None = UNIT) -> str:
    """What systemd kept of the unit for DAYS; without a unit, or where the journal cannot be read, `recent`."""
    if unit is not None:
        command = ("journalctl", "-u", unit, "--since", f"-{DAYS}d", "-o", "short-iso", "-q")
        try:
            done = subprocess.run(
                (*command, "--no-pager"), capture_output=True, timeout=JOURNAL_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("systemd's journal cannot be read (%s).", type(error).__name__)
        else:
            if done.stdout:
                return done.stdout.decode(errors="replace")
            log.warning("systemd's journal shows nothing of %s to this user.", unit)
    return recent.text()


def export(text: str, folder: Path, name: str) -> Path:
    """The file, whole and on the disk; else raises NotExported, and no half of it is left under that name."""
    if not folder.is_dir() or (_is_for_sticks(folder) and not os.path.ismount(folder)):
        raise NotExported("no_stick")
    path, half = folder / name, folder / f"{name}.part"
    try:
        with half.open("wb") as file:
            file.write(LONG_NUMBER.sub("…", text).encode())
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        _sync(folder)
    except OSError as error:
        log.warning("The log was not exported: %s.", error.strerror)
        with suppress(OSError):  # the stick is full, broken or gone: that is being said
            half.unlink()
        raise NotExported(_why(error)) from error
    return path


def _is_for_sticks(folder: Path) -> bool:
    return any(folder.absolute().is_relative_to(one) for one in STICKS)


def _why(error: OSError) -> str:
    if error.errno in FULL:
        return "full"
    return "read_only" if error.errno in READ_ONLY else "broken"


def _sync(folder: Path) -> None:
    """Else the name of the file may be lost with the power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
