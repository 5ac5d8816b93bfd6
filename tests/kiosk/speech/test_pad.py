"""The key codes of the window, as Kivy gives them (kivy/core/window: keycodes)."""

import pytest

from kiosk.journey.events import BACKSPACE, Typed
from kiosk.speech.pad import Held, Key, key_of

UP, DOWN, RIGHT, LEFT, ENTER = 273, 274, 275, 276, 13
NUMBERS = {str(digit): 256 + digit for digit in range(10)}


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (UP, Key.PREVIOUS), (LEFT, Key.PREVIOUS), (DOWN, Key.NEXT), (RIGHT, Key.NEXT),
        (ENTER, Key.SELECT), (32, Key.SELECT), (278, Key.REPEAT), (282, Key.HELP),
        (280, Key.LOUDER), (281, Key.QUIETER),
    ],
)  # fmt: skip
@pytest.mark.parametrize("typing", [False, True])
@pytest.mark.parametrize("pad", ["keys", "numbers"])
def test_a_pad_of_keys(code: int, key: Key, typing: bool, pad: str) -> None:
    assert key_of(code, pad, typing=typing) is key


@pytest.mark.parametrize(
    ("digit", "key"),
    [
        ("8", Key.PREVIOUS), ("4", Key.PREVIOUS), ("2", Key.NEXT), ("6", Key.NEXT),
        ("5", Key.SELECT), ("0", Key.REPEAT), ("1", None),
    ],
)  # fmt: skip
def test_a_pad_of_numbers_moves_or_types(digit: str, key: Key | None) -> None:
    for code in (NUMBERS[digit], ord(digit)):
        assert key_of(code, "numbers", typing=False) is key
        assert key_of(code, "numbers", typing=True) == Typed(digit)
        assert key_of(code, "keys", typing=True) == Typed(digit)
        assert key_of(code, "keys", typing=False) is None


@pytest.mark.parametrize("typing", [False, True])
def test_a_pad_of_numbers_can_move_choose_and_call_wherever_it_is(typing: bool) -> None:
    codes = {266: Key.NEXT, 267: Key.PREVIOUS, 268: Key.HELP, 271: Key.SELECT,
             270: Key.LOUDER, 269: Key.QUIETER}  # fmt: skip
    assert {code: key_of(code, "numbers", typing=typing) for code in codes} == codes


def test_letters_and_erasing_are_typed_only_where_something_is_typed() -> None:
    assert key_of(ord("a"), "keys", typing=True) == Typed("A")
    assert key_of(ord("a"), "keys", typing=False) is None
    assert key_of(8, "keys", typing=True) == Typed(BACKSPACE)
    assert key_of(8, "keys", typing=False) is None


def test_escape_and_tab_are_nothing() -> None:
    assert [key_of(code, "keys", typing=True) for code in (27, 9)] == [None, None]


def test_a_key_that_is_held_counts_once() -> None:
    """The display server repeats what a hand holds down."""
    held = Held()
    assert [held.down(274), held.down(274), held.down(13), held.down(274)] == [
        True,
        False,
        True,
        False,
    ]
    held.up(274)
    assert held.down(274)
    assert not held.down(13)
