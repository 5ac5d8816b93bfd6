"""A head that turns is live; what is held before the camera is not. Few of each kind; `evaluate-liveness` has hundreds."""

from dataclasses import replace
from functools import cache
from random import Random

import cv2
import numpy as np
import pytest

from kiosk.identity import evaluate_liveness as staging, eyelids, liveness
from kiosk.identity.engine import Engine, Face
from kiosk.identity.evaluate_liveness import SPECIES, held
from kiosk.identity.eyelids import Blink
from kiosk.identity.liveness import Judgement, Sight
from kiosk.identity.liveness_files import judge
from kiosk.identity.people import photo
from kiosk.identity.staged import Held, head, seen
from kiosk.identity.turning import turned
from tests.kiosk.identity.portraits import collins, hopper

FRONT = Held()
NEVER = float("inf")
REFUSED = [name for name in SPECIES if "known not" not in name and "shall pass" not in name]
POINTS = np.float32([[100, 100], [160, 100], [130, 135], [108, 170], [152, 170]])


@cache
def photos(opencv: Engine):
    portraits = (collins(), hopper())
    return [photo(one, opencv) for one in portraits]


def turning(of, degrees: float, *, at: float = 0.0, start: Held = FRONT, steps: int = 10):
    """Frames of a head that turns, 10 a second."""
    end = replace(start, yaw=degrees)
    way = [start] * 3 + [start.toward(end, n / steps) for n in range(1, steps + 1)] + [end] * 3
    for passed, image in held(of, way, Random(1), head):
        yield at + passed, image


def out_of_focus_on_the_way(there):
    return [
        (at, cv2.GaussianBlur(image, (0, 0), 4) if 3 <= n < len(there) - 4 else image)
        for n, (at, image) in enumerate(there)
    ]


@cache
def to_the_left(engine: Engine):
    return list(turning(photos(engine)[1], 35))


@cache
def sights_to_the_left(engine: Engine) -> list[Sight]:
    return sights(to_the_left(engine), engine)


def sights(frames, engine: Engine) -> list[Sight]:
    return [Sight(at, engine.find(image)[0], image) for at, image in frames]


def watched(seen_sights, turns, engine: Engine, *, until: float = NEVER) -> liveness.Watch:
    front, rest = seen_sights[:3], seen_sights[3:]
    watch = liveness.begin(front, front[-1], turns, until, engine)
    for one in rest:
        watch = liveness.see(watch, one, engine)
    return watch


# --- points -------------------------------------------------------------------------------------


def face(points) -> Face:
    return Face(80, 60, 100, 140, np.float32(points), confidence=0.9)


def test_the_points_of_a_plane_show_no_nose_however_it_is_held() -> None:
    """Any homography: the nose stays where the others say."""
    straight = face(POINTS)
    for seed in range(200):
        random = Random(seed)
        plane = np.eye(3) + [[random.uniform(-0.3, 0.3) for _ in range(3)] for _ in range(3)]
        plane[2] = [random.uniform(-1e-3, 1e-3), random.uniform(-1e-3, 1e-3), 1]
        moved = cv2.perspectiveTransform(POINTS[None], plane)[0]
        assert abs(turned([straight], face(moved)).nose) < 0.01


def test_a_nose_that_moves_to_the_persons_left_leaves_the_plane_to_the_left() -> None:
    moved = POINTS.copy()
    moved[2, 0] += (
        15  # a quarter of the distance of the eyes; the person's left is the picture's right
    )
    now = turned([face(POINTS)], face(moved))
    assert now.nose == pytest.approx(0.25)
    assert 15 < now.degrees < 35


