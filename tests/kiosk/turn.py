"""`python -m tests.kiosk.turn`: a bare window on the X server of DISPLAY that only ever turns because something wakes it,
and a finger on it. Prints what came of it."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from demo.screen import Finger
from kiosk.look import window
from kiosk.settings import Screen

SIZE = (320, 480)
NEVER_S = 3600.0
PATIENCE_S = 20.0
LONG_ENOUGH_S = 1.0  # for what nobody asked for to be drawn


async def main() -> None:
    from kivy.base import runTouchApp  # noqa: PLC0415  only now does Kivy know its window
    from kivy.core.window import Window  # noqa: PLC0415
    from kivy.uix.widget import Widget  # noqa: PLC0415

    from kiosk.look.turns import Turns  # noqa: PLC0415

    touched: list[str] = []
    mishaps: list[BaseException] = []
    drawn: list[float] = []

    class Glass(Widget):  # type: ignore[misc]
        def on_touch_down(self, _touch: Any) -> bool:
            touched.append("down")
            self.canvas.ask_update()
            return True

        def on_touch_up(self, _touch: Any) -> bool:
            touched.append("up")
            raise ValueError("a slip in a call-back")

    glass = Glass()
    Window.bind(on_flip=lambda *_: drawn.append(time.monotonic()))
    runTouchApp(glass, embedded=True)
    turns = Turns(mishaps.append, rest_s=NEVER_S)
    running = asyncio.create_task(turns.run())
    told: dict[str, object] = {"first": await until(lambda: drawn)}
    finger = Finger(os.environ["DISPLAY"], SIZE)
    # what the window tells at its opening is answered at some time, and then it rests
    told["rests"] = await until(lambda: time.monotonic() - drawn[-1] > LONG_ENOUGH_S)
    before = len(drawn)
    finger.press(0.5, 0.5)
    told["down"] = await until(lambda: touched == ["down"] and len(drawn) > before)
    finger.release()
    told["up"] = await until(lambda: mishaps)
    before = len(drawn)
    glass.canvas.ask_update()
    turns.wake()
    told["after_a_slip"] = await until(lambda: len(drawn) > before)
    for _ in range(20):  # as fast as a bouncing finger, and faster than pictures are drawn
        finger.press(0.5, 0.5)
        finger.release()
    told["every_touch"] = await until(lambda: touched == ["down", "up"] * 21)
    turns.stop()
    await asyncio.wait_for(running, PATIENCE_S)
    sys.stdout.write(json.dumps(told) + "\n")


async def until(look: Callable[[], object]) -> bool:
    """Without a turn of its own for the window."""
    deadline = time.monotonic() + PATIENCE_S
    while not look() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    return bool(look())


if __name__ == "__main__":
    window.prepare(Screen(width_px=SIZE[0], height_px=SIZE[1], diagonal_inch=10))
    asyncio.run(main())
