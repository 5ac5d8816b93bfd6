"""What a caller says of an appointment: its time, or a reference of the bank's own."""

import re
from datetime import datetime
from http import HTTPStatus

import msgspec

from edge_agent import messages
from edge_agent.branch import Branch
from program.web import Turned

LIKE_A_DATE = re.compile("[0-9]{4}-")
# control characters, and those that end a line or turn the direction of what follows (Unicode: Cc, Zl, Zp, some of Cf)
NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def appointment_of(appointment: str | None) -> tuple[datetime | None, str | None]:
    """The booked time, or else the bank's own reference; a time that was mistyped is not taken for one. Raises Turned."""
    if appointment is None:
        return None, None
    if NO_TEXT.search(appointment):
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "appointment-unusable",
            "The appointment has a control character in it, such as a line's end. Send what stands there without it.",
        )
    if messages.LIKE_A_NUMBER_OF_A_PERSON.search(appointment):
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "appointment-unusable",
            "The appointment looks like the number of a card, a document or a phone, and would stay in the branch. "
            "Expected a time, or a reference with fewer than 11 digits in a row.",
        )
    if not LIKE_A_DATE.match(appointment):
        return None, appointment
    try:
        return msgspec.convert(appointment, messages.Moment), None
    except msgspec.ValidationError as error:
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "appointment-unusable",
            "The appointment begins like a date, but is no time. Expected one with its zone, "
            "such as 2026-11-24T10:30:00+08:00, or a reference that does not begin like a date.",
        ) from error


def keep_reference(branch: Branch, ticket: str, reference: str | None) -> None:
    """Beside the entries, which leave the branch: whoever hands it in may have put a name there."""
    if reference is not None:
        branch.journal.keep_note(_note_of(ticket), reference)


def reference_of(branch: Branch, ticket: str) -> str | None:
    return branch.journal.note(_note_of(ticket))


def _note_of(ticket: str) -> str:
    return f"appointment:{ticket}"
