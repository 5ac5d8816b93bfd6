"""Magnetic stripes as a serial reader sends them: ASCII tracks with sentinels and LRC, then CR. Pure.

Source: ISO/IEC 7811-2 (coding, LRC), 7813 (tracks 1 and 2 of bank cards). The card number does not leave
this file and `devices.bank_card`: what leaves is its first six and last four digits and a keyed pseudonym.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce

from devices.bank_card import BankCard, from_tracks, luhn_ok

END_OF_SWIPE = b"\r"
LONGEST_SWIPE = 79 + 40 + 107 + 8  # the three tracks at their longest, and line ends
LONGEST = {1: 79, 2: 40, 3: 107}  # characters with sentinels and LRC
ALPHABET_FROM = {
    1: 0x20,
    2: 0x30,
    3: 0x30,
}  # ASCII of the code 0: 6 data bits on track 1, 4 on 2 and 3
UNREADABLE = b"E"
# by start sentinel: the track, and its form: data of its own alphabet, end sentinel, whatever comes as LRC
FORMS = {
    ord("%"): (1, re.compile(rb"%(?P<data>[ -$&->@-_]*)(?P<end>\?(?P<lrc>[^\r\n])?)?")),
    ord(";"): (2, re.compile(rb";(?P<data>E|[0-:<-=>]*)(?P<end>\?(?P<lrc>[^\r\n])?)?")),
    ord("+"): (3, re.compile(rb"\+(?P<data>E|[0-:<-=>]*)(?P<end>\?(?P<lrc>[^\r\n])?)?")),
}
SENTINELS_AND_CR = (b"", b"\r", b"%", b";", b"+")
MORE_THAN_NOISE = 8  # characters after which a broken track was one


# what stays readable of a recorded swipe: the number's first six and last four digits, the format, "no data"
SHOWN_PAN = re.compile(rb"(?:(?<=[;+])|(?<=%B))[1-9]\d{11,18}(?=[=^])")
SHOWN_LETTER = re.compile(rb"(?<=%)B(?=\d)|(?<=[%;+])E(?=\?)")
HIDDEN = bytes.maketrans(
    b"0123456789" + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)), b"0" * 10 + b"X" * 52
)


class TrackStatus(StrEnum):
    """Per track, in XFS4IoT's words."""

    OK = "ok"
    MISSING = "dataMissing"
    INVALID = "dataInvalid"
    TOO_LONG = "dataTooLong"


@dataclass(frozen=True, slots=True)
class Swipe:
    """One card pulled through: how each track was read, and the bank card if it is one."""

    tracks: Mapping[int, TrackStatus]
    card: BankCard | None


def parse(data: bytes, key: bytes) -> Swipe | None:
    """A swipe from what came between two pauses. None when there was no track at all: noise."""
    found: dict[int, _Track] = {}
    at = inside = (
        0  # `inside`: up to here reaches a broken track 1, whose letters may look like a track 2
    )
    while at < len(data):
        second = 2 in found and found[2].surely
        track, at = _track_at(data, at, second=second)
        if track is None:
            continue
        if track.starts < inside and track.status is not TrackStatus.OK:
            continue
        if track.number == 1:
            inside = track.ends
        if track.number not in found or found[track.number].status is not TrackStatus.OK:
            found[track.number] = track  # a broken track never takes the place of a good one
    if not found:
        return None
    statuses = {n: found[n].status if n in found else TrackStatus.MISSING for n in (1, 2, 3)}
    good = {n: track.data for n, track in found.items() if track.status is TrackStatus.OK}
    return Swipe(statuses, from_tracks(good, key))


@dataclass(frozen=True, slots=True)
class _Track:
    """`surely`: too much of it came to be noise that looks like a start sentinel."""

    number: int
    status: TrackStatus
    data: bytes = field(repr=False)
    surely: bool
    starts: int
    ends: int


def _track_at(data: bytes, at: int, *, second: bool) -> tuple[_Track | None, int]:
    """The track that begins here, if one does, and where to look on.

    `second`: track 2 has been, so that its start sentinel now begins track 3 (ISO has one for both).
    Only a good track is passed over whole: a broken one may have swallowed the start of the next. But a
    start sentinel in the middle of digits may be a digit with one bit wrong: what follows is no card.
    """
    number, form = FORMS.get(data[at], (0, None))
    match = form.match(data, at) if form else None
    if match is None or not (match["data"] or match["end"]):
        return None, at + 1
    number = 3 if number == 2 and second else number
    status = _status(number, match)
    content = match["data"]
    ended = match["end"] or data[match.end() : match.end() + 1] in SENTINELS_AND_CR
    surely = status is TrackStatus.OK or content == UNREADABLE
    surely |= bool(ended) and len(content) >= MORE_THAN_NOISE
    track = _Track(number, status, content, surely, at, match.end())
    if status is TrackStatus.OK:
        return track, match.end()
    digit_turned_sentinel = (
        content and not match["end"] and data[match.end() : match.end() + 1] == b";"
    )
    return track, match.end() + 1 if digit_turned_sentinel else at + 1


def _status(number: int, match: re.Match[bytes]) -> TrackStatus:
    if len(match[0]) > LONGEST[number]:
        return TrackStatus.TOO_LONG
    if match["lrc"] is None or match["data"] == UNREADABLE:
        return TrackStatus.INVALID
    right = match["lrc"][0] == lrc(number, match[0][:-1])
    return TrackStatus.OK if right else TrackStatus.INVALID


def lrc(number: int, characters: bytes) -> int:
    """The check character, as ASCII: XOR of the data bits of everything from sentinel to sentinel."""
    base = ALPHABET_FROM[number]
    # a reader that tells track 3 apart sends '+' for its ';': the four bits are the same
    return base + reduce(lambda sum_, byte: sum_ ^ (byte - base), characters, 0) % (
        64 if number == 1 else 16
    )


def mask(stream: bytes) -> bytes:
    """The same swipes, as long and as well or badly read, without number, name, dates and codes."""
    out = bytearray(stream.translate(HIDDEN))
    for pan in SHOWN_PAN.finditer(stream):
        out[pan.start() : pan.end()] = _masked_pan(pan[0])
    for letter in SHOWN_LETTER.finditer(stream):
        out[letter.start() : letter.end()] = letter[0]
    at = 0
    while at < len(stream):
        number, form = FORMS.get(stream[at], (0, None))
        match = form.match(stream, at) if form else None
        at += 1
        if match is not None and match["lrc"] is not None:
            was, now = (
                lrc(number, bytes(text[at - 1 : match.end() - 1])) for text in (stream, out)
            )
            right = match["lrc"][0] == was
            out[match.end() - 1] = now if right else ord("1" if now == ord("0") else "0")
            at = match.end() if right else at
    return bytes(out)


def _masked_pan(pan: bytes) -> bytes:
    """As right or wrong by Luhn as it was."""
    well = luhn_ok(pan.decode())
    middles = (b"%d" % digit + b"0" * (len(pan) - 11) for digit in range(10))
    tries = (pan[:6] + middle + pan[-4:] for middle in middles)
    return next(one for one in tries if luhn_ok(one.decode()) == well)
