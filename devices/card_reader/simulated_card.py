"""A made-up bank card: the text of its tracks, perhaps a chip, perhaps a wrong length.

Sources: ISO/IEC 7811 and 7813 (alphabets, sentinels, lengths), ISO/IEC 7816-3 and -4 (answer to
reset, T=0, SELECT, GET RESPONSE).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

_TRACK = re.compile(r"%[^?]*\?|[;+][^?]*\?")
_LONGEST = {1: 79, 2: 40, 3: 107}  # characters with both sentinels and the LRC
_ALPHABET = {1: re.compile(r"[ -_]*"), 2: re.compile(r"[0-?]*"), 3: re.compile(r"[0-?]*")}
_WORDS = ("chip", "long", "short")
_ALLOWED = (
    "a card is its tracks %...? and ;...? and ;...? without LRC, or the word blank; after it may "
    "stand chip, and long or short"
)
# A number of fewer digits would be given away whole by its first six and last four.
_SHORTEST_SHOWN = 13

# Direct convention, T=0, five made-up historical bytes.
ANSWER_TO_RESET = bytes.fromhex("3b 65 00 00") + b"LOBBY"
DEBIT_AID = bytes.fromhex("a0 00 00 03 33 01 01 01")
_FILE_CONTROL = bytes((0x6F, len(DEBIT_AID) + 2, 0x84, len(DEBIT_AID))) + DEBIT_AID
_NOT_FOUND, _WRONG_LENGTH = b"\x6a\x82", b"\x67\x00"
_NO_CONDITIONS, _NO_INSTRUCTION, _NO_CLASS = b"\x69\x85", b"\x6d\x00", b"\x6e\x00"


class Chip:
    """A T=0 chip that knows one application by its AID and nothing else, no list of them."""

    def __init__(self) -> None:
        self.active = False
        self._pending = b""

    def reset(self) -> bytes:
        self.active, self._pending = True, b""
        return ANSWER_TO_RESET

    def power_off(self) -> None:
        self.active, self._pending = False, b""

    def answer(self, command: bytes) -> bytes:
        """The response APDU to a command APDU of at least four bytes (ISO/IEC 7816-4)."""
        pending, self._pending = self._pending, b""
        if command[0] != 0x00:
            return _NO_CLASS
        if command[1] == 0xA4:
            return self._select(command)
        if command[1] == 0xC0:
            return self._response(pending, command[4:5])
        return _NO_INSTRUCTION

    def _select(self, command: bytes) -> bytes:
        length = command[4] if len(command) > 4 else 0
        name, rest = command[5 : 5 + length], command[5 + length :]
        if not length or len(name) != length or len(rest) > 1:
            return _WRONG_LENGTH
        if command[2] != 0x04 or name != DEBIT_AID:
            return _NOT_FOUND
        self._pending = _FILE_CONTROL
        return bytes((0x61, len(_FILE_CONTROL)))

    def _response(self, pending: bytes, wanted: bytes) -> bytes:
        if not pending:
            return _NO_CONDITIONS
        if wanted not in (b"", b"\x00", bytes((len(pending),))):
            self._pending = pending
            return bytes((0x6C, len(pending)))
        return pending + b"\x90\x00"


@dataclass(eq=False)
class Card:
    """Track number to the characters between its sentinels, `None` if nobody can read them."""

    tracks: dict[int, str | None] = field(default_factory=dict)
    chip: Chip | None = None
    length: str = "right"

    def masked(self) -> str:
        """First six and last four digits of the card number; all hidden if it is short."""
        text = self.tracks.get(2) or self.tracks.get(1) or self.tracks.get(3) or ""
        digits: str = (re.findall(r"[0-9]+", text) or [""])[0]
        if len(digits) < _SHORTEST_SHOWN:
            return "*" * len(digits)
        return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def read_card(value: str) -> Card:
    """The card that `value` describes, text or a file with it; else ValueError."""
    text = re.sub(r"[\r\n]", "", _text_or_file(value)).strip()
    end = text.rfind("?") + 1 or (len("blank") if text.startswith("blank") else 0)
    tracks, words = text[:end], text[end:].split()
    if not tracks or len(set(words)) < len(words) or not set(words) <= set(_WORDS):
        raise ValueError(_ALLOWED)
    if "long" in words and "short" in words:
        raise ValueError(_ALLOWED)
    card = Card(chip=Chip() if "chip" in words else None)
    card.length = next((word for word in ("long", "short") if word in words), "right")
    if tracks != "blank":
        _put_tracks(card, tracks)
    return card


def _text_or_file(value: str) -> str:
    try:
        return Path(value).read_text("ascii") if Path(value).is_file() else value
    except (OSError, ValueError) as error:
        raise ValueError("the card cannot be read as ASCII text: " + _ALLOWED) from error


def _put_tracks(card: Card, text: str) -> None:
    parts = _TRACK.findall(text)
    if "".join(parts) != text:
        raise ValueError(_ALLOWED)
    for part in parts:
        # On the card tracks 2 and 3 begin alike: a second `;` is track 3.
        number = {"%": 1, "+": 3}.get(part[0], 3 if 2 in card.tracks else 2)
        if number in card.tracks:
            raise ValueError(f"track {number} is there twice; {_ALLOWED}")
        card.tracks[number] = _checked(number, part)


def _checked(number: int, part: str) -> str | None:
    """What stands between the sentinels; a track that is only `E` is one nobody can read."""
    if len(part) + 1 > _LONGEST[number]:
        raise ValueError(f"track {number} is longer than {_LONGEST[number]} characters with LRC")
    inside = part[1:-1]
    if inside == "E":
        return None
    if not _ALPHABET[number].fullmatch(inside):
        raise ValueError(f"track {number} may only have the characters of ISO/IEC 7811")
    return inside
