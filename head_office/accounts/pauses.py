"""Who has guessed wrong too often waits: longer each time, never for good.

Guesses are counted by name and by address. A browser in which somebody has signed in before has a cookie and counts
for itself, so that a stranger who guesses at a name does not shut out the one whose name it is.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from head_office.accounts.tables import pause

FIRST_S = 5.0
KEPT_S = timedelta(days=7).total_seconds()
TRIES = 20  # to be counted while others are counted too


class Paused(Exception):
    """`seconds` until another attempt is looked at; the text says so."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(f"Too many wrong attempts. Try again in {self.seconds} seconds.")


@dataclass(frozen=True, slots=True)
class Count:
    """`free` wrong guesses cost nothing; then each costs twice the pause of the one before, `longest_s` at most. One is
    forgotten every `forgets_s`. `shared`: others guess here too."""

    key: str
    free: int
    longest_s: float = 900.0
    forgets_s: float = 1800.0
    shared: bool = False

    def pause_s(self, wrong: int) -> float:
        """After so many wrong guesses."""
        over = min(wrong - self.free, 30)
        return 0.0 if over < 0 else min(self.longest_s, FIRST_S * 2**over)


def of_name(key: str, free: int) -> Count:
    return Count(_hash("name", key), free)


def of_browser(device: str, account: str, free: int) -> Count:
    return Count(_hash("browser", device, account), free)


def of_codes(account: str, device: str, free: int) -> Count:
    """`device` is empty where the browser is not known."""
    return Count(_hash("codes", device, account), free)


def of_address(address: str) -> Count:
    """Many people may sit behind one address. Of IPv6 the network is counted: one machine has all of it."""
    return Count(_hash("address", _network(address)), 20, 60.0, 30.0, shared=True)


@dataclass(frozen=True, slots=True)
class _Kept:
    """`wrong` as it stands in the table, `counts` of them are not forgotten."""

    wrong: int
    counts: int
    last: float
    until: float


class Pauses:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def take(self, counts: list[Count], now: datetime) -> bool:
        """Count an attempt as wrong before it is looked at: many at once are as many. True when a pause begins with it.

        Raises Paused.
        """
        at = now.timestamp()
        for count in counts:
            kept = self._kept(count, at)
            _refuse(count, kept.until if kept else 0, at)
        begun = [self._counted(count, at) for count in counts]
        return any(begun)

    def give_back(self, counts: list[Count], taken: datetime) -> None:
        """It was right. What others share only gets this one back: whoever has an account may have guessed at others'."""
        with self._engine.begin() as to:
            for count in counts:
                here = pause.c.key == count.key
                if not count.shared:
                    to.execute(sa.delete(pause).where(here))
                    continue
                back = sa.update(pause).where(here, pause.c.wrong > 0)
                to.execute(back.values(wrong=pause.c.wrong - 1))
                mine = sa.update(pause).where(here, pause.c.last == taken.timestamp())
                to.execute(mine.values(until=0))

    def _kept(self, count: Count, at: float) -> _Kept | None:
        with self._engine.connect() as to:
            row = to.execute(sa.select(pause).where(pause.c.key == count.key)).first()
        if row is None:
            return None
        forgotten = int(max(0, at - row.last) / count.forgets_s)
        return _Kept(row.wrong, max(0, row.wrong - forgotten), row.last, row.until)

    def _counted(self, count: Count, at: float) -> bool:
        for _ in range(TRIES):
            kept = self._kept(count, at)
            _refuse(count, kept.until if kept else 0, at)
            wrong = (kept.counts if kept else 0) + 1
            new = {"wrong": wrong, "last": at, "until": at + count.pause_s(wrong)}
            if self._swapped(count, kept, new):
                return count.pause_s(wrong) > 0
        raise Paused(1)

    def _swapped(self, count: Count, kept: _Kept | None, new: dict[str, float]) -> bool:
        """False where somebody else was counted meanwhile."""
        here = pause.c.key == count.key
        with self._engine.begin() as to:
            if kept is not None:
                same = sa.update(pause).where(here, pause.c.last == kept.last)
                return to.execute(same.where(pause.c.wrong == kept.wrong).values(new)).rowcount == 1
            to.execute(sa.delete(pause).where(pause.c.last < new["last"] - KEPT_S))
            try:
                with to.begin_nested():
                    to.execute(sa.insert(pause), {"key": count.key, **new})
            except sa.exc.IntegrityError:
                return False
        return True


def _refuse(count: Count, until: float, at: float) -> None:
    """Raises Paused. What a wrong clock has set is no pause."""
    if 0 < until - at <= count.longest_s:
        raise Paused(until - at)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(known.ipv4_mapped or ipaddress.ip_network((int(known) >> 64 << 64, 64)))


def _hash(*parts: str) -> str:
    """Not the name itself: people type their password there."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
