"""Asking one printer over one open wire, and keeping what it says in between.

Not responsible for: what an answer means for a ticket.
"""

from collections import deque
from collections.abc import Callable

from devices.conversation import Conversation
from devices.port import Port
from devices.ticket_printer import encoding, protocol, status
from devices.ticket_printer.profiles import Profile
from devices.ticket_printer.protocol import (
    FrameReader,
    FullStatus,
    IdentityText,
    QueuedStatus,
    Reply,
)
from devices.ticket_printer.status import Status

REPLY_S = 1.0  # Epson: allow 500 ms to 1 s
IDENTITY_S = 0.5  # for maker, model and serial number together
WRITE_S = 5.0
GAP_S = 0.3  # replies may come in two pieces 200 ms apart
KEPT = 64  # replies nobody asked for yet
BITS_A_BYTE = 10
USUAL: tuple[int, ...] = (2, 3, 4)  # DLE EOT n: offline cause, error cause, paper
TRIES = 2  # at the first look, so that one garbled byte takes no question away


class Inquiry:
    """Every call may raise PortLost."""

    def __init__(
        self,
        port: Port,
        profile: Profile,
        baud: int,
        clock: Callable[[], float],
        noticed: Callable[[Status], None],
    ) -> None:
        """`noticed` is told every status that was answered."""
        self._port = port
        self._profile = profile
        self._byte_s = BITS_A_BYTE / baud
        self._clock = clock
        self._noticed = noticed
        reader = FrameReader(presenter=profile.presenter)
        self._conversation = Conversation[Reply](port, reader, clock, gap_s=GAP_S)
        self._kept: deque[Reply] = deque(maxlen=KEPT)
        self._questions = USUAL if profile.real_time_status else ()
        self._longest = encoding.longest_command(profile)
        self._sent_by = clock()
        self.looked_at, self.answered_at = float("-inf"), clock()
        self.missed = 0  # looks in a row without an answer
        self.owed = 0  # answers to GS r that have not come yet: only the last of them answers the last question

    @property
    def noise(self) -> int:
        """Bytes that were no reply."""
        return self._conversation.noise

    @property
    def backlog_s(self) -> float:
        """How long what has been written still takes on the wire."""
        return max(0.0, self._sent_by - self._clock())

    def write(self, data: bytes) -> None:
        self._sent_by = max(self._sent_by, self._clock()) + len(data) * self._byte_s
        self.owed += data.endswith(protocol.ASK_PAPER_QUEUED)
        self._port.write(data, WRITE_S)

    def end_half_command(self) -> None:
        """Whatever it still waits for, of the longest command of any slip."""
        self.write(protocol.end_half_command(self._longest))

    def listen(self, within_s: float) -> list[Reply]:
        """What was kept, and what comes as soon as something does."""
        replies = self.kept()
        heard = self._conversation.listen(0.0 if replies else within_s)
        return replies + [reply for reply in heard if self._answers(reply)]

    def catch_up(self) -> bool:
        """Whether an idle printer answers GS r; then no older answer is under way any more."""
        self.write(protocol.ASK_PAPER_QUEUED)
        heard = False
        while self.owed and self._conversation.wait(_is_queued, REPLY_S + self.backlog_s):
            self.owed, heard = self.owed - 1, True
        self.owed = 0 if heard else self.owed
        return heard

    def _answers(self, reply: Reply) -> bool:
        """Whether it is of use: not the answer to a GS r that has been asked again since."""
        if not isinstance(reply, QueuedStatus):
            return True
        self.owed = max(0, self.owed - 1)
        return self.owed == 0

    def kept(self) -> list[Reply]:
        """What came while something else was awaited."""
        replies = list(self._kept)
        self._kept.clear()
        return replies

    def ask(self, request: bytes, wanted: Callable[[Reply], bool], within_s: float) -> Reply | None:
        """The answer, None when none comes in time; other replies are kept."""
        late = self._conversation.listen(0.0)  # an answer that came late is none
        self._kept.extend(reply for reply in late if self._answers(reply))
        self.write(request)

        def heard(reply: Reply) -> bool:
            if wanted(reply):
                return True
            if self._answers(reply):
                self._kept.append(reply)
            return False

        answer = self._conversation.wait(heard, within_s + self.backlog_s)
        self.answered_at = self.answered_at if answer is None else self._clock()
        return answer

    def meet(self) -> Status | None:
        """The first look; None when nothing answers. What is not answered now is not asked again on this wire."""
        if not self._profile.presenter and self._questions:
            self._questions = self._answered()
            if not self._questions:
                return None
        return self.look()

    def look(self) -> Status | None:
        """How it is now; None when a question is not answered. A printer that cannot be asked is always well.

        What hung in the middle of a command takes the next question for a part of it.
        """
        self.looked_at = self._clock()
        if self.missed:
            self.end_half_command()
        found = self._full() if self._profile.presenter else self._by_questions()
        if found is None:
            self.missed += 1
            return None
        self.missed = 0
        self._noticed(found)
        return found

    def there(self, within_s: float) -> bool:
        """Whether it answers one question; one that cannot be asked always does."""
        answer = self._full(within_s) if self._profile.presenter else self._first(within_s)
        self.missed = self.missed if answer is not None else max(1, self.missed)
        return answer is not None

    def identity(self) -> str:
        """Maker, model and serial number as far as it says them; empty for clones that stay silent."""
        deadline = self._clock() + self.backlog_s + IDENTITY_S
        words = []
        for n in (protocol.MAKER, protocol.MODEL, protocol.SERIAL):
            left = deadline - self._clock() - self.backlog_s
            answer = self.ask(protocol.ask_identity(n), _is_text, left) if left > 0 else None
            if not isinstance(answer, IdentityText):
                break
            words.append(answer.text)
        return " ".join(word for word in words if word)

    def _full(self, within_s: float = REPLY_S) -> Status | None:
        answer = self.ask(protocol.ASK_FULL_STATUS, _is_full, within_s)
        return status.of_full(answer) if isinstance(answer, FullStatus) else None

    def _by_questions(self) -> Status | None:
        bits: dict[int, int] = {}
        for n in self._questions:
            answer = self._bits(n)
            if answer is None:
                return None
            bits[n] = answer
        return status.of_answers(bits)

    def _bits(self, n: int, within_s: float = REPLY_S) -> int | None:
        """The next question is not asked before the answer (Epson)."""
        answer = self.ask(protocol.ask_status(n), _is_real_time, within_s)
        return answer.bits if isinstance(answer, protocol.RealTimeStatus) else None

    def _first(self, within_s: float) -> int | None:
        return self._bits(self._questions[0], within_s) if self._questions else 0

    def _answered(self) -> tuple[int, ...]:
        """The usual questions, as far as it answers them; weak clones know 1 and 4 only."""
        answered = {n for n in (2, 4) if self._bits(n) is not None}
        if not answered:
            return ()
        answered |= {n for n in USUAL if n not in answered and self._insist(n)}
        if 2 not in answered and self._insist(1):
            answered.add(1)
        return tuple(sorted(answered))

    def _insist(self, n: int) -> bool:
        return any(self._bits(n) is not None for _ in range(TRIES))


def _is_real_time(reply: Reply) -> bool:
    return isinstance(reply, protocol.RealTimeStatus)


def _is_queued(reply: Reply) -> bool:
    return isinstance(reply, QueuedStatus)


def _is_full(reply: Reply) -> bool:
    return isinstance(reply, FullStatus)


def _is_text(reply: Reply) -> bool:
    return isinstance(reply, IdentityText)
