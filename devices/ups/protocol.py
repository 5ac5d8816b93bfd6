"""What a UPS with a serial port says, and how it is asked: bytes to values and back. Pure.

Source: Megatec RS232 protocol 2.7 ("Q1"). Questions and answers end with CR; an answer begins with ( or #. There is
no check sum, and a question that is not known comes back as it was.
"""

import re
from dataclasses import dataclass

STATUS, IDENTITY = b"Q1\r", b"I\r"
LONGEST = 64  # bytes of an answer before its CR
CR = b"\r"
# clones differ in the digits before the point; a dash is for what they do not measure
READING = re.compile(rb"\(((?:(?:[0-9]{1,3}(?:\.[0-9]{1,2})?|-+(?:\.-+)?) ){7})([01]{8})\Z")
TEXT = re.compile(rb"#([ -~]+)\Z")


@dataclass(frozen=True, slots=True)
class Status:
    """One answer to STATUS; None for what this UPS does not measure. `battery_v` of an on-line UPS is that of one
    cell. `bits` are the eight of the answer, first b7."""

    input_v: float | None
    fault_v: float | None
    output_v: float | None
    load_percent: float | None
    input_hz: float | None
    battery_v: float | None
    celsius: float | None
    bits: int

    @property
    def on_battery(self) -> bool:
        return bool(self.bits & 0x80)

    @property
    def battery_low(self) -> bool:
        return bool(self.bits & 0x40)

    @property
    def failed(self) -> bool:
        return bool(self.bits & 0x10)


@dataclass(frozen=True, slots=True)
class Text:
    """The answer to IDENTITY: company, model, version, where the UPS has them."""

    text: str


Frame = Status | Text


class FrameReader:
    """Tells answers apart, whatever pieces they come in. `noise`: bytes that belonged to none."""

    def __init__(self) -> None:
        self.noise = 0
        self._held = b""

    def feed(self, data: bytes) -> list[Frame]:
        *lines, held = (self._held + data).split(CR)
        frames = [frame for line in lines if (frame := self._line(line))]
        self._held = held[-LONGEST:]
        self.noise += len(held) - len(self._held)
        return frames

    def pause(self) -> None:
        self.noise += len(self._held)
        self._held = b""

    def _line(self, line: bytes) -> Frame | None:
        """What stands at the end of a line; bytes of a disturbance may stand before it."""
        end = line[-LONGEST:]
        found = READING.search(end) or TEXT.search(end)
        self.noise += len(line) - len(found[0]) if found else len(line) + len(CR)
        return _frame(found) if found else None


def _frame(found: re.Match[bytes]) -> Frame:
    if found.re is READING:
        volts, fault, output, load, hertz, battery, celsius = map(_number, found[1].split())
        bits = int(found[2], 2)
        return Status(volts, fault, output, load, hertz, battery, celsius, bits)
    return Text(" ".join(found[1].decode("ascii").split()))


def _number(field: bytes) -> float | None:
    return None if b"-" in field else float(field)


def mask(stream: bytes) -> bytes:
    """Volts and a maker's name tell about no person: the stream as it is."""
    return stream
