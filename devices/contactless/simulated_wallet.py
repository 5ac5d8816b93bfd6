"""The cards one can lay on the simulated contactless reader. All numbers are made up.

Sources: EMV Book 3 (tags), ISO/IEC 7813 (track 2), registered application identifiers of the
payment schemes. A file of commands and answers may stand in for a card.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from devices.contactless.simulated_card import Application, Card, EmvCard, Radio, tlv

_NAME = b"TEST/CARD"
_NOT_FOUND, _UNKNOWN_INS = b"\x6a\x82", b"\x6d\x00"
_UNIONPAY_PDOL = (
    ("9F66", 4),
    ("9F02", 6),
    ("9F03", 6),
    ("9F1A", 2),
    ("95", 5),
    ("5F2A", 2),
    ("9A", 3),
    ("9C", 1),
    ("9F37", 4),
)
_FIRST_UID = bytes.fromhex("08 AA BB CC")
_SECOND_UID = bytes.fromhex("08 1D 2E 3F")


def _track_2(number: str) -> bytes:
    """Tag 57: number, D, expiry, service code and the issuer's digits, filled up with F to 19 bytes."""
    digits = f"{number}D2912220" + "12345".rjust(29 - len(number), "0")
    return tlv("57", bytes.fromhex(digits + "F"))


def _number(number: str) -> bytes:
    return tlv("5A", bytes.fromhex(number + "F" * (len(number) % 2)))


def _validity() -> bytes:
    begins, ends = tlv("5F25", bytes.fromhex("241201")), tlv("5F24", bytes.fromhex("291231"))
    return ends + begins + tlv("5F28", b"\x01\x56") + tlv("5F34", b"\x01")


def _filler(size: int) -> bytes:
    """Stands for keys and certificates, which nobody here checks."""
    return bytes((37 * place + 11) & 0xFF for place in range(size))


def _unionpay() -> Application:
    number = "6222021234567890128"
    return Application(
        bytes.fromhex("A000000333010101"),
        "PBOC DEBIT",
        number,
        pdol=_UNIONPAY_PDOL,
        locator=bytes.fromhex("08010100 10010200"),
        extra=tlv("9F36", b"\x00\x2a"),
        records={
            (1, 1): tlv("70", _track_2(number) + tlv("5F20", _NAME)),
            (2, 1): tlv("70", _validity()),
            (2, 2): tlv("70", tlv("90", _filler(144))),
        },
    )


def _unionpay_credit() -> Application:
    """Gives track 2 with the processing options already; the number also stands in a record."""
    number = "6225880123456783"
    return Application(
        bytes.fromhex("A000000333010102"),
        "PBOC CREDIT",
        number,
        pdol=_UNIONPAY_PDOL,
        locator=bytes.fromhex("10010100"),
        extra=_track_2(number) + tlv("5F34", b"\x01") + tlv("9F26", _filler(8)),
        records={(2, 1): tlv("70", _number(number) + _validity())},
    )


def _visa() -> Application:
    number = "4111111111111111"
    discretionary = tlv("9F1F", b"0" * 24)
    return Application(
        bytes.fromhex("A0000000031010"),
        "VISA DEBIT",
        number,
        format=1,
        profile=b"\x3c\x00",
        locator=bytes.fromhex("08010200 10010101 18010100 20010100"),
        records={
            (1, 1): tlv("70", tlv("5F30", b"\x02\x01")),
            (1, 2): tlv("70", _track_2(number) + tlv("5F20", b" /") + discretionary),
            (2, 1): tlv("70", _number(number) + _validity()),
            (3, 1): tlv("70", tlv("90", _filler(144))),
            (4, 1): tlv("70", tlv("9F47", b"\x03") + tlv("8F", b"\x95")),
        },
    )


def _mastercard() -> Application:
    """The last record makes an answer that only an extended frame can carry."""
    number = "5555555555554444"
    stripe = tlv("9F6B", _track_2(number)[2:])
    return Application(
        bytes.fromhex("A0000000041010"),
        "MASTERCARD",
        number,
        profile=b"\x19\x80",
        locator=bytes.fromhex("08010100 10010101 18010100"),
        records={
            (1, 1): tlv("70", tlv("9F6C", b"\x00\x01") + stripe),
            (2, 1): tlv("70", _track_2(number) + _number(number) + _validity()),
            (3, 1): tlv("70", tlv("90", _filler(248))),
        },
    )


