"""Customers who are not as the kiosk would like them: drawn on the portraits that are there. Nobody meets a dead end or a crash."""

from random import Random

import numpy as np
import pytest

from kiosk.identity import liveness, staged_eyes
from kiosk.identity.asked import SIDEWAYS
from kiosk.identity.engine import Engine, Face, Image
from kiosk.identity.evaluate_liveness import held
from kiosk.identity.liveness import FRONT_SIGHTS
from kiosk.identity.people import Photo
from kiosk.identity.session_events import Seen
from kiosk.identity.session_shown import ICONS
from kiosk.identity.staged import Held
from kiosk.identity.worker import AT_REST_S, Eyes
from tests.kiosk.identity.test_eyelids import NEVER, goes_on, sight
from tests.kiosk.identity.test_liveness import photos
from tests.kiosk.identity.test_worker import POINTS, SlowEngine, frame


def before(eyes: Eyes, shown: Photo, place: Held, frames: int = 1, at: float = 0.0) -> list[Seen]:
    ((_, image),) = held(shown, [place], Random(1))
    return [eyes.see(image, at + n / 10) for n in range(frames)]


def eyes_of(engine: Engine, seed: int = 1, *, blink: bool = True) -> Eyes:
    one = photos(engine)[1]
    owner = engine.template(one.image, one.face)
    return Eyes(engine, owner, Random(seed), blink=blink)


def dressed(engine: Engine, image: Image) -> Photo:
    return Photo(image, photos(engine)[1].face)


def test_who_wears_dark_glasses_is_asked_to_take_them_off_and_goes_on_without(opencv) -> None:
    one = photos(opencv)[1]
    shown = dressed(opencv, staged_eyes.glasses(one.image, one.face, dark=True))
    eyes = eyes_of(opencv)
    told = before(eyes, shown, Held(), 12)
    assert (told[-1].advice, told[-1].fit) == ("show_eyes", 0)
    eyes.ask(NEVER)
    assert before(eyes, shown, Held())[-1].wanted is None
    assert before(eyes, one, Held(), 6)[-1].fit >= FRONT_SIGHTS


def test_where_no_blink_is_asked_for_dark_glasses_are_as_good(opencv: Engine) -> None:
    one = photos(opencv)[1]
    shown = dressed(opencv, staged_eyes.glasses(one.image, one.face, dark=True))
    eyes = eyes_of(opencv, blink=False)
    assert before(eyes, shown, Held(), 12)[-1].fit >= FRONT_SIGHTS
    eyes.ask(NEVER)
    assert before(eyes, shown, Held(), at=1.2)[-1].wanted in SIDEWAYS


def test_everybody_is_asked_to_blink_before_the_turns_or_after_them(opencv: Engine) -> None:
    wanted = set()
    for seed in range(12):
        eyes = eyes_of(opencv, seed)
        before(eyes, photos(opencv)[1], Held(), 6)
        eyes.ask(NEVER)
        wanted.add(before(eyes, photos(opencv)[1], Held(), at=0.6)[-1].wanted)
    assert wanted == {"blink", *SIDEWAYS}


def test_a_mask_is_looked_at_as_any_face_and_has_its_instruction_or_none(opencv: Engine) -> None:
    one = photos(opencv)[1]
    shown = dressed(opencv, staged_eyes.mask(one.image, one.face))
    told = before(eyes_of(opencv), shown, Held(), 3)[-1]
    assert told.advice == "" or f"face.{told.advice}" in ICONS


@pytest.mark.parametrize("down", [3.4, 4.0, 5.0])
def test_of_a_child_or_somebody_who_sits_only_the_top_is_seen(opencv: Engine, down) -> None:
    """Never taken for a whole face; what is asked has its words, and the way on stands beside it."""
    told = before(eyes_of(opencv), photos(opencv)[1], Held(y=down), 6)
    assert told[-1].advice in ("move_to_middle", "no_face")
    assert told[-1].fit == 0


def test_somebody_tall_is_seen_from_the_chin_on(opencv: Engine) -> None:
    told = before(eyes_of(opencv), photos(opencv)[1], Held(y=-4.0), 6)
    assert told[-1].advice in ("move_to_middle", "no_face")


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
@pytest.mark.parametrize("turns", [("left", "front"), ("blink", "left", "front")])
def test_a_clock_that_jumps_makes_nobody_live_and_nobody_an_attack(
    opencv: Engine, jump: float, turns
) -> None:
    front = [sight(opencv, 1, 0.0)] * 3
    watch = liveness.begin(front, front[-1], turns, 15.0, opencv)
    watch = goes_on(watch, opencv, [0.0] * 3, 0.1 + jump)
    found = liveness.judgement(watch)
    assert found.outcome == "unsure"
    assert {"lost_face", "jump"} & set(found.reasons)  # the customer looks straight once more


