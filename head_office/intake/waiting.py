"""Messages that wait to be written down: news before the backlog."""

import asyncio
from collections import deque
from collections.abc import Iterator
from datetime import datetime

from program.in_flight import Message

WAITING_AT_MOST = 20_000  # messages; beyond that new ones are dropped: branches send them again
BACKLOG = "/history"

Heard = tuple[Message, datetime]


class Waiting:
    """On the event loop only."""

    def __init__(self) -> None:
        self._news: deque[Heard] = deque()
        self._backlog: deque[Heard] = deque()
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._news) + len(self._backlog)

    def put(self, message: Message, at: datetime) -> bool:
        """False when it is not taken."""
        if len(self) >= WAITING_AT_MOST:
            return False
        old = message.topic.endswith(BACKLOG)
        (self._backlog if old else self._news).append((message, at))
        self._some.set()
        return True

    async def some(self) -> None:
        """There is one at least."""
        while not self._news and not self._backlog:
            self._some.clear()
            await self._some.wait()

    def take(self, most: int) -> Iterator[Heard]:
        """So many of them, as long as somebody asks."""
        for _ in range(most):
            if not self._news and not self._backlog:
                return
            yield (self._news or self._backlog).popleft()
