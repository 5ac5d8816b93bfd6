"""What the keypad has reached can be seen: a frame around it on every panel, in every mode and on every turn of a list."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from demo.screen import Shown, VirtualScreen
from kiosk.journey.step import Comfort
from kiosk.look import theme
from kiosk.look.panel import Panel
from kiosk.look.placed import Placed
from kiosk.look.reached import FEWEST_PX, REACHED, marked
from kiosk.look.theme import colour
from tests.conftest import Program, demo_config, free_port, wait_for
from tests.kiosk import lint
from tests.kiosk.every_screen import PANELS, every, framed, placed
from tests.kiosk.speech.blind import DOWN, Blind
from tests.kiosk.states import HERE

LEAST_MM, LEAST_PX = 0.6, 3
PINK = colour("#FF00FF")
USUAL = 40  # keys that are pressed
FEWEST_DOTS = 500  # of a frame's colour
COARSE = Panel(1280, 720, 32)


def frames(boxes: tuple[Placed, ...]) -> list[Placed]:
    return [box for box in boxes if box.name == REACHED]


@pytest.mark.parametrize("panel", sorted(set(PANELS) - {"27 portrait"}))
def test_the_frame_has_room_around_everything_that_can_be_reached(panel: str) -> None:
    """On the panel, beside its box, on no other box and on no letters. 27 inches has the proportions of 21.5. What
    room there is, `python -m tests.kiosk.lint` looks at in every language and mode."""
    for where, shown in every([panel], ("zh-Hans", "en"), ("nothing",), by_pairs=True):
        boxes = lint.on_top(shown.boxes)
        for box in boxes:
            if box.choice is None and box.name != "entry":
                continue
            frame = marked(shown.boxes, box.name, shown.panel, PINK)[-1]
            assert frame.thick >= max(LEAST_MM, LEAST_PX / shown.panel.px_a_mm), where
            assert (frame.name, frame.edge) == (REACHED, PINK)
            assert list(_in_the_way(frame, box, boxes, shown)) == [], where


def _in_the_way(
    frame: Placed, box: Placed, boxes: tuple[Placed, ...], shown: lint.Shown
) -> Iterator[str]:
    inner, outer = frame.rect.inside(frame.thick), frame.rect
    if (
        min(outer.x, outer.y, shown.panel.width - outer.right, shown.panel.height - outer.bottom)
        < 0
    ):
        yield f"{box.name}: out of the panel"
    if inner.x >= box.rect.x or inner.bottom <= box.rect.bottom:
        yield f"{box.name}: on its own box"
    for other in boxes:
        if other.choice is not None and other is not box and lint.apart(outer, other.rect) <= 0:
            yield f"{box.name}: on {other.name}"
        for line in other.lines:
            letters = lint.extent(line, shown.measure)
            if not _apart_from_frame(frame, letters):
                yield f"{box.name}: on {line.text!r} of {other.name}"


def _apart_from_frame(frame: Placed, letters: lint.Rect) -> bool:
    return lint.apart(frame.rect, letters) >= 0 or lint.holds(
        frame.rect.inside(frame.thick), letters
    )


def test_on_a_coarse_panel_it_has_three_pixels() -> None:
    boxes = placed(replace(framed(Blind().step), reached="begin"), COARSE, Comfort())
    assert frames(boxes)[0].thick * COARSE.px_a_mm >= FEWEST_PX == LEAST_PX
    assert LEAST_PX / COARSE.px_a_mm > theme.FRAME


def test_nothing_is_framed_for_who_does_not_listen() -> None:
    blind = Blind(here=replace(HERE, can_speak=False))
    blind.press(DOWN)
    assert blind.reached == ""
    assert frames(placed(framed(blind.step), PANELS["21.5 portrait"], Comfort())) == []


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("panel", ["10.1 landscape", "10.1 portrait", "21.5 portrait"])
def test_a_list_turns_to_what_the_keypad_reaches(panel: str, large: bool) -> None:
    blind = Blind()
    blind.press(DOWN)
    blind.choose(next(c.text for c in framed(blind.step).page.choices if c.key == "begin"))
    seen = set[str]()
    for _ in range(USUAL):
        blind.press(DOWN)
        comfort = replace(blind.step.comfort, large=large)
        boxes = placed(replace(framed(blind.step), reached=blind.reached), PANELS[panel], comfort)
        framed_ = next(box for box in boxes if box.name == blind.reached)
        (frame,) = frames(boxes)
        assert frame.rect.inside(frame.thick).holds(framed_.rect.x, framed_.rect.y)
        seen.add(blind.reached)
    everything = framed(blind.step)
    there = (*everything.page.choices, *everything.page.foot, *everything.bar)
    assert {choice.key for choice in there} == seen


def test_the_answer_to_a_question_is_framed_too() -> None:
    blind = Blind()
    blind.press(DOWN)
    blind.choose(next(c.text for c in framed(blind.step).page.choices if c.key == "begin"))
    blind.later(125)
    assert framed(blind.step).over is not None
    assert blind.reached == "more-time"
    blind.press(DOWN)
    assert blind.reached == "finish"


# --- the real kiosk -------------------------------------------------------------------------------


class Adopted:
    def adopt(self, _name: str, process: "subprocess.Popen[str]") -> None:
        self.process = process


class Pressed:
    """The kiosk on a virtual screen without its branch; its loudspeaker takes everything."""

    def __init__(self, folder: Path) -> None:
        player = folder / "aplay"
        player.write_text("#!/bin/sh\nexit 0\n")
        player.chmod(0o755)
        text = demo_config("kiosk.toml", folder=folder)
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}")
        (folder / "kiosk.toml").write_text(text, encoding="utf-8")
        self.adopted = Adopted()
        self.screen = VirtualScreen(self.adopted, folder, 1080, 1920)
        self.shown = Shown(folder / "kiosk-1.outline")
        self.kiosk = Program(
            "kiosk", "--config", str(folder / "kiosk.toml"), log=folder / "kiosk.log",
            env={"DISPLAY": self.screen.name, "PATH": f"{folder}:/usr/bin:/bin"},
        )  # fmt: skip

    def press(self, key: str) -> None:
        env = {"DISPLAY": self.screen.name, "PATH": "/usr/bin"}
        subprocess.run(["xdotool", "key", key], check=True, env=env)

    def end(self) -> None:
        self.kiosk.kill()
        self.adopted.process.terminate()
        self.adopted.process.wait(5)


@pytest.fixture
def pressed(tmp_path: Path) -> Iterator[Pressed]:
    running = Pressed(tmp_path)
    yield running
    running.end()


def frame_is_there(pressed: Pressed) -> bool:
    red, green, blue = (round(255 * part) for part in theme.PALETTES[Comfort().theme].reached[:3])
    return pressed.screen.pixels().count(bytes((blue, green, red))) > FEWEST_DOTS


def test_a_key_of_the_pad_draws_the_frame_on_the_real_screen(pressed: Pressed) -> None:
    wait_for(
        lambda: pressed.shown.screen, "the first picture", 60
    )  # a window that is still opening takes no key

    def reached() -> bool:
        pressed.press("Down")
        return pressed.shown.reached != ""

    wait_for(reached, "something that the keypad has reached", 60)
    assert pressed.shown.reached in pressed.shown.can()
    wait_for(lambda: frame_is_there(pressed), "the frame in the picture")
