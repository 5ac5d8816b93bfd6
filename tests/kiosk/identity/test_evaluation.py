"""`python -m kiosk.identity evaluate`: the figures that are promised, where the pictures are; elsewhere it says that they are not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

FACES = os.environ.get(
    "LOBBY_FACES"
)  # the folder of pictures; a look at all of them takes a minute of CPU

Figures = dict[tuple[str, str, float | None], dict[str, Any]]


def evaluate(folder: Path) -> list[dict[str, Any]]:
    told = subprocess.run(
        [sys.executable, "-m", "kiosk.identity", "evaluate", "--data", str(folder)],
        capture_output=True, text=True, check=True, timeout=900, cwd=ROOT,
    )  # fmt: skip
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_without_pictures_it_says_so(tmp_path: Path) -> None:
    assert [(line["data"], line["figure"]) for line in evaluate(tmp_path)] == [
        ("lfw_fold10", "not measured"),
        ("london", "not measured"),
    ]


@pytest.fixture(scope="module")
def figures() -> Figures:
    if not FACES:
        pytest.skip("name the folder of the pictures in LOBBY_FACES")
    return {(one["data"], one["figure"], one.get("far")): one for one in evaluate(Path(FACES))}


@pytest.mark.timeout(1000)
@pytest.mark.parametrize(
    ("data", "figure", "far", "most"),
    [
        ("lfw_fold10", "all pairs FRR", 1e-3, 0.015),
        ("lfw_fold10", "average of 3 FRR", 1e-4, 0.01),
        ("lfw_fold10", "all pairs FAR shipped", None, 1e-4),
        ("lfw_fold10", "average of 2 FAR shipped", None, 1e-4),
        ("lfw_fold10", "average of 3 FAR shipped", None, 1e-4),
        ("lfw_fold10", "average of 3 FRR shipped", None, 0.01),
        ("london", "chip reference FRR shipped", None, 0),
        ("london", "portrait reference FRR shipped", None, 0),
        ("london", "FAR of the worst group", None, 0.03),
    ],
)
def test_no_more_errors_than_promised(figures: Figures, data, figure, far, most) -> None:
    assert figures[data, figure, far]["value"] <= most


@pytest.mark.timeout(1000)
def test_every_face_is_found(figures: Figures) -> None:
    found = [one for (_, figure, _), one in figures.items() if figure.endswith("found")]
    assert len(found) == 3
    assert all(one["value"] == 1 for one in found)
