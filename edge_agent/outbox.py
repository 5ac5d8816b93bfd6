"""Which journal entries to send next, by number alone. Pure: time is passed in, in seconds.

Only head office's acknowledgement moves it on. New entries go out at once; what was missed while the
line was down follows on a topic of its own, a window at a time.
"""

from collections import deque
from typing import Literal, NamedTuple

BATCH = 200  # entries a message: about 40 kB
WINDOW = 2000  # old entries on the way at once, so that a long outage does not flood the line
MOST_ASKED = 64  # ranges asked for again and not yet sent
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 60.0


class Sending(NamedTuple):
    """Entries `first` … `last` on one of the two topics."""

    leaf: Literal["events", "history"]
    first: int
    last: int


class Outbox:
    """`acked` is the last number head office has committed."""

    def __init__(self, acked: int) -> None:
        self.acked = acked
        self._sent = acked  # the highest number given out since the connection was made
        self._old_next, self._old_last = acked + 1, acked  # what is still to go out as history
        self._asked: deque[tuple[int, int]] = deque()
        self._progress_at = 0.0
        self._retry_s = FIRST_RETRY_S

    def connected(self, last: int, now: float) -> None:
        """A new connection: what is not acknowledged yet is old news."""
        self._sent = last
        self._asked.clear()
        self._retry_s = FIRST_RETRY_S
        self._all_again(now)

    def again(self, now: float) -> None:
        """Head office asks for everything that it has not acknowledged."""
        self._retry_s = FIRST_RETRY_S
        self._all_again(now)

    def next(self, last: int, now: float) -> Sending | None:
        """What to send now; None when there is nothing to do. `last` is the journal's end."""
        if self._sent < last:
            return self._next_live(last, now)
        if self._asked:
            return self._next_asked()
        if self.acked < self._sent and now - self._progress_at > self._retry_s:
            self._retry_s = min(self._retry_s * 2, LONGEST_RETRY_S)
            self._all_again(now)
        return self._next_old()

    def acknowledged(self, seq: int, now: float) -> bool:
        """Head office has everything up to `seq`. True when that is news."""
        if seq <= self.acked:
            return False
        self.acked = seq
        self._old_next = max(self._old_next, seq + 1)
        self._progress_at = now
        self._retry_s = FIRST_RETRY_S
        return True

    def resend(self, first: int, last: int) -> None:
        """Head office asks for these again; what is more than a window it will ask for later."""
        first = max(1, first)
        asked = (first, min(last, self._sent, self.acked + WINDOW, first + WINDOW - 1))
        if asked[0] <= asked[1] and asked not in self._asked and len(self._asked) < MOST_ASKED:
            self._asked.append(asked)

    def _all_again(self, now: float) -> None:
        """Everything that is not acknowledged, from the start."""
        self._old_next, self._old_last = self.acked + 1, self._sent
        self._progress_at = now

    def _next_live(self, last: int, now: float) -> Sending:
        if self.acked == self._sent:
            self._progress_at = now  # nothing was outstanding: the wait begins here
        first, self._sent = self._sent + 1, min(last, self._sent + BATCH)
        return Sending("events", first, self._sent)

    def _next_asked(self) -> Sending:
        first, last = self._asked.popleft()
        until = min(last, first + BATCH - 1)
        if until < last:
            self._asked.appendleft((until + 1, last))
        return Sending("history", first, until)

    def _next_old(self) -> Sending | None:
        first = self._old_next
        last = min(self._old_last, first + BATCH - 1, self.acked + WINDOW)
        if first > last:
            return None
        self._old_next = last + 1
        return Sending("history", first, last)
