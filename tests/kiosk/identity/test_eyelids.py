"""Eyelids are drawn on two portraits; `evaluate-blinks` has a hundred people."""

from dataclasses import replace
from functools import cache
from random import Random

import cv2
import numpy as np
import pytest

from kiosk.identity import evaluate_blinks, eyelids, liveness, staged_eyes
from kiosk.identity.engine import Engine
from kiosk.identity.evaluate_liveness import held
from kiosk.identity.eyelids import BLINK_S, SHUT_S, Blink, can_be_seen, lids
from kiosk.identity.liveness import Judgement, Sight
from kiosk.identity.opened import SAYS_AFTER_S, TAKEN_AFTER_S, Opened
from kiosk.identity.people import Photo
from kiosk.identity.staged import Held
from tests.kiosk.identity.test_liveness import photos

NEVER = float("inf")
START = Held()
MOVED = Held(yaw=4, roll=3, x=0.1, distance=8.7)


@cache
def sight(opencv: Engine, person: int, closed: float, place: Held = START) -> Sight:
    one = photos(opencv)[person]
    drawn = staged_eyes.eyelids(one.image, one.face, closed) if closed else one.image
    return seen(opencv, Photo(drawn, one.face), place)


def seen(opencv: Engine, shown: Photo, place: Held = START) -> Sight:
    ((_, image),) = held(shown, [place], Random(1))
    return Sight(0.0, opencv.find(image)[0], image)


def strip(one: Sight) -> eyelids.Strip:
    return eyelids.strip(one.image, one.face)


# --- one picture beside another -----------------------------------------------------------------


@pytest.mark.parametrize("person", [0, 1])
def test_closed_eyes_are_told_from_open_ones_also_of_somebody_who_moves(opencv, person) -> None:
    open_ = strip(sight(opencv, person, 0.0))
    assert lids(open_, strip(sight(opencv, person, 0.0, MOVED))) == "open"
    assert lids(open_, strip(sight(opencv, person, 1.0))) == "shut"
    assert lids(open_, strip(sight(opencv, person, 1.0, MOVED))) == "shut"


def test_one_closed_eye_is_no_closed_eyes(opencv: Engine) -> None:
    one = photos(opencv)[1]
    both = staged_eyes.eyelids(one.image, one.face, 1.0)
    wink = one.image.copy()
    half = int(one.face.points[:2, 0].mean())
    wink[:, :half] = both[:, :half]
    assert lids(strip(sight(opencv, 1, 0.0)), strip(seen(opencv, Photo(wink, one.face)))) != "shut"


def test_what_is_out_of_focus_or_somebody_else_is_not_told(opencv: Engine) -> None:
    open_ = strip(sight(opencv, 1, 0.0))
    dim = eyelids.Strip(cv2.GaussianBlur(open_.grey, (0, 0), 3))
    assert lids(open_, dim) == "unseen"
    assert lids(open_, strip(sight(opencv, 0, 0.0))) == "unseen"
    assert lids(open_, eyelids.Strip(np.zeros_like(open_.grey))) == "unseen"


def test_behind_dark_glasses_nothing_can_be_seen_and_behind_clear_ones_it_can(opencv) -> None:
    for one in photos(opencv):
        dark, clear = (
            Photo(staged_eyes.glasses(one.image, one.face, dark=each), one.face)
            for each in (True, False)
        )
        assert not can_be_seen(strip(seen(opencv, dark)))
        assert can_be_seen(strip(seen(opencv, clear)))


@pytest.mark.parametrize("share", [0.4, 0.5, 0.55])
def test_who_has_narrow_eyes_is_not_taken_for_somebody_behind_dark_glasses(opencv, share) -> None:
    for person in (0, 1):
        assert can_be_seen(strip(sight(opencv, person, share)))


# --- a blink ------------------------------------------------------------------------------------


def blinked(opencv: Engine, closed: list[float], a_second: float = 15.0) -> bool:
    blink = Blink(strip(sight(opencv, 1, 0.0)), NEVER)
    for n, share in enumerate(closed):
        one = sight(opencv, 1, share)
        blink = blink.see(one.image, one.face, n / a_second)
    return blink.done


def test_both_eyes_closed_for_a_moment_and_open_again_is_a_blink(opencv: Engine) -> None:
    assert blinked(opencv, [0.0, 1.0, 1.0, 0.0, 0.0])
    assert blinked(opencv, [0.0, 0.5, *[1.0] * 8, 0.5, 0.0, 0.0])


@pytest.mark.parametrize(
    "closed",
    [
        [0.0] * 8,
        [1.0] * 8,  # not open again
        [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0],  # single frames: the finder's own mistakes
        [1.0] * int(SHUT_S * 15 + 3) + [0.0] * 4,  # asleep
        [0.5] * 8 + [0.0] * 4,  # narrowed
    ],
)
def test_what_is_no_blink(opencv: Engine, closed: list[float]) -> None:
    assert not blinked(opencv, closed)


def test_the_measurement_counts_what_is_drawn(opencv: Engine) -> None:
    one = photos(opencv)[1]
    made = evaluate_blinks.blinking(one, Random(1), opencv)
    assert evaluate_blinks.seen(made, opencv) is True
    dark = evaluate_blinks.KINDS["dark glasses"](one, Random(1), opencv)
    assert evaluate_blinks.seen(dark, opencv) is None


# --- as a step of a challenge -------------------------------------------------------------------


def watch(opencv: Engine, turns) -> liveness.Watch:
    front = [sight(opencv, 1, 0.0)] * 3
    return liveness.begin(front, front[-1], turns, NEVER, opencv)


