"""The power cut takes what was not synced, all of it if need be, and never anything else."""

import random
import subprocess
import sys
from pathlib import Path

from tests.torture.conftest import AllLost, Victim, rows
from torture.faults import Faults, Mode
from torture.power_cut import cut_power, tidy


def test_a_crash_before_the_sync_is_before_it(victim: Victim, faults: Faults, file: Path) -> None:
    assert victim.commit("a") == "done"
    faults.begin(Mode.CRASH_BEFORE_SYNC)
    assert victim.commit("b") == ""
    assert cut_power(faults.undo, AllLost()) > 0
    assert rows(file) == ["a"]


def test_a_crash_after_the_sync_is_after_it(victim: Victim, faults: Faults, file: Path) -> None:
    assert victim.commit("a") == "done"
    faults.begin(Mode.CRASH_AFTER_SYNC)
    assert victim.commit("b") == ""
    assert cut_power(faults.undo, AllLost()) == 0
    assert rows(file) == ["a", "b"]


def test_a_power_cut_takes_commits_that_were_never_synced(faults: Faults, file: Path) -> None:
    victim = Victim(faults, file, synchronous="OFF")
    assert [victim.commit(letter) for letter in "abc"] == ["done"] * 3
    victim.kill()
    assert cut_power(faults.undo, AllLost()) > 0
    assert file.with_name("journal.sqlite-wal").stat().st_size == 0
    assert not file.with_name("journal.sqlite-shm").exists()


def test_a_kill_without_a_power_cut_takes_nothing(faults: Faults, file: Path) -> None:
    victim = Victim(faults, file, synchronous="OFF")
    assert [victim.commit(letter) for letter in "abc"] == ["done"] * 3
    victim.kill()
    tidy(faults.undo)
    assert rows(file) == ["a", "b", "c"]


def test_what_a_life_left_unsynced_is_lost_in_the_next_one_too(faults: Faults, file: Path) -> None:
    for letter in "ab":
        victim = Victim(faults, file, synchronous="OFF")
        assert victim.commit(letter) == "done"
        victim.kill()
        tidy(faults.undo)
    assert cut_power(faults.undo, AllLost()) > 0
    assert file.with_name("journal.sqlite-wal").stat().st_size == 0


def test_no_power_cut_takes_a_synced_commit(faults: Faults, file: Path) -> None:
    """With synchronous=FULL, killed and cut off at random moments twenty times over."""
    chance, promised = random.Random(7), 0
    for _ in range(20):
        victim = Victim(faults, file)
        faults.begin(Mode.CRASH_BEFORE_SYNC, passes=chance.randint(0, 8))
        while victim.commit("a") == "done":
            promised += 1
        victim.kill()
        faults.heal()
        cut_power(faults.undo, chance)
        assert len(rows(file)) >= promised
        promised = len(rows(file))
    assert promised > 20


def test_pages_of_a_failed_sync_never_arrive(faults: Faults, file: Path) -> None:
    """As the kernel does it: after a failed sync they are taken for clean, the next sync passes them by."""
    words = (
        "import os, sys\n"
        "fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "def sync():\n"
        "    try: os.fsync(fd)\n"
        "    except OSError: pass\n"
        "os.pwrite(fd, b'a' * 4096, 0); sync()\n"
        "os.pwrite(fd, b'b' * 4096, 4096); sync()\n"
    )
    faults.begin(Mode.SYNC_ERROR)
    subprocess.run([sys.executable, "-c", words, str(file)], env=faults.environment(), check=True)
    faults.heal()
    again = words.replace("b'a' * 4096, 0", "b'c' * 512, 8192")
    again = again.replace("b'b' * 4096, 4096", "b'd' * 512, 4096")
    subprocess.run([sys.executable, "-c", again, str(file)], env=faults.environment(), check=True)
    cut_power(faults.undo, AllLost())
    left = file.read_bytes()
    assert left[:4096] == bytes(4096)  # never written again, so lost
    assert left[4096:] == b"d" * 512 + b"b" * 3584 + b"c" * 512  # its page was written again
