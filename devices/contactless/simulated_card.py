"""A simulated EMV payment card behind ISO 14443-4: selection, processing options, records.

Sources: ISO/IEC 7816-4 (commands, status words), EMV Book 1 (PPSE, FCI, GET RESPONSE), EMV Book 3
(BER-TLV, PDOL, AFL, GET PROCESSING OPTIONS formats 1 and 2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

PPSE = b"2PAY.SYS.DDF01"

OK = b"\x90\x00"
_BLOCKED = b"\x62\x83"
_WRONG_LENGTH = b"\x67\x00"
_CONDITIONS = b"\x69\x85"
_BAD_DATA = b"\x6a\x80"
_NOT_FOUND = b"\x6a\x82"
_NO_RECORD = b"\x6a\x83"
_BAD_P1_P2 = b"\x6a\x86"
_UNKNOWN_INS = b"\x6d\x00"
_UNKNOWN_CLA = b"\x6e\x00"
_SELECT, _OPTIONS, _READ, _GET_RESPONSE = 0xA4, 0xA8, 0xB2, 0xC0
_CLASSES = {_SELECT: 0x00, _OPTIONS: 0x80, _READ: 0x00, _GET_RESPONSE: 0x00}


@dataclass(frozen=True, slots=True)
class Radio:
    """What a card says of itself when it is listed; `answer` is ATS or the answer to ATTRIB."""

    uid: bytes
    type_b: bool = False
    sens_res: bytes = b"\x00\x04"
    sel_res: int = 0x20
    answer: bytes = bytes.fromhex("05 78 80 70 02")

    def target_data(self, iso_dep: bool) -> bytes:
        """As InListPassiveTarget gives it after the target number."""
        if self.type_b:
            atqb = b"\x50" + self.uid + bytes(4) + bytes.fromhex("00 81 81")
            return atqb + bytes((len(self.answer),)) + self.answer
        data = self.sens_res + bytes((self.sel_res, len(self.uid))) + self.uid
        return data + self.answer if iso_dep and self.speaks_iso_dep else data

    @property
    def speaks_iso_dep(self) -> bool:
        return self.type_b or bool(self.sel_res & 0x20)


class Card(Protocol):
    """Any card that can lie in the field. `number` is its card number, for the mask only."""

    about: str
    radio: Radio
    number: str

    def reset(self) -> None: ...  # the field went off or the card was activated anew
    def answer(self, command: bytes) -> bytes | None: ...  # None: the card says nothing


def masked(number: str) -> str:
    """First six and last four digits of a card number, for the log."""
    return number[:6] + "*" * max(0, len(number) - 10) + number[6:][-4:]


def tlv(tag: str, value: bytes) -> bytes:
    """One BER-TLV object; `tag` in hexadecimal digits."""
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    elif size < 0x100:
        length = bytes((0x81, size))
    else:
        length = b"\x82" + size.to_bytes(2, "big")
    return bytes.fromhex(tag) + length + value


@dataclass(frozen=True)
class Application:
    """One payment application; `extra` are further objects in the answer of format 2."""

    aid: bytes
    label: str
    number: str
    priority: int = 1
    pdol: Sequence[tuple[str, int]] = ()
    format: int = 2
    profile: bytes = b"\x7c\x00"  # AIP
    locator: bytes = b""  # AFL
    extra: bytes = b""
    records: Mapping[tuple[int, int], bytes] = field(default_factory=dict)  # (SFI, number)
    blocked: bool = False

    @property
    def pdol_bytes(self) -> int:
        """Length of the data the terminal has to give."""
        return sum(size for _, size in self.pdol)

    def entry(self) -> bytes:
        """Its directory entry in the PPSE."""
        label = tlv("50", self.label.encode("ascii"))
        return tlv("61", tlv("4F", self.aid) + label + tlv("87", bytes((self.priority,))))

    def control_information(self) -> bytes:
        """The FCI that SELECT gives back."""
        inside = tlv("50", self.label.encode("ascii")) + tlv("87", bytes((self.priority,)))
        if self.pdol:
            wanted = (bytes.fromhex(tag) + bytes((size,)) for tag, size in self.pdol)
            inside += tlv("9F38", b"".join(wanted))
        inside += tlv("5F2D", b"zhen") + tlv("9F11", b"\x01")
        inside += tlv("9F12", self.label.encode("ascii"))
        return tlv("6F", tlv("84", self.aid) + tlv("A5", inside))

    def options(self) -> bytes:
        """The answer to GET PROCESSING OPTIONS."""
        if self.format == 1:
            return tlv("80", self.profile + self.locator)
        locator = tlv("94", self.locator) if self.locator else b""
        return tlv("77", tlv("82", self.profile) + locator + self.extra)


@dataclass(frozen=True, slots=True)
class Command:
    """A short command APDU taken apart; `expected` is Le, None without one."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    expected: int | None = None


def command_of(raw: bytes) -> Command | None:
    """None if the lengths do not fit (cases 1 to 4, short form only)."""
    if len(raw) < 4:
        return None
    head, body = raw[:4], raw[4:]
    data, rest = body[1 : 1 + body[0]] if len(body) > 1 else b"", body[:1]
    if len(body) > 1:
        rest = body[1 + body[0] :]
        if not data or len(data) != body[0] or len(rest) > 1:
            return None
    return Command(head[0], head[1], head[2], head[3], data, rest[0] if rest else None)


