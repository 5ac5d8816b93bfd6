"""What a terminal says to an EMV card and what the answers mean, as far as recognising the card goes. Pure.

Source: EMV Book 1 (SELECT, priorities), Book 3 (READ RECORD, GET PROCESSING OPTIONS, data object lists,
status words), Book B (the payment environment 2PAY.SYS.DDF01), ISO/IEC 7816-4 (GET RESPONSE). The card
number does not leave this file: what leaves is what `BankCard` holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from devices.bank_card import BankCard, from_number
from devices.contactless import tlv

PAYMENT_ENVIRONMENT = b"2PAY.SYS.DDF01"
# where the payment environment is missing: UnionPay debit, credit, quasi-credit, any; Visa; Mastercard;
# American Express; JCB. A bare registered identifier selects whichever application of it there is.
KNOWN_APPLICATIONS = tuple(
    bytes.fromhex(aid)
    for aid in (
        "A000000333010101", "A000000333010102", "A000000333010103", "A000000333",
        "A0000000031010", "A000000003", "A0000000041010", "A000000004", "A000000025", "A000000065",
    )
)  # fmt: skip
MOST_RECORDS = 24  # named by one application; real ones name under ten
LONGEST_ANSWER = 252  # bytes to a data object list, so that its command stays a short one

AID, LABEL, PRIORITY, APPLICATION = 0x4F, 0x50, 0x87, 0x61
NAME, PREFERRED_NAME, PDOL = 0x84, 0x9F12, 0x9F38
FORMAT_1, FILE_LOCATOR = 0x80, 0x94
TRACK_2, STRIPE_TRACK_2, PAN = 0x57, 0x9F6B, 0x5A

TTQ, AMOUNT, AMOUNT_OTHER, COUNTRY, CURRENCY = 0x9F66, 0x9F02, 0x9F03, 0x9F1A, 0x5F2A
TERMINAL_TYPE, DATE, TRANSACTION_TYPE, UNPREDICTABLE = 0x9F35, 0x9A, 0x9C, 0x9F37
NUMERIC = frozenset((AMOUNT, AMOUNT_OTHER, COUNTRY, CURRENCY, DATE, TRANSACTION_TYPE))

OK, APPLICATION_BLOCKED = 0x9000, 0x6283
WRONG_LENGTH = b"\x67\x00"
DIGITS = r"(?P<pan>[1-9][0-9]{11,18})"
FORMS = {  # where the number stands, the best first
    TRACK_2: re.compile(DIGITS + r"D[0-9]{4}[0-9]*F*"),
    STRIPE_TRACK_2: re.compile(DIGITS + r"D[0-9]{4}[0-9]*F*"),
    PAN: re.compile(DIGITS + r"F*"),
}


@dataclass(frozen=True, slots=True)
class Response:
    """What a card answered: data and status word (0 when it sent none)."""

    data: bytes = field(repr=False)
    status: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application of the card; `priority` 1 is the card's first choice, 16 stands for none given."""

    aid: bytes
    label: str = ""
    priority: int = 16


@dataclass(frozen=True, slots=True)
class Record:
    """A record that the application names, by its file's short identifier."""

    file: int
    number: int


def select(name: bytes) -> bytes:
    """SELECT by name: an application, or the payment environment."""
    return b"\x00\xa4\x04\x00" + bytes((len(name),)) + name + b"\x00"


def get_processing_options(answer: bytes) -> bytes:
    """`answer`: to the card's list of wishes, at most LONGEST_ANSWER bytes."""
    data = tlv.build(0x83, answer)
    return b"\x80\xa8\x00\x00" + bytes((len(data),)) + data + b"\x00"


def read_record(record: Record) -> bytes:
    return bytes((0x00, 0xB2, record.number, record.file << 3 | 4, 0x00))


def get_response(length: int) -> bytes:
    """The rest of an answer, after status 61xx."""
    return bytes((0x00, 0xC0, 0x00, 0x00, length))


def with_length(command: bytes, length: int) -> bytes:
    """The same command with the length that the card wants, after status 6Cxx."""
    return command[:-1] + bytes((length,))


