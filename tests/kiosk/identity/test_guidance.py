"""One thing at a time, and it does not flicker."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from kiosk.identity.decision import rivals
from kiosk.identity.engine import Engine
from kiosk.identity.guidance import GATES, STAYS_S, Advice, advise, first_wrong
from kiosk.identity.quality import Measures
from tests.kiosk.identity.portraits import at_kiosk, hopper

GOOD = Measures(
    inside=1, eye_distance=80, height=0.45, light=130, glare=0, contrast=30, one_sided=1.05,
    yaw=0, pitch=0, roll=0, sharpness=0.35, detail=1.2,
)  # fmt: skip
NOBODY = np.zeros((480, 640, 3), np.uint8)


def test_a_good_face_is_asked_nothing() -> None:
    assert first_wrong(GOOD, None) is None


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: f"{gate.reason} {gate.shut}")
def test_a_good_face_is_well_within_every_gate(gate) -> None:
    assert not gate.wrong(GOOD, was_shut=True)


@given(st.lists(st.floats(15.001, 17.999), min_size=2, max_size=30), st.booleans())
def test_a_measure_that_trembles_at_a_bound_changes_nothing(yaws, shut) -> None:
    """Between the two bounds, what is shown stays what it is."""
    shown = "look_straight" if shut else None
    for yaw in yaws:
        assert first_wrong(replace(GOOD, yaw=yaw), shown) == shown


def test_what_is_asked_for_is_asked_until_it_is_done() -> None:
    """Something before it in the order that also goes wrong waits."""
    both = replace(GOOD, yaw=30, light=20)
    assert first_wrong(both, None) == "too_dark"
    assert first_wrong(both, "look_straight") == "look_straight"
    assert first_wrong(replace(both, yaw=0), "look_straight") == "too_dark"


def test_a_sentence_stays_long_enough_to_be_read(opencv: Engine) -> None:
    frame = at_kiosk(hopper())
    faces = opencv.find(frame)
    first = advise(None, NOBODY, [], 100.0)
    assert first == Advice("no_face", 100.0)
    assert advise(first, frame, faces, 100.0 + STAYS_S / 2) == first
    assert STAYS_S < 1
    assert advise(first, frame, faces, 101.0) == Advice(None, 101.0)


def test_trouble_is_said_at_once(opencv: Engine) -> None:
    frame = at_kiosk(hopper())
    good = advise(None, frame, opencv.find(frame), 5.0)
    assert good.reason is None
    assert advise(good, NOBODY, [], 5.01) == Advice("no_face", 5.01)


def test_two_people_before_the_camera(opencv: Engine) -> None:
    frame = at_kiosk(hopper())
    (face,) = opencv.find(frame)
    beside = replace(face, x=face.x + 200, width=face.width * 0.7, height=face.height * 0.7)
    far = replace(beside, width=face.width * 0.4, height=face.height * 0.4)
    assert advise(None, frame, [face, beside], 0).reason == "several_people"
    assert advise(None, frame, [face, far], 0).reason is None
    aside = replace(face, x=face.x - 150)  # then size counts alone when one of them is to be judged
    behind = replace(aside, x=face.x + 100, width=face.width * 0.5, height=face.height * 0.5)
    assert rivals([aside, behind], frame)
    assert advise(None, frame, [aside, behind], 0).reason == "several_people"
    unsure = replace(beside, confidence=0.65)
    assert advise(None, frame, [face, unsure], 0).reason is None
