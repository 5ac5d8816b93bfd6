"""The shim really refuses, delays, tears; and the wall clock jumps, but no other clock."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import wait_for
from tests.torture.conftest import Victim, rows
from torture.faults import Faults, Mode

CLOCKS = """
import time
clocks = (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME)
print(*(time.clock_gettime(clock) for clock in clocks), time.time(), flush=True)
began = time.monotonic()
time.sleep(0.2)
print(time.monotonic() - began, flush=True)
"""


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (Mode.FULL, "database or disk is full"),
        (Mode.IO_ERROR, "disk I/O error"),
        (Mode.READ_ONLY, "disk I/O error"),
        (Mode.SYNC_ERROR, "disk I/O error"),
    ],
)
def test_a_refusing_disk_refuses_until_it_heals(
    victim: Victim, faults: Faults, file: Path, mode: Mode, said: str
) -> None:
    assert victim.commit("a") == "done"
    faults.begin(mode)
    answer = victim.commit("b")
    assert answer != "done"
    assert said in answer
    assert faults.page.hits > 0
    faults.heal()
    assert victim.commit("c") == "done"
    victim.kill()
    assert rows(file) == ["a", "c"]


def test_the_first_passes_go_well(victim: Victim, faults: Faults) -> None:
    faults.begin(Mode.SYNC_ERROR, passes=1)
    assert victim.commit() == "done"
    assert victim.commit() == "disk I/O error"


def test_a_slow_sync_is_slow(victim: Victim, faults: Faults) -> None:
    faults.begin(Mode.SLOW_SYNC, slow_ms=300)
    began = time.monotonic()
    assert victim.commit() == "done"
    assert time.monotonic() - began >= 0.3


def test_a_torn_write_arrives_in_part_and_kills(victim: Victim, faults: Faults, file: Path) -> None:
    assert victim.commit("a") == "done"
    wal = file.with_name("journal.sqlite-wal")
    before = wal.stat().st_size
    faults.begin(Mode.TORN_WRITE, passes=1, torn_at=100)  # the header of the frame goes well
    assert victim.commit("b") == ""
    assert victim.process.wait(5) == -9
    assert wal.stat().st_size == before + 24 + 100
    assert faults.page.crashes == 1
    assert rows(file) == ["a"]


def test_other_files_are_left_alone(faults: Faults, tmp_path: Path) -> None:
    faults.begin(Mode.IO_ERROR)
    words = "import sys; open(sys.argv[1], 'w').write('fine')"
    other = tmp_path / "other.txt"
    subprocess.run([sys.executable, "-c", words, str(other)], env=faults.environment(), check=True)
    assert other.read_text() == "fine"


def test_the_wall_clock_jumps_and_no_other_clock(faults: Faults) -> None:
    def ask() -> list[float]:
        done = subprocess.run(
            [sys.executable, "-c", CLOCKS],
            env=faults.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return [float(word) for word in done.stdout.split()]

    faults.set_clock(-86400)
    wall, monotonic, since_boot, also_wall, slept = ask()
    assert wall == pytest.approx(time.time() - 86400, abs=30)
    assert also_wall == pytest.approx(wall, abs=1)
    assert monotonic == pytest.approx(time.monotonic(), abs=30)
    assert since_boot == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=30)
    assert slept == pytest.approx(0.2, abs=0.15)


def test_the_clock_jumps_while_the_program_runs(faults: Faults, tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = "import time\nwhile True:\n print(time.time(), flush=True)\n time.sleep(0.05)"
    with log.open("wb") as out:
        clock = subprocess.Popen(
            [sys.executable, "-c", words], env=faults.environment(), stdout=out
        )
    try:
        wait_for(log.read_text, "the first time")
        faults.set_clock(3600)
        wait_for(
            lambda: float(log.read_text().split()[-1]) > time.time() + 3500, "the jump", timeout_s=5
        )
    finally:
        clock.kill()
        clock.wait()
