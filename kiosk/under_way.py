"""What takes time: kept while it runs, its errors told, and the kiosk ended where it cannot do without."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class UnderWay:
    """Belongs to the screen's loop. `mishap` hears every error, `useless` that the kiosk is of no use any more."""

    def __init__(
        self, mishap: Callable[[BaseException], None], useless: Callable[[], None]
    ) -> None:
        self._mishap, self._useless = mishap, useless
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self, work: Coroutine[Any, Any, None], *, lasting: bool = False, needed: bool = False
    ) -> None:
        """`lasting`: without it the kiosk is of no use, so that its end is the kiosk's; `needed`: so is its failure."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, lasting=lasting, needed=needed))

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None], *, lasting: bool, needed: bool) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._mishap(error)
        if lasting or (needed and error is not None):
            log.error("The kiosk cannot go on: %s has ended.", task.get_coro())
            self._useless()
