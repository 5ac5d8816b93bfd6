"""Frames as the machines on a call pad bus make and hear them.

Source: public field code of a bank hall's queue system (RS-485, 9600 8N1, half duplex):
FF 68 L L 68 ADDR FUNC DATA CS 16, where L counts ADDR to DATA and CS is their sum mod 256.
"""

from dataclasses import dataclass

_START, _LEAD, _END = 0xFF, 0x68, 0x16
_HEADER_BYTES, _TRAILER_BYTES = 5, 2
_SHORTEST, _LONGEST = 2, 8  # L: a beep has no data, a display six digits


@dataclass(frozen=True)
class Heard:
    """One frame of the host: whole, or with the reason why it is none."""

    address: int = 0
    function: int = 0
    data: bytes = b""
    wrong: str = ""


def frame(address: int, function: int, data: bytes) -> bytes:
    body = bytes((address, function)) + data
    header = bytes((_START, _LEAD, len(body), len(body), _LEAD))
    return header + body + bytes((sum(body) & 0xFF, _END))


class Ear:
    """Finds frames in what the host sends; a pause inside a frame makes it forget the beginning."""

    def __init__(self, gap_seconds: float) -> None:
        self._gap_seconds = gap_seconds
        self.forget()

    def forget(self) -> None:
        self._held = bytearray()
        self._last_at = 0.0

    def hear(self, data: bytes, now: float) -> list[Heard]:
        heard = []
        if data and self._held and now - self._last_at > self._gap_seconds:
            self._held.clear()
            heard.append(Heard(wrong="cut_off"))
        self._last_at = now
        for byte in data:
            self._held.append(byte)
            heard += self._frames()
        return heard

    def _frames(self) -> list[Heard]:
        """Whole frames at the front; after a mistake the search begins one byte further."""
        heard = []
        while self._held:
            wrong, length = self._look()
            if wrong is None:
                break
            if not wrong:
                address, function, *data = self._held[_HEADER_BYTES : length - _TRAILER_BYTES]
                heard.append(Heard(address, function, bytes(data)))
            elif wrong != "noise":
                heard.append(Heard(wrong=wrong))
            del self._held[: 1 if wrong else length]
        return heard

    def _look(self) -> tuple[str | None, int]:
        """What is wrong with the front ("" if it is a frame, None if too short) and its length."""
        held = self._held
        if held[0] != _START or (len(held) > 1 and held[1] != _LEAD):
            return "noise", 0
        if len(held) < _HEADER_BYTES:
            return None, 0
        if held[2] != held[3] or not _SHORTEST <= held[2] <= _LONGEST or held[4] != _LEAD:
            return "length", 0
        whole = _HEADER_BYTES + held[2] + _TRAILER_BYTES
        if len(held) < whole:
            return None, 0
        if held[whole - 1] != _END:
            return "end", 0
        if held[whole - 2] != sum(held[_HEADER_BYTES : whole - _TRAILER_BYTES]) & 0xFF:
            return "check", 0
        return "", whole
