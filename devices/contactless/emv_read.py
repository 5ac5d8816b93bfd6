"""Reading a bank card as far as its number, over any way to send it a command.

Not responsible for: paying, checking that the card is genuine, or how a command gets to the card.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from devices.bank_card import BankCard
from devices.contactless import emv, tlv
from devices.contactless.emv import Candidate, Response

MOST_COMMANDS = 48  # to one card in one reading; real cards need four to twelve
MOST_PIECES = 8  # of one answer (61xx), or changes of its length (6Cxx)


class Unreadable(Exception):
    """No bank card came of it. `reason`: invalidMedia (no application for payments, or none that gives
    its number), applicationBlocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadCard:
    """`aid` in hexadecimal; `label` is what the application calls itself."""

    card: BankCard
    aid: str
    label: str


def read(transmit: Callable[[bytes], bytes], terminal: Mapping[int, bytes], key: bytes) -> ReadCard:
    """The card by the application that it likes best. Raises Unreadable, and whatever `transmit` raises.

    `transmit` takes a command and returns the answer with its status word; `terminal` as
    `emv.terminal` makes it.
    """
    ask = _Session(transmit).ask
    blocked = False
    for candidate in _candidates(ask):
        selected = ask(emv.select(candidate.aid))
        blocked |= selected.status == emv.APPLICATION_BLOCKED
        if selected.status != emv.OK:
            continue
        card = _card(ask, selected.data, terminal, key)
        if card is not None:
            aid = tlv.find(selected.data, emv.NAME) or candidate.aid
            return ReadCard(
                card, aid[:16].hex().upper(), candidate.label or emv.label(selected.data)
            )
    raise Unreadable("applicationBlocked" if blocked else "invalidMedia")


def _candidates(ask: Callable[[bytes], Response]) -> Iterator[Candidate]:
    environment = ask(emv.select(emv.PAYMENT_ENVIRONMENT))
    named = emv.candidates(environment.data) if environment.status == emv.OK else []
    yield from named or map(Candidate, emv.KNOWN_APPLICATIONS)


def _card(
    ask: Callable[[bytes], Response],
    application: bytes,
    terminal: Mapping[int, bytes],
    key: bytes,
) -> BankCard | None:
    """From the application that is selected; None when it does not give its number (6985, 6A83, …)."""
    wishes = tlv.find(application, emv.PDOL) or b""
    answer = emv.wishes_answered(wishes, terminal)
    if answer is None:
        return None
    options = ask(emv.get_processing_options(answer))
    if options.status != emv.OK:
        return None
    card = emv.bank_card(options.data, key)
    for record in emv.records(options.data) if card is None else ():
        content = ask(emv.read_record(record))
        card = emv.bank_card(content.data, key) if content.status == emv.OK else None
        if card is not None:
            break
    return card


class _Session:
    """Sends commands, gathers answers in pieces, and ends a card that never ends."""

    def __init__(self, transmit: Callable[[bytes], bytes]) -> None:
        self._transmit = transmit
        self._left = MOST_COMMANDS

    def ask(self, command: bytes) -> Response:
        data, answer = b"", self._once(command)
        for _ in range(MOST_PIECES):
            kind, length = answer.status >> 8, answer.status & 0xFF
            if kind == 0x6C:
                command = emv.with_length(command, length)
            elif kind == 0x61:
                data += answer.data
                command = emv.get_response(length)
            else:
                break
            answer = self._once(command)
        return Response(data + answer.data, answer.status)

    def _once(self, command: bytes) -> Response:
        if self._left == 0:
            raise Unreadable("invalidMedia")
        self._left -= 1
        return emv.response(self._transmit(command))
