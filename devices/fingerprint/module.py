"""A fingerprint module on its wire: a command and its answer, a template up and down.

Not responsible for: what the customer is told, and which commands make an order.

No number binds an answer to its command, and most answers look alike. So before each command the module
is asked for its parameters, whose answer is as long as no other's: what comes before it is old.
"""

from collections.abc import Callable

from devices.conversation import Conversation
from devices.device import Patience
from devices.fingerprint import protocol
from devices.fingerprint.protocol import (
    OK,
    PACKET_ERROR,
    PASSWORD_NEEDED,
    READ_SYSTEM,
    WRONG_PASSWORD,
    Answer,
    Command,
    Frame,
    FrameReader,
    Kind,
    System,
)
from devices.port import Port, PortLost

GAP_S = 0.5  # longer than a module, or an adapter, pauses in a packet
REPLY_S = 1.5  # to a question that costs the module nothing; also while it starts (0.5 s)
WORK_S = 2.5  # to take an image, to find its features, to search a full library, to write its flash
PACKET_S = 1.0  # between two packets of a template
TEMPLATE_S = 5.0  # for a whole one: 0.6 s at 9600 baud
TRIES = 3  # of what may be said twice; as many unanswered questions are a loss


class Failed(Exception):
    """The order ends here, in the words of FingerResult."""

    def __init__(self, completion: str, detail: str = "") -> None:
        super().__init__(f"{completion}: {detail}")
        self.completion = completion
        self.detail = detail


def expect_ok(answer: Answer) -> Answer:
    """Raises Failed for every other one."""
    if answer.code != OK:
        raise Failed(*answer.meaning)
    return answer


class Module:
    """Every call may raise PortLost; those with a patience raise Failed when it is over before a command
    goes out. What has been said is listened to until its own time is up: its answer must not be taken for
    the next one's."""

    def __init__(self, port: Port, clock: Callable[[], float], address: int) -> None:
        self._talk = Conversation(port, FrameReader(), clock, gap_s=GAP_S)
        self._clock = clock
        self._address = address
        self._missed = 0
        self._locked = True

    @property
    def noise(self) -> int:
        """Bytes so far that belonged to no packet."""
        return self._talk.noise

    def unlock(self, password: int) -> bool:
        """Whether it took the password."""
        self._missed = 0
        answer = None
        while answer is None:  # the third miss raises PortLost
            answer = self._counted(protocol.verify_password(password))
        self._locked = answer.code == WRONG_PASSWORD
        return not self._locked

    def system(self) -> System:
        """Its parameters. Raises PortLost when they do not come, or are none that the manual knows."""
        for _ in range(TRIES):
            answer = self.look()
            found = protocol.system(answer.data) if answer else None
            if found is not None:
                return found
        raise PortLost("unknownProtocol")

    def look(self) -> Answer | None:
        """Ask for its parameters once. Raises PortLost at the third time in a row without an answer."""
        answer = self._counted(READ_SYSTEM)
        if answer is not None and answer.code == PASSWORD_NEEDED:
            self._must_be_locked()
        return answer

    def ask(self, command: Command, patience: Patience) -> Answer:
        """What changes the library is said again only when the module did not understand it."""
        for _ in range(TRIES):
            self.system()
            if patience.over:
                raise Failed(patience.over)
            answer = self._said(command, WORK_S)
            if answer is None and command.marks:
                break
            if answer is not None and answer.code == PASSWORD_NEEDED:
                self._must_be_locked()
            if answer is not None and answer.code != PACKET_ERROR:
                return answer
        raise Failed("hardwareError", "notResponding")

    def upload(self, slot: int, size: int, patience: Patience) -> bytes:
        """The template in a buffer, which must have `size` bytes."""
        for _ in range(TRIES):
            expect_ok(self.ask(protocol.upload(slot), patience))
            template = self._template(size)
            if len(template) == size:
                return template
        raise Failed("hardwareError", "uploadFailed")

    def download(self, slot: int, template: bytes, patience: Patience) -> None:
        """A template into a buffer. Nothing acknowledges it, so it is read back: an older one that is
        still there must not be taken for it."""
        for _ in range(TRIES):
            size = self.system().packet
            expect_ok(self.ask(protocol.download(slot), patience))
            for packet in protocol.data_packets(template, size, self._address):
                self._talk.send(packet)
            if self.upload(slot, len(template), patience) == template:
                return
        raise Failed("hardwareError", "downloadFailed")

    def listen(self, seconds: float) -> None:
        """Nobody asked, so nothing that comes means anything; ends early when woken."""
        self._talk.listen(seconds)

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        self._talk.wait(lambda _frame: False, seconds)

    def _counted(self, command: Command) -> Answer | None:
        """One question; the third in a row without an answer is PortLost('notResponding')."""
        answer = self._said(command, REPLY_S)
        self._missed = 0 if answer else self._missed + 1
        if self._missed >= TRIES:
            raise PortLost("notResponding")
        return answer

    def _said(self, command: Command, within_s: float) -> Answer | None:
        self._talk.forget()
        self._talk.send(command.encode(self._address))
        frame = self._talk.wait(lambda frame: self._answer(frame, command) is not None, within_s)
        return None if frame is None else self._answer(frame, command)

    def _answer(self, frame: Frame, command: Command) -> Answer | None:
        return protocol.answer(frame, command) if frame.address == self._address else None

    def _must_be_locked(self) -> None:
        """It took our password and wants it again: its power failed, and its buffers are gone."""
        if not self._locked:
            raise PortLost("restarted")

    def _template(self, size: int) -> bytes:
        """What comes up to the last packet; empty when they stop before it, or go on beyond `size`."""
        template, deadline = b"", self._clock() + TEMPLATE_S
        while len(template) <= size:
            left = min(PACKET_S, deadline - self._clock())
            frame = self._talk.wait(self._is_data, left)
            if frame is None:
                return b""
            template += frame.payload
            if frame.kind is Kind.LAST_DATA:
                return template
        return b""

    def _is_data(self, frame: Frame) -> bool:
        return frame.kind in protocol.HOLDS_TEMPLATE and frame.address == self._address
