"""Who is calling: kiosks and programs by the configuration's tokens, people by name and PIN."""

import asyncio
import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from edge_agent import messages
from edge_agent.desk import Desk
from edge_agent.journal import Journal
from edge_agent.settings import Settings
from program import pin

SESSION_LASTS = timedelta(hours=12)  # a working day
WRONG_PINS = 5
LOCKED_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Caller:
    """`role` is kiosk or staff."""

    name: str
    role: str


class WrongPin(Exception):
    """Name and PIN do not belong together."""


class Locked(Exception):
    """Too many wrong PINs; `seconds` to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong PINs for this name. Try again in {seconds} seconds.")
        self.seconds = seconds


class _Session(msgspec.Struct, frozen=True):
    name: str
    until: datetime


class Staff:
    """Knows tokens; signs people in. Sessions are kept in the journal and outlive a restart."""

    def __init__(
        self, settings: Settings, journal: Journal, desk: Desk, clock: Callable[[], datetime]
    ) -> None:
        self._tokens = {k.token: Caller(k.name, "kiosk") for k in settings.kiosks}
        self._tokens |= {s.token: Caller(s.name, "staff") for s in settings.staff if s.token}
        self._pins = {s.name: s.pin for s in settings.staff if s.pin}
        self._journal = journal
        self._desk = desk
        self._clock = clock
        self._wrong: dict[str, list[datetime]] = {}

    def caller(self, token: str) -> Caller | None:
        """Whose token this is; None when it is nobody's, or no longer."""
        for known, caller in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode()):
                return caller
        kept = self._journal.note(_note_of(token))
        if kept is None:
            return None
        session = msgspec.json.decode(kept, type=_Session)
        known_still = session.name in self._pins and session.until > self._clock()
        return Caller(session.name, "staff") if known_still else None

    async def sign_in(self, name: str, given: str) -> messages.SignedIn:
        """A token for a working day. Raises WrongPin, Locked."""
        now = self._clock()
        self._check_not_locked(name, now)
        sealed = self._pins.get(name)
        if sealed is None:
            raise WrongPin("Name and PIN do not belong together.")
        # counted before it is looked at: many guesses at once are as many guesses
        self._wrong.setdefault(name, []).append(now)
        if not await asyncio.to_thread(pin.fits, given, sealed):
            raise WrongPin("Name and PIN do not belong together.")
        self._wrong.pop(name, None)
        return await self._new_session(name, now)

    async def _new_session(self, name: str, now: datetime) -> messages.SignedIn:
        token = secrets.token_urlsafe(24)
        session = _Session(name, now + SESSION_LASTS)
        kept = msgspec.json.encode(session).decode()
        await self._desk.record(lambda journal: journal.keep_note(_note_of(token), kept))
        return messages.SignedIn(token=token, name=name, expires_at=session.until)

    def _check_not_locked(self, name: str, now: datetime) -> None:
        recent = [at for at in self._wrong.get(name, []) if now - at < LOCKED_FOR]
        if recent:
            self._wrong[name] = recent
        if len(recent) >= WRONG_PINS:
            raise Locked(math.ceil((recent[-WRONG_PINS] + LOCKED_FOR - now).total_seconds()))


def _note_of(token: str) -> str:
    """The journal keeps a digest: who reads the file cannot sign in with it."""
    return "session:" + hashlib.sha256(token.encode()).hexdigest()
