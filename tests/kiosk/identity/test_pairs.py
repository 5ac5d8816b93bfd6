"""`python -m kiosk.identity pairs FILE`, as somebody calls it."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import ROOT
from tests.kiosk.identity.portraits import (
    as_chip,
    blurred,
    collins,
    head_of_collins,
    hopper,
    side_by_side,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, and a CSV may stand beside them."""
    images = {
        "collins.png": collins(),
        "chip.jpg": as_chip(head_of_collins()),
        "hopper.jpg": hopper(),
        "nobody.png": np.zeros((200, 200, 3), np.uint8),
        "both.png": side_by_side(head_of_collins(), hopper()),
        "blurred.png": blurred(hopper(), 18),
        "grey 名.png": cv2.cvtColor(collins(), cv2.COLOR_BGR2GRAY),
    }
    for name, image in images.items():
        content = cv2.imencode(Path(name).suffix, image)[1]
        (tmp_path / name).write_bytes(content.tobytes())
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    return tmp_path


def pairs(file: Path, *more: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiosk.identity", "pairs", str(file), *more],
        capture_output=True, text=True, timeout=100, check=False, cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def written(folder: Path, text: str) -> Path:
    file = folder / "pairs.csv"
    file.write_text(text, encoding="utf-8")
    return file


def lines(told: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_one_line_a_pair_in_order(folder: Path) -> None:
    rows = [
        ("collins.png", "chip.jpg", "same"),
        ("hopper.jpg", "collins.png", "different"),
        ("nobody.png", "hopper.jpg", "no_face"),
        ("hopper.jpg", "both.png", "many_faces"),
        ("hopper.jpg", "blurred.png", "poor_quality"),
        ("grey 名.png", "collins.png", "same"),
    ]
    text = "left_image,right_image\n" + "".join(f"{left},{right}\n" for left, right, _ in rows)
    told = pairs(written(folder, text))
    assert (told.returncode, told.stderr) == (0, "")
    judged = lines(told)
    assert [(one["left"], one["right"], one["outcome"]) for one in judged] == rows
    for one in judged:
        assert list(one) == ["left", "right", "outcome", "score", "ms"]
        assert one["ms"] > 0
        assert (one["score"] is None) == (one["outcome"] not in ("same", "different"))


def test_the_other_engine_judges_alike(folder: Path) -> None:
    file = written(folder, "collins.png,chip.jpg\nhopper.jpg,chip.jpg\n")
    told = pairs(file, "--engine", "face_recognition")
    assert [one["outcome"] for one in lines(told)] == ["same", "different"]


def test_columns_by_name_paths_from_here_and_whole_paths(folder: Path) -> None:
    (folder / "lists").mkdir()
    text = f"\ufeffsame,right_image,left_image\n1,chip.jpg,{folder}/collins.png\n\n"
    told = pairs(written(folder / "lists", text), cwd=folder)
    assert [(one["left"], one["outcome"]) for one in lines(told)] == [
        (f"{folder}/collins.png", "same")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("collins.png,chip.jpg\ncollins.png\n", "line 2: expected two paths"),
        ("left_image,right_image\ncollins.png,\n", "line 2: expected two paths"),
    ],
)
def test_a_wrong_line_is_said_before_anything_is_judged(folder: Path, text, said) -> None:
    told = pairs(written(folder, text))
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
    assert told.stderr.count("\n") == 1


def test_no_file_of_pairs(tmp_path: Path) -> None:
    told = pairs(tmp_path / "gone.csv")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == (
        f"{tmp_path}/gone.csv cannot be read as a CSV of pairs: No such file or directory; name a file that is there, "
        "in UTF-8, with the columns left_image,right_image\n"
    )
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00,\x81")
    told = pairs(tmp_path / "binary.csv")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_a_file_that_is_missing_or_no_picture_keeps_its_place(folder: Path) -> None:
    """Of thousands of pairs the others are judged all the same."""
    wrong = ("text.jpg", "empty.jpg", "gone.jpg")
    rows = "".join(f"{one},collins.png\n" for one in wrong)
    told = pairs(written(folder, f"{rows}collins.png,chip.jpg\n"))
    assert [one["outcome"] for one in lines(told)] == ["poor_quality"] * 3 + ["same"]
    assert told.returncode == 2
    assert f"{folder}/gone.jpg cannot be read: No such file or directory" in told.stderr
    assert "text.jpg cannot be read as a picture" in told.stderr
    assert "empty.jpg cannot be read as a picture" in told.stderr
