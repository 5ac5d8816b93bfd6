"""Which journal entries to send next, by number alone. Pure: time is passed in, in seconds.

Only head office's acknowledgement moves it on. New entries go out at once; what was missed while the
line was down follows on a topic of its own, a window at a time.
"""

from collections import deque
from typing import Literal, NamedTuple

BATCH = 200  # entries a message: about 40 kB
WINDOW = 2000  # old entries on the way at once, so that a long outage does not flood the line
LEAST_RETRY_S = 1.0
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
        self._old: deque[tuple[int, int]] = deque()
        self._progress_at = 0.0
        self._retry_s = FIRST_RETRY_S

    def connected(self, last: int, now: float) -> None:
        """A new connection: what is not acknowledged yet is old news."""
        self._sent = last
        self._old.clear()
        self._send_again(self.acked + 1, last)
        self._progress_at = now
        self._retry_s = FIRST_RETRY_S

    def next(self, last: int, now: float) -> Sending | None:
        """What to send now; None when there is nothing to do. `last` is the journal's end."""
        if self._sent < last:
            first, self._sent = self._sent + 1, min(last, self._sent + BATCH)
            if self.acked == first - 1:
                self._progress_at = now
            return Sending("events", first, self._sent)
        if not self._old and self.acked < self._sent and now - self._progress_at > self._retry_s:
            self._send_again(self.acked + 1, min(self._sent, self.acked + WINDOW))
            self._progress_at = now
            self._retry_s = min(self._retry_s * 2, LONGEST_RETRY_S)
        return self._next_old()

    def acknowledged(self, seq: int, now: float) -> bool:
        """Head office has everything up to `seq`. True when that is news.

        The same number again means that head office has come back and waits for what follows.
        """
        if seq == self.acked and not self._old and now - self._progress_at > LEAST_RETRY_S:
            self._progress_at = now
            self._send_again(seq + 1, min(self._sent, seq + WINDOW))
        if seq <= self.acked:
            return False
        self.acked = seq
        self._progress_at = now
        self._retry_s = FIRST_RETRY_S
        if self._old and self._old[0][1] <= seq:
            self._old.popleft()
        return True

    def resend(self, first: int, last: int) -> None:
        """Head office asks for these again."""
        self._send_again(max(1, first), min(last, self._sent))

    def _send_again(self, first: int, last: int) -> None:
        if first <= last:
            self._old.append((first, last))

    def _next_old(self) -> Sending | None:
        if not self._old:
            return None
        first, last = self._old[0]
        until = min(last, first + BATCH - 1, max(self.acked + WINDOW, first))
        if first > self.acked + WINDOW:
            return None
        if until == last:
            self._old.popleft()
        else:
            self._old[0] = (until + 1, last)
        return Sending("history", first, until)
