"""A short crowd: nothing that the kiosk holds grows with the number of its customers. The long one, which also draws, is
tests/kiosk/soak.py."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.kiosk.soak import Held, mb_a_thousand

CUSTOMERS, LOOKS = 60, 4
STRAY_MB = 16.0  # a size of letters that is needed for the first time opens a font, 2.6 MB each; pictures kept are more
STRAY_OBJECTS = 0.01  # 18 for each customer; a single screen is more


@pytest.fixture(scope="module")
def looked() -> list[Held]:
    """After the first look, when every cache is full."""
    words = ["--customers", str(CUSTOMERS), "--looks", str(LOOKS)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kiosk.soak", *words],
        cwd=ROOT,
        env={**os.environ, "KIVY_GL_BACKEND": "mock"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == LOOKS + 1, done.stderr[-2000:]
    return [Held(**line) for line in lines[1:LOOKS]]


def test_every_customer_was_served(looked: list[Held]) -> None:
    assert looked[-1].customers == CUSTOMERS


def test_no_memory_is_kept_for_them(looked: list[Held]) -> None:
    assert looked[-1].mb - looked[0].mb < STRAY_MB
    assert looked[-1].objects < looked[0].objects * (1 + STRAY_OBJECTS)


def test_no_file_and_no_thread_is_left_open(looked: list[Held]) -> None:
    assert looked[-1].threads == looked[0].threads
    assert looked[-1].files <= looked[0].files + 3  # a connection to the branch may be open, or not


def test_growth_is_told_for_a_thousand_and_what_is_given_back_is_none() -> None:
    held = [(100, 200.0), (200, 230.0), (300, 230.4), (400, 200.6)]
    looks = [Held(customers, mb, 0, 0, 0) for customers, mb in held]
    assert mb_a_thousand(looks) == pytest.approx(2.0)
    assert mb_a_thousand(looks[:1]) == 0.0
