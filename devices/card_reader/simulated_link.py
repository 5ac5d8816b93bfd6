"""The link level of a simulated motorised reader: acknowledgements and repetitions.

Source: CRT-571 / CRT-591-M communication protocol (ACK within 300 ms, at most two repetitions of
an answer, EOT from the host ends whatever is going on and is echoed).
"""

from collections.abc import Callable, Mapping, Set

from devices.card_reader import simulated_line as line

RESEND_SECONDS = 0.3
MOST_RESENDS = 2
_SLOW_ACK_SECONDS = 0.25


class Link:
    """Takes commands one at a time and brings their answers to the host.

    A frame that comes again before its answer is acknowledged is the same command: it is
    acknowledged again but not carried out again. Another frame during execution is not heard.
    """

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        faults: Set[str],
        transmitter: line.Transmitter,
        address: int,
        start: Callable[[bytes, float], None],
        abort: Callable[[], None],
    ) -> None:
        self._truth = truth
        self._faults = faults
        self._transmitter = transmitter
        self._address = address
        self._start = start
        self._abort = abort
        self._reader = line.FrameReader()
        self.reset()

    def reset(self) -> None:
        self._reader.clear()
        self._command = b""
        self._refused = b""
        self._answer = b""
        self._executing = False
        self._resend_at: float | None = None
        self._resends = 0

    def next_deadline(self) -> float | None:
        times = [at for at in (self._resend_at, self._reader.refusal_at) if at is not None]
        return min(times, default=None)

    def hear(self, byte: int, now: float) -> None:
        heard = self._reader.feed(byte, now)
        if isinstance(heard, bytes):
            self._frame(heard, now)
        elif heard == line.EOT:
            self._end_all(now)
        elif self._resend_at is None:
            return
        elif heard == line.ACK:
            self._resend_at = None
        elif heard == line.NAK:
            self._resend(now)

    def pass_time(self, at: float) -> None:
        refusal_at = self._reader.refusal_at
        if refusal_at is not None and refusal_at <= at:
            self._reader.clear()
            self._transmitter.control(line.NAK, at)
        if self._resend_at is not None and self._resend_at <= at:
            self._resend(at)

    def respond(self, text: bytes, at: float) -> None:
        """The answer to the command that was started last."""
        self._executing = False
        self._answer = line.frame(self._address, text)
        self._resends = 0
        self._resend_at = self._transmitter.answer(self._answer, at, False) + RESEND_SECONDS

    def _frame(self, whole: bytes, now: float) -> None:
        if whole[1] != self._address:
            return
        if not line.is_sound(whole) or self._refuses_once(whole):
            self._transmitter.control(line.NAK, now)
        elif whole == self._command and (self._executing or self._resend_at is not None):
            self._command_again(now)
        elif not self._executing:
            self._acknowledge(now)
            self._command, self._executing, self._resend_at = whole, True, None
            self._start(whole[4:-2], now)

    def _refuses_once(self, whole: bytes) -> bool:
        if "nak_once" not in self._faults or whole == self._refused:
            self._refused = b""
            return False
        self._refused = whole
        return True

    def _command_again(self, now: float) -> None:
        self._truth({"event": "host_resend", "command": command_name(self._command[4:-2])})
        self._acknowledge(now)
        if not self._executing:
            self._resend(now)

    def _acknowledge(self, now: float) -> None:
        if "no_ack" not in self._faults:
            late = _SLOW_ACK_SECONDS if "slow" in self._faults else 0.0
            self._transmitter.control(line.ACK, now + late)

    def _resend(self, at: float) -> None:
        if self._resends >= MOST_RESENDS:
            self._resend_at = None
            name = command_name(self._command[4:-2])
            self._truth({"event": "answer_not_acknowledged", "command": name})
            return
        self._resends += 1
        self._resend_at = self._transmitter.answer(self._answer, at, True) + RESEND_SECONDS

    def _end_all(self, now: float) -> None:
        """What is being moved goes to its end, but nobody is told."""
        self._executing, self._resend_at, self._refused = False, None, b""
        self._abort()
        self._transmitter.control(line.EOT, now)


def command_name(text: bytes) -> str:
    """Command and parameter as two hexadecimal bytes, as they stand in the manual."""
    return text[1:3].hex(" ").upper()
