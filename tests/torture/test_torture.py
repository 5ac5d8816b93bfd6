"""The agent of this checkout under torture: as much of it on a busy machine as on a quiet one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, wait_for

KILLS = 25


@pytest.mark.timeout(480)
def test_twenty_five_kills_break_no_promise() -> None:
    words = [sys.executable, "-m", "torture", "--kills", str(KILLS)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["kills"] >= KILLS
    assert figures["power_cuts"] > 0
    assert figures["clock_jumps"] > 0
    assert figures["tickets_answered"] > 500
    assert figures["chain"] == "intact"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_torture_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    words = [sys.executable, "-m", "torture", "--seconds", "60"]
    run = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        wait_for(lambda: victims(tmp_path), "an agent under torture")
        run.send_signal(number)
        assert run.wait(10) == 130
    finally:
        run.kill()
    assert not victims(tmp_path)
    assert not list(tmp_path.iterdir())


def victims(folder: Path) -> list[int]:
    """Agents that work in this folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if f"--data {folder}/" in " ".join(process.info["cmdline"] or [])
    ]
