"""Outcomes, and why."""

import cv2
import numpy as np

from kiosk.identity.decision import judge, verify
from kiosk.identity.engine import Engine
from tests.kiosk.identity.portraits import (
    as_chip,
    at_kiosk,
    blurred,
    collins,
    head_of_collins,
    hopper,
    lit,
    side_by_side,
)

NOBODY = np.full((480, 640, 3), 90, np.uint8)


def outcome(reference, live, engine):
    verdict = verify(reference, live, engine)
    return verdict.outcome, verdict.reasons


def test_the_owner_is_the_same_and_another_is_not(engine: Engine) -> None:
    frame = at_kiosk(head_of_collins())
    assert outcome(collins(), [frame], engine) == ("same", ())
    assert outcome(hopper(), [frame], engine) == ("different", ())


def test_a_picture_from_a_chip_is_enough(engine: Engine) -> None:
    chip = as_chip(head_of_collins())
    frames = [at_kiosk(head_of_collins()), lit(at_kiosk(head_of_collins()), 0.7)]
    assert outcome(chip, frames, engine) == ("same", ())
    assert outcome(chip, [at_kiosk(hopper())], engine) == ("different", ())


def test_nobody_in_either_picture(engine: Engine) -> None:
    assert outcome(NOBODY, [collins()], engine) == ("no_face", ("reference_no_face",))
    assert outcome(collins(), [NOBODY], engine) == ("no_face", ("live_no_face",))
    assert outcome(collins(), [], engine) == ("no_face", ("live_no_frame",))


def test_two_people_in_either_picture(engine: Engine) -> None:
    both = side_by_side(head_of_collins(), hopper())
    assert outcome(both, [collins()], engine) == ("many_faces", ("reference_many_faces",))
    assert outcome(collins(), [both], engine) == ("many_faces", ("live_many_faces",))


def test_somebody_small_behind_the_owner_is_passed_over(engine: Engine) -> None:
    frame = at_kiosk(head_of_collins()).copy()
    frame[60:212, 5:135] = cv2.resize(hopper(), (130, 152), interpolation=cv2.INTER_AREA)
    assert len(engine.find(frame)) == 2
    assert outcome(collins(), [frame], engine) == ("same", ())


def test_a_face_that_nobody_could_judge(engine: Engine) -> None:
    frame = blurred(at_kiosk(hopper()), 14)
    assert outcome(hopper(), [frame], engine) == ("poor_quality", ("live_blurred",))


def test_frames_that_cannot_be_judged_are_passed_over(engine: Engine) -> None:
    assert outcome(hopper(), [NOBODY, at_kiosk(hopper())], engine) == ("same", ())


def test_frames_of_two_people_are_not_averaged(engine: Engine) -> None:
    """Whoever steps before the camera beside the owner would otherwise be half the owner."""
    for frames in ([collins(), hopper()], [hopper(), collins()], [hopper(), hopper(), collins()]):
        verdict = outcome(collins(), frames, engine)
        assert verdict == ("many_faces", ("live_not_one_person",))


def test_the_owners_template_can_be_made_before(opencv: Engine) -> None:
    owner = opencv.template(collins(), opencv.find(collins())[0])
    assert judge(owner, [at_kiosk(head_of_collins())], opencv).outcome == "same"


def test_the_likeness_shows_nowhere(opencv: Engine) -> None:
    verdict = verify(hopper(), [hopper()], opencv)
    assert verdict.likeness is not None
    assert repr(verdict) == "Verdict(outcome='same', reasons=())"
