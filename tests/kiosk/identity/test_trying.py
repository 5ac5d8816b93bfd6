"""The tries of one customer: on disk before anything is judged, and nobody is looked at where they cannot be counted."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge_agent.messages import IdentityCheck
from kiosk.identity.audit import DECISIONS
from kiosk.identity.tries import FILE, Tries, TriesUnusable
from kiosk.identity.trying import Trying
from tests.conftest import ROOT
from tests.kiosk.identity.vault import NOON

ANNE, BERT = "token-of-anne", "token-of-bert"


class Kiosk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON
        self.tries = Tries(folder, lambda: self.now)
        self.entries: list[IdentityCheck] = []

    def comes(self, customer: str = ANNE) -> Trying:
        trying = Trying(self.tries, customer, "face", "2026-11", self.entries.append)
        trying.engine = "an engine"
        return trying

    def on_disk(self) -> list[str]:
        """As somebody else reads it, at this moment."""
        with sqlite3.connect(f"file:{self.folder / FILE}?mode=ro", uri=True) as file:
            return [row[0] for row in file.execute("SELECT customer FROM failure ORDER BY n")]

    def breaks(self) -> None:
        """The table is gone, as after a repair by somebody who meant well."""
        with sqlite3.connect(self.folder / FILE) as file:
            file.execute("DROP TABLE failure")

    @property
    def written(self) -> list[tuple[str, str]]:
        return [(one.decision, one.reason) for one in self.entries]


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path)
    yield kiosk
    kiosk.tries.close()


def test_a_try_is_on_disk_before_it_is_judged(kiosk: Kiosk) -> None:
    trying = kiosk.comes()
    assert trying.begin() == ""
    assert kiosk.on_disk() == [ANNE]
    assert kiosk.written == []


@pytest.mark.parametrize("outcome", DECISIONS)
def test_each_try_has_one_entry_and_only_a_judged_failure_stays(outcome: str, kiosk: Kiosk) -> None:
    trying = kiosk.comes()
    trying.begin()
    trying.end(outcome, ("someReason",))
    trying.note_last(outcome, ())
    assert kiosk.written == [(DECISIONS[outcome], "some_reason")]
    assert kiosk.on_disk() == ([ANNE] if DECISIONS[outcome] == "failed" else [])
    assert kiosk.entries[0].engine == "an engine"


def test_a_success_strikes_out_the_failures_of_this_customer_alone(kiosk: Kiosk) -> None:
    for customer in (ANNE, BERT, ANNE):
        trying = kiosk.comes(customer)
        trying.begin()
        trying.end("different", ())
    trying = kiosk.comes()
    trying.begin()
    trying.end("same", ())
    assert kiosk.on_disk() == [BERT]


def test_which_limit_is_reached_is_said_when_the_try_ends(kiosk: Kiosk) -> None:
    trying = kiosk.comes()
    said = []
    for _ in range(3):
        assert trying.begin() == ""
        said.append(trying.end("poor_quality", ()))
    assert said == ["", "", "session"]
    assert trying.begin() == "session"
    assert kiosk.on_disk() == []


def test_the_customer_s_limit_holds_in_the_middle_of_a_visit(kiosk: Kiosk) -> None:
    first, second = kiosk.comes(), kiosk.comes()
    for _ in range(3):
        first.begin()
        first.end("different", ())
    second.begin()
    assert second.end("different", ()) == ""
    second.begin()
    assert second.end("different", ()) == "customer"
    assert kiosk.comes().begin() == "customer"
    kiosk.now += timedelta(hours=25)
    assert kiosk.comes().begin() == ""


def test_a_try_that_was_refused_is_not_counted_and_its_end_is_noted_once(kiosk: Kiosk) -> None:
    for _ in range(5):
        trying = kiosk.comes()
        trying.begin()
        trying.end("different", ())
    trying = kiosk.comes()
    assert trying.begin() == "customer"
    trying.note_last("locked", ("customer",))
    assert len(kiosk.on_disk()) == 5
    assert kiosk.written[5:] == [("locked", "customer")]


def test_a_check_without_a_try_has_its_entry(kiosk: Kiosk) -> None:
    kiosk.comes().note_last("declined", ())
    assert (kiosk.written, kiosk.on_disk()) == ([("declined", "")], [])


# --- a file that cannot be used --------------------------------------------------------------------


def test_where_the_file_cannot_be_used_no_try_begins(
    kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    trying = kiosk.comes()
    kiosk.breaks()
    assert trying.begin() == "tries_unusable"
    assert "staff look" in caplog.text
    assert ANNE not in caplog.text


def test_broken_in_the_middle_there_is_no_second_try_and_the_entry_is_written(
    kiosk: Kiosk,
) -> None:
    trying = kiosk.comes()
    trying.begin()
    kiosk.breaks()
    assert trying.end("different", ()) == "tries_unusable"
    assert kiosk.written == [("failed", "")]


def test_one_that_is_read_and_not_written_lets_nobody_try(kiosk: Kiosk) -> None:
    """As on a disk that the kernel has made read-only."""
    kiosk.tries._file.execute("PRAGMA query_only = ON")
    assert kiosk.comes().begin() == "tries_unusable"


FULL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.identity.tries import Tries, TriesUnusable
from kiosk.identity.trying import Trying
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
tries = Tries(Path(sys.argv[1]), lambda: datetime(2026, 11, 26, 4, tzinfo=UTC))
trying = Trying(tries, "a", "face", "2026-11", print)
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))  # not another byte fits
sys.exit(trying.begin())
"""


def test_on_a_full_disk_nobody_is_looked_at(tmp_path: Path) -> None:
    """The kernel refuses every write, as it does when nothing is free."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr.strip().splitlines()[-1] == "tries_unusable"
    assert done.returncode == 1


@pytest.mark.parametrize("what", ["a folder", "a file in the folder's place"])
def test_a_place_where_no_file_can_be_is_said_at_once(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "kiosk-1"
    if what == "a folder":
        (folder / FILE).mkdir(parents=True)
    else:
        folder.write_text("")
    with pytest.raises(TriesUnusable, match="staff look"):
        Tries(folder, lambda: NOON)


def test_two_processes_at_once_both_count(kiosk: Kiosk) -> None:
    """The first customer's process still writes down when the second begins."""
    other = Tries(kiosk.folder, lambda: NOON)
    first = kiosk.comes()
    second = Trying(other, BERT, "face", "2026-11", kiosk.entries.append)
    assert (first.begin(), second.begin()) == ("", "")
    assert kiosk.on_disk() == [ANNE, BERT]
    first.end("different", ())
    second.end("same", ())
    assert kiosk.on_disk() == [ANNE]
    other.close()
