"""The measurement itself, in small."""

import json
from random import Random

import cv2
import pytest

from kiosk.identity import evaluate_liveness, evaluate_sessions
from kiosk.identity.engine import Engine
from kiosk.identity.evaluate_liveness import SPECIES
from kiosk.identity.session import Patience
from tests.kiosk.identity.portraits import hopper
from tests.kiosk.identity.test_liveness import photos


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_what_is_not_there_is_said(opencv: Engine, tmp_path, capsys) -> None:
    assert evaluate_liveness.run(tmp_path, opencv, 1, 1) == 0
    assert [line["figure"] for line in lines(capsys)] == ["not measured"] * 2


SOME = {"still": 0, "turned far": 0, "standing out like a head, turned (shall pass)": 1}


def test_each_species_has_its_line(opencv: Engine, tmp_path, capsys) -> None:
    """What each of them comes to, test_liveness.py says."""
    folder = tmp_path / "london" / "neutral_front"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), hopper())
    for name, passed in SOME.items():
        evaluate_liveness.run(tmp_path, opencv, 1, 1, only=name)
        told = lines(capsys)[0]
        found = (told["figure"].split(":")[0], told["count"], told["of"])
        assert found == (name, passed, 1)


@pytest.mark.parametrize("name", SPECIES)
def test_each_species_shows_the_same_face(opencv: Engine, name: str) -> None:
    of = photos(opencv)[1]
    _, image = next(iter(SPECIES[name](of, Random(1), opencv)))
    (face,) = opencv.find(image)
    one, other = opencv.template(image, face), opencv.template(of.image, of.face)
    assert opencv.likeness(one, other) >= opencv.calibration.threshold


# --- whole tries --------------------------------------------------------------------------------


def tried(opencv: Engine, name: str, seed: int = 1) -> evaluate_sessions.Judged:
    kind = evaluate_sessions.KINDS[name](Random(seed))
    return evaluate_sessions.a_try(kind, photos(opencv)[1], Random(seed), opencv, Patience())


def test_a_person_who_does_as_asked_is_live_and_has_time_to_spare(opencv: Engine) -> None:
    found = tried(opencv, "a head (shall pass)")
    assert (found.live, found.why) == (True, "live")
    assert found.took_s < 2 / 3 * Patience().face_s


def test_who_holds_a_bent_picture_and_waits_is_not(opencv: Engine) -> None:
    found = tried(opencv, "a picture bent round a pipe")
    assert (found.live, found.why) == (False, "unsure no_blink")


def test_a_bent_film_that_blinks_as_asked_still_has_no_nose(opencv: Engine) -> None:
    assert tried(opencv, "a bent film that blinks", 3).why == "attack flat"


def test_dark_glasses_on_a_picture_are_no_way_round(opencv: Engine) -> None:
    assert tried(opencv, "a bent picture with dark glasses").why == "timeout no_front"


def test_each_kind_of_try_has_its_line(opencv: Engine, tmp_path, capsys) -> None:
    assert evaluate_sessions.run(tmp_path, opencv, 1, 1) == 0
    assert lines(capsys)[0]["figure"] == "not measured"
