"""One open wire to a PN532: ask, be acknowledged, get the answer, with the repeats that the link provides for.

Not responsible for: what is asked, and what the answer means.
"""

from collections.abc import Callable

from devices.contactless import protocol
from devices.contactless.protocol import (
    Acknowledged,
    Damaged,
    Frame,
    FrameReader,
    Rejected,
    Reply,
    Request,
)
from devices.conversation import Conversation
from devices.port import Port, PortLost

ACK_S = 1.5  # the manual says 15 ms; small computers with USB adapters have been seen to need 1 s
GAP_S = 0.5  # the two halves of a frame have been seen 0.2 s apart
AGAIN_S = 0.5  # until an answer that was asked for again has come
REPEATS = 2  # of one frame, in either direction
MISSES = 3  # questions in a row without an answer before the machine counts as gone


class NotAccepted(Exception):
    """The machine answered that it does not carry out such a command."""


class ReaderLine:
    """Every call may raise PortLost: notResponding, or unknownProtocol if nothing was ever understood."""

    def __init__(self, port: Port, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._talk = Conversation(port, FrameReader(), clock, gap_s=GAP_S)
        self._understood = False
        self.misses = 0

    def wake(self, within_s: float) -> bool:
        """Out of its sleep or out of a command that hangs; whether it answers now."""
        sam = protocol.sam_configuration()
        woken = Request(protocol.WAKE + protocol.ACK + sam.frame, sam.answered_by)
        return self.ask(woken, within_s) is not None

    def ask(self, request: Request, within_s: float) -> bytes | None:
        """The data of the answer; None when none came. Raises NotAccepted.

        `within_s` counts from when the machine has taken the question; longest wait: ACK_S more per repeat.
        """
        self._talk.forget()
        for _ in range(1 + REPEATS):
            self._talk.send(request.frame)
            taken = self._talk.wait(_about_taking, ACK_S)
            if isinstance(taken, Acknowledged):
                return self._answer(request, within_s)
            if isinstance(taken, Rejected):
                raise self._not_accepted()
            if taken is None:
                break
        self._missed()
        return None

    def listen(self, within_s: float) -> None:
        """Nothing is expected; what comes is of no use."""
        self._talk.listen(within_s)

    def _answer(self, request: Request, within_s: float) -> bytes | None:
        noise = self._talk.noise
        for repeat in range(1 + REPEATS):
            answer = self._talk.wait(_answers(request), AGAIN_S if repeat else within_s)
            if isinstance(answer, Reply):
                self._understood, self.misses = True, 0
                return answer.data
            if isinstance(answer, Rejected):
                raise self._not_accepted()
            if repeat == REPEATS or (answer is None and self._talk.noise == noise):
                break  # silence is no damage that a repeat would mend
            self._talk.send(protocol.NACK)
        self._talk.send(protocol.ACK)  # stop it: a late answer must not meet the next question
        self._missed()
        return None

    def _not_accepted(self) -> NotAccepted:
        self._understood, self.misses = True, 0
        return NotAccepted()

    def _missed(self) -> None:
        self.misses += 1
        if self.misses >= MISSES:
            stranger = self._talk.noise and not self._understood
            raise PortLost("unknownProtocol" if stranger else "notResponding")


def _about_taking(frame: Frame) -> bool:
    """Answers that come before the machine has taken the question belong to an earlier one."""
    return not isinstance(frame, Reply)


def _answers(request: Request) -> Callable[[Frame], bool]:
    def does(frame: Frame) -> bool:
        if isinstance(frame, Reply):
            return frame.code == request.answered_by
        return isinstance(frame, Rejected | Damaged)

    return does
