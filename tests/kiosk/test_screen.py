"""A kiosk without a screen says so instead of working where nobody sees it."""

import os
import subprocess
import sys

import pytest

from kiosk.look.window import CONSOLE, SCREENS
from tests.conftest import ROOT


@pytest.mark.skipif(CONSOLE.exists(), reason="this machine has a console that can be drawn on")
def test_without_a_screen_it_ends_with_a_sentence() -> None:
    blind = {name: value for name, value in os.environ.items() if name not in SCREENS}
    done = subprocess.run(
        [sys.executable, "-m", "kiosk"],
        cwd=ROOT,
        env=blind,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "DISPLAY" in done.stderr
    assert "Traceback" not in done.stderr
