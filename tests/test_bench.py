"""The words of `python -m bench`."""

import subprocess
import sys

from tests.conftest import ROOT


def bench(*words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "bench", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_it_names_its_parts() -> None:
    answer = bench("--help")
    assert answer.returncode == 0
    assert "queue, branch" in answer.stdout


def test_an_unknown_part_is_refused_before_anything_is_measured() -> None:
    answer = bench("devices", "kitchen")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "'kitchen'" in answer.stderr
    assert "Traceback" not in answer.stderr
