"""Sends what is wanted until branches say that they have it, and takes a rollout from stage to stage."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import structs

from edge_agent import topics
from edge_agent.messages import ConfigDocument, Document, WithdrawalDocument
from head_office.picture import BranchNow, Picture
from head_office.rollout import plan as plans
from head_office.rollout.book import Deed, OfficeNotice, RolloutBook, Version, What
from head_office.rollout.key import Key
from head_office.rollout.plan import Plan, Says
from program.in_flight import Message

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10.0, 300.0  # between two sendings to one branch
AT_ONCE = 100  # a look: 5,000 branches are told within two minutes


class RolloutDesk:
    """Call `run()` as a task. `publish` hands a message to the broker, False when there is no line."""

    def __init__(
        self,
        book: RolloutBook,
        picture: Picture,
        key: Key,
        *,
        publish: Callable[[Message], bool],
        clock: Callable[[], datetime],
        steady: Callable[[], float],
    ) -> None:
        self.book = book
        self.key = key
        self._picture = picture
        self._publish = publish
        self._clock = clock
        self._steady = steady
        self._one_at_a_time = asyncio.Lock()
        self._failing = False
        self._sent: dict[tuple[str, str], tuple[float, float]] = {}  # what -> next time, and pause
        self._seen: dict[str, BranchNow] = {}
        self._versions: dict[int, Version] = {}  # that somebody is to be sent
        self.plan = book.plan()
        self.branches = {one.branch: one for one in book.branches()}
        self.notices = book.notices(clock())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except sa.exc.SQLAlchemyError as error:
                if not self._failing:
                    log.error("Rollouts stand still; their tables cannot be used: %s", error)
                self._failing = True
            else:
                self._failing = False
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """At every branch once: what it says, what comes of that, what it must be told."""
        async with self._one_at_a_time:
            now = self._clock()
            await self._hear(now)
            if self.plan is not None:
                await self._go_on(self.plan, now)
            await self._want(now)
            await self._fetch()
            self.notices = [one for one in self.notices if one.document.until > now]
            self._forget()
            self._send(now)

    async def change(self, change: Callable[[Plan | None, datetime], tuple[Plan, Deed]]) -> Plan:
        """What a person wants of the plan, kept with who wanted it; it begins at once. `change` may use the book: it is
        asked in a thread, and nobody else changes anything meanwhile."""
        async with self._one_at_a_time:
            kept, done = await asyncio.to_thread(change, self.plan, self._clock())
            await asyncio.to_thread(self.book.keep_plan, kept, done)
            self.plan = kept
        await self.look()
        return kept

    async def keep_notice(self, notice: OfficeNotice, done: Deed) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self.book.keep_notice, notice, done)
            others = [one for one in self.notices if one.document.id != notice.document.id]
            self.notices = [notice, *others]
        await self.look()

    def highest_heard(self) -> int:
        """The highest version that any branch knows: perhaps of a head office before a backup was restored."""
        return max((one.about for one in self.branches.values()), default=0)

    def members(self, notice: OfficeNotice) -> list[str]:
        return [one for one, region in self.regions().items() if notice.to.has(one, region)]

    def regions(self) -> dict[str, str]:
        """Of every branch that is known."""
        return {now.branch: now.region for now in self._picture.all()}

    def shows(self, branch: str, notice: str) -> bool:
        """Whether the branch says that it has this message."""
        now = self._picture.one(branch)
        return now is not None and notice in _shown(now)

    # hearing

    async def _hear(self, now: datetime) -> None:
        news = {}
        for seen in self._picture.all():
            if self._seen.get(seen.branch) is seen:
                continue
            self._seen[seen.branch] = seen
            before = self.branches.get(seen.branch) or Says(branch=seen.branch)
            after = _heard(before, seen, now)
            if _told(after) != _told(before):
                news[seen.branch] = after
            self.branches[seen.branch] = after
        if news:
            await asyncio.to_thread(self.book.keep_branches, list(news.values()))

    async def _go_on(self, plan: Plan, now: datetime) -> None:
        after = plans.looked(plan, self.branches.values(), now)
        if after == plan:
            return
        what: What = "next stage"
        if after.state in ("stopped", "done"):
            what = "stopped" if after.state == "stopped" else "done"
        log.info("Version %s: %s %s", after.version, what, after.reason)
        done = Deed(at=now, who="", what=what, version=after.version, detail=after.reason)
        await asyncio.to_thread(self.book.keep_plan, after, done)
        self.plan = after

    async def _want(self, now: datetime) -> None:
        """Of everybody whom the plan has reached; also of a branch that is new."""
        plan = self.plan
        if plan is None or plan.state not in ("running", "done"):
            return
        wanted = [
            structs.replace(one, wanted=plan.version, wanted_since=now)
            for one in self.branches.values()
            if one.wanted != plan.version and plan.reaches(one.branch, one.region)
        ]
        if wanted:
            await asyncio.to_thread(self.book.keep_branches, wanted)
            self.branches |= {one.branch: one for one in wanted}

    # sending

    async def _fetch(self) -> None:
        """What is sent, once: contents never change."""
        wanted = {one.wanted for one in self.branches.values() if one.wanted not in (0, one.about)}
        for number in wanted - self._versions.keys():
            found = await asyncio.to_thread(self.book.version, number)
            if found is not None:
                self._versions[number] = found
        self._versions = {number: one for number, one in self._versions.items() if number in wanted}

    def _forget(self) -> None:
        """What nobody wants of anybody any more has no next time."""
        wanted = {_what(one.wanted) for one in self.branches.values()}
        wanted |= {one.document.id for one in self.notices}
        self._sent = {key: next_ for key, next_ in self._sent.items() if key[1] in wanted}

    def _send(self, now: datetime) -> None:
        left = AT_ONCE
        for branch, what, name, document in self._due(now):
            if left == 0 or not self._publish(_message(branch, self.key, name, document)):
                return
            left -= 1
            _, pause = self._sent.get((branch, what), (0.0, FIRST_PAUSE_S / 2))
            pause = min(pause * 2, LONGEST_PAUSE_S)
            self._sent[branch, what] = (self._steady() + pause, pause)

    def _due(self, now: datetime) -> Iterator[tuple[str, str, str, Document]]:
        """What is wanted of branches that are there, and not said by them."""
        for branch in self._picture.all():
            says = self.branches.get(branch.branch)
            if branch.status != "online" or says is None:  # it has come since we heard
                continue
            yield from self._due_config(says)
            yield from self._due_notices(branch)

    def _due_config(self, says: Says) -> Iterator[tuple[str, str, str, Document]]:
        what = _what(says.wanted)
        if says.wanted in (0, says.about):
            self._sent.pop((says.branch, what), None)
        elif self._is_time(says.branch, what):
            document = self._document(says)
            if document is not None:
                yield says.branch, what, "config", document

    def _due_notices(self, branch: BranchNow) -> Iterator[tuple[str, str, str, Document]]:
        there = _shown(branch)
        for notice in self.notices:
            id_, withdrawn = notice.document.id, notice.withdrawn_at is not None
            if (id_ in there) != withdrawn or not notice.to.has(branch.branch, branch.region):
                self._sent.pop((branch.branch, id_), None)
            elif self._is_time(branch.branch, id_):
                document: Document = structs.replace(notice.document, branch=branch.branch)
                if withdrawn:
                    until = notice.document.until
                    document = WithdrawalDocument(id=id_, branch=branch.branch, until=until)
                yield branch.branch, id_, "message", document

    def _is_time(self, branch: str, what: str) -> bool:
        return self._steady() >= self._sent.get((branch, what), (float("-inf"), 0.0))[0]

    def _document(self, says: Says) -> ConfigDocument | None:
        plan, found = self.plan, self._versions.get(says.wanted)
        if found is None:
            return None
        by_plan = plan if plan is not None and plan.version == says.wanted else None
        return ConfigDocument(
            version=says.wanted,
            branch=says.branch,
            contents=found.contents,
            when=by_plan.when if by_plan else "now",
            not_before=by_plan.not_before if by_plan else None,
        )


def _heard(before: Says, seen: BranchNow, now: datetime) -> Says:
    """What the branch says now; `since` is kept while it says the same."""
    queues = seen.queues
    if queues is None:
        return structs.replace(before, region=seen.region, status=seen.status, seen_at=seen.seen_at)
    after = structs.replace(
        before,
        region=seen.region,
        status=seen.status,
        seen_at=seen.seen_at,
        version=queues.config_version,
        about=queues.config_about,
        state=queues.config_state,
        reason=queues.config_reason,
    )
    same = _told(after) == _told(before) and before.since is not None
    return after if same else structs.replace(after, since=now)


def _what(version: int) -> str:
    return f"version {version}"


def _told(says: Says) -> tuple[Any, ...]:
    """What is worth keeping."""
    return says.version, says.about, says.state, says.reason, says.region


def _shown(now: BranchNow) -> set[str]:
    return {one.id for one in now.queues.notices} if now.queues else set()


def _message(branch: str, key: Key, name: str, document: Document) -> Message:
    command = key.command(name, document)
    return Message(topics.topic(branch, "command"), msgspec.json.encode(command))


def named(branches: Mapping[str, Says]) -> list[Says]:
    """By name."""
    return sorted(branches.values(), key=lambda one: one.branch)
