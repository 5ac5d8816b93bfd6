"""What is drawn by lot: always two turns, and a blink beside them only."""

import itertools
from random import Random

from kiosk.identity.asked import CHALLENGES, SIDEWAYS, challenge, without_blink


def drawn(*, blink: bool) -> list[tuple[str, ...]]:
    random = Random(3)
    return [challenge(random, blink=blink) for _ in range(400)]


def test_chance_asks_for_every_challenge_and_each_is_two_turns() -> None:
    assert set(drawn(blink=False)) == set(CHALLENGES)
    assert all(len(one) == 2 and one[0] in SIDEWAYS for one in CHALLENGES)


def test_a_blink_comes_beside_the_turns_and_only_while_the_face_looks_straight() -> None:
    for asked in drawn(blink=True):
        turns = tuple(one for one in asked if one != "blink")
        assert turns in CHALLENGES
        if "blink" in asked:
            at = asked.index("blink")
            assert at == 0 or asked[at - 1] == "front"


def test_about_every_second_challenge_has_a_blink_at_either_place() -> None:
    blinks = [one for one in drawn(blink=True) if "blink" in one]
    assert 150 < len(blinks) < 250
    assert {one.index("blink") for one in blinks} == {0, 2}


def test_instead_of_a_blink_the_head_turns_to_where_it_is_not_already() -> None:
    for asked in set(drawn(blink=True)):
        if "blink" not in asked:
            continue
        instead = without_blink(asked)
        assert len(instead) == 3
        assert "blink" not in instead
        sides = [one for one in instead if one in SIDEWAYS]
        assert all(a != b for a, b in itertools.pairwise(instead))
        assert len(sides) >= 2
