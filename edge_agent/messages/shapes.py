"""What all shapes are made of: words, codes and times as they may leave a process."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Language = Annotated[  # which there are, the kiosk's files of words say
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}\Z",
        max_length=16,
        description="a language tag (BCP 47), such as zh-Hans, zh-Hant or en",
    ),
]
Names = Mapping[str, str]  # language -> what customers and staff read
Moment = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]  # of a journal entry; what databases can count to
Code = Annotated[str, Meta(min_length=1, max_length=32)]
SegmentName = Literal["ordinary", "vip", "care", "appointment"]
# never into a journal or a log: 11 digits are a mobile phone, 12 to 19 a card, 18 an ID card
LIKE_A_NUMBER_OF_A_PERSON = re.compile(r"\d(?:[ -]?\d){10}")
Word = Annotated[
    str,
    Meta(
        max_length=80,
        pattern=r"^(?!.*\d{11})[^\x00-\x1f\x7f]*\Z",
        description="at most 80 characters, none of them a control character, no 11 digits in a row",
    ),
]
PrintOutcome = Literal["confirmed", "failed", "indeterminate"]
DeviceState = Literal["absent", "opening", "probing", "ready", "busy", "degraded", "fault"]


# as hard to guess as 96 random bits
TicketId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,64}\Z")]


class Shape(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What we send, and what we read from others: unknown keys are from a newer version and ignored."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller asks for: an unknown key is a mistake and is refused."""
