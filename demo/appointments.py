"""The demo's appointments: what a bank's own system would drop for the branch, around the present time."""

from datetime import datetime, timedelta
from pathlib import Path

FIRST = 2001
# minutes from now -> service
BOOKED = {-5: "cash", 0: "wealth", 5: "business", 15: "wealth", 30: "cards", 60: "business"}


def write(path: Path, now: datetime) -> None:
    """References from 2001 on, at whole five minutes. Whole at once: nobody reads half of it."""
    even = now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)
    rows = [
        f"{reference},{service},{(even + timedelta(minutes=minutes)).isoformat()},"
        for reference, (minutes, service) in enumerate(BOOKED.items(), start=FIRST)
    ]
    beside = path.with_suffix(".new")
    beside.write_text("\n".join(["reference,service,at,customer_token", *rows, ""]), "utf-8")
    beside.replace(path)
