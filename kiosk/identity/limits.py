"""How often somebody may try to be a card's owner before staff look for themselves. Pure.

NIST SP 800-63B allows five failures in a row (ten with liveness), then 30 s before each further one, fifty in all. A
kiosk has staff a few steps away, so it stops where that begins: three tries a session, five failures of one customer,
and ten failures at one kiosk within an hour, which is somebody with several cards.

Only what was judged to be another person counts as a failure. What could not be judged, for want of light, costs a try of
the session and nothing else: it tells an attacker nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Why = Literal["", "session", "customer", "kiosk"]


@dataclass(frozen=True, slots=True)
class Limits:
    session_tries: int = 3
    customer_failures: int = 5  # in a row
    customer_for: timedelta = timedelta(
        hours=24
    )  # after the last of them, unless staff say otherwise
    kiosk_failures: int = 10
    kiosk_for: timedelta = timedelta(hours=1)


LIMITS = Limits()


def why_not(
    limits: Limits,
    now: datetime,
    session_tries: int,
    of_customer: Sequence[datetime],
    at_kiosk: Sequence[datetime],
) -> Why:
    """Which limit is reached; nothing while one may try. The failures are in order; one in the future, as the clock was
    turned back, counts like one of now."""
    if _recent(at_kiosk, now, limits.kiosk_for) >= limits.kiosk_failures:
        return "kiosk"
    still = bool(of_customer) and now - of_customer[-1] < limits.customer_for
    if still and len(of_customer) >= limits.customer_failures:
        return "customer"
    return "session" if session_tries >= limits.session_tries else ""


def forgotten(limits: Limits, now: datetime) -> datetime:
    """A customer whose last failure is older starts afresh, and nothing of them is kept."""
    return now - limits.customer_for


def _recent(failures: Sequence[datetime], now: datetime, within: timedelta) -> int:
    return sum(now - at < within for at in failures)
