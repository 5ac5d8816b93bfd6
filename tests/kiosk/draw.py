"""The real canvas on a panel without a screen, in a process of its own: says what it drew as JSON, for test_drawing.py.

`python -m tests.kiosk.draw WIDTH HEIGHT INCHES`
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kiosk.journey.step import Theme
from kiosk.look import fonts, window
from kiosk.settings import Screen

SAMPLES = (
    ("zh-Hans", "请选择您要办理的业务", 15.0),
    ("zh-Hans", "前面 123 人", 7.2),
    ("zh-Hant", "銀行卡與賬戶", 13.5),
    ("zh-Hant", "約等 100–179 分鐘", 6.6),
    ("en", "Sorry, so many wait that we are full for today", 8.2),
    ("en", "Back to the start in 14 s", 6.6),
    ("en", "W1234", 76.0),
)
FORMS = ("骨", "過", "務")
PRESSED = "begin"
MISSING = "\U0010fffd"  # nothing is drawn for it but what stands for missing characters


def main(width: int, height: int, inches: float) -> None:
    os.environ.update(SDL_VIDEODRIVER="offscreen", KIVY_NO_CONSOLELOG="1")
    window.prepare(Screen(width_px=width, height_px=height, diagonal_inch=inches))
    from kivy.base import EventLoop, runTouchApp  # noqa: PLC0415  only now does Kivy know its window
    from kivy.core.window import Window  # noqa: PLC0415

    from kiosk.look import letters, theme  # noqa: PLC0415
    from kiosk.look.canvas import Canvas  # noqa: PLC0415
    from kiosk.look.panel import Panel  # noqa: PLC0415
    from kiosk.look.reached import REACHED  # noqa: PLC0415
    from tests.kiosk import every_screen, states  # noqa: PLC0415

    letters.register(tuple(every_screen.language_names()))
    panel = Panel(width, height, inches)
    drawn = letters.Letters(panel.px_a_mm)
    told: list[Any] = []
    canvas = Canvas(told.append, drawn, panel.px_a_mm)

    def show(name: str, reached: str = "") -> tuple[Any, ...]:
        step = states.STATES[name]
        shown = replace(every_screen.framed(step), reached=reached)
        boxes = every_screen.arrange(
            shown, panel, step.comfort, lambda t, s, b: drawn.measure(t, s, b, step.language)
        )
        canvas.show(boxes, theme.PALETTES[step.comfort.theme].page.ground, step.language)
        return boxes

    boxes = show("welcome")  # as the kiosk does: before the window has its size
    runTouchApp(canvas, embedded=True)
    frames = [0]
    Window.bind(on_flip=lambda *_: frames.__setitem__(0, frames[0] + 1))
    EventLoop.idle()

    def frames_of(ticks: int) -> int:
        before = frames[0]
        for _ in range(ticks):
            EventLoop.idle()
        return frames[0] - before

    def pixel(x: float, y: float) -> list[int]:
        from kivy.graphics.opengl import (  # type: ignore[attr-defined]  # noqa: PLC0415
            GL_RGBA,
            GL_UNSIGNED_BYTE,
            glReadPixels,
        )

        EventLoop.window.dispatch("on_draw")
        place = (round(x * panel.px_a_mm), round(height - y * panel.px_a_mm))
        return list(glReadPixels(*place, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE))[:3]

    frames_of(5)
    idle = frames_of(10)
    show("welcome")
    same = frames_of(10)
    begin = next(box for box in boxes if box.name == PRESSED)
    corner = (begin.rect.x + 6, begin.rect.y + begin.rect.height / 2)
    before = pixel(*corner)
    time.sleep(0.35)  # a touch in the first moment of a screen does not count
    touch = Touch(corner[0] * panel.px_a_mm, height - corner[1] * panel.px_a_mm)
    canvas.on_touch_down(touch)
    frames_of(2)
    pressed = pixel(*corner)
    canvas.on_touch_up(touch)
    frames_of(2)
    released = pixel(*corner)
    show("services-8")
    frames_of(2)
    boxes = show("welcome", PRESSED)
    frames_of(2)
    frame = next(box for box in boxes if box.name == REACHED)
    middle = frame.rect.y + frame.rect.height / 2
    on_frame = pixel(frame.rect.x + frame.thick / 2, middle)
    beside_frame = pixel(begin.rect.x - theme.BESIDE / 2, middle)
    boxes = show("services-8")
    frames_of(2)
    sys.stdout.write(
        json.dumps(
            {
                "idle": idle,
                "same": same,
                "before": before,
                "pressed": pressed,
                "released": released,
                "usual_colour": _bytes(begin.ground),
                "pressed_colour": _bytes(begin.pressed),
                "told": len(told),
                "frame": on_frame,
                "frame_colour": _bytes(theme.PALETTES[Theme.STANDARD].reached),
                "beside_frame": beside_frame,
                "page_colour": _bytes(theme.PALETTES[Theme.STANDARD].page.ground),
                "widths": list(_widths(drawn, panel.px_a_mm)),
                "forms": {form: _differs(drawn, form) for form in FORMS},
                "tofu": sorted(_tofu(drawn, boxes)),
            }
        )
        + "\n"
    )


class Touch:
    """A finger, as Kivy tells of it."""

    uid = 1

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y


def _bytes(colour: Any) -> list[int]:
    return [round(255 * part) for part in colour[:3]]


def _widths(drawn: Any, px_a_mm: float) -> Iterator[tuple[str, str, bool, float, float]]:
    """In mm: as drawn, and as the lint measures."""
    from tests.kiosk.letter_widths import measure  # noqa: PLC0415

    for language, text, size in SAMPLES:
        for bold in (False, True):
            picture = drawn.picture(text, size, bold=bold, font=language)
            yield (
                language,
                text,
                bold,
                picture.width / px_a_mm,
                measure(language, px_a_mm)(text, size, bold),
            )


def _differs(drawn: Any, character: str) -> bool:
    """Whether the two Chinese fonts draw it in two ways."""
    hans, hant = (
        drawn.picture(character, 20, bold=False, font=font).pixels
        for font in ("zh-Hans", "zh-Hant")
    )
    return bool(hans != hant)


def _tofu(drawn: Any, boxes: Any) -> set[str]:
    """Characters that look like a missing one."""
    missing = drawn.picture(MISSING, 20, bold=False, font="zh-Hans").pixels
    letters = {
        letter for box in boxes for line in box.lines if not line.icon for letter in line.text
    }
    return {
        letter
        for letter in letters - {" "}
        if drawn.picture(letter, 20, bold=False, font="zh-Hans").pixels == missing
    }


if __name__ == "__main__":
    fonts.text_font()
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
