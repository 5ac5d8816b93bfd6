"""What every engine promises."""

import cv2
import numpy as np
import pytest

from kiosk.identity.engine import Engine, average, open_engine
from tests.kiosk.identity.portraits import (
    as_chip,
    at_kiosk,
    blurred,
    collins,
    head_of_collins,
    hopper,
    lit,
    tilted,
)

BLACK = np.zeros((480, 640, 3), np.uint8)


def made(engine, image):
    return engine.template(image, engine.find(image)[0])


def test_a_face_is_found_with_its_points_in_their_places(engine: Engine) -> None:
    (face,) = engine.find(collins())
    right_eye, left_eye, nose, mouth_right, mouth_left = face.points
    assert right_eye[0] < nose[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(mouth_right[1], mouth_left[1])
    for x, y in face.points:
        assert face.x < x < face.x + face.width
        assert face.y < y < face.y + face.height
    assert 0.8 < face.confidence <= 1


def test_points_are_pixels_of_the_image_at_any_size(engine: Engine) -> None:
    (small,) = engine.find(at_kiosk(hopper()))
    (large,) = engine.find(at_kiosk(hopper(), size=(1280, 960)))
    assert large.points / 2 == pytest.approx(small.points, abs=0.06 * small.eye_distance)


@pytest.mark.parametrize(
    "image",
    [
        BLACK,
        BLACK + 255,
        BLACK[:1, :1],
        BLACK[:3],
        np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 300, 3)),
    ],
    ids=["black", "white", "one pixel", "three rows", "a ramp"],
)
def test_where_nobody_is_nobody_is_found(engine: Engine, image) -> None:
    assert engine.find(np.ascontiguousarray(image)) == []


def test_a_picture_that_is_all_face_is_enough(engine: Engine) -> None:
    tight = np.ascontiguousarray(collins()[62:172, 180:270])
    alike = engine.likeness(made(engine, collins()), made(engine, tight))
    assert alike > engine.calibration.threshold


def test_a_very_large_picture_is_looked_at(opencv: Engine) -> None:
    large = cv2.resize(at_kiosk(hopper()), (6400, 4800))
    (face,) = opencv.find(large)
    alike = opencv.likeness(made(opencv, hopper()), opencv.template(large, face))
    assert alike > opencv.calibration.threshold
    assert opencv.find(np.zeros_like(large)) == []


def test_one_person_is_more_alike_than_two(engine: Engine) -> None:
    threshold = engine.calibration.threshold
    a, b = made(engine, collins()), made(engine, hopper())
    again = made(engine, as_chip(head_of_collins()))
    assert engine.likeness(a, again) > threshold > engine.likeness(a, b)


@pytest.mark.parametrize("degrees", [-30, -20, -10, 10, 20, 30])
def test_a_tilted_head_is_found_tilted_and_is_the_same_person(engine: Engine, degrees) -> None:
    for portrait in (at_kiosk(hopper()), at_kiosk(head_of_collins())):
        frame = tilted(portrait, degrees)
        face = engine.find(frame)[0]
        assert abs(degrees) <= 10 or face.roll == pytest.approx(-degrees, abs=10)
        alike = engine.likeness(made(engine, portrait), engine.template(frame, face))
        assert alike > engine.calibration.threshold


def test_likeness_is_the_same_both_ways_and_most_with_itself(engine: Engine) -> None:
    a, b = made(engine, collins()), made(engine, hopper())
    assert engine.likeness(a, b) == pytest.approx(engine.likeness(b, a))
    assert engine.likeness(a, a) == pytest.approx(1, abs=1e-5)


def test_the_same_image_gives_the_same_template(engine: Engine) -> None:
    assert engine.likeness(made(engine, hopper()), made(engine, hopper())) == pytest.approx(
        1, abs=1e-5
    )


def test_an_average_is_more_alike_than_the_spoilt_frames_are_on_average(engine: Engine) -> None:
    owner = made(engine, collins())
    frames = [made(engine, spoilt) for spoilt in (blurred(collins(), 3), lit(collins(), 0.3))]
    alone = [engine.likeness(owner, frame) for frame in frames]
    assert engine.likeness(owner, average(frames)) > sum(alone) / 2


def test_templates_of_different_engines_are_not_compared() -> None:
    one, other = open_engine("opencv"), open_engine("face_recognition")
    a, b = made(one, collins()), made(other, collins())
    for engine in (one, other):
        with pytest.raises(ValueError, match="one engine"):
            engine.likeness(a, b)
    with pytest.raises(ValueError, match="one engine"):
        average([a, b])


def test_nothing_shown_tells_what_a_face_is_like(engine: Engine) -> None:
    template = made(engine, hopper())
    assert repr(template) == f"<Template of {engine.calibration.model.name}>"
    assert "points" not in repr(engine.find(hopper())[0])


def test_a_calibration_is_of_a_model_in_use_and_stricter_rates_ask_for_more(engine: Engine) -> None:
    assert engine.calibration.model in engine.models
    by_rate = [likeness for _, likeness in sorted(engine.calibration.thresholds.items())]
    assert by_rate == sorted(by_rate, reverse=True)
    assert engine.calibration.threshold == engine.calibration.thresholds[1e-4]