def test_size_place_and_roll_do_not_count() -> None:
    angle = np.radians(20)
    roll = np.float32([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    now = turned([face(POINTS)], face(POINTS @ roll.T * 1.7 + 40))
    assert (now.degrees, now.nose, now.width) == pytest.approx((0, 0, 1), abs=1e-3)


# --- whole sequences ----------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [35, -35])
def test_a_head_that_turns_is_live(opencv: Engine, degrees: float) -> None:
    assert judge(turning(photos(opencv)[degrees > 0], degrees), opencv) == Judgement("live")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_held_before_the_camera_is_not_live(opencv: Engine, name: str) -> None:
    random = Random(name)
    one = random.choice(photos(opencv))
    assert judge(SPECIES[name](one, random, opencv), opencv).outcome != "live"


def test_the_same_picture_again_and_again_is_an_attack(opencv: Engine) -> None:
    frames = SPECIES["the same frame"](photos(opencv)[0], Random(1), opencv)
    assert judge(frames, opencv) == Judgement("attack", ("still",))


def test_a_picture_turned_far_enough_to_look_narrow_is_an_attack(opencv: Engine) -> None:
    start = Held()
    way = [start.toward(Held(yaw=66), n / 10) for n in (0, 0, 0, 0, *range(1, 11), 10, 10)]
    found = judge(held(photos(opencv)[1], way, Random(1)), opencv)
    assert found.outcome == "attack"
    assert "flat" in found.reasons


def test_a_turn_to_the_other_side_is_none(opencv: Engine) -> None:
    all_sights = sights_to_the_left(opencv)
    assert liveness.judgement(watched(all_sights, ("left",), opencv)).outcome == "live"
    other = liveness.judgement(watched(all_sights, ("right",), opencv))
    assert other == Judgement("unsure", ("no_turn",))


def test_a_turn_that_comes_too_late_is_none(opencv: Engine) -> None:
    all_sights = sights_to_the_left(opencv)
    late = liveness.judgement(watched(all_sights, ("left",), opencv, until=0.5))
    assert late == Judgement("unsure", ("too_late",))


def test_two_turns_must_both_be_done_in_order(opencv: Engine) -> None:
    there = sights_to_the_left(opencv)
    back = [
        replace(other, at=one.at + len(there) / 10)
        for one, other in zip(there, there[::-1], strict=True)
    ]
    all_sights = [*there, *back]
    half = watched(all_sights[: len(there)], ("left", "front"), opencv)
    whole = watched(all_sights, ("left", "front"), opencv)
    assert (half.wanted, liveness.judgement(half).outcome) == ("front", "unsure")
    assert 0.5 <= half.progress < whole.progress == 1
    assert liveness.judgement(whole) == Judgement("live")


def test_what_happens_after_the_last_turn_takes_nothing_back(opencv: Engine) -> None:
    """The next pictures are looked at before anybody says that they are not wanted any more."""
    there = sights_to_the_left(opencv)
    done = watched(there, ("left",), opencv)
    face = there[-1].face
    away = replace(face, x=face.x + 3 * face.width, points=face.points + 3 * face.width)
    for later, at in ((away, 0.05), (face, 5.0)):
        after = liveness.see(done, Sight(there[-1].at + at, later, there[-1].image), opencv)
        assert liveness.judgement(after) == Judgement("live")


def test_a_turn_whose_way_was_out_of_focus_is_asked_for_again_from_the_front(
    opencv: Engine,
) -> None:
    there = list(turning(photos(opencv)[1], 35))
    last = there[-1][0]
    unsharp = out_of_focus_on_the_way(there)
    once = watched(sights(unsharp, opencv), ("left",), opencv)
    assert (once.turns, once.wanted) == (("front", "left"), "front")
    assert liveness.judgement(once) == Judgement("unsure", ("blurred",))
    back = [(2 * last - at, image) for at, image in there][::-1]
    again = [(2 * last + at, image) for at, image in there]
    watch = once
    doubtful = replace(once, told=(0.0,) * 20)
    for one in sights([*back, *again], opencv):
        watch = liveness.see(watch, one, opencv)
        doubtful = liveness.see(doubtful, one, opencv)
    assert liveness.judgement(watch) == Judgement("live")
    more = replace(watch, turns=(*watch.turns, "right"))
    assert liveness.judgement(more).reasons == ("no_turn",)  # what was out of focus is over
    assert liveness.judgement(doubtful).outcome != "live"  # one lucky look is not enough


def test_another_person_who_turns_is_an_attack(opencv: Engine) -> None:
    """As if one showed the card owner's picture and then turned."""
    other, one = photos(opencv)
    front = sights(turning(one, 0), opencv)[:3]
    rest = sights(turning(other, 35, at=0.3), opencv)
    watch = watched([*front, *rest], ("left",), opencv)
    assert "other_face" in liveness.judgement(watch).reasons


def test_a_picture_switched_for_one_that_looks_aside_jumps(opencv: Engine) -> None:
    frames = to_the_left(opencv)
    switched = [
        (n / 10, image) for n, (_, image) in enumerate([*frames[:4], *frames[-3:], *frames[-3:]])
    ]
    found = judge(iter(switched), opencv)
    assert found.outcome != "live"
    assert "jump" in found.reasons


def test_of_what_was_seen_before_a_jump_nothing_counts_after_it(opencv: Engine) -> None:
    """A nose that stands out may have been another's."""
    there = sights_to_the_left(opencv)
    begun = liveness.begin(there[:3], there[2], ("left", "front"), NEVER, opencv)
    blink = Blink(eyelids.strip(there[0].image, there[0].face), NEVER, shut=2, after=1)
    seen_of = {"told": (9.0,) * 20, "way": (there[8],), "held": (there[-1],), "passing": 2}
    worn = replace(begun, done=1, blink=blink, reasons=frozenset({"jump"}), **seen_of)
    again = liveness.anew(worn, ("right", "front"))
    assert again.turns == ("front", "right", "front")
    for name in ("done", "blink", "reasons", *seen_of):
        assert getattr(again, name) == getattr(begun, name), name


def test_a_way_that_was_gone_back_again_is_no_way_to_what_comes_later(opencv: Engine) -> None:
    """As if one nodded with a head a little, and then held up a picture that looks aside."""
    there = sights_to_the_left(opencv)
    straight = there[:3]
    half = [n for n in there if 5 < turned([one.face for one in straight], n.face).degrees < 12]
    story = [*straight, *half, *half[::-1], *straight]
    timed = [replace(one, at=n / 10) for n, one in enumerate(story)]
    assert watched(timed[: -len(straight)], ("left",), opencv).passing >= liveness.PASSING_SIGHTS
    assert watched(timed, ("left",), opencv).passing == 0


def test_a_face_that_was_out_of_sight_may_be_another(opencv: Engine) -> None:
    turned_ = to_the_left(opencv)
    empty = [(0.7 + n / 10, staging.wall()) for n in range(6)]
    later = [(at + 0.6, image) for at, image in turned_ if at > 0.65]
    frames = [one for one in turned_ if one[0] <= 0.65]
    assert "lost_face" in judge(iter([*frames, *empty, *later]), opencv).reasons


def test_a_machine_that_missed_a_few_frames_has_not_lost_the_face(opencv: Engine) -> None:
    def late(by: float):
        return [(at + (by if at > 0.65 else 0), image) for at, image in to_the_left(opencv)]

    assert judge(iter(late(0.6)), opencv).outcome == "live"
    assert "lost_face" in judge(iter(late(1.0)), opencv).reasons


def test_a_face_that_fills_the_view_shows_no_surroundings(opencv: Engine) -> None:
    near = turning(photos(opencv)[1], 35, start=Held(distance=3.4))
    found = judge(near, opencv)
    assert found.outcome == "unsure"
    assert "no_surroundings" in found.reasons


def test_who_stands_near_is_seen_well_enough(opencv: Engine) -> None:
    """The eyes are 140 px apart: the face takes three quarters of the height."""
    near = turning(photos(opencv)[1], 35, start=Held(distance=4.4))
    assert judge(near, opencv).outcome == "live"


def test_the_drawn_picture_is_where_it_is_held(opencv: Engine) -> None:
    """The renderer itself: the eyes are as far apart as the lens says."""
    one = photos(opencv)[1]
    face = opencv.find(seen(one.image, one.face, Held(x=1.0, distance=10), staging.wall()))[0]
    assert face.eye_distance == pytest.approx(62, rel=0.1)
    middle = face.points[[0, 1, 3, 4]].mean(axis=0)
    assert middle == pytest.approx([320 + 62, 240], abs=6)
