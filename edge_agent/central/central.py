"""Takes what head office says, applies a configuration when nobody is harmed by it, and watches its trial."""

import asyncio
import faulthandler
import logging
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path

import msgspec

from edge_agent.answers import Answer
from edge_agent.branch import Branch
from edge_agent.branch_queue.business_day import business_day
from edge_agent.branch_queue.facts import NoticeTaken, NoticeWithdrawn
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.central import kept as keeping
from edge_agent.central.kept import Kept
from edge_agent.central.moment import is_new_day, why_wait
from edge_agent.central.news import news, refused
from edge_agent.central.notices import Notices
from edge_agent.central.signature import NotBelieved, read
from edge_agent.central.start import Sources, named
from edge_agent.central.trial import Trial
from edge_agent.desk import NotRecorded
from edge_agent.messages import (
    Command,
    ConfigDocument,
    NoticeDocument,
    OfConfig,
    WithdrawalDocument,
)
from edge_agent.settings import Settings
from program.settings_file import SettingsError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
HUNG_AFTER_S = 60.0  # a trial in which nothing moves any more is ended by force
MOST_HEARD = 64  # commands not looked at yet; head office says them again
NOTE = "office-notices"
DOUBTED = "central-doubted"  # a note: on which business day the journal has said so


class Central:
    """Call `run()` as a task. `healthy` tells why the branch is not well, `again` starts the program anew."""

    def __init__(
        self,
        branch: Branch,
        sources: Sources,
        kept: Kept,
        *,
        healthy: Callable[[], Awaitable[str]],
        again: Callable[[], None],
        steady: Callable[[], float],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._branch = branch
        self._sources = sources
        self._folder = Path(branch.settings.store.data)
        self._own = branch.settings.central
        self._healthy = healthy
        self._again = again
        self._steady = steady
        self._look_every_s = look_every_s
        self._heard: asyncio.Queue[Command] = asyncio.Queue(MOST_HEARD)
        self._wanted: Settings | None = None
        self._trial: Trial | None = None
        self._untold = True
        self._doubted: set[str] = set()
        self._failing = False
        self.began = self.starting_again = False
        self._told = branch.from_office
        self._told.kept = kept

    @property
    def kept(self) -> Kept:
        return self._told.kept

    def hear(self, command: Command) -> None:
        """A command `config` or `message`; one too many will be said again."""
        if not self._heard.full():
            self._heard.put_nowait(command)

    async def run(self) -> None:
        """Until cancelled."""
        self.began = True
        self._read_notices()
        if self.kept.trying is not None and self._own is not None:
            self._trial = Trial(self._own.trial_min * 60, self._steady())
        while not self.starting_again:
            await self._look()
            try:
                async with asyncio.timeout(
                    self._look_every_s
                ):  # not wait_for: it loses a cancellation
                    command = await self._heard.get()
            except TimeoutError:
                continue
            await self._take(command)
        await asyncio.Event().wait()  # whoever ends the program cancels this

    def ended(self, status: int) -> bool:
        """True when the program shall start anew: with another configuration, or back with the one before."""
        faulthandler.cancel_dump_traceback_later()
        if self.starting_again or self.kept.trying is None:
            return self.starting_again
        if status and self.began:
            return self._keep(self._back(f"a part of the program failed (status {status})"))
        self._keep(keeping.ended_well(self.kept))
        return False

    async def _look(self) -> None:
        now = self._branch.clock()
        await self._tell_journal()
        self._told.notices = self._told.notices.at(now)
        if self._trial is not None:
            await self._watch(self._trial)
        if self.kept.waiting is not None and not self.starting_again:
            self._apply_if_safe(self.kept.waiting, now)
        until = self.kept.leaving_until
        if until is not None and self._branch.desk.queue.business_day > until:
            self._start_again(keeping.ended_well(keeping.without_leaving(self.kept)))

    # taking

    async def _take(self, command: Command) -> None:
        keys = self._own.keys if self._own else []
        try:
            document = read(command, keys, self._branch.settings.branch.id)
        except NotBelieved as error:
            await self._doubt(error)
            return
        self._told.doubt = None
        if isinstance(document, ConfigDocument):
            await self._take_config(document)
        else:
            await self._take_notice(document)

    async def _doubt(self, error: NotBelieved) -> None:
        """Said once in the log, and once a business day in the journal however often the program starts: whoever can
        write on the line must not fill either."""
        why = str(error)
        version = self.kept.version
        self._told.doubt = OfConfig(
            config_version=version,
            config_about=error.about,
            config_state="refused",
            config_reason=why,
        )
        if len(self._doubted) < MOST_HEARD and why not in self._doubted:
            log.error("What head office says is not believed: %s", why)
            self._doubted.add(why)
            await self._record(lambda queue, now: self._doubts(queue, now, why))

    def _doubts(self, queue: BranchQueue, now: datetime, why: str) -> Facts:
        journal, today = self._branch.journal, queue.business_day.isoformat()
        if journal.note(DOUBTED) == today:
            return ()
        journal.keep_note(DOUBTED, today)
        return (refused(queue, now, 0, why),)

    async def _take_config(self, document: ConfigDocument) -> None:
        """What is known already, or older than that, changes nothing."""
        if document.version <= self.kept.highest:
            return
        try:
            self._wanted = await asyncio.to_thread(self._sources.with_document, document, [])
        except SettingsError as error:
            log.error("Refused: %s", error)
            if self._keep(keeping.refused(self.kept, document.version, str(error))):
                self._untold = True
            return
        if self._keep(keeping.taken(self.kept, document)):
            log.info("%s was taken.", named(document))

    async def _take_notice(self, document: NoticeDocument | WithdrawalDocument) -> None:
        now = self._branch.clock()
        before = self._told.notices.at(now)
        after = before.after(document, now)
        if after is before:
            return

        def decide(queue: BranchQueue, now: datetime) -> Facts:
            self._branch.journal.keep_note(NOTE, msgspec.json.encode(after).decode())
            fact = NoticeTaken if isinstance(document, NoticeDocument) else NoticeWithdrawn
            return (fact(at=now, business_day=queue.business_day, notice=document.id),)

        if await self._record(decide):
            self._told.notices = after
            self._branch.live.wake()

    def _read_notices(self) -> None:
        kept = self._branch.journal.note(NOTE)
        if kept is not None:
            self._told.notices = msgspec.json.decode(kept, type=Notices)

    # applying

    def _apply_if_safe(self, document: ConfigDocument, now: datetime) -> None:
        branch = self._branch
        try:
            self._wanted = self._wanted or self._sources.with_document(document, [])
            queue, today = branch.desk.queue, self._day_of(now)
            self._told.why_wait = why_wait(
                document, queue, branch.rules, branch.settings, self._wanted, now, today
            )
            if self._told.why_wait:
                return
            new_day = is_new_day(queue, today)
            leaving = [] if new_day else self._sources.leaving(self.kept, document)
        except SettingsError as error:  # the branch's own file is another one by now
            waits_no_more = msgspec.structs.replace(self.kept, waiting=None)
            self._keep(keeping.refused(waits_no_more, document.version, str(error)))
            self._untold = True
            return
        if self._start_again(keeping.applied(self.kept, leaving, queue.business_day)):
            log.info("%s is applied: the program starts anew with it.", named(document))

    async def _watch(self, trial: Trial) -> None:
        faulthandler.dump_traceback_later(HUNG_AFTER_S, exit=True)
        outcome = trial.looked(self._steady(), await self._healthy())
        if outcome == "passed" and self._keep(keeping.passed(self.kept)):
            log.info("Configuration %s is kept: the branch is well with it.", self.kept.version)
            self._trial = None
            faulthandler.cancel_dump_traceback_later()
        elif outcome == "failed":
            self._start_again(self._back(trial.why))

    def _back(self, why: str) -> Kept:
        log.error("Configuration %s is rolled back: %s", self.kept.version, why)
        try:
            leaving = self._sources.leaving(self.kept, self.kept.running)
        except SettingsError:  # of the branch's own file, which is another one by now
            leaving = []
        today: date = self._branch.desk.queue.business_day
        return keeping.rolled_back(self.kept, why, leaving, today)

    def _day_of(self, moment: datetime) -> date:
        settings = self._branch.settings
        return business_day(moment, settings.zone, settings.day_starts_at)

    def _start_again(self, kept: Kept) -> bool:
        """With this. Until it does, what it says of itself stays as it was. False when it cannot be written, or the
        branch's own file is unusable by now: such a start would be the last."""
        try:
            self._sources.load(None)
        except SettingsError as error:
            self._fail(f"the program cannot start anew: {error}")
            return False
        if self._write(kept):
            self.starting_again = True
            self._again()
        return self.starting_again

    def _keep(self, kept: Kept) -> bool:
        """On disk first. False when it cannot be written: everything stays as it is, and is tried again."""
        if self._write(kept):
            self._told.kept = kept
            return True
        return False

    def _write(self, kept: Kept) -> bool:
        try:
            keeping.write(self._folder, kept)
        except OSError as error:
            self._fail(f"it cannot be written down: {error}")
            return False
        self._failing = False
        return True

    def _fail(self, why: str) -> None:
        """Said once; it is tried again."""
        if not self._failing:
            log.error("What head office says takes no effect: %s", why)
        self._failing = True

    # recording

    async def _tell_journal(self) -> None:
        """One entry for each version applied, refused, rolled back, however often the program starts."""
        if self._untold:
            journal, kept = self._branch.journal, self.kept
            told = await self._record(lambda queue, now: news(journal, kept, queue, now))
            self._untold = not told

    async def _record(self, decide: Callable[[BranchQueue, datetime], Facts]) -> bool:
        try:
            await self._branch.desk.ask(decide, lambda *_: Answer(HTTPStatus.NO_CONTENT), None)
        except NotRecorded:  # the desk has said so; it is tried again, or said again
            return False
        return True
