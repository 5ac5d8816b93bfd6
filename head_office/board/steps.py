"""The rows of every branch, encoded once for all who read them.

The board moves in steps. Who has read up to the same step is sent the same bytes; who is
slower is sent, when the line is free again, each row that has changed meanwhile once, as it is then.
"""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from head_office.access import Person
from head_office.alerts.rules import SEVERITY
from head_office.board.row import about, standing
from head_office.picture import BranchNow, Picture
from program.bell import Bell

STEP_S = 0.3
LEVEL = 6
MANY = 2000  # rows; for more of them a reader had better ask for everything, which is compressed
SEVERITIES = msgspec.json.encode(SEVERITY)
ANEW = b'{"type":"Anew"}'
Regions = tuple[str, ...] | None


@dataclass(slots=True)
class _Row:
    """Encoded; `changed` is the version at which what seldom changes did so last."""

    region: str
    about: bytes
    changed: int
    standing: bytes


class Steps:
    """Call `run()` as a task; `bell` is rung at every step. `version` is the picture's at the last step."""

    def __init__(self, picture: Picture, clock: Callable[[], datetime]) -> None:
        self._picture, self._clock = picture, clock
        self._rows: dict[str, _Row] = {}
        self._read = -1
        self._frames: dict[tuple[int, Regions], bytes] = {}
        self._wholes: dict[Regions, asyncio.Future[bytes]] = {}
        self._first = self.version = picture.version  # before it was another run
        self.bell = Bell()

    async def run(self, changed: Bell) -> None:
        """A step whenever something has changed, until cancelled."""
        while True:
            ring = changed.next()
            self.step()
            await asyncio.sleep(STEP_S)
            await ring.wait()

    def step(self) -> None:
        if self.version != self._picture.version:
            self.version = self._picture.version
            self._frames.clear()
            self._wholes.clear()
        self.bell.ring()

    def frame(self, after: int, person: Person) -> bytes:
        """What has changed after that version, of what this person sees, as JSON; or that it is too much to tell."""
        if not self._first <= after <= self.version:
            return ANEW
        key = after, person.regions
        if key not in self._frames:
            self._frames[key] = self._since(after, person)
        return self._frames[key]

    async def whole(self, person: Person) -> bytes:
        """Everything that this person sees, as gzipped JSON."""
        made = self._wholes.get(person.regions)
        if made is None:
            made = asyncio.ensure_future(self._whole(person))
            self._wholes[person.regions] = made
        return await asyncio.shield(made)

    def _since(self, after: int, person: Person) -> bytes:
        news = self._picture.changed_after(after)
        if len(news) > MANY:
            return ANEW
        self._catch_up()
        return self._said([self._rows[now.branch] for _, now in news], after, person)

    async def _whole(self, person: Person) -> bytes:
        self._catch_up()
        near = sorted(self._rows.values(), key=lambda row: row.region)  # what is alike packs well
        body = b'{"severities":%s,%s' % (SEVERITIES, self._said(near, -1, person)[1:])
        return await asyncio.to_thread(gzip.compress, body, LEVEL)

    def _said(self, news: list[_Row], after: int, person: Person) -> bytes:
        seen = [row for row in news if person.sees(row.region)]
        return (
            b'{"type":"Rows","version":%d,"at":%d,"branches":%d,"about":[%s],"standing":[%s]}'
            % (
                self.version,
                self._clock().timestamp(),
                sum(person.sees(row.region) for row in self._rows.values()),
                b",".join(row.about for row in seen if row.changed > after),
                b",".join(row.standing for row in seen),
            )
        )

    def _catch_up(self) -> None:
        """Encode what has changed since somebody asked last."""
        news = self._picture.changed_after(self._read)
        self._read = self._picture.version
        for version, now in news:
            self._rows[now.branch] = self._encoded(version, now)
        if len(self._rows) != self._picture.count:
            for gone in self._rows.keys() - {now.branch for now in self._picture.all()}:
                del self._rows[gone]

    def _encoded(self, version: int, now: BranchNow) -> _Row:
        known = msgspec.json.encode(about(now))
        before = self._rows.get(now.branch)
        changed = before.changed if before is not None and before.about == known else version
        return _Row(now.region, known, changed, msgspec.json.encode(standing(now)))
