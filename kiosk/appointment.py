"""An appointment as its QR code says it; docs/devices.md tells banks how to make one. Pure.

lobby:appointment?service=wealth&at=2026-11-25T14:30:00+08:00
lobby:appointment?service=wealth&reference=R-20031
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from edge_agent.messages import LIKE_A_NUMBER_OF_A_PERSON

LONGEST_CODE = 32
LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class Appointment:
    """`booked` is the time (RFC 3339), or the bank's own reference."""

    service: str
    booked: str


def read(text: str) -> Appointment | None:
    """None for every other code."""
    try:
        parts = urlsplit(text.strip())
        # a plus sign is the offset's, not a blank
        said = dict(parse_qsl(parts.query.replace("+", "%2B"), strict_parsing=True))
    except ValueError:
        return None
    if (parts.scheme, parts.path) != ("lobby", "appointment"):
        return None
    service, booked = said.get("service", ""), _booked(said)
    if not 0 < len(service) <= LONGEST_CODE or booked is None:
        return None
    return Appointment(service, booked)


def _booked(said: dict[str, str]) -> str | None:
    if "at" in said:
        return _time(said["at"])
    reference = said.get("reference", "")
    usable = 0 < len(reference) <= LONGEST_REFERENCE and reference.isprintable()
    usable = usable and not LIKE_A_NUMBER_OF_A_PERSON.search(reference)
    return reference if usable and reference.strip() else None


def _time(at: str) -> str | None:
    """In UTC, since not every zone that Python reads can be written as RFC 3339."""
    try:
        booked = datetime.fromisoformat(at)
        return None if booked.tzinfo is None else booked.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
