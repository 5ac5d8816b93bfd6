"""Wakes everybody who waits for news. Take `next()` before looking, so that nothing rings unheard."""

import asyncio


class Bell:
    """Rung on the event loop only."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    def next(self) -> asyncio.Event:
        """The ring that comes after this moment."""
        return self._next


async def heard(ring: asyncio.Event, timeout_s: float) -> bool:
    """Wait for that ring. False when the time is up."""
    try:
        async with asyncio.timeout(
            timeout_s
        ):  # wait_for loses a cancellation that comes with the ring (Python 3.11)
            await ring.wait()
    except TimeoutError:
        return False
    return True