def response(raw: bytes) -> Response:
    if len(raw) < 2:
        return Response(b"", 0)
    return Response(raw[:-2], int.from_bytes(raw[-2:], "big"))


def candidates(environment: bytes) -> list[Candidate]:
    """The applications that the payment environment names, by the card's priority."""
    found: dict[bytes, Candidate] = {}
    for one in tlv.walk(environment):
        if one.tag == APPLICATION:
            aid = tlv.find(one.value, AID) or b""
            if 5 <= len(aid) <= 16:
                candidate = Candidate(aid, label(one.value), _priority(one.value))
                found.setdefault(aid, candidate)
    return sorted(found.values(), key=lambda candidate: candidate.priority)


def label(template: bytes) -> str:
    """What the application calls itself, printable ASCII; the preferred name may be in another script."""
    text = tlv.find(template, LABEL) or tlv.find(template, PREFERRED_NAME) or b""
    return "".join(chr(byte) for byte in text[:16] if 0x20 <= byte < 0x7F).strip()


def _priority(template: bytes) -> int:
    value = tlv.find(template, PRIORITY) or b"\x00"
    return value[0] & 0x0F or 16


def terminal(
    ttq: bytes, country: int, currency: int, amount: int, day: date, unpredictable: bytes
) -> Mapping[int, bytes]:
    """What this terminal answers to a card's wishes, by tag. `amount` in the currency's smallest unit;
    country and currency are ISO 3166-1 and ISO 4217 numbers. ValueError when one does not fit."""
    if len(ttq) != 4:
        raise ValueError("the terminal transaction qualifiers are four bytes")
    return {
        TTQ: ttq,
        AMOUNT: _bcd(amount, 6),
        COUNTRY: _bcd(country, 2),
        CURRENCY: _bcd(currency, 2),
        DATE: bytes.fromhex(f"{day:%y%m%d}"),
        TERMINAL_TYPE: b"\x14",  # a bank's, unattended, online only
        UNPREDICTABLE: unpredictable,
    }


def _bcd(number: int, size: int) -> bytes:
    digits = f"{number:0{size * 2}d}"
    if number < 0 or len(digits) != size * 2:
        raise ValueError(f"{number} does not fit into {size * 2} digits")
    return bytes.fromhex(digits)


def wishes_answered(pdol: bytes, values: Mapping[int, bytes]) -> bytes | None:
    """The bytes that a data object list asks for, in its order and lengths; zeros for what we do not have.

    None when the list asks for more than a short command holds.
    """
    answer, at = b"", 0
    while at < len(pdol):
        tag = tlv.tag_at(pdol, at)
        if tag is None or tag[1] >= len(pdol):
            break  # half an entry has no length, and so no answer
        answer += _fitted(tag[0], values.get(tag[0], b""), pdol[tag[1]])
        at = tag[1] + 1
    return answer if len(answer) <= LONGEST_ANSWER else None


def _fitted(tag: int, value: bytes, size: int) -> bytes:
    """EMV Book 3, 5.4: numbers are filled up and cut on the left, everything else on the right."""
    if tag in NUMERIC:
        return value[max(0, len(value) - size) :].rjust(size, b"\x00")
    return value.ljust(size, b"\x00")[:size]


def records(options: bytes) -> list[Record]:
    """The records that the answer to GET PROCESSING OPTIONS names, in either of its formats."""
    plain = tlv.find(options, FORMAT_1)
    locator = plain[2:] if plain is not None else tlv.find(options, FILE_LOCATOR) or b""
    entries = (locator[at : at + 4] for at in range(0, len(locator) - 3, 4))
    named = (
        Record(file >> 3, number)
        for file, first, last, _signed in entries
        if 1 <= file >> 3 <= 30
        for number in range(max(first, 1), last + 1)
    )
    return list(islice(named, MOST_RECORDS))


def bank_card(template: bytes, key: bytes) -> BankCard | None:
    """The card whose number stands in an answer, as track 2 equivalent or by itself."""
    for tag, form in FORMS.items():
        for one in tlv.walk(template):
            match = form.fullmatch(one.value.hex().upper()) if one.tag == tag else None
            if match is not None:
                return from_number(match["pan"], key)
    return None