# --- a head that comes back from a turn ---------------------------------------------------------


class Nodding(SlowEngine):
    """One face, which is where the test says, and so is its nose."""

    beside, across = 0.0, 0.0

    def find(self, image) -> list[Face]:
        points = POINTS.copy()
        points[2, 0] += self.beside
        points[:, 0] += self.across
        return [Face(250 + self.across, 150, 100, 140, points, confidence=0.9)]


class Nods:
    """Before the eyes, 15 times a second."""

    def __init__(self) -> None:
        self.engine, self.frames = Nodding(), 0
        self.eyes = Eyes(self.engine, self.engine.template(None, None), Random(1))

    def nods(self, noses: list[float]) -> list[Seen]:
        told = []
        for self.engine.beside in noses:
            told.append(self.eyes.see(frame(7), self.frames / 15))
            self.frames += 1
        return told


def fits(noses: list[float]) -> list[int]:
    return [told.fit for told in Nods().nods(noses)]


def test_a_head_that_passes_by_the_front_does_not_look_straight_ahead() -> None:
    """It comes back from the one side and goes on to the other, 50 degrees a second."""
    assert max(fits([float(one) for one in np.arange(-9, 10, 2)])) < FRONT_SIGHTS


def test_a_head_at_rest_does_after_a_moment() -> None:
    aside = [-9.0] * 3  # not so far that they would be asked to look straight
    told = Nods().nods([*aside, *[0.0] * 12])
    assert {one.advice for one in told} == {""}
    first = next(n for n, one in enumerate(told) if one.fit >= FRONT_SIGHTS)
    assert AT_REST_S <= (first - len(aside)) / 15 < 2 * AT_REST_S


def test_pictures_with_a_long_gap_between_them_are_not_taken_for_one_customer() -> None:
    nods = Nods()
    assert nods.nods([0.0] * 8)[-1].fit >= FRONT_SIGHTS
    nods.frames += round(1.1 * liveness.STALL_S * 15)
    assert nods.nods([0.0])[-1].fit == 1


def test_who_opens_their_eyes_is_judged_by_pictures_with_open_ones(opencv: Engine) -> None:
    one, eyes = photos(opencv)[1], eyes_of(opencv, blink=False)
    closed = Photo(staged_eyes.eyelids(one.image, one.face, 1.0), one.face)
    assert before(eyes, closed, Held(), 6)[-1].fit >= FRONT_SIGHTS
    assert before(eyes, one, Held(), at=0.6)[-1].fit == 1


def test_a_face_that_is_suddenly_elsewhere_has_jumped() -> None:
    """It looks where it looked; one picture was put in the place of another."""
    nods = Nods()
    nods.nods([0.0, 0.4] * 4)
    nods.eyes.ask(NEVER)
    assert nods.nods([0.0])[-1].judgement == liveness.Judgement("unsure", ("no_turn",))
    nods.engine.across = 70.0
    assert nods.nods([0.4])[-1].judgement == liveness.Judgement("unsure", ("jump",))


def test_a_head_that_trembles_a_little_is_at_rest() -> None:
    assert fits([0.4, -0.4] * 5)[-1] >= FRONT_SIGHTS


def test_a_face_that_the_finder_sees_now_here_now_there_is_at_rest() -> None:
    """As it does with one of London's: 0.4 degrees, then 4.4."""
    assert fits([0.2, 0.2, 2.6] * 5)[-1] >= FRONT_SIGHTS


def test_who_jumped_looks_straight_again_and_then_does_all_of_it_anew() -> None:
    nods = Nods()
    nods.nods([0.0] * 8)
    nods.eyes.ask(NEVER)
    side = 1 if nods.nods([0.0])[-1].wanted == "left" else -1
    (jumped,) = nods.nods([25.0 * side])
    assert jumped.judgement == liveness.Judgement("unsure", ("jump",))
    assert (jumped.wanted, jumped.progress) == ("front", 0.0)
    held_aside = nods.nods([25.0 * side, 24.5 * side] * 10)[-1]
    assert held_aside.wanted == "front"  # aside is not taken for straight
    back = [float(one) for one in np.arange(24, -1, -2) * side]
    rests = nods.nods(back + [0.4, -0.4] * 4)[-1]
    assert rests.wanted in SIDEWAYS
    assert rests.judgement == liveness.Judgement("unsure", ("jump",))  # so far
