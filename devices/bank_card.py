"""Bank cards as far as a queue may know them, whatever machine read them. Pure.

Source: ISO/IEC 7812-1 (numbers, Luhn), 7813 (tracks 1 and 2). The machines' codecs call this, and nothing
behind them ever sees a card number.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# shorter numbers would be shown whole by six and four digits; none begins with 0 (track 3 does)
PAN = rb"(?P<pan>[1-9]\d{11,18})"
# without the separator it is no bank card: one flipped bit can end a track within its number
TRACK_2 = re.compile(PAN + rb"=.*", re.DOTALL)
TRACK_1 = re.compile(rb"B" + PAN + rb"\^.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BankCard:
    """What a queue needs of a card. `token` is the same for the same card and key, and says no more; without a
    key, as on the bench, six and four digits and the token would give the number: no repr shows it."""

    issuer: str
    last4: str
    token: str = field(repr=False)
    luhn_ok: bool

    @property
    def masked(self) -> str:
        return f"{self.issuer}******{self.last4}"


def from_tracks(tracks: Mapping[int, bytes], key: bytes) -> BankCard | None:
    """From track 2, else from track 1: their characters between the sentinels, by their number."""
    for number, form in ((2, TRACK_2), (1, TRACK_1)):
        match = form.fullmatch(tracks.get(number, b""))
        if match is not None:
            return from_number(match["pan"].decode("ascii"), key)
    return None


def from_number(digits: str, key: bytes) -> BankCard:
    """What may be known of the card with this number (ISO/IEC 7812-1, 12 to 19 digits)."""
    return BankCard(digits[:6], digits[-4:], pseudonym(digits, key), luhn_ok(digits))


def pseudonym(number: str, key: bytes) -> str:
    """32 hexadecimal digits: always the same for a number and a key, and nothing else can be told from it."""
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:32]


def luhn_ok(digits: str) -> bool:
    """A warning at most: some Chinese 19-digit cards and passbooks do not fulfil it."""
    doubled = (int(d) * 2 if odd else int(d) for odd, d in _from_the_right(digits))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _from_the_right(digits: str) -> list[tuple[bool, str]]:
    return [(place % 2 == 1, digit) for place, digit in enumerate(reversed(digits))]