def goes_on(watch, opencv, closed, start: float = 0.1):
    """The camera's own noise differs from frame to frame."""
    for n, share in enumerate(closed):
        one = sight(opencv, 1, share)
        points = one.face.points + np.float32(0.05 * (n % 2))
        face = replace(one.face, points=points)
        now = Sight(start + n / 15, face, one.image)
        watch = liveness.see(watch, now, opencv)
    return watch


def test_a_blink_leads_on_to_the_turns_and_is_not_one(opencv: Engine) -> None:
    asked = watch(opencv, ("blink", "left", "front"))
    after = goes_on(asked, opencv, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert (after.wanted, after.progress) == ("left", pytest.approx(1 / 3))
    assert liveness.judgement(after).outcome == "unsure"


def test_who_does_not_blink_at_once_has_time_to_and_then_has_not(opencv: Engine) -> None:
    asked = watch(opencv, ("blink", "left", "front"))
    late = goes_on(asked, opencv, [0.0] * int((2 * BLINK_S - 1) * 15))
    assert late.reasons == frozenset()
    assert goes_on(late, opencv, [1.0] * 4 + [0.0] * 2, 2 * BLINK_S - 0.8).wanted == "left"
    never = goes_on(late, opencv, [0.0] * 20, 2 * BLINK_S - 0.8)
    assert (never.wanted, never.turns) == ("blink", ("blink", "left", "front"))
    assert liveness.judgement(never) == Judgement("unsure", ("no_blink",))


@pytest.mark.parametrize("waited_s", [BLINK_S, 2 * BLINK_S])
def test_who_blinks_just_as_the_time_is_over_has_blinked(opencv: Engine, waited_s: float) -> None:
    """Closed eyes are no measure for the second time, and nobody is refused with the eyes closed as asked."""
    asked = watch(opencv, ("blink", "left", "front"))
    frames = int(waited_s * 15) - 1
    after = goes_on(asked, opencv, [0.0] * frames + [1.0] * 6 + [0.0] * 3)
    assert (after.wanted, after.reasons) == ("left", frozenset())


def test_another_person_who_blinks_is_an_attack(opencv: Engine) -> None:
    asked = watch(opencv, ("blink", "left", "front"))
    one = sight(opencv, 0, 0.0)
    asked = replace(asked, owner=opencv.template(one.image, one.face))
    after = goes_on(asked, opencv, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert liveness.judgement(after) == Judgement("attack", ("other_face",))


class Alike:
    """An engine to which everybody is so much alike, whatever they look like."""

    def __init__(self, opencv: Engine, likeness: float) -> None:
        self.calibration, self.find, self.template = (
            opencv.calibration,
            opencv.find,
            opencv.template,
        )
        self._likeness = likeness

    def likeness(self, _one, _other) -> float:
        return self._likeness


@pytest.mark.parametrize(("share", "reasons"), [(1.01, ()), (0.99, ("other_face",))])
def test_who_blinks_must_be_as_like_the_face_before_as_to_a_record(
    opencv: Engine, share: float, reasons
) -> None:
    """Somebody else's picture may be held up first, and one in a hundred is a little like its owner."""
    engine = Alike(opencv, share * opencv.calibration.threshold)
    assert engine.likeness(None, None) > opencv.calibration.thresholds[1e-2]
    asked = watch(engine, ("blink", "left"))
    after = goes_on(asked, engine, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    assert (after.done, tuple(after.reasons)) == (1, reasons)


# --- before the turns ---------------------------------------------------------------------------


def opened(opencv: Engine, closed: list[float]) -> list[Opened]:
    now, all_ = Opened(), []
    for n, share in enumerate(closed):
        one = sight(opencv, 1, share)
        now = now.see(replace(one, at=n / 5))
        all_.append(now)
    return all_


def test_who_closes_the_eyes_is_asked_to_open_them_but_not_for_a_blink(opencv: Engine) -> None:
    told = opened(opencv, [0.0, 1.0, 1.0, 0.0, *[1.0] * 8, 0.0])
    assert [one.advice for one in told[:4]] == [""] * 4
    assert [one.shut for one in told[:4]] == [False, True, True, False]
    assert told[-2].advice == "open_eyes"
    assert (told[-1].advice, told[-1].shut) == ("", False)
    assert SAYS_AFTER_S < 1.4  # of those eight frames


def test_who_does_not_open_them_goes_on(opencv: Engine) -> None:
    told = opened(opencv, [0.0, *[1.0] * int((TAKEN_AFTER_S + 1) * 5)])
    assert (told[-1].advice, told[-1].shut) == ("", False)


def test_who_never_shows_open_eyes_is_never_asked(opencv: Engine) -> None:
    assert {one.advice for one in opened(opencv, [1.0] * 30)} == {""}


def test_eyes_that_open_later_count_from_then_on(opencv: Engine) -> None:
    told = opened(opencv, [1.0, 1.0, 0.0, 1.0])
    assert told[2].most is not told[1].most
    assert [one.shut for one in told] == [False, False, False, True]


def test_who_is_going_to_be_asked_to_blink_shows_their_eyes_first(opencv: Engine) -> None:
    one = photos(opencv)[1]
    hidden = Photo(staged_eyes.glasses(one.image, one.face, dark=True), one.face)
    dark, bare = seen(opencv, hidden), sight(opencv, 1, 0.0)
    now, told = Opened(must_be_seen=True), []
    for n, which in enumerate([dark] * 6 + [bare] * 2):
        now = now.see(replace(which, at=n / 5))
        told.append((now.advice, now.may_go_on))
    assert told[0] == ("", False)  # a moment without eyes is nothing to speak of
    assert told[5] == ("show_eyes", False)
    assert told[6:] == [("", True)] * 2
    assert Opened().see(dark).may_go_on
