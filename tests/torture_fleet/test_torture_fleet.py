"""Broker, head office and branches of this checkout under torture, for a short while."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, wait_for

WORDS = [sys.executable, "-m", "torture_fleet", "--broker", "mosquitto", "--branches", "2"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """PostgreSQL's user must get through to it, which pytest's own do not allow."""
    made = Path(tempfile.mkdtemp(prefix="lobby-test-"))
    made.chmod(0o755)
    yield made
    wait_for(lambda: not left_in(made), "the end of everything")
    shutil.rmtree(made)


@pytest.mark.timeout(300)
def test_what_the_branches_wrote_is_at_head_office_whoever_is_killed(tmp_path: Path) -> None:
    words = [*WORDS, "--store", "sqlite", "--kills", "25", "--seed", "20261126"]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["kills"] >= 25
    assert set(figures["killed"]) == {"branch", "broker", "head_office"}
    assert figures["entries_at_head_office"] == figures["entries_in_journals"] > 50
    assert figures["proofs"] >= 2
    assert not left_in(tmp_path)


@pytest.mark.postgresql
def test_an_interrupted_torture_leaves_nothing_behind(open_folder: Path) -> None:
    words = [*WORDS, "--store", "postgresql", "--seconds", "60"]
    run = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "TMPDIR": str(open_folder)})
    try:
        wait_for(lambda: any("edge_agent" in one for one in left_in(open_folder)), "an agent", 60)
        run.send_signal(signal.SIGTERM)
        assert run.wait(20) == 130
    finally:
        run.kill()
    assert not left_in(open_folder)
    assert not list(open_folder.iterdir())


def left_in(folder: Path) -> list[str]:
    """The command lines of programs that work in this folder."""
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    return [line for line in lines if f"{folder}/" in line]
