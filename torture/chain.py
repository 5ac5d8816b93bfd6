"""The agent's own look at the chain of its journal, and whether that look sees anything."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

Verdict = Literal["intact", "broken", "not checked"]


def verify(root: Path, data: Path, spare: Path) -> tuple[Verdict, str]:
    """Of an ended agent's journal; beside it what was said. `spare` is a folder for a forged copy.

    A command that calls a forged journal intact, or is not there, has checked nothing.
    """
    status, said = _verify(root, data / "journal.sqlite")
    if _is_missing(said):
        return "not checked", said
    if status:
        return "broken", said
    if not _sees_a_forgery(root, data, spare):
        return "not checked", f"the check takes a forged journal for intact; it said: {said!r}"
    return "intact", said


def _sees_a_forgery(root: Path, data: Path, spare: Path) -> bool:
    copy = spare / "forged"
    shutil.copytree(data, copy)
    journal = copy / "journal.sqlite"
    raw = journal.read_bytes()
    forged = re.sub(rb'"label":"([A-Z]+)[0-9]', rb'"label":"\1O', raw)
    if forged == raw:
        return False
    journal.write_bytes(forged)
    return _verify(root, journal)[0] != 0


def _verify(root: Path, journal: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "edge_agent.journal", "verify", str(journal)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip()[-600:]


def _is_missing(said: str) -> bool:
    return "No module named" in said or "cannot be directly executed" in said
