"""Each measure moves when that is spoilt which it measures."""

from dataclasses import asdict, replace
from math import cos, radians, sin

import cv2
import numpy as np
import pytest

from kiosk.identity.engine import Engine, Face
from kiosk.identity.guidance import first_wrong
from kiosk.identity.quality import Measures, measure, pose, unusable
from tests.kiosk.identity.portraits import (
    at_kiosk,
    blurred,
    collins,
    head_of_collins,
    hopper,
    lit,
    lit_from_left,
    moved,
    tilted,
)


def measured(engine: Engine, image) -> Measures:
    return measure(image, engine.find(image)[0])


GOOD = pytest.mark.parametrize(
    "frame", [at_kiosk(hopper()), at_kiosk(head_of_collins())], ids=["Hopper", "Collins"]
)


@GOOD
def test_a_good_frame_asks_for_nothing(opencv: Engine, frame) -> None:
    assert first_wrong(measured(opencv, frame), None) is None


@GOOD
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda frame: lit(frame, 0.15), "too_dark"),
        (lambda frame: lit(frame, 2.6), "too_bright"),
        (lambda frame: lit_from_left(frame, 0.2), "light_from_one_side"),
        (lambda frame: blurred(frame, 4), "hold_still"),
        (lambda frame: moved(frame, 25), "hold_still"),
        (lambda frame: moved(frame.transpose(1, 0, 2), 25).transpose(1, 0, 2), "hold_still"),
        (lambda frame: tilted(frame, 20), "hold_head_upright"),
        (lambda frame: tilted(frame, -20), "hold_head_upright"),
        (lambda frame: farther(frame, 0.4), "come_closer"),
        (lambda frame: np.ascontiguousarray(frame[:, 330:]), "move_to_middle"),
    ],
    ids=[
        "dark",
        "bright",
        "one-sided",
        "blurred",
        "moved-aside",
        "moved-up",
        "tilted",
        "tilted-back",
        "far",
        "cut-off",
    ],
)
def test_what_is_spoilt_is_what_is_asked_for(opencv: Engine, frame, spoil, reason) -> None:
    assert first_wrong(measured(opencv, np.ascontiguousarray(spoil(frame))), None) == reason


def test_a_face_too_near_is_asked_to_step_back(opencv: Engine) -> None:
    near = np.ascontiguousarray(collins()[45:185, 140:310])
    assert first_wrong(measured(opencv, cv2.resize(near, (680, 560))), None) == "step_back"


@GOOD
def test_dark_skin_in_good_light_is_not_called_dark(opencv: Engine, frame) -> None:
    """The darkest faces of the London set, in studio light, are less than half as bright as the mean."""
    assert first_wrong(measured(opencv, lit(frame, 0.42)), None) is None


@GOOD
def test_brightness_and_blur_are_measured_apart(opencv: Engine, frame) -> None:
    plain, dim = measured(opencv, frame), measured(opencv, lit(frame, 0.5))
    assert dim.light == pytest.approx(plain.light / 2, rel=0.1)
    assert dim.sharpness == pytest.approx(plain.sharpness, rel=0.2)
    assert measured(opencv, blurred(frame, 2)).light == pytest.approx(plain.light, rel=0.1)


@pytest.mark.parametrize("angle", [-25, -10, 0, 10, 25])
def test_a_turned_head_is_measured(angle: float) -> None:
    """A drawn head, turned about each axis: five points of an average face, in space, seen from far away."""
    yaw, _, _ = pose(head(yaw=angle))
    assert yaw == pytest.approx(angle, abs=5)
    _, pitch, _ = pose(head(pitch=angle))
    assert pitch == pytest.approx(angle, abs=9)
    _, _, roll = pose(head(roll=angle))
    assert roll == pytest.approx(angle, abs=0.1)


@GOOD
def test_only_what_nobody_could_judge_is_unusable(opencv: Engine, frame) -> None:
    for still_fine in (frame, lit(frame, 0.15), blurred(frame, 4), farther(frame, 0.3)):
        assert unusable(measured(opencv, still_fine)) is None
    assert unusable(measured(opencv, blurred(frame, 18))) == "blurred"


@GOOD
def test_each_bound_of_the_unusable(opencv: Engine, frame) -> None:
    good = measured(opencv, frame)
    assert unusable(replace(good, eye_distance=3)) == "too_small"
    assert unusable(replace(good, light=2)) == "too_dark"
    assert unusable(replace(good, contrast=0.5)) == "too_dark"
    assert unusable(replace(good, glare=0.95)) == "too_bright"


def test_a_face_at_any_place_is_measured_without_an_error() -> None:
    """Also beyond the edges, without width, or with all points in one place."""
    image = np.zeros((40, 60, 3), np.uint8)
    for x, size in ((-500.0, 30.0), (55.0, 400.0), (10.0, 0.0)):
        points = np.full((5, 2), x, np.float32)
        values = asdict(measure(image, Face(x, x, size, size, points, 0.9))).values()
        assert all(np.isfinite(value) for value in values)


def farther(image, factor: float):
    height, width = image.shape[:2]
    frame = np.full_like(image, 128)
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    frame[top : top + small.shape[0], left : left + small.shape[1]] = small
    return frame


def head(yaw: float = 0, pitch: float = 0, roll: float = 0) -> Face:
    """In eye distances: x to the person's left, y down, z towards the viewer."""
    space = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.6, 0.55], [-0.4, 1.05, 0], [0.4, 1.05, 0]])
    y, p, r = radians(yaw), radians(pitch), radians(roll)
    aside = np.array([[cos(y), 0, sin(y)], [0, 1, 0], [-sin(y), 0, cos(y)]])
    up = np.array([[1, 0, 0], [0, cos(p), -sin(p)], [0, sin(p), cos(p)]])
    around = np.array([[cos(r), -sin(r), 0], [sin(r), cos(r), 0], [0, 0, 1]])
    points = (space @ (around @ up @ aside).T)[:, :2] * 100 + 300
    return Face(200, 200, 200, 250, points.astype(np.float32), 0.9)
