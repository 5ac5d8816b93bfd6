"""Call pads and evaluators: their keys, what waits for an echo, and what they show.

Source: public field code of a bank hall's queue system; the function byte of a key is assumed
to be 01, as hosts do not look at it unless it is 11 (an evaluator).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.call_pad.simulated_frames import frame

Shown = Mapping[str, object]

KEYS: Mapping[str, bytes] = {
    "next": b"\x0c",
    "recall": b"\x0d",
    "evaluate": b"\x0b",
    "missed": b"\x06\x0f",
    "hold": b"\x00\x0f",
    "recall_held": b"\x03\x0f",
    "cancel": b"\x0e",
    "line": b"\x11",
    "pause": b"\x12",
    "transfer": b"\x13",
}
KEY_FUNCTION = 0x01
_DIGITS, _BEEP, _SCORE = 0x02, 0x03, 0x11
_START_EVALUATING, _STARS = (KEY_FUNCTION, b"\x0b"), (0x02, b"\x05")
_BLANK = 0x0A


@dataclass
class Press:
    """One press of a finger: what is sent for it, and the bytes that acknowledge it."""

    number: int
    name: str
    frame: bytes
    answer: bytes
    at: float
    sent: int = 0
    echoes_missed: int = 0


@dataclass(eq=False)
class Station:
    """A pad or an evaluator; it handles one press at a time, the others wait."""

    machine: str
    address: int
    rank: int
    presses: deque[Press] = field(default_factory=deque)
    wakes_at: float | None = None
    evaluating: bool = False

    def add(self, press: Press) -> None:
        self.presses.append(press)
        if len(self.presses) == 1:
            self.wakes_at = press.at

    def done(self, now: float) -> Press:
        """Take the first press away; the next one may be sent."""
        press = self.presses.popleft()
        self.wakes_at = now if self.presses else None
        return press

    def awaits(self, bytes_heard: bytes) -> bool:
        first = self.presses[0] if self.presses else None
        return first is not None and first.sent > 0 and first.answer == bytes_heard

    def shows(self, function: int, data: bytes) -> Shown | None:
        """What the host's frame makes visible or audible here, None if it says nothing to it."""
        if self.machine == "evaluator":
            return self._evaluator_shows(function, data)
        if function == _BEEP and not data:
            return {"what": "beep"}
        if function != _DIGITS or len(data) != 6 or max(data) > _BLANK:
            return None
        text = "".join(" " if digit == _BLANK else str(digit) for digit in data)
        return {"what": "digits", "waiting": text[:3], "ticket": text[3:]}

    def _evaluator_shows(self, function: int, data: bytes) -> Shown | None:
        if (function, data) == _START_EVALUATING:
            self.evaluating = True
            return {"what": "evaluation"}
        return {"what": "stars"} if (function, data) == _STARS else None


def key_frame(address: int, data: bytes) -> bytes:
    return frame(address, KEY_FUNCTION, data)


def score_frames(address: int, score: int) -> tuple[bytes, bytes]:
    """An evaluator's result, and the host's answer to it (function 01 instead of 11)."""
    data = bytes((score,))
    return frame(address, _SCORE, data), frame(address, KEY_FUNCTION, data)


@dataclass(frozen=True)
class Order:
    """What `present` asks for: a key of the pad, or a score on the evaluator, at an address."""

    address: int
    key: str
    number: int | None = None

    @property
    def machine(self) -> str:
        return "evaluator" if self.key == "rate" else "pad"

    def frames(self) -> tuple[bytes, bytes]:
        """The bytes to send, and the bytes that acknowledge them."""
        if self.key == "rate":
            return score_frames(self.address, self.number or 0)
        before = b"" if self.number is None else bytes((self.number,))
        sent = key_frame(self.address, before + KEYS[self.key])
        return sent, sent


def read_orders(value: str, addresses: tuple[int, ...]) -> list[Order]:
    """One press, or two at the same time after the word `both`; else ValueError."""
    words = value.split()
    together = words[:1] == ["both"]
    if together:
        del words[0]
    orders = [_read_order(words, addresses)]
    if together:
        orders.append(_read_order(words, addresses))
    if words:
        raise ValueError(f"{' '.join(words)!r} is too much; {ALLOWED}")
    if together and len({(order.machine, order.address) for order in orders}) < 2:
        raise ValueError(f"both needs two machines, not one twice; {ALLOWED}")
    return orders


ALLOWED = (
    f"allowed: ADDRESS KEY with KEY of {', '.join(KEYS)}, or ADDRESS transfer N with N 0 to 9,"
    " or ADDRESS rate N with N 0 to 3, or both and two of these"
)


def _read_order(words: list[str], addresses: tuple[int, ...]) -> Order:
    """Take the words of one press from the front."""
    if len(words) < 2:
        raise ValueError(f"an address and a key are missing; {ALLOWED}")
    address, key = words.pop(0), words.pop(0)
    if address not in map(str, addresses):
        known = ", ".join(map(str, addresses))
        raise ValueError(f"no machine has the address {address!r}; the addresses are {known}")
    if key not in KEYS and key != "rate":
        raise ValueError(f"{key!r} is no key; {ALLOWED}")
    return Order(int(address), key, _read_number(key, words))


def _read_number(key: str, words: list[str]) -> int | None:
    """The digit after `rate`, and after `transfer` if the number there is not an address' turn."""
    highest = {"rate": 3, "transfer": 9}.get(key)
    # `both 1 transfer 2 next`: the 2 is followed by a key, so it is an address.
    is_address = key == "transfer" and len(words) > 1 and words[1] in (*KEYS, "rate")
    if highest is None or (key == "transfer" and not words) or is_address:
        return None
    word = words.pop(0) if words else ""
    if len(word) != 1 or word not in "0123456789" or int(word) > highest:
        raise ValueError(f"{key} needs a number from 0 to {highest}, not {word!r}; {ALLOWED}")
    return int(word)
