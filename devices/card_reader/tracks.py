"""Magnetic tracks as a motorised reader sends them: `~` between the three, before each how it was read. Pure.

Source: what a CRT-591-R02 was seen to send (P and the data, or N and two digits); the codes of the family it
descends from. The card number does not leave this file and `devices.bank_card`.
"""

import re
from collections.abc import Mapping

from devices.bank_card import from_tracks
from devices.magnetic_stripe.protocol import LONGEST, Swipe, TrackStatus

Tracks = Mapping[int, TrackStatus]
NO_TRACKS: Tracks = dict.fromkeys((1, 2, 3), TrackStatus.MISSING)
UNREAD_TRACKS: Tracks = dict.fromkeys((1, 2, 3), TrackStatus.INVALID)
NOTHING_WRITTEN = (b"23", b"24")  # codes of a track: empty but for its sentinels, never written


def swipe(data: bytes, key: bytes) -> Swipe:
    """The data of the answer: three tracks with `~` between."""
    parts = data.split(b"~")
    if len(parts) > 3 and not parts[0]:
        parts = parts[1:]
    parts = [*parts, b"", b"", b""][:3]
    read = {number: _track(number, part) for number, part in enumerate(parts, 1)}
    good = {number: data for number, (status, data) in read.items() if status is TrackStatus.OK}
    return Swipe({number: status for number, (status, _) in read.items()}, from_tracks(good, key))


def _track(number: int, part: bytes) -> tuple[TrackStatus, bytes]:
    """Some say 0 for good and another digit for bad instead of P and N; some send the sentinels, some not."""
    lead, rest = part[:1], part[1:]
    if lead == b"N" or (lead in (b"1", b"2", b"3", b"4") and len(rest) <= 2):
        return (TrackStatus.MISSING if rest in NOTHING_WRITTEN else TrackStatus.INVALID), b""
    data = rest if lead in (b"P", b"0") else part
    data = data.lstrip(b"%;+").partition(b"?")[0]
    if not data:
        return TrackStatus.MISSING, b""
    if len(data) + 3 > LONGEST[number]:  # and two sentinels and LRC
        return TrackStatus.TOO_LONG, b""
    alphabet = rb"[ -_]*" if number == 1 else rb"[0-?]*"
    good = re.fullmatch(alphabet, data) is not None
    return (TrackStatus.OK, data) if good else (TrackStatus.INVALID, b"")


def masked_track(part: bytes) -> bytes:
    """Separators stay, and the letter or code that says how it was read."""
    if part[:1] == b"N" and len(part) <= 3:
        return part
    kept = part[:1] if part[:1] in (b"P", b"0") else b""
    rest = re.sub(rb"[^0-9%;+=^?]", b"X", part[len(kept) :])
    return kept + re.sub(rb"[0-9]", b"0", rest)
