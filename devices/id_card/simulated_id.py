"""Made-up identity cards: the 256 bytes of text in the chip, for the four kinds of card.

Sources: GA 450 / GA 467 (resident card), the permits of 2017, 2018 and 2023 (types I, J and Y),
GB 11643 (number and its check digit), GB/T 3304 (nations). All persons and numbers are made up.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEXT_BYTES, PHOTO_BYTES, PRINT_BYTES = 256, 1024, 1024
EXTRA_ADDRESS_BYTES, CARD_NUMBER_BYTES = 70, 28

_TYPE_OFFSET = 248
_FLAGS = {"resident": " ", "J": "J", "I": "I", "Y": "Y"}
_RESIDENT_AND_J: Mapping[str, tuple[int, int]] = {
    **{"name": (0, 30), "sex": (30, 2), "birth": (36, 16), "address": (52, 70)},
    **{"number": (122, 36), "issuer": (158, 30), "valid_from": (188, 16), "valid_to": (204, 16)},
}
# Key of the JSON object -> offset and length in bytes.
_FIELDS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "resident": {**_RESIDENT_AND_J, "nation": (32, 4)},
    "J": {**_RESIDENT_AND_J, "pass_number": (220, 18), "issue_count": (238, 4)},
    "I": {
        **{"english_name": (0, 120), "sex": (120, 2), "number": (122, 30)},
        **{"nationality": (152, 6), "name": (158, 30), "valid_from": (188, 16)},
        **{"valid_to": (204, 16), "birth": (220, 16), "card_version": (236, 4)},
        "authority": (240, 8),
    },
    "Y": {
        **{"name": (0, 30), "sex": (30, 2), "renewal_count": (32, 4), "birth": (36, 16)},
        **{"english_name": (52, 70), "number": (122, 36), "valid_from": (188, 16)},
        **{"valid_to": (204, 16), "english_name_rest": (220, 22), "nationality": (242, 6)},
        "old_permit": (250, 6),
    },
}
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "resident": {
        **{"name": "张样本", "sex": "2", "nation": "01", "birth": "19491231"},
        **{"address": "北京市朝阳区样本路1号院2号楼301室", "number": "11010519491231002X"},
        **{"issuer": "北京市公安局朝阳分局", "valid_from": "20200101", "valid_to": "长期"},
    },
    "J": {
        **{"name": "陈样本", "sex": "1", "birth": "19900307", "number": "810000199003070015"},
        **{"address": "广东省深圳市福田区样本街5号", "issuer": "深圳市公安局"},
        **{"valid_from": "20240601", "valid_to": "20290601"},
        **{"pass_number": "H01234567", "issue_count": "01"},
    },
    "I": {
        **{"english_name": "SAMPLE, ANNA MARIA", "name": "安样本", "sex": "2"},
        **{"number": "CAN110085031001", "nationality": "CAN", "birth": "19850310"},
        **{"valid_from": "20190520", "valid_to": "20290519"},
        **{"card_version": "01", "authority": "1100"},
    },
    "Y": {
        **{"english_name": "SAMPLE, MAXIMILIAN ALEXANDER CHRISTOPHER", "name": "马样本"},
        **{"sex": "1", "number": "911276198807150019", "nationality": "DEU"},
        **{"birth": "19880715", "valid_from": "20240115", "valid_to": "20340114"},
        **{"renewal_count": "00", "old_permit": ""},
    },
}
_OPTIONS = ("extra_address", "fingerprint")
_Y_NAME_UNITS = 35
_ALLOWED = (
    "an identity card is one of the words resident, J, I, Y, foreign, or a JSON object with "
    '"type" and the fields to be changed, or a file with such an object'
)


@dataclass(frozen=True, slots=True)
class IdCard:
    """One card; `kind` is `foreign` for a card that is no identity card and is never found."""

    kind: str
    text: bytes
    photo: bytes
    fingerprint: bytes
    extra_address: bytes
    card_number: bytes
    number_end: str
    name_length: int


def check_digit(first_17: str) -> str:
    """The last character of a citizen number, GB 11643: ISO 7064 MOD 11-2."""
    total = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(first_17))
    return "10X98765432"[total % 11]


def read_id_card(value: str, seed: int) -> IdCard:
    """The card that `value` describes, `seed` for what is only noise; else ValueError."""
    given = _object(_text_or_file(value.strip()))
    kind = given.pop("type", "resident")
    if kind == "foreign" and not given:
        return IdCard("foreign", b"", b"", b"", b"", b"", "", 0)
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise ValueError(f"type {kind!r}; {_ALLOWED}")
    _check_keys(kind, given)
    fields = {**_DEFAULTS[kind], **_strings(given)}
    noise = random.Random(seed)
    return IdCard(
        kind,
        _text(kind, fields),
        noise.randbytes(PHOTO_BYTES),
        noise.randbytes(PRINT_BYTES) if given.get("fingerprint") is True else b"",
        _extra_address(fields),
        noise.randbytes(CARD_NUMBER_BYTES),
        fields["number"][-4:] if len(fields["number"]) > 8 else "",
        len(fields["name"]),
    )


def with_type(text: bytes, flag: str) -> bytes:
    """The same text block with another letter where the type stands."""
    return text[:_TYPE_OFFSET] + flag.encode("utf-16-le") + text[_TYPE_OFFSET + 2 :]


def _text_or_file(value: str) -> str:
    if value.startswith("{"):
        return value
    try:
        return Path(value).read_text("utf-8").strip() if Path(value).is_file() else value
    except (OSError, ValueError) as error:
        raise ValueError(f"the card cannot be read as UTF-8 text; {_ALLOWED}") from error


def _object(text: str) -> dict[str, object]:
    if text in (*_FLAGS, "foreign"):
        return {"type": text}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(_ALLOWED) from error
    if isinstance(found, dict):
        return found
    raise ValueError(_ALLOWED)


def _check_keys(kind: str, given: Mapping[str, object]) -> None:
    allowed = {*_FIELDS[kind], *_OPTIONS} - {"english_name_rest"}
    unknown = set(given) - allowed
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ValueError(f"a card of type {kind} has no {names}; allowed: {sorted(allowed)}")
    if given.get("fingerprint") not in (None, True, False):
        raise ValueError("fingerprint is true or false")


def _strings(given: Mapping[str, object]) -> dict[str, str]:
    """The fields as they stand on the card; a number in JSON is as good as its digits."""
    fields = {key: value for key, value in given.items() if key != "fingerprint"}
    for key, value in fields.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{key} is not a text in quotes")  # noqa: TRY004
    return {key: str(value) for key, value in fields.items()}


def _text(kind: str, fields: Mapping[str, str]) -> bytes:
    block = (" " * (TEXT_BYTES // 2)).encode("utf-16-le")
    for key, value in _split_name(kind, fields).items():
        if key in _FIELDS[kind]:
            offset, length = _FIELDS[kind][key]
            block = block[:offset] + _padded(key, value, length) + block[offset + length :]
    return with_type(block, _FLAGS[kind])


def _split_name(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """A card of type Y has its English name in two places."""
    if kind != "Y":
        return dict(fields)
    name = fields["english_name"]
    parts = {"english_name": name[:_Y_NAME_UNITS], "english_name_rest": name[_Y_NAME_UNITS:]}
    return {**fields, **parts}


def _padded(key: str, value: str, length: int) -> bytes:
    try:
        data = value.encode("utf-16-le")
    except UnicodeEncodeError as error:
        raise ValueError(f"{key} has half a character") from error
    if len(data) > length:
        raise ValueError(f"{key} is longer than {length // 2} characters of UTF-16")
    return data + " ".encode("utf-16-le") * ((length - len(data)) // 2)


def _extra_address(fields: Mapping[str, str]) -> bytes:
    value = fields.get("extra_address", "")
    return _padded("extra_address", value, EXTRA_ADDRESS_BYTES) if value else b""
