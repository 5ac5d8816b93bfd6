"""What stands on an identity card: the text block of 256 bytes, to values. Pure.

Source: GA 467 (resident card), the layouts of the permits for Hong Kong, Macao and Taiwan residents and of
the permanent residence cards of 2017 and 2023; GB 11643 (number), GB/T 3304 (nations), GB/T 2659 (states).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from devices.bank_card import pseudonym
from devices.id_card.nations import LETTERS

TEXT = 256  # bytes, UTF-16LE, padded with spaces
FLAG = slice(248, 250)
LONG_TERM = "长期"


class Kind(StrEnum):
    RESIDENT = "resident"
    HK_MACAO_TAIWAN = "hk_macao_taiwan"
    FOREIGNER_2017 = "foreigner_2017"
    FOREIGNER_2023 = "foreigner_2023"


FLAGS = {
    " ": Kind.RESIDENT,
    "J": Kind.HK_MACAO_TAIWAN,
    "I": Kind.FOREIGNER_2017,
    "Y": Kind.FOREIGNER_2023,
}
_CHINESE = {
    "name": (0, 30),
    "sex": (30, 32),
    "birth": (36, 52),
    "address": (52, 122),
    "number": (122, 158),
    "issuer": (158, 188),
    "valid_from": (188, 204),
    "valid_to": (204, 220),
}
# first byte and the one behind the last
FIELDS: Mapping[Kind, Mapping[str, tuple[int, int]]] = {
    Kind.RESIDENT: {**_CHINESE, "nation": (32, 36)},
    Kind.HK_MACAO_TAIWAN: {**_CHINESE, "pass_number": (220, 238), "issue_count": (238, 242)},
    Kind.FOREIGNER_2017: {
        "english_name": (0, 120),
        "sex": (120, 122),
        "number": (122, 152),
        "nationality": (152, 158),
        "name": (158, 188),
        "valid_from": (188, 204),
        "valid_to": (204, 220),
        "birth": (220, 236),
        "issuer": (240, 248),
    },
    Kind.FOREIGNER_2023: {
        "name": (0, 30),
        "sex": (30, 32),
        "issue_count": (32, 36),
        "birth": (36, 52),
        "english_name": (52, 122),
        "number": (122, 158),
        "valid_from": (188, 204),
        "valid_to": (204, 220),
        "english_name_2": (220, 242),
        "nationality": (242, 248),
    },
}


@dataclass(frozen=True, slots=True, repr=False)
class IdCard:
    """`sex`: 1 male, 2 female, 0 and 9 unknown and unstated, as coded. `nation`: two digits of GB/T 3304 (97
    other, 98 naturalised), `nation_letters` its two letters. `issuer`: a name, or the code of the authority on
    a card of 2017. `number_ok`: None for numbers without a check digit (2017). `birth`: None when it is no
    day. `valid_to`: None for ever. `photo`, `prints` (of two fingers): as on the card, coded. `token`:
    the same for the same number and key, and says no more. What a kind does not have is empty."""

    kind: Kind
    token: str
    name: str = field(repr=False)
    english_name: str = field(repr=False)
    sex: str = field(repr=False)
    nation: str = field(repr=False)
    nation_letters: str = field(repr=False)
    nationality: str = field(repr=False)
    birth: date | None = field(repr=False)
    address: str = field(repr=False)
    number: str = field(repr=False)
    number_ok: bool | None
    issuer: str = field(repr=False)
    valid_from: date = field(repr=False)
    valid_to: date | None = field(repr=False)
    pass_number: str = field(repr=False)
    issue_count: str = field(repr=False)
    photo: bytes = field(repr=False)
    prints: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        return f"IdCard({self.kind}, …{self.number[-4:]})"

    def valid_on(self, day: date) -> bool:
        """Both days of its validity are within it."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No card came of it; one word for the cause."""

    reason: str


def id_card(text: bytes, photo: bytes, key: bytes, prints: bytes = b"") -> IdCard | Unreadable:
    """Any bytes: unknownType for a card of a kind that is not known, invalidData for a number or days that
    are none."""
    kind = kind_of(text)
    if kind is None:
        return Unreadable("unknownType" if len(text) == TEXT else "invalidData")
    said = {name: _stripped(_decoded(text[a:b])) for name, (a, b) in FIELDS[kind].items()}
    number = said["number"].upper()
    valid_from, valid_to = _day(said["valid_from"]), _day(said["valid_to"])
    for_ever = said["valid_to"] == LONG_TERM
    if not number or valid_from is None or (valid_to is None and not for_ever):
        return Unreadable("invalidData")
    checked = kind is not Kind.FOREIGNER_2017
    nation = said.get("nation", "")
    return IdCard(
        kind=kind,
        token=pseudonym(number, key),
        name=said["name"],
        english_name=_english_name(kind, text),
        sex=said["sex"],
        nation=nation,
        nation_letters=LETTERS.get(nation, ""),
        nationality=said.get("nationality", ""),
        birth=_day(said["birth"]),
        address=said.get("address", ""),
        number=number,
        number_ok=number_ok(number) if checked else None,
        issuer=said.get("issuer", ""),
        valid_from=valid_from,
        valid_to=valid_to,
        pass_number=said.get("pass_number", ""),
        issue_count=said.get("issue_count", ""),
        photo=photo,
        prints=prints,
    )


def kind_of(text: bytes) -> Kind | None:
    """By one character; None for a kind that is not known."""
    return FLAGS.get(_decoded(text[FLAG])) if len(text) == TEXT else None


def number_ok(number: str) -> bool:
    """GB 11643, ISO 7064 MOD 11-2: seventeen digits and the check digit, X for ten."""
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) is None:
        return False
    digits = [10 if digit == "X" else int(digit) for digit in number]
    return sum(digit << (17 - place) for place, digit in enumerate(digits)) % 11 == 1


def _english_name(kind: Kind, text: bytes) -> str:
    """On a card of 2023 its end stands apart from it, with the space between them if there is one."""
    fields = FIELDS[kind]
    parts = (fields[name] for name in ("english_name", "english_name_2") if name in fields)
    return _stripped("".join(_decoded(text[a:b]) for a, b in parts))


def _stripped(text: str) -> str:
    return text.strip(" \0")


def _decoded(data: bytes) -> str:
    """Rare characters may be of the private use area or halves; a half alone becomes the replacement character."""
    return data.decode("utf-16-le", "replace")


def _day(digits: str) -> date | None:
    if re.fullmatch(r"[0-9]{8}", digits) is None:
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def masked(text: bytes) -> bytes:
    """The same kind and period of validity, by years, and of nobody: still a card that can be read."""
    if len(text) != TEXT:
        return bytes(len(text))
    nobody = bytearray(b" \0" * (TEXT // 2))
    nobody[FLAG] = text[FLAG]
    kind = kind_of(text)
    for name, (a, b) in FIELDS[kind].items() if kind else ():
        nobody[a:b] = _masked_field(name, _decoded(text[a:b]), (b - a) // 2).encode("utf-16-le")
    return bytes(nobody)


def _masked_field(name: str, said: str, width: int) -> str:
    """`width`: characters."""
    said = _stripped(said)
    if name in ("valid_from", "valid_to") and said != LONG_TERM:
        said = f"{said[:4]}0101" if _day(said) else "X"
    elif name == "birth":
        said = "19000101"
    elif name == "number":
        said = "0" * len(said)
    elif said and said != LONG_TERM:
        said = {"sex": "9", "nation": "97"}.get(name, "X")
    return said.ljust(width)
