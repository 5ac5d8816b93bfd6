"""The log for an engineer: bounded in memory, read from systemd's journal, whole on the stick or not there."""

import errno
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import log as kiosk_log
from kiosk.log import LINES, NotExported, Recent, export, last_days

NAME = "lobby-kiosk-1.log"


@pytest.fixture
def recent() -> Iterator[Recent]:
    handler = Recent()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def path_with_journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on PATH, for a journalctl of the test's."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "journalctl"


def script(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_the_last_lines_are_kept_and_no_more(recent: Recent) -> None:
    for number in range(LINES + 10):
        logging.getLogger("kiosk").warning("line %d", number)
    lines = recent.text().splitlines()
    assert len(lines) == LINES
    assert lines[0].endswith("WARNING kiosk: line 10")
    logging.getLogger("kiosk").warning("x" * 100_000)
    assert len(recent.text().splitlines()[-1]) <= 2000


def test_an_exception_is_kept_without_its_values(recent: Recent) -> None:
    try:
        int("card 6222021234567890128")
    except ValueError:
        logging.getLogger("kiosk").exception("it failed")
    assert "ValueError" in recent.text()
    assert "622202" not in recent.text()


def test_under_a_unit_the_journal_is_asked_for_a_week(
    recent: Recent, path_with_journalctl: Path
) -> None:
    script(path_with_journalctl, 'echo "$@"')
    assert last_days(recent).split()[:4] == ["-u", "lobby-kiosk", "--since", "-7d"]


@pytest.mark.parametrize("body", ["exit 1", "true", "kill -9 $$"])
def test_where_the_journal_says_nothing_the_last_lines_are_given(
    body: str, recent: Recent, path_with_journalctl: Path
) -> None:
    script(path_with_journalctl, body)
    logging.getLogger("kiosk").warning("in memory")
    assert "in memory" in last_days(recent)
    assert "journal" in last_days(recent)  # why it is not the journal


def test_the_real_journalctl_understands_what_it_is_asked(recent: Recent) -> None:
    try:
        subprocess.run(["journalctl", "--version"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no journalctl here")
    asked = ("journalctl", "-u", "x", "--since", "-7d", "-o", "short-iso", "-q", "--no-pager")
    said = subprocess.run(asked, check=False, capture_output=True, text=True).stderr
    assert "invalid" not in said.lower()
    assert "unrecognized" not in said.lower()
    assert "unknown" not in said.lower()


def test_without_a_unit_the_last_lines_are_given(recent: Recent) -> None:
    logging.getLogger("kiosk").warning("in memory")
    assert last_days(recent, unit=None) == recent.text()


def test_the_file_is_whole_and_alone(tmp_path: Path) -> None:
    assert export("第一行\n", tmp_path, NAME) == tmp_path / NAME
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(NAME, "第一行\n")]


def test_a_long_number_never_leaves_the_house(tmp_path: Path) -> None:
    text = "2026-11-25T09:15:00+0800 k python[12345]: card 6222021234567890128, phone 13800138000\n"
    written = export(text, tmp_path, NAME).read_text()
    assert written == "2026-11-25T09:15:00+0800 k python[12345]: card …, phone …\n"


def why(folder: Path, text: str = "one line\n") -> str:
    with pytest.raises(NotExported) as refused:
        export(text, folder, NAME)
    return refused.value.why


def test_no_folder_is_no_stick(tmp_path: Path) -> None:
    assert why(tmp_path / "lobby") == "no_stick"


def test_a_folder_for_sticks_on_which_none_is_mounted_is_no_stick() -> None:
    folder = next(path for path in map(Path, kiosk_log.STICKS) if path.is_dir())
    assert not os.path.ismount(folder), "a stick is plugged in here"
    assert why(folder) == "no_stick"


def test_a_full_stick_is_said_so_and_has_no_half_of_it(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.part").symlink_to("/dev/full")
    assert why(tmp_path) == "full"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_nobody_can_write_to_is_said_so() -> None:
    assert why(Path("/proc/self")) != "no_stick"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.EIO, "broken"),
        (errno.ENODEV, "broken"),
    ],
)
def test_what_the_system_says_becomes_one_of_four_sentences(number: int, said: str) -> None:
    assert kiosk_log._why(OSError(number, os.strerror(number))) == said
