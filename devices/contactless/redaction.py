"""Takes what cards say out of recorded frames, leaving what their framing and a fault can be seen from. Pure."""

from devices.contactless import emv, tlv

# direction and code of frames that carry nothing of a card (UM0701-02, 7)
HARMLESS = frozenset(
    bytes.fromhex(pair)
    for pair in ("D402", "D503", "D414", "D515", "D432", "D533", "D44A", "D452", "D553", "7F")
)
EXCHANGE, EXCHANGED, LISTED = b"\xd4\x40", b"\xd5\x41", b"\xd5\x4b"
LINE_TESTS = (b"\xd4\x00", b"\xd5\x01")
COMMANDS = (0xA4, 0xA8, 0xB2, 0xC0)  # select, processing options, read record, get response
TEMPLATES = (0x6F, 0x70, 0x77)
OPEN_TAGS = frozenset(
    (emv.AID, emv.LABEL, emv.PRIORITY, emv.NAME, emv.PDOL, emv.FILE_LOCATOR, 0x82, 0x9F11)
)
NUMBERS = frozenset(emv.FORMS)
WORDS = frozenset(bytes((first,)) for first in (0x90, *range(0x61, 0x70)))  # ISO/IEC 7816-4


class Redaction:
    """The frames of one direction, one after the other."""

    def __init__(self) -> None:
        self._more = False  # the next answer is the rest of this one

    def body(self, body: bytes) -> bytes:
        """Direction, code and data of a frame; the same length comes back."""
        kind = body[:2]
        if kind in HARMLESS or (kind in LINE_TESTS and _counts_up(body[3:])):
            return body
        if kind == EXCHANGE:
            return body if body[4:5] and body[4] in COMMANDS else _zeros(body, 3)
        if kind == EXCHANGED:
            return self._exchanged(body)
        return _listed(body) if kind == LISTED else _zeros(body, 2)

    def _exchanged(self, body: bytes) -> bytes:
        status, answer = body[:3], body[3:]
        part, self._more = self._more, len(status) > 2 and bool(status[2] & 0x40)
        if part or self._more:
            return _zeros(body, 3)
        word = answer[-2:]
        return status + (_answer(answer[:-2]) + word if word[:1] in WORDS else bytes(len(answer)))


def _zeros(body: bytes, keep: int) -> bytes:
    return body[:keep].ljust(len(body), b"\x00")


def _counts_up(data: bytes) -> bool:
    return data == bytes(place & 0xFF for place in range(len(data)))


def _listed(body: bytes) -> bytes:
    """Of found cards their count; of a single one also what it is, without its number."""
    single = body[2:3] == b"\x01" and len(body) > 7
    if not single:
        return _zeros(body, 3)
    behind = 8 + body[7]
    length = body[behind : behind + 1]
    return (body[:8] + bytes(min(body[7], len(body) - 8)) + length).ljust(len(body), b"\x00")


def _answer(data: bytes) -> bytes:
    """Tags and lengths stay, and the values that are the same on many cards."""
    outer = tlv.level(data)
    if len(outer) != 1 or outer[0].ends != len(data):
        return bytes(len(data))
    if outer[0].tag == emv.FORMAT_1 and len(outer[0].value) % 4 == 2:
        return data  # a profile of two bytes and places of files of four
    return _values(data) if outer[0].tag in TEMPLATES else bytes(len(data))


def _values(data: bytes) -> bytes:
    masked, at = b"", 0
    for one in tlv.level(data):
        masked += data[at : one.starts] + _value(one)
        at = one.ends
    return masked + bytes(len(data) - at)


def _value(one: tlv.Tlv) -> bytes:
    if one.constructed:
        return _values(one.value)
    if one.tag in OPEN_TAGS:
        return one.value
    if one.tag in NUMBERS:  # its form stays: nines, and the separator where it was
        digits = "".join("9" if digit.isdigit() else digit for digit in one.value.hex())
        return bytes.fromhex(digits)
    return bytes(len(one.value))
