"""The loop of the screen on a real X server, where nothing but a finger or a wish to draw may wake it."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from demo.screen import VirtualScreen
from tests.conftest import ROOT
from tests.kiosk.turn import SIZE
from tests.whole_branch.conftest import Adopted


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Any:
    adopted = Adopted()
    screen = VirtualScreen(adopted, tmp_path_factory.mktemp("screen"), *SIZE)  # type: ignore[arg-type]
    run = subprocess.run(
        [sys.executable, "-m", "tests.kiosk.turn"],
        cwd=ROOT,
        env={**os.environ, "DISPLAY": screen.name},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    adopted.process.terminate()
    adopted.process.wait(10)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_nothing_is_drawn_while_nothing_happens(turned: Any) -> None:
    assert (turned["first"], turned["rests"]) == (True, True)


def test_a_finger_is_answered_when_it_comes_and_when_it_goes(turned: Any) -> None:
    assert (turned["down"], turned["up"]) == (True, True)


def test_a_slip_in_a_call_back_does_not_stop_the_screen(turned: Any) -> None:
    assert turned["after_a_slip"]


def test_no_touch_is_lost_however_fast_they_come(turned: Any) -> None:
    assert turned["every_touch"]
