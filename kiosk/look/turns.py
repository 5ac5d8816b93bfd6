"""Turns Kivy's loop within asyncio: at once when a finger comes or something is to be drawn, and hardly ever otherwise.

Kivy's own loop takes a look some tens of times a second, sleeps between having a touch and answering it, and so is both
late and never at rest.
"""

import asyncio
import ctypes
from collections.abc import Callable
from contextlib import suppress

from kivy.base import EventLoop, stopTouchApp
from kivy.core.window import Window
from kivy.core.window.window_info import WindowInfoX11

APART_S = 1 / 60  # of two pictures: a finger that slides leaves time for everything else
REST_S = 0.25  # between looks at what does not wake us, as Kivy's own clock
BLIND_S = 1 / 36  # the same where nothing tells that a finger came: without an X server


class Turns:
    """`mishap` is told of what went wrong in a turn; the next one follows all the same. `rest_s`: the longest time
    between two turns where an X server wakes us."""

    def __init__(self, mishap: Callable[[BaseException], None], *, rest_s: float = REST_S) -> None:
        self._mishap = mishap
        self._rest_s = rest_s
        self._due = asyncio.Event()
        self._again = False
        Window.bind(on_flip=self._drawn)

    def wake(self) -> None:
        """There is something to draw, or to read."""
        self._due.set()

    async def run(self) -> None:
        """Until `stop`, or until the window is closed."""
        loop = asyncio.get_running_loop()
        display_server = _connection(Window.get_window_info())
        if display_server is not None:
            loop.add_reader(display_server, self.wake)
        rest_s = BLIND_S if display_server is None else self._rest_s
        while not EventLoop.quit:
            began = loop.time()
            self._due.clear()
            self._again = False
            self._turn()
            if self._again:
                await asyncio.sleep(max(0.0, began + APART_S - loop.time()))
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(rest_s):
                    await self._due.wait()
        if display_server is not None:
            loop.remove_reader(display_server)

    def stop(self) -> None:
        stopTouchApp()
        self.wake()

    def _turn(self) -> None:
        """First what the fingers did, then the picture of it."""
        try:
            Window.mainloop()
            EventLoop.idle()
        except Exception as error:  # noqa: BLE001  a mistake in a call-back does not end the window
            self._mishap(error)
            self._again = True  # for the touches that came after this one

    def _drawn(self, *_: object) -> None:
        self._again = True  # while drawing, the library may have read touches that wake nobody now


def _connection(window: object) -> int | None:
    """The descriptor that can be read when the X server has something to say."""
    if not isinstance(window, WindowInfoX11):
        return None
    try:
        library = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    library.XConnectionNumber.argtypes = [ctypes.c_void_p]
    return int(library.XConnectionNumber(window.display))
