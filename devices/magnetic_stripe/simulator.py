"""A simulated magnetic stripe swipe reader: serial 9600 8N1, sends only, plain ASCII.

Sources: ISO/IEC 7811 and 7813 (alphabets, sentinels, lengths, LRC). This reader sends track 3
with `+` for its start sentinel and a track it cannot read as `%E?`, `;E?` or `+E?`.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

_TRACK = re.compile(r"%[^?]*\?|[;+][^?]*\?")
_SENTINELS = {1: "%", 2: ";", 3: "+"}
_LONGEST = {1: 79, 2: 40, 3: 107}  # characters with both sentinels and the LRC
_SLOW_SECONDS = 0.020
_DOUBLE_SECONDS = 0.080
_NOISE_BYTES = 8


@dataclass
class Card:
    """Track number to the text on the card, without LRC, in the order the reader sends them."""

    tracks: dict[int, str] = field(default_factory=dict)

    def masked(self) -> str:
        """First six and last four digits of the card number, for the log."""
        text = self.tracks.get(2) or self.tracks.get(1) or self.tracks.get(3, "")
        digits: str = (re.findall(r"[0-9]+", text) or [""])[0]
        return digits[:6] + "*" * max(0, len(digits) - 10) + digits[6:][-4:]


def lrc(track: int, text: str) -> str:
    """XOR of the data bits of all characters: six bits from 20h on track 1, else four from 30h."""
    base, mask = (0x20, 0x3F) if track == 1 else (0x30, 0x0F)
    value = 0
    for character in text:
        value ^= (ord(character) - base) & mask
    return chr(base + value)


def read_card(value: str) -> Card:
    """The card that `value` describes, text of its tracks or a file with it; else ValueError."""
    text = re.sub(r"[\r\n]", "", _text_or_file(value))
    parts = _TRACK.findall(text)
    if not parts or "".join(parts) != text:
        raise ValueError("a card is %...? and ;...? and +...? without LRC, at least one of them")
    card = Card()
    for part in parts:
        number = _track_number(part, card)
        _check(number, part)
        card.tracks[number] = _SENTINELS[number] + part[1:]
    return card


def _text_or_file(value: str) -> str:
    try:
        return Path(value).read_text("ascii") if Path(value).is_file() else value
    except (OSError, ValueError) as error:
        raise ValueError(f"{value!r} cannot be read as ASCII text of a card") from error


def _track_number(part: str, card: Card) -> int:
    """On the card tracks 2 and 3 begin alike: a second `;` is track 3."""
    number = {"%": 1, "+": 3}.get(part[0], 3 if 2 in card.tracks else 2)
    if number in card.tracks:
        raise ValueError(f"track {number} is there twice")
    return number


def _check(number: int, part: str) -> None:
    if len(part) + 1 > _LONGEST[number]:
        raise ValueError(f"track {number} is longer than {_LONGEST[number]} characters with LRC")
    first, last = (" ", "_") if number == 1 else ("0", "?")
    inside = part[1:-1]
    if inside != "E" and not all(first <= character <= last for character in inside):
        raise ValueError(f"track {number} may only have the characters {first!r} to {last!r}")


class Simulator:
    """Sends a swipe when a card is presented; every fault lasts until it is cleared."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "wrong_lrc": "the LRC of every track has its lowest bit turned over",
        "half_swipe": "the bytes stop in the middle of track 2 (of the last track without one)",
        "noise": "eight random bytes before and after each swipe",
        "bad_track1": "track 1, if the card has one, comes as %E? without LRC",
        "bad_track2": "track 2, if the card has one, comes as ;E? without LRC",
        "slow": "20 ms from each byte to the next",
        "double": "the same swipe again 80 ms after the first",
    }

    def __init__(
        self, truth: Callable[[Mapping[str, object]], None], *, noise_seed: int = 7811
    ) -> None:
        self._truth = truth
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._to_send: list[tuple[float, bytes]] = []

    def power_on(self, now: float) -> bytes:
        self._to_send.clear()
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        """The reader does not listen."""
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
        """A swipe of the card; a swipe still being sent comes to its end first."""
        card = read_card(value)
        at = max([now, *(time for time, _ in self._to_send)])
        at = self._swipe(card, at)
        if "double" in self._faults:
            self._swipe(card, at + _DOUBLE_SECONDS)
        return self.pass_time(now)

    def remove(self, now: float) -> bytes:
        """A swiped card stays in the hand; nothing happens."""
        return self.pass_time(now)

    def _swipe(self, card: Card, at: float) -> float:
        """Put one swipe in the queue from `at` on; the time of its last byte."""
        data = self._stream(card)
        if "noise" in self._faults:
            data = self._noise() + data + self._noise()
        if "slow" not in self._faults:
            self._to_send.append((at, data))
            return at
        for place, byte in enumerate(data):
            self._to_send.append((at + place * _SLOW_SECONDS, bytes((byte,))))
        return at + (len(data) - 1) * _SLOW_SECONDS

    def _stream(self, card: Card) -> bytes:
        """What goes over the line for one swipe, recorded as the truth."""
        sent, out = [], ""
        cut_at = (2 if 2 in card.tracks else max(card.tracks)) if self._half() else None
        for number, text in card.tracks.items():
            piece = self._piece(number, text)
            sent.append(number)
            if number == cut_at:
                out += piece[: len(piece) // 2]
                break
            out += piece
        self._record(card, sent)
        return (out if self._half() else out + "\r").encode("ascii")

    def _half(self) -> bool:
        return "half_swipe" in self._faults

    def _unreadable(self, number: int, text: str) -> bool:
        return f"bad_track{number}" in self._faults or text[1:-1] == "E"

    def _piece(self, number: int, text: str) -> str:
        if self._unreadable(number, text):
            return _SENTINELS[number] + "E?"
        check = lrc(number, text)
        return text + (chr(ord(check) ^ 1) if "wrong_lrc" in self._faults else check)

    def _noise(self) -> bytes:
        return bytes(self._random.randrange(256) for _ in range(_NOISE_BYTES))

    def _record(self, card: Card, sent: list[int]) -> None:
        bad = [number for number in sent if self._unreadable(number, card.tracks[number])]
        event: dict[str, object] = {"event": "swipe", "tracks": sent, "unreadable": bad}
        event |= {"complete": not self._half(), "wrong_lrc": "wrong_lrc" in self._faults}
        self._truth({**event, "card": card.masked()})
