"""The reader's line: a command is acknowledged, its answer too, and what was lost is said again.

Source: CRT-591-M001, communication procedure. What moves a card is sent again only when the reader says
itself that it has not understood: a lost acknowledgement does not tell whether it was done.
"""

from collections.abc import Callable

from devices.card_reader.protocol import (
    Answer,
    Damaged,
    FrameReader,
    Request,
    Signal,
    encode,
)
from devices.conversation import Conversation
from devices.port import Port

ACK_S = 0.3
RESENDS = 3
NAKS = 2
GAP_S = 0.25  # longer than any pause within a frame that was seen
EXECUTION_S = {0x30: 30.0, 0x31: 2.0, 0x32: 15.0, 0x33: 2.0, 0xA2: 2.0, 0xA4: 2.0, 0xA5: 2.0}
CARD_S = 8.0  # longest execution of everything else: the card is read
UNHEARD_S = 8.0  # after a motion that was not acknowledged: it may be going on all the same


class Link:
    """One open wire. Every call may raise PortLost."""

    def __init__(self, port: Port, clock: Callable[[], float], address: int) -> None:
        self._wire = Conversation(port, FrameReader(), clock, gap_s=GAP_S)
        self._clock = clock
        self._address = address
        self._naks = 0

    @property
    def noise(self) -> int:
        """Bytes that belonged to no frame."""
        return self._wire.noise

    def listen(self, within_s: float) -> None:
        """Until something comes, somebody wakes the port or the time is up. What comes unasked means nothing."""
        for frame in self._wire.listen(within_s):
            if isinstance(frame, Answer):
                self._say(Signal.ACK)

    def ask(self, request: Request) -> Answer | None:
        """The answer, or None when none came in the time that the command may take."""
        self._wire.forget()
        self._naks = 0
        frame = encode(request, self._address)
        for turn in range(1 + RESENDS):
            self._wire.send(frame)
            heard = self._heard(request, ACK_S, (Signal.ACK, Signal.NAK))
            if heard is None and request.moves:
                late = self._heard(request, UNHEARD_S)
                return late if isinstance(late, Answer) else None
            if heard is Signal.ACK:
                heard = self._answer(request, EXECUTION_S.get(request.command, CARD_S))
                return self._settled(heard, again=turn > 0)
            if isinstance(heard, Answer):
                return self._settled(heard, again=turn > 0)
        return None

    def _answer(self, request: Request, within_s: float) -> Answer | None:
        """When the time is up the line is cleared; an answer that crosses that is as good as any."""
        heard = self._heard(request, within_s)
        if heard is None:
            self._say(Signal.EOT)
            heard = self._heard(request, ACK_S, (Signal.EOT,))
        return heard if isinstance(heard, Answer) else None

    def _settled(self, heard: Answer | None, *, again: bool) -> Answer | None:
        """Whoever was asked twice may answer twice: the second is not the answer to the next question."""
        if again:
            deadline = self._clock() + 2.0
            while self._clock() < deadline and self._next(ACK_S) is not None:
                pass
        return heard

    def _heard(
        self, request: Request, within_s: float, signals: tuple[Signal, ...] = ()
    ) -> Answer | Signal | None:
        deadline = self._clock() + within_s
        while (left := deadline - self._clock()) > 0:
            frame = self._next(left)
            if isinstance(frame, Answer) and frame.answers(request):
                return frame
            if isinstance(frame, Signal) and frame in signals:
                return frame
        return None

    def _next(self, within_s: float) -> Answer | Signal | Damaged | None:
        """What comes next; frames are acknowledged, or asked for again when they are damaged."""
        frame = self._wire.next(within_s)
        if isinstance(frame, Answer):
            if frame.address != self._address:
                return Damaged()
            self._say(Signal.ACK)
        elif isinstance(frame, Damaged) and self._naks < NAKS:
            self._naks += 1
            self._say(Signal.NAK)
        return frame

    def _say(self, signal: Signal) -> None:
        self._wire.send(bytes((signal,)))
