"""The measurement itself, in small."""

import json

import cv2

from kiosk.identity import evaluate_liveness
from kiosk.identity.engine import Engine
from kiosk.identity.evaluate_liveness import SPECIES
from tests.kiosk.identity.portraits import hopper


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_is_not_there_is_said(opencv: Engine, tmp_path, capsys) -> None:
    assert evaluate_liveness.run(tmp_path, opencv, 1, 1) == 0
    assert [line["figure"] for line in lines(capsys)] == ["not measured"] * 2


def test_each_species_has_its_line(opencv: Engine, tmp_path, capsys) -> None:
    folder = tmp_path / "london" / "neutral_front"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), hopper())
    evaluate_liveness.run(tmp_path, opencv, 1, 1)
    told = lines(capsys)
    assert [line["figure"].split(":")[0] for line in told[:-1]] == list(SPECIES)
    assert {line["of"] for line in told[:-1]} == {1}
    passed = {line["figure"] for line in told[:-1] if line["count"]}
    assert all("known not" in one or "shall pass" in one for one in passed)
