"""What is drawn by lot: always two turns, and a blink beside them."""

from random import Random

from kiosk.identity.asked import CHALLENGES, SIDEWAYS, challenge


def drawn(*, blink: bool) -> list[tuple[str, ...]]:
    random = Random(3)
    return [challenge(random, blink=blink) for _ in range(400)]


def test_chance_asks_for_every_challenge_and_each_is_two_turns() -> None:
    assert set(drawn(blink=False)) == set(CHALLENGES)
    assert all(len(one) == 2 and one[0] in SIDEWAYS for one in CHALLENGES)


def test_a_blink_comes_beside_the_turns_and_only_while_the_face_looks_straight() -> None:
    for asked in drawn(blink=True):
        assert tuple(one for one in asked if one != "blink") in CHALLENGES
        at = asked.index("blink")
        assert at == 0 or asked[at - 1] == "front"


def test_each_challenge_has_one_blink_at_either_place() -> None:
    asked = drawn(blink=True)
    assert {one.count("blink") for one in asked} == {1}
    assert {one.index("blink") for one in asked} == {0, 2}
