"""Bar codes and QR codes as a serial scanner sends them: UTF-8 lines. Pure.

Source: what serial scanners of all makers have in common; there is no standard. A code ends with CR, LF or
CR LF, or with silence when the scanner is set to send no ending. What is in a code may tell about a person.
"""

import re
from dataclasses import dataclass, field

LONGEST = 512  # bytes of a code
LINE_END = re.compile(rb"[\r\n]")
POWER_ON = b"\x00\x11\x13"  # NUL, XON and XOFF come from plugs and adapters, never from a code


@dataclass(frozen=True, slots=True)
class Code:
    """What was scanned, without its ending."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no UTF-8."""


Frame = Code | Unreadable


class FrameReader:
    """Tells codes apart, whatever pieces they come in. `noise`: bytes that belonged to none."""

    def __init__(self) -> None:
        self._held = b""
        self._ended: list[Frame] = []  # by a pause; told by the next `feed`
        self._dropping = False
        self.noise = 0

    @property
    def waiting(self) -> bool:
        """Whether a pause would mean something."""
        return bool(self._held) or self._dropping

    def feed(self, data: bytes) -> list[Frame]:
        """The codes that have ended, also through the pause before."""
        frames, self._ended = self._ended, []
        at = 0
        while not self._dropping and (end := LINE_END.search(data, at)):
            if self._hold(data[at : end.start()]):
                frames += self._line()
                at = end.end()
        if self._dropping or not self._hold(data[at:]):
            self.noise += len(data) - at
        return frames

    def pause(self) -> None:
        """Silence ends a code, and what was too long for one."""
        self._dropping = False
        self._ended += self._line()

    def _hold(self, piece: bytes) -> bool:
        """False when that makes more than any code has: it is noise until the next silence."""
        if len(self._held) + len(piece) <= LONGEST:
            self._held += piece
            return True
        self.noise += len(self._held)
        self._held, self._dropping = b"", True
        return False

    def _line(self) -> list[Frame]:
        line, self._held = self._held, b""
        code = line.strip(POWER_ON)
        self.noise += len(line) - len(code)
        if not code:
            return []
        try:
            return [Code(code.decode())]
        except UnicodeDecodeError:
            return [Unreadable()]


def mask(stream: bytes) -> bytes:
    """Everything but control characters replaced; what was no UTF-8 still is none."""
    return b"".join(_masked(piece) for piece in re.split(rb"([\r\n])", stream))


def _masked(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return re.sub(rb"[^\x00-\x1f]", b"\xff", line)
    return re.sub(rb"[^\x00-\x1f]", b"x", line)