@dataclass(frozen=True, slots=True)
class _State:
    """How far the talk has come since the card was activated."""

    selected: Application | None = None
    opened: bool = False  # processing options were given
    held: bytes = b""  # what GET RESPONSE fetches


class EmvCard:
    """Applications and the directory of them.

    `style` says how long answers come: "plain", "61" (fetched with GET RESPONSE) or "6C" (only
    for the exact Le).
    """

    def __init__(
        self,
        about: str,
        radio: Radio,
        applications: Sequence[Application],
        *,
        ppse: bool = True,
        style: str = "plain",
    ) -> None:
        self.about = about
        self.radio = radio
        self.number = applications[0].number if applications else ""
        self._applications = applications
        self._ppse = ppse
        self._style = style
        self._state = _State()

    def reset(self) -> None:
        self._state = _State()

    def answer(self, command: bytes) -> bytes:
        apdu = command_of(command)
        if apdu is None:
            return _WRONG_LENGTH
        if apdu.ins not in _CLASSES:
            return _UNKNOWN_INS
        if apdu.cla != _CLASSES[apdu.ins]:
            return _UNKNOWN_CLA
        if apdu.ins == _GET_RESPONSE:
            return self._fetch(apdu)
        before, self._state = self._state, replace(self._state, held=b"")
        data, status = self._carry_out(apdu)
        if self._style == "6C" and data and apdu.expected != len(data) & 0xFF:
            self._state = before  # nothing has happened: the terminal asks again
            return bytes((0x6C, len(data) & 0xFF))
        if self._style == "61" and data:
            self._state = replace(self._state, held=data + status)
            return bytes((0x61, len(data) & 0xFF))
        return data + status

    def _carry_out(self, apdu: Command) -> tuple[bytes, bytes]:
        """Data and status word."""
        if apdu.ins == _SELECT:
            return self._select(apdu)
        return self._options(apdu) if apdu.ins == _OPTIONS else self._read(apdu)

    def _select(self, apdu: Command) -> tuple[bytes, bytes]:
        if apdu.p1 != 0x04 or apdu.p2 not in (0x00, 0x02):
            return b"", _BAD_P1_P2
        if not apdu.data:
            return b"", _WRONG_LENGTH
        if apdu.data == PPSE and self._ppse:
            self._state = _State()
            entries = b"".join(application.entry() for application in self._applications)
            proprietary = tlv("A5", tlv("BF0C", entries))
            return tlv("6F", tlv("84", PPSE) + proprietary), OK
        found = self._find(apdu.data, after_selected=apdu.p2 == 0x02)
        if found is None:
            return b"", _NOT_FOUND
        self._state = _State(selected=found)
        return found.control_information(), _BLOCKED if found.blocked else OK

    def _find(self, name: bytes, after_selected: bool) -> Application | None:
        """The first application, or the next one, whose AID begins with `name`."""
        matching = [one for one in self._applications if one.aid.startswith(name)]
        if after_selected and self._state.selected in matching:
            del matching[: matching.index(self._state.selected) + 1]
        return matching[0] if matching else None

    def _options(self, apdu: Command) -> tuple[bytes, bytes]:
        """GET PROCESSING OPTIONS, once after each SELECT and only with what the PDOL asked for."""
        chosen = self._state.selected
        if (apdu.p1, apdu.p2) != (0, 0):
            return b"", _BAD_P1_P2
        if chosen is None or chosen.blocked or self._state.opened:
            return b"", _CONDITIONS
        if apdu.data[:1] != b"\x83":
            return b"", _BAD_DATA
        given = apdu.data[2:]
        if apdu.data[1:2] != bytes((len(given),)) or len(given) != chosen.pdol_bytes:
            return b"", _WRONG_LENGTH
        self._state = replace(self._state, opened=True)
        return chosen.options(), OK

    def _read(self, apdu: Command) -> tuple[bytes, bytes]:
        """READ RECORD by number: P1 the record, P2 the short file identifier and 100b."""
        chosen = self._state.selected
        if apdu.p1 == 0 or apdu.p2 & 0x07 != 0x04:
            return b"", _BAD_P1_P2
        if chosen is None or not self._state.opened:
            return b"", _CONDITIONS
        file = apdu.p2 >> 3
        if file not in {number for number, _ in chosen.records}:
            return b"", _NOT_FOUND
        record = chosen.records.get((file, apdu.p1))
        return (b"", _NO_RECORD) if record is None else (record, OK)

    def _fetch(self, apdu: Command) -> bytes:
        """GET RESPONSE: all that is held, or a part of it and how much is left."""
        held, status = self._state.held[:-2], self._state.held[-2:]
        if (apdu.p1, apdu.p2) != (0, 0) or apdu.data:
            return _BAD_P1_P2
        if not held:
            return _CONDITIONS
        wanted = apdu.expected or 256
        if apdu.expected and wanted > len(held):
            return bytes((0x6C, len(held) & 0xFF))
        part, rest = held[:wanted], held[wanted:]
        self._state = replace(self._state, held=rest + status if rest else b"")
        return part + (bytes((0x61, len(rest) & 0xFF)) if rest else status)