class SilentCard:
    """A card that is listed but answers no APDU, as a MIFARE Classic."""

    def __init__(self, about: str, radio: Radio) -> None:
        self.about = about
        self.radio = radio
        self.number = ""

    def reset(self) -> None:
        """It has nothing to forget."""

    def answer(self, command: bytes) -> None:
        return None


class TranscriptCard:
    """Answers what the transcript says; of equal commands each answer in turn, the last for ever.

    GET PROCESSING OPTIONS is known by its first four bytes, since terminals fill the PDOL in
    differently.
    """

    def __init__(self, turns: list[tuple[bytes, bytes]]) -> None:
        self.about = "transcript"
        self.radio = Radio(_FIRST_UID)
        self.number = ""
        self._answers: dict[bytes, list[bytes]] = {}
        for command, answer in turns:
            self._answers.setdefault(_key(command), []).append(answer)
        self.reset()

    def reset(self) -> None:
        self._left = {key: list(answers) for key, answers in self._answers.items()}

    def answer(self, command: bytes) -> bytes:
        answers = self._left.get(_key(command))
        if answers is None:
            return _NOT_FOUND if command[1:2] == b"\xa4" else _UNKNOWN_INS
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _key(command: bytes) -> bytes:
    return command[:4] if command[:2] == b"\x80\xa8" else command


def read_transcript(path: Path) -> TranscriptCard:
    """Lines of hexadecimal digits, command and answer in turns; `#` begins a remark."""
    try:
        text = path.read_text("ascii")
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        turns = [bytes.fromhex(line) for line in lines if line]
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is not a transcript: lines of hexadecimal digits") from error
    pairs = list(zip(turns[::2], turns[1::2], strict=False))
    fit = all(4 <= len(c) <= 261 and 2 <= len(a) <= 258 for c, a in pairs)
    if not turns or len(turns) % 2 or not fit:
        raise ValueError(f"{path} needs lines in turns: a command (4 to 261 bytes), its answer")
    return TranscriptCard(pairs)


def _emv(about: str, *applications: Application, ppse: bool = True, style: str = "plain") -> Card:
    return EmvCard(about, Radio(_FIRST_UID), applications, ppse=ppse, style=style)


def _two_apps() -> Card:
    debit, credit = replace(_unionpay(), priority=2), replace(_unionpay_credit(), priority=1)
    return _emv("two_apps", debit, credit)


def _type_b() -> Card:
    radio = Radio(_SECOND_UID, type_b=True, answer=b"\x00")
    return EmvCard("type_b", radio, [_unionpay()])


def _transit() -> Card:
    """A city's travel card: its own application, no directory of payment applications."""
    purse = Application(bytes.fromhex("A000000632010105"), "T-UNION", "")
    return _emv("transit", purse, ppse=False)


_READY: Mapping[str, Callable[[], list[Card]]] = {
    "unionpay": lambda: [_emv("unionpay", _unionpay())],
    "unionpay_credit": lambda: [_emv("unionpay_credit", _unionpay_credit())],
    "visa": lambda: [_emv("visa", _visa())],
    "mastercard": lambda: [_emv("mastercard", _mastercard())],
    "two_apps": lambda: [_two_apps()],
    "ppse_missing": lambda: [_emv("ppse_missing", _unionpay(), ppse=False)],
    "sw61": lambda: [_emv("sw61", _unionpay(), style="61")],
    "sw6c": lambda: [_emv("sw6c", _unionpay(), style="6C")],
    "blocked": lambda: [_emv("blocked", replace(_unionpay(), blocked=True))],
    "mifare": lambda: [SilentCard("mifare", Radio(_FIRST_UID, sel_res=0x08, answer=b""))],
    "transit": lambda: [_transit()],
    "type_b": lambda: [_type_b()],
    "two": lambda: [_emv("unionpay", _unionpay()), EmvCard("visa", Radio(_SECOND_UID), [_visa()])],
}


def cards_for(value: str) -> list[Card]:
    """The card or cards that `value` names, or a file with a transcript; else ValueError."""
    if value in _READY:
        return _READY[value]()
    try:
        if Path(value).is_file():
            return [read_transcript(Path(value))]
    except OSError:
        pass  # a name no file can have is an unknown card
    raise ValueError(f"no card {value!r}; allowed: {', '.join(_READY)} or a file of a transcript")
