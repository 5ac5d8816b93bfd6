"""What may come without end is said when it begins; then how often, at most once a minute, until a minute without it."""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

A_MINUTE_S = 60.0
Later = Callable[[float, Callable[[], None]], object]


def on_this_loop(delay_s: float, call: Callable[[], None]) -> None:
    """Where the time is counted, if nobody says otherwise."""
    asyncio.get_running_loop().call_later(delay_s, call)


class Spell:
    """Of one thing; `what` is its name in the count."""

    def __init__(self, what: str, later: Later = on_this_loop) -> None:
        self._what = what
        self._later = later
        self._lasts = False
        self._more = 0

    def came(self) -> bool:
        """True for the first, which whoever asks shall say."""
        if self._lasts:
            self._more += 1
            return False
        self._lasts = True
        self._later(A_MINUTE_S, self._tell)
        return True

    def _tell(self) -> None:
        if not self._more:
            self._lasts = False
            return
        log.warning("%s: %s more within a minute.", self._what, self._more)
        self._more = 0
        self._later(A_MINUTE_S, self._tell)


class WarnedOfOnce(logging.Filter):
    """Of a logger whose warnings anybody can cause as often as they like."""

    def __init__(self) -> None:
        super().__init__()
        self._spells: dict[str, Spell] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        what = str(record.msg).rstrip(".")
        return self._spells.setdefault(what, Spell(what)).came()
