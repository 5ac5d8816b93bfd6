"""Magnetic stripes as a serial reader sends them: ASCII tracks with sentinels and LRC, then CR. Pure.

Source: ISO/IEC 7811-2 (coding, LRC), 7813 (tracks 1 and 2 of bank cards), 7812-1 (Luhn). The card number
does not leave this file: what leaves is its first six and last four digits and a keyed pseudonym.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

END_OF_SWIPE = b"\r"
LONGEST_SWIPE = 79 + 40 + 107 + 8  # the three tracks at their longest, and line ends
START = {b"%": 1, b";": 2, b"+": 3}
LONGEST = {1: 79, 2: 40, 3: 107}  # characters with sentinels and LRC
ALPHABET_FROM = {
    1: 0x20,
    2: 0x30,
    3: 0x30,
}  # ASCII of the code 0: 6 data bits on track 1, 4 on 2 and 3
END_SENTINEL = b"?"
UNREADABLE = b"E"
TRACK_2 = re.compile(rb"(?P<pan>\d{8,19})=(?P<expires>\d{4}|=)?(?P<rest>[\d=]*)")
TRACK_1 = re.compile(rb"B(?P<pan>\d{8,19})\^[^^]*\^(?P<expires>\d{4}|\^)?(?P<rest>.*)")


class TrackStatus(StrEnum):
    """Per track, in XFS4IoT's words."""

    OK = "ok"
    MISSING = "dataMissing"
    INVALID = "dataInvalid"
    TOO_LONG = "dataTooLong"


@dataclass(frozen=True, slots=True)
class BankCard:
    """What a queue needs of a card. `token` is the same for the same card and key, and says no more."""

    issuer: str
    last4: str
    token: str
    luhn_ok: bool

    @property
    def masked(self) -> str:
        return f"{self.issuer}******{self.last4}"


@dataclass(frozen=True, slots=True)
class Swipe:
    """One card pulled through: how each track was read, and the bank card if it is one."""

    tracks: Mapping[int, TrackStatus]
    card: BankCard | None


def parse(data: bytes, key: bytes) -> Swipe | None:
    """A swipe from what came between two pauses. None when there was no track at all: noise."""
    found: dict[int, tuple[TrackStatus, bytes]] = {}
    for match in re.finditer(rb"([%;+])([^%;+\r\n]*)", data):
        number = START[match[1]]
        if number == 2 and 2 in found:
            number = 3  # ISO gives track 3 the same start sentinel
        found[number] = _track(number, match[1] + match[2])
    if not found:
        return None
    statuses = {n: found.get(n, (TrackStatus.MISSING, b""))[0] for n in (1, 2, 3)}
    return Swipe(
        statuses, _bank_card({n: data for n, (s, data) in found.items() if s == "ok"}, key)
    )


def _track(number: int, raw: bytes) -> tuple[TrackStatus, bytes]:
    """Status and data (between the sentinels) of one track."""
    if len(raw) > LONGEST[number] + 2:  # noise may cling to the end
        return TrackStatus.TOO_LONG, b""
    data, end, after = raw[1:].partition(END_SENTINEL)
    if data == UNREADABLE or not end or not after:
        return TrackStatus.INVALID, b""
    if any(not 0x20 <= byte < 0x60 for byte in data):
        return TrackStatus.INVALID, b""
    right = after[0] == lrc(number, raw[: len(data) + 2])
    return (TrackStatus.OK, data) if right else (TrackStatus.INVALID, b"")


def lrc(number: int, characters: bytes) -> int:
    """The check character, as ASCII: XOR of the data bits of everything from sentinel to sentinel."""
    base = ALPHABET_FROM[number]
    # a reader that tells track 3 apart sends '+' for its ';': the four bits are the same
    return base + reduce(lambda sum_, byte: sum_ ^ (byte - base), characters, 0) % (
        64 if number == 1 else 16
    )


def _bank_card(tracks: Mapping[int, bytes], key: bytes) -> BankCard | None:
    """From track 2, else from track 1."""
    for number, form in ((2, TRACK_2), (1, TRACK_1)):
        match = form.fullmatch(tracks.get(number, b""))
        if match is not None:
            pan = match["pan"].decode("ascii")
            token = hmac.new(key, pan.encode(), hashlib.sha256).hexdigest()[:32]
            return BankCard(pan[:6], pan[-4:], token, luhn_ok(pan))
    return None


def luhn_ok(digits: str) -> bool:
    """A warning at most: some Chinese 19-digit cards and passbooks do not fulfil it."""
    doubled = (int(d) * 2 if odd else int(d) for odd, d in _from_the_right(digits))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _from_the_right(digits: str) -> list[tuple[bool, str]]:
    return [(place % 2 == 1, digit) for place, digit in enumerate(reversed(digits))]
