"""A simulated barcode and QR-code scanner on a serial line: sends only, UTF-8, one line a code.

Sources: ISO/IEC 18004 for how much a QR code holds. What a host may send to a scanner (triggers,
settings) is each maker's own, so nothing of it is understood here.
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

ENDINGS: Mapping[str, bytes] = {"cr": b"\r", "crlf": b"\r\n", "none": b""}

_MOST_BYTES = 2953  # QR code of version 40, level L
_TOO_LONG_CHARACTERS = 2000
_SPLIT_SECONDS = 0.030
_BYTE_SECONDS = 0.020
_DOUBLE_SECONDS = 0.080
_NOISE_BYTES = 8
_NEVER_UTF8 = b"\xff"


def read_code(value: str) -> str:
    """The text of a code: that of the file `value` if there is one, else `value` itself."""
    try:
        text = _text_of_file(value) if _is_file(value) else value
        size = len(text.encode())
    except (OSError, ValueError) as error:
        raise ValueError("the code is not UTF-8 text, nor a file with such text") from error
    if not 1 <= size <= _MOST_BYTES:
        raise ValueError(f"a code has 1 to {_MOST_BYTES} bytes of UTF-8 text, or is a file with it")
    return text


def _is_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):
        return False  # too long for a file's name


def _text_of_file(name: str) -> str:
    """Without the line end that an editor puts behind the text."""
    return Path(name).read_bytes().decode().removesuffix("\n").removesuffix("\r")


class Simulator:
    """Sends the text of a code when it is presented; every fault lasts until it is cleared.

    `ending` is what follows the text: `cr`, `crlf` or `none`.
    """

    FAULTS: ClassVar[Mapping[str, str]] = {
        "no_ending": "nothing follows the text",
        "split": "the bytes come in two pieces 30 ms apart",
        "byte_by_byte": "20 ms from each byte to the next",
        "noise": "eight random bytes before and after each code",
        "double": "the same code again 80 ms after the end of the first",
        "too_long": "the text is repeated until it has 2,000 characters",
        "bad_utf8": "in the middle of the text is a byte FFh, which UTF-8 never has",
        "silent": "a code that is presented is not seen",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        ending: str = "cr",
        noise_seed: int = 18004,
    ) -> None:
        if ending not in ENDINGS:
            raise ValueError(f"unknown ending {ending!r}; allowed: {', '.join(ENDINGS)}")
        self._truth = truth
        self._ending = ENDINGS[ending]
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._to_send: list[tuple[float, bytes]] = []

    def power_on(self, now: float) -> bytes:
        self._to_send.clear()
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        """The scanner does not listen."""
        return self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        out = b""
        while self._to_send and self._to_send[0][0] <= now:
            out += self._to_send.pop(0)[1]
        return out

    def next_deadline(self) -> float | None:
        return self._to_send[0][0] if self._to_send else None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        if on != (name in self._faults):
            self._faults ^= {name}
            self._truth({"event": "fault", "name": name, "on": on})
        return self.pass_time(now)

    def present(self, value: str, now: float) -> bytes:
        """Hold a code before the scanner; one still being sent comes to its end first."""
        text = read_code(value)
        if "silent" in self._faults:
            self._truth({"event": "not_scanned", **_described(text)})
            return self.pass_time(now)
        at = max([now, *(time for time, _ in self._to_send)])
        at = self._scan(text, at)
        if "double" in self._faults:
            self._scan(text, at + _DOUBLE_SECONDS)
        return self.pass_time(now)

    def remove(self, now: float) -> bytes:
        """The code is no longer before the scanner; nothing happens."""
        return self.pass_time(now)

    def _scan(self, text: str, at: float) -> float:
        """Put one code in the queue from `at` on; the time of its last byte."""
        for piece, seconds in self._pieces(self._stream(text)):
            at += seconds
            self._to_send.append((at, piece))
        self._truth({"event": "scanned", **_described(text)})
        return at

    def _stream(self, text: str) -> bytes:
        """What goes over the line for one code."""
        if "too_long" in self._faults:
            text = (text * _TOO_LONG_CHARACTERS)[:_TOO_LONG_CHARACTERS]
        data = text.encode()
        if "bad_utf8" in self._faults:
            half = len(data) // 2
            data = data[:half] + _NEVER_UTF8 + data[half:]
        if "no_ending" not in self._faults:
            data += self._ending
        if "noise" in self._faults:
            return self._noise() + data + self._noise()
        return data

    def _pieces(self, data: bytes) -> list[tuple[bytes, float]]:
        """Pieces of a code, each with the seconds before it."""
        if "byte_by_byte" in self._faults:
            waits = [0.0] + [_BYTE_SECONDS] * (len(data) - 1)
            return [(bytes((byte,)), wait) for byte, wait in zip(data, waits, strict=True)]
        if "split" in self._faults and len(data) > 1:
            half = len(data) // 2
            return [(data[:half], 0.0), (data[half:], _SPLIT_SECONDS)]
        return [(data, 0.0)]

    def _noise(self) -> bytes:
        return bytes(self._random.randrange(256) for _ in range(_NOISE_BYTES))


def _described(text: str) -> dict[str, object]:
    """Enough to know a code again by; never its text."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"characters": len(text), "sha256": digest[:8]}
