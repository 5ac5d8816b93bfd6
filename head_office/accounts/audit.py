"""Who did what, when and from where. Only grows, until a line is as old as the configuration says."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from head_office.access import Person
from head_office.accounts.tables import audit

PAGE = 500
AT_ONCE = 1000  # lines in one transaction
FORMULA = ("=", "+", "-", "@", "\t")  # a spreadsheet would work such a cell out
COLUMNS = ("at", "person", "address", "what", "of", "detail")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is RFC 3339 in UTC. `of`: whom or what it was done to."""

    id: int
    at: str
    person: str
    address: str
    what: str
    of: str
    detail: str


def record(
    to: sa.Engine | sa.Connection,
    person: Person | str,
    what: str,
    of: str = "",
    detail: str = "",
    *,
    at: datetime | None = None,
    address: str = "",
) -> None:
    """`what` is a word such as `alert-acknowledged`; never a secret, nor what tells about a customer. Within the caller's
    transaction where a connection is given, so that neither is there without the other."""
    name = person if isinstance(person, str) else person.name
    values = {
        "at": _moment(at or datetime.now(UTC)),
        "person": _plain(name, 64),
        "address": _plain(address or ("" if isinstance(person, str) else person.address), 64),
        "what": _plain(what, 64),
        "of": _plain(of, 256),
        "detail": _plain(detail, 1024),
    }
    if isinstance(to, sa.Connection):
        to.execute(sa.insert(audit), values)
        return
    with to.begin() as connection:
        connection.execute(sa.insert(audit), values)


def forget(engine: sa.Engine, before: datetime, now: datetime) -> int:
    """What was done before that moment; says so in a line of its own. How many lines have gone, not all at once: ask again
    until none has. Raises SQLAlchemyError."""
    old = sa.select(audit.c.id).where(audit.c.at < _moment(before)).order_by(audit.c.id)
    with engine.connect() as to:
        numbers = to.execute(old.limit(AT_ONCE)).scalars().all()
    if not numbers:
        return 0
    with engine.begin() as to:
        gone = to.execute(sa.delete(audit).where(audit.c.id.in_(numbers))).rowcount
        detail = f"{gone} lines of before {_moment(before)}"
        record(to, "head office", "audit-forgotten", detail=detail, at=now)
    return gone


def read(engine: sa.Engine, before: int | None, limit: int) -> list[Entry]:
    """The latest first; those older than the entry `before` where it is given."""
    wanted = sa.select(audit).order_by(audit.c.id.desc()).limit(min(limit, PAGE))
    if before is not None:
        wanted = wanted.where(audit.c.id < before)
    with engine.connect() as to:
        return [Entry(**row._mapping) for row in to.execute(wanted)]


def as_csv(engine: sa.Engine) -> Iterator[bytes]:
    """The whole of it, the earliest first, as spreadsheets read it."""
    yield b"\xef\xbb\xbf" + _lines([COLUMNS])
    after = 0
    while True:
        wanted = sa.select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE)
        with engine.connect() as to:
            rows = [row._mapping for row in to.execute(wanted)]
        if not rows:
            return
        yield _lines([[_harmless(row[name]) for name in COLUMNS] for row in rows])
        after = rows[-1]["id"]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lines(rows: object) -> bytes:
    into = io.StringIO()
    csv.writer(into).writerows(rows)  # type: ignore[arg-type]
    return into.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _plain(text: str, longest: int) -> str:
    """Without characters that are not seen: they would forge lines, or turn the rest of one around."""
    seen = (c if unicodedata.category(c)[0] != "C" else " " for c in text[:longest])
    return "".join(seen)
