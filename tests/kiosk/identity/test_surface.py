"""A nose is told from a bend by arithmetic alone: one portrait, of which every place is moved as a surface would move it."""

import cv2
import numpy as np
import pytest

from kiosk.identity.engine import Engine
from kiosk.identity.quality import upright
from kiosk.identity.surface import (
    LARGER,
    PORTRAIT_PX,
    RIGHT_EYE,
    SPAN_PX,
    Portrait,
    in_even_light,
    portrait,
    stands_out,
    structures,
)
from kiosk.identity.turning import NOSE, typical
from tests.kiosk.identity.test_liveness import photos


def ahead_of(straight: Portrait, turned: Portrait, nose) -> float | None:
    return stands_out(structures(straight, nose), turned)


def of_person(opencv: Engine, person: int):
    one = photos(opencv)[person]
    return portrait((one.image, one.face)), typical([one.face])[NOSE]


def moved(
    straight: Portrait,
    nose,
    *,
    slant=0.0,
    bend=0.0,
    up=0.0,
    ahead=0.0,
    fold=0.0,
    axis=0,
    beside=0.0,
) -> Portrait:
    """To the right, in eye distances: by so much a half face of slant, of bend across and up, of a fold, and by so much at the nose.
    `axis`: of the fold, in degrees from upright; it passes the nose by `beside`."""
    down, across = np.mgrid[0:PORTRAIT_PX, 0:PORTRAIT_PX].astype(np.float32)
    u = (across - RIGHT_EYE[0]) / SPAN_PX - nose[0]
    v = (down - RIGHT_EYE[1]) / SPAN_PX - nose[1]
    on_nose = np.exp(-((u / 0.2) ** 2) - (v / 0.25) ** 2)
    away = u * np.cos(np.radians(axis)) + v * np.sin(np.radians(axis)) - beside
    folded = -fold * np.abs(away)
    by = (slant * u + bend * u**2 + up * v**2 + folded + ahead * on_nose) * SPAN_PX
    back = cv2.remap(
        straight, np.float32(across - by), down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(back, np.uint8)


@pytest.mark.parametrize("person", [0, 1])
@pytest.mark.parametrize(
    "surface",
    [
        {},
        {"slant": 0.1},
        {"bend": 0.08},
        {"bend": -0.08},
        {"up": 0.05},
        {"slant": 0.1, "bend": 0.08},
    ],
)
def test_what_is_smooth_has_no_nose(opencv: Engine, person: int, surface) -> None:
    straight, nose = of_person(opencv, person)
    assert abs(ahead_of(straight, moved(straight, nose, **surface), nose)) < 0.002


@pytest.mark.parametrize("person", [0, 1])
@pytest.mark.parametrize("axis", [-70, -40, -20, 0, 10, 37, 52, 90])
@pytest.mark.parametrize("beside", [-0.04, 0.0, 0.03])
def test_a_fold_that_passes_the_nose_is_none(
    opencv: Engine, person: int, axis: int, beside: float
) -> None:
    """A nose of that height is ahead by more than 0.02."""
    straight, nose = of_person(opencv, person)
    turned = moved(straight, nose, slant=0.05, fold=0.1, axis=axis, beside=beside)
    assert abs(ahead_of(straight, turned, nose)) < 0.004


@pytest.mark.parametrize("person", [0, 1])
@pytest.mark.parametrize("ahead", [0.06, -0.06])
def test_a_nose_is_ahead_on_the_side_to_which_it_moved(
    opencv: Engine, person: int, ahead: float
) -> None:
    """The tip has moved so far, its sides less."""
    straight, nose = of_person(opencv, person)
    found = ahead_of(straight, moved(straight, nose, slant=0.05, bend=0.05, ahead=ahead), nose)
    assert 0.02 < found * np.sign(ahead) < abs(ahead)


@pytest.mark.parametrize("person", [0, 1])
def test_a_nose_on_a_fold_is_one(opencv: Engine, person: int) -> None:
    straight, nose = of_person(opencv, person)
    turned = moved(straight, nose, slant=0.05, fold=0.1, ahead=0.06)
    assert ahead_of(straight, turned, nose) > 0.02


@pytest.mark.parametrize("person", [0, 1])
@pytest.mark.parametrize("darker", ["left", "right"])
@pytest.mark.parametrize("soft", [0.15, 0.3])
@pytest.mark.parametrize("surface", [{"slant": 0.1}, {"slant": 0.1, "bend": 0.08}])
def test_the_shade_of_a_lamp_is_no_nose(
    opencv: Engine, person: int, darker: str, soft: float, surface
) -> None:
    """It stays beside the nose while the picture turns under it."""
    one = photos(opencv)[person]
    grey, nose = upright(one.image, one.face, larger=LARGER), typical([one.face])[NOSE]
    across = (np.arange(PORTRAIT_PX) - RIGHT_EYE[0]) / SPAN_PX - nose[0] - 0.1
    share = 1 / (1 + np.exp(across / soft * (1 if darker == "right" else -1)))

    def lit(picture: Portrait) -> Portrait:
        return in_even_light(np.uint8(picture * (0.35 + 0.65 * share)))

    found = ahead_of(lit(grey), lit(moved(grey, nose, **surface)), nose)
    assert abs(found) < 0.003


def test_of_what_has_no_structures_nothing_is_told(opencv: Engine) -> None:
    straight, nose = of_person(opencv, 1)
    assert ahead_of(straight, np.full_like(straight, 90), nose) is None
    assert ahead_of(np.full_like(straight, 90), straight, nose) is None
