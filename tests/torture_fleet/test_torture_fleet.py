"""Broker, head office, database and branches of this checkout under torture, for two minutes in all."""

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

WORDS = [sys.executable, "-m", "torture_fleet", "--branches", "2"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """PostgreSQL's user must get through to it, which pytest's own do not allow."""
    made = Path(tempfile.mkdtemp(prefix="lobby-test-"))
    made.chmod(0o755)
    yield made
    wait_for(lambda: not left_in(made), "the end of everything")
    shutil.rmtree(made)


@pytest.mark.postgresql
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("broker", "store", "dies"),
    [
        ("rabbitmq", "postgresql", {"branch", "broker", "database", "head_office"}),  # three nodes
        ("mosquitto", "sqlite", {"branch", "broker", "head_office"}),
    ],
)
def test_what_the_branches_wrote_is_at_head_office_whoever_is_killed(
    open_folder: Path, broker: str, store: str, dies: set[str]
) -> None:
    words = [*WORDS, "--broker", broker, "--store", store, "--seconds", "60", "--seed", "20261126"]
    env = {**os.environ, "TMPDIR": str(open_folder)}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["kills"] >= 10
    assert {"broker", "head_office"} <= set(figures["killed"]) <= dies
    assert figures["entries_at_head_office"] == figures["entries_in_journals"] > 50
    assert figures["proofs"] >= 2
    assert not left_in(open_folder)


@pytest.mark.postgresql
def test_an_interrupted_torture_leaves_nothing_behind(open_folder: Path) -> None:
    words = [*WORDS, "--broker", "mosquitto", "--store", "postgresql", "--seconds", "60"]
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
