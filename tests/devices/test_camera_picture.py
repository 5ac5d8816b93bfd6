"""What is wrong with a picture that needs no face to see, and for how long before it is said."""

import numpy
import pytest

from devices.camera.picture import FROZEN_S, HOLDS_S, Judge, Picture, Pixels, fault_of
from devices.camera.simulated_scene import hall

CHANCE = numpy.random.default_rng(7)


def grey(light: int) -> Pixels:
    return numpy.full((60, 80, 3), light, numpy.uint8)


def lively(light: int = 120) -> Pixels:
    return numpy.clip(CHANCE.normal(light, 3, (480, 640, 3)), 0, 255).astype(numpy.uint8)


@pytest.mark.parametrize(
    ("pixels", "word"),
    [
        (grey(0), "lensCovered"),
        (grey(20), "lensCovered"),
        (grey(35), "tooDark"),
        (grey(60), ""),
        (grey(200), ""),
        (grey(230), "tooBright"),
        (hall(640, 480)[::8, ::8], ""),
    ],
)
def test_light(pixels: Pixels, word: str) -> None:
    assert fault_of(pixels) == word


def test_a_lamp_in_a_dark_hall_is_no_covered_lens() -> None:
    picture = grey(5)
    picture[:7, :] = 250
    assert fault_of(picture) == "tooDark"


def test_a_window_that_burns_out_half_the_picture_is_too_bright() -> None:
    picture = grey(90)
    picture[:, :41] = 255
    assert fault_of(picture) == "tooBright"


def shown(judge: Judge, pictures: list[Pixels], since_s: float = 0.0) -> list[str]:
    """The words, ten pictures a second."""
    return [
        judge.look(Picture(n, since_s + n / 10, pixels)) for n, pixels in enumerate(pictures, 1)
    ]


def test_a_word_is_said_only_when_it_has_held() -> None:
    words = shown(Judge(), [lively(), *(lively(5) for _ in range(10))])
    assert words.index("lensCovered") == 1 + round(HOLDS_S * 10)


def test_what_flickers_is_not_said() -> None:
    assert set(shown(Judge(), [lively(5 if n % 2 else 120) for n in range(40)])) == {""}


def test_the_word_is_taken_back_when_it_is_over() -> None:
    judge = Judge()
    assert shown(judge, [lively(5) for _ in range(10)])[-1] == "lensCovered"
    assert shown(judge, [lively() for _ in range(10)], 1.0)[-1] == ""


def test_the_same_picture_again_and_again_is_frozen() -> None:
    words = shown(Judge(), [lively()] * 30)
    assert words.index("frozen") >= FROZEN_S * 10


def test_a_still_hall_is_not_frozen_as_a_sensor_has_noise() -> None:
    assert set(shown(Judge(), [lively() for _ in range(40)])) == {""}


def test_a_slow_camera_is_not_frozen_because_one_picture_stays_long() -> None:
    judge, still = Judge(), lively()
    assert [judge.look(Picture(n, n * 2.0, still)) for n in range(4)] == [""] * 4


def test_one_new_picture_is_enough_to_be_alive_again() -> None:
    judge, still = Judge(), lively()
    assert shown(judge, [still] * 30)[-1] == "frozen"
    assert shown(judge, [lively() for _ in range(10)], 3.0)[-1] == ""
