"""Whether a branch could work by a configuration: asked of the very loader of the branch's file, as a program of its own."""

import subprocess
import sys
import tempfile
from pathlib import Path

TAKES_S = 30


def why_not(contents: str, specimen: Path) -> str:
    """What the branch's loader says; empty when all is well. A branch whose own file differs may still refuse it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "configuration.toml"
        file.write_text(contents, encoding="utf-8")
        asked = [sys.executable, "-m", "edge_agent.central", "--config", str(specimen), str(file)]
        try:
            done = subprocess.run(
                asked, capture_output=True, text=True, timeout=TAKES_S, check=False
            )
        except subprocess.TimeoutExpired:
            return f"the check took longer than {TAKES_S} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or [f"the check ended with {done.returncode}"]
    return lines[-1]
