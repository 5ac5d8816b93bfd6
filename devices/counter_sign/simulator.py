"""Simulated LED strip displays above counters: 9600 8N1, write only, several on one line.

Source: public field code of four such systems: AA ADDR BB 51 54 CS mode speed stay colour valid
text FF, the text in GBK; 51 44 without `valid` keeps the text in flash; CS is the sum from mode
to the last byte of text mod 256. Not written there and chosen here: the 100 ms between frames
run from the last byte of one to the first byte of the next for all addresses together, a frame
that was too soon does not start them again, and half a frame is forgotten after half a second.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

_START, _MARK, _KIND, _END = 0xAA, 0xBB, 0x51, 0xFF
_SHOW, _SAVE = 0x54, 0x44
_BROADCAST = 0xFF
_CHECK_AT, _PROPERTIES_AT = 5, 6
_PROPERTIES = ("mode", "speed", "stay", "colour", "valid")
_LONGEST_TEXT = 255  # bytes
_CUT_OFF_SECONDS = 0.5
_GRACE_SECONDS = 0.020  # neither the sign's clock nor the host's is exact


@dataclass
class _Sign:
    address: int
    shown: Mapping[str, object] | None = None
    flash: Mapping[str, object] | None = None


class Simulator:
    """Signs that show what they are sent and never say a word."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "dark and deaf; clear = shows again what it showed before",
        "power_loss": "no power: dark, all but the saved text is forgotten; clear = switched on",
        "deaf": "the data cable is off: goes on showing the old text",
        "bit_flip": "one bit of all bytes that arrive together is turned over",
        "missing_byte": "one byte of all bytes that arrive together is lost",
        "worn_flash": "saved text is shown, but does not outlast the next loss of power",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        addresses: Sequence[int] = (1, 2, 3),
        gap_seconds: float = 0.100,
        noise_seed: int = 5154,
    ) -> None:
        once = 0 < len(addresses) == len(set(addresses))
        if not (once and all(0 <= address < _BROADCAST for address in addresses)):
            raise ValueError("the addresses of signs are numbers from 0 to 254, each only once")
        self._truth = truth
        self._gap_seconds = gap_seconds
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._signs = [_Sign(one) for one in addresses]
        self._last_at = 0.0
        self._forget_line()

    def power_on(self, now: float) -> bytes:
        """Each sign shows the text in its flash, or nothing."""
        self._forget_line()
        for sign in self._signs:
            sign.shown = sign.flash
        self._tell_shown()
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        if not self._faults.isdisjoint(("silent", "power_loss", "deaf")):
            return b""
        if data and self._held and now - self._last_at > _CUT_OFF_SECONDS:
            self._held.clear()
            self._drop("cut_off")
        self._last_at = now
        for byte in self._disturbed(data):
            self._take(byte, now)
        return b""

    def pass_time(self, now: float) -> bytes:
        return b""

    def next_deadline(self) -> float | None:
        return None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        if on == (name in self._faults):
            return b""
        was_lit = self._lit()
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        self._forget_line()
        if was_lit and not self._lit():
            for sign in self._signs:
                self._truth({"event": "dark", "address": sign.address})
        if name == "power_loss":
            self.power_on(now)
        elif not was_lit:
            self._tell_shown()
        return b""

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a sign is not presented anything; allowed: fault, clear, unplug, replug")

    def remove(self, now: float) -> bytes:
        """Nothing can be taken from a sign; nothing happens."""
        return b""

    def _lit(self) -> bool:
        return self._faults.isdisjoint(("silent", "power_loss"))

    def _tell_shown(self) -> None:
        for sign in self._signs:
            if sign.shown is not None and self._lit():
                self._truth({"event": "shown", "address": sign.address, **sign.shown})

    def _drop(self, reason: str, **more: object) -> None:
        self._truth({"event": "dropped", "reason": reason, **more})

    def _forget_line(self) -> None:
        self._held = bytearray()
        self._began_at = 0.0
        self._busy_until = float("-inf")

    def _disturbed(self, data: bytes) -> bytes:
        """What is left of the bytes on a bad line."""
        out = bytearray(data)
        if "bit_flip" in self._faults and out:
            out[self._random.randrange(len(out))] ^= 1 << self._random.randrange(8)
        if "missing_byte" in self._faults and out:
            del out[self._random.randrange(len(out))]
        return bytes(out)

    def _take(self, byte: int, now: float) -> None:
        self._held.append(byte)
        if len(self._held) == 1:
            self._began_at = now
        while self._held and not _may_be_frame(self._held):
            del self._held[0]
            self._began_at = now
        text_at = _text_at(self._held)
        if len(self._held) > text_at and byte == _END:
            frame, self._held = bytes(self._held), bytearray()
            self._frame(frame, now)
        elif len(self._held) > text_at + _LONGEST_TEXT:
            address, self._held = self._held[1], bytearray()
            self._drop("too_long", address=address)

    def _frame(self, frame: bytes, now: float) -> None:
        address, body = frame[1], frame[_PROPERTIES_AT:-1]
        if self._began_at < self._busy_until - _GRACE_SECONDS:
            self._drop("too_soon", address=address)
            return
        self._busy_until = now + self._gap_seconds
        meant = [sign for sign in self._signs if address in (sign.address, _BROADCAST)]
        text = _decoded(frame[_text_at(frame) : -1])
        if sum(body) & 0xFF != frame[_CHECK_AT]:
            self._drop("check", address=address)
        elif not meant:
            self._drop("address", address=address)
        elif text is None:
            self._drop("text", address=address)
        else:
            self._show(meant, text, frame)

    def _show(self, meant: list[_Sign], text: str, frame: bytes) -> None:
        save = frame[4] == _SAVE
        values = frame[_PROPERTIES_AT : _text_at(frame)]
        properties = dict(zip(_PROPERTIES, values, strict=False))
        page = {"text": text, "valid": None, **properties, "saved": save}
        for sign in meant:
            sign.shown = page
            if save and "worn_flash" not in self._faults:
                sign.flash = page
            self._truth({"event": "shown", "address": sign.address, **page})


def _may_be_frame(held: bytearray) -> bool:
    """Whether the first five bytes, as far as they are there, begin a frame."""
    allowed = ((_START,), range(256), (_MARK,), (_KIND,), (_SHOW, _SAVE))
    return all(byte in ones for byte, ones in zip(held, allowed, strict=False))


def _text_at(frame: bytes | bytearray) -> int:
    """Where the text begins; the check byte and the properties before it may be FF too."""
    saving = len(frame) > 4 and frame[4] == _SAVE
    return _PROPERTIES_AT + len(_PROPERTIES) - saving


def _decoded(text: bytes) -> str | None:
    """GBK without control characters, else None: a sign has no picture for those."""
    try:
        decoded = text.decode("gbk")
    except UnicodeDecodeError:
        return None
    return None if any(c < " " or c == "\x7f" for c in decoded) else decoded
