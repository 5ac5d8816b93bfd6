"""The one door from device threads into the screen's loop."""

import asyncio
from collections.abc import Callable
from typing import Any


class Inbox:
    """`put` may be called from any thread; `handle` runs on the loop, one event at a time, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handle: Callable[[Any], None]) -> None:
        self._loop = loop
        self._handle = handle

    def put(self, event: Any) -> None:
        """Events that come while the program ends are dropped: nobody is there to see them."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._handle, event)
