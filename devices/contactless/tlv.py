"""BER-TLV as EMV cards use it. Pure; no bytes make it raise, loop or recurse without end.

Source: EMV Book 3, annex B (which is ISO/IEC 8825-1 with lengths of one to three bytes).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

PADDING = (0x00, 0xFF)  # some cards fill the room between two elements
LONGEST_TAG = 4
DEEPEST = 8  # templates within templates; real cards have four


@dataclass(frozen=True, slots=True)
class Tlv:
    """One element. `starts` and `ends` are where its value stands in the bytes that were parsed."""

    tag: int
    value: bytes = field(repr=False)
    starts: int
    ends: int
    constructed: bool


def level(data: bytes) -> list[Tlv]:
    """The elements side by side; what stands behind the first broken one is left out."""
    found, at = [], 0
    while at < len(data):
        if data[at] in PADDING:
            at += 1
            continue
        one = _element(data, at)
        if one is None:
            break
        found.append(one)
        at = one.ends
    return found


def walk(data: bytes, depth: int = DEEPEST) -> Iterator[Tlv]:
    """Every element, each template before what is in it. Places are those within its template."""
    for one in level(data):
        yield one
        if one.constructed and depth > 1:
            yield from walk(one.value, depth - 1)


def find(data: bytes, tag: int) -> bytes | None:
    """The value of the first element with this tag, however deep it stands."""
    return next((one.value for one in walk(data) if one.tag == tag), None)


def build(tag: int, value: bytes) -> bytes:
    """One element. ValueError for a value longer than 65535 bytes."""
    if len(value) > 0xFFFF:
        raise ValueError("a value has at most 65535 bytes")
    name = tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big")
    return name + _length(len(value)) + value


def tag_at(data: bytes, at: int) -> tuple[int, int] | None:
    """The tag that begins here and where it ends; None when it is cut off or too long."""
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80 and end - at < LONGEST_TAG:
            end += 1
        end += 1
    if end > len(data) or end - at > LONGEST_TAG:
        return None
    return int.from_bytes(data[at:end], "big"), end


def _element(data: bytes, at: int) -> Tlv | None:
    tag = tag_at(data, at)
    if tag is None:
        return None
    length = _length_at(data, tag[1])
    if length is None:
        return None
    starts = length[1]
    ends = starts + length[0]
    if ends > len(data):
        return None
    return Tlv(tag[0], data[starts:ends], starts, ends, bool(data[at] & 0x20))


def _length_at(data: bytes, at: int) -> tuple[int, int] | None:
    """A length and where it ends."""
    if at >= len(data):
        return None
    more = {0x81: 1, 0x82: 2}.get(data[at], 0)
    if not more:
        return (data[at], at + 1) if data[at] < 0x80 else None
    end = at + 1 + more
    return (int.from_bytes(data[at + 1 : end], "big"), end) if end <= len(data) else None


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    return bytes((0x81, length)) if length < 0x100 else b"\x82" + length.to_bytes(2, "big")
