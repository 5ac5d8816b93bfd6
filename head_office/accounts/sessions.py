"""Who is signed in. The browser has a random token in a cookie; only its hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from head_office.access import Person, Role
from head_office.accounts.people import Account, regions_of, sign_out
from head_office.accounts.settings import AccountSettings
from head_office.accounts.tables import account, session

HALF_WAY = timedelta(minutes=10)  # to give the code, or to set up what is missing
SLOW_S = 300.0  # a session from further in the future was begun under a clock that was wrong
TOUCH_S = 60.0  # how exactly is known when it was used last
Stage = Literal["code", "new-password", "set-up", "done"]


@dataclass(frozen=True, slots=True)
class Where:
    """From where somebody asks. `agent`: what the browser says it is; `device`: its cookie of earlier sign-ins."""

    address: str
    agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Until its stage is `done` it only leads on to the next one."""

    id: str
    account: str
    person: Person
    stage: Stage
    made: float
    seen: float
    address: str
    agent: str


class Sessions:
    def __init__(self, engine: sa.Engine, settings: AccountSettings) -> None:
        self._engine = engine
        self._idle = timedelta(minutes=settings.idle_minutes).total_seconds()
        self._longest = timedelta(hours=settings.longest_hours)

    @property
    def longest(self) -> timedelta:
        return self._longest

    def begin(
        self, to: sa.Connection, of: Account, stage: Stage, where: Where, now: datetime
    ) -> str:
        """A new token, never one that the browser brought."""
        token = secrets.token_urlsafe(32)
        lasts = self._longest if stage == "done" else HALF_WAY
        values = {
            "id": hash_of(token), "account": of.id, "stage": stage, "made": now.timestamp(),
            "seen": now.timestamp(), "until": (now + lasts).timestamp(),
            "address": where.address[:64], "agent": where.agent[:256],
        }  # fmt: skip
        to.execute(sa.delete(session).where(session.c.until < now.timestamp()))
        to.execute(sa.insert(session), values)
        return token

    def find(self, token: str, now: datetime) -> Session | None:
        """Whose token this is, with the rights they have now; None when it has ended."""
        at = now.timestamp()
        with self._engine.connect() as to:
            row = to.execute(self._live(at).where(session.c.id == hash_of(token))).first()
        if row is None:
            return None
        found = _session(row)
        if at - found.seen >= TOUCH_S:
            self._touch(found.id, at)
        return found

    def of(self, of: str, now: datetime) -> list[Session]:
        """Theirs, the one used last first."""
        wanted = self._live(now.timestamp()).where(session.c.account == of)
        with self._engine.connect() as to:
            return [_session(row) for row in to.execute(wanted.order_by(session.c.seen.desc()))]

    def end(self, to: sa.Connection, of: str, one: str) -> bool:
        """False where it has ended already, or is not theirs."""
        mine = sa.delete(session).where(session.c.account == of, session.c.id == one)
        return to.execute(mine).rowcount == 1

    def end_all(self, to: sa.Connection, of: str, keep: str = "") -> int:
        return sign_out(to, of, keep)

    def _live(self, at: float) -> sa.Select[tuple[object, ...]]:
        return (
            sa.select(session, account.c.name, account.c.role, account.c.regions)
            .join(account, account.c.id == session.c.account)
            .where(session.c.until > at, session.c.seen > at - self._idle)
            .where(session.c.made < at + SLOW_S)
        )

    def _touch(self, one: str, at: float) -> None:
        with self._engine.begin() as to:
            to.execute(sa.update(session).where(session.c.id == one).values(seen=at))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    values = dict(row._mapping)
    del values["until"]
    regions = regions_of(values.pop("regions"))
    person = Person(values.pop("name"), Role[values.pop("role").upper()], regions)
    return Session(person=person, **values)
