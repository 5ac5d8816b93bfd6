"""Whether anybody listens to this branch: a broker takes what is sent, and head office acknowledges it."""

from collections.abc import Callable

from program.line_state import LineState, Trouble

UNHEARD_S = 120.0  # a broker or a head office that is started anew is back before


class Unheard:
    """Look often, with `look`. A trouble begins when it has lasted; `after_s` in s of `steady`."""

    def __init__(self, line: LineState, steady: Callable[[], float], after_s: float) -> None:
        self._line = line
        self._steady = steady
        self._after_s = after_s
        self._since: dict[Trouble, float] = {}
        self._acked = 0

    def look(self, *, connected: bool, acked: int, last: int) -> None:
        """`last` is the journal's end. Without a broker, nobody can tell whether head office would acknowledge."""
        self._lasts("broker-away", not connected)
        waits = acked < last and acked == self._acked
        self._acked = acked
        if connected or not waits:
            self._lasts("unacknowledged", waits)
        else:
            self._since.pop("unacknowledged", None)

    def _lasts(self, name: Trouble, there: bool) -> None:
        if not there:
            self._since.pop(name, None)
            self._line.is_over(name)
        elif self._steady() - self._since.setdefault(name, self._steady()) >= self._after_s:
            self._line.begins(name, f"{self._after_s:.0f} s")
