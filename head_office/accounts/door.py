"""The way in: name and password, then a code, and on the first day a password and a second factor of one's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from head_office.access import Role
from head_office.accounts import audit, pauses
from head_office.accounts.factor import Factor
from head_office.accounts.known_browsers import KnownBrowsers
from head_office.accounts.one_by_one import OneByOne
from head_office.accounts.passwords import Passwords, check_good
from head_office.accounts.pauses import Count, Pauses
from head_office.accounts.people import Account, NotPossible, People, key_of
from head_office.accounts.sessions import Session, Sessions, Stage, Where
from head_office.accounts.settings import AccountSettings
from head_office.accounts.tables import account as table

if TYPE_CHECKING:
    from head_office.accounts.oidc import Provider


class Wrong(Exception):
    """`name` is stable; the text says what to do."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class Entered:
    """`token` for the browser's session cookie, `device` for the one that it keeps."""

    token: str
    stage: Stage
    device: str | None = None


class Door:
    """Every attempt is written to the audit. Raises what its parts raise: Wrong, Paused, Busy, NoKey, NotPossible."""

    def __init__(
        self,
        engine: sa.Engine,
        rules: AccountSettings,
        passwords: Passwords,
        factor: Factor,
        clock: Callable[[], datetime],
        work: OneByOne,
        provider: "Provider | None" = None,
    ) -> None:
        self.engine = engine
        self.rules = rules
        self.people = People(engine)
        self.sessions = Sessions(engine, rules)
        self.passwords = passwords
        self.factor = factor
        self.clock = clock
        self.work = work
        self.provider = provider
        self._browsers = KnownBrowsers(engine)
        self._pauses = Pauses(engine)

    async def with_password(self, name: str, password: str, where: Where) -> Entered:
        self.passwords.in_turn.check()
        now = self.clock()
        one, counts, paused = await self.work(self._counted, name, where, now)
        right = await self.passwords.fits(password, one.password if one else None)
        if one is None or not right:
            await self.work(self._failed, one, "sign-in-failed", where, paused)
            raise Wrong("wrong-password", "Name and password do not belong together.")
        if one.password_until is not None and one.password_until < now.timestamp():
            await self.work(self._failed, one, "sign-in-too-late", where, False)
            raise Wrong(
                "password-ran-out",
                "This password was good for three days. Ask an administrator for another.",
            )
        entered = await self.work(self._with_right_password, one, where, counts, now)
        if self.passwords.outdated(one.password or ""):
            anew = await self.passwords.seal(password)
            await self.work(self.people.seal_anew, one.id, one.password or "", anew)
        return entered

    def with_token(self, name: str | None, where: Where) -> None:
        """`name` of whom it is; None is nobody's."""
        now = self.clock()
        counts = [pauses.of_address(where.address)]
        paused = self._pauses.take(counts, now)
        if name is None:
            self._failed(None, "sign-in-failed", where, paused)
            raise Wrong("unknown-token", "This token is not known here.")
        self._pauses.give_back(counts, now)
        audit.record(
            self.engine, name, "signed-in", "", "with a token", at=now, address=where.address
        )

    def with_code(self, session: Session, code: str, where: Where) -> Entered:
        """The code of the second factor, or a recovery code."""
        now, one = self.clock(), self.at(session, "code")
        known = where.device if self._browsers.knows(where, one.id, now) else ""
        counts = [pauses.of_codes(one.id, known, self.rules.wrong_before_pause)]
        paused = self._pauses.take(counts, now)
        with self.engine.begin() as to:
            kind = self.factor.fits(to, one, code, now)
            if kind is not None:
                if kind == "recovery-code":
                    self.note(to, one, "recovery-code-used", where)
                self._leave(to, session)
                entered = self._next(to, one, where, code_given=True)
        if kind is None:
            self._failed(one, "code-wrong", where, paused)
            raise Wrong("wrong-code", "This code is not right, or has been used.")
        self._pauses.give_back(counts, now)
        return entered

    async def with_new_password(self, session: Session, password: str, where: Where) -> Entered:
        """One's own, in place of the administrator's or the present one; every other session ends."""
        one = await self.work(self.of, session)
        if session.stage not in ("new-password", "done") or one.password is None:
            raise Wrong("other-step", "This is not the next step of signing in; begin again.")
        check_good(password, one.name)
        if await self.passwords.fits(password, one.password):
            raise NotPossible("password-same", "Choose another password than the present one.")
        sealed = await self.passwords.seal(password)
        return await self.work(self._new_password, session, one, sealed, where)

    def with_new_factor(
        self, session: Session, code: str, where: Where
    ) -> tuple[Entered, list[str]]:
        """The first code of an app that has just read the secret; and the recovery codes."""
        now, one = self.clock(), self.of(session)
        counts = [pauses.of_codes(one.id, session.id, self.rules.wrong_before_pause)]
        self._pauses.take(counts, now)
        with self.engine.begin() as to:
            codes = self.factor.confirm(to, one, code, now)
            if codes is not None:
                self.note(to, one, "second-factor-set-up", where)
                self._leave(to, session)
                self.sessions.end_all(to, one.id)
                new = replace(one, factor=one.new_factor)
                entered = self._next(to, new, where, code_given=True)
        if codes is None:
            raise Wrong("wrong-code", "This code is not right. Is the phone's clock right?")
        self._pauses.give_back(counts, now)
        return entered, codes

    async def check_own(self, session: Session, password: str, where: Where) -> Account:
        """Whoever changes how they sign in says their password once more."""
        one = await self.work(self.of, session)
        if one.password is None:
            raise NotPossible(
                "not-here", "You sign in with the bank's account; it is changed there."
            )
        now = self.clock()
        counts = [pauses.of_codes(one.id, "own", self.rules.wrong_before_pause)]
        paused = await self.work(self._pauses.take, counts, now)
        if not await self.passwords.fits(password, one.password):
            await self.work(self._failed, one, "own-password-wrong", where, paused)
            raise Wrong("wrong-password", "This is not your present password.")
        await self.work(self._pauses.give_back, counts, now)
        return one

    def of(self, session: Session) -> Account:
        """Raises Wrong for who has been removed meanwhile."""
        one = self.people.one(session.account)
        if one is None:
            raise Wrong("signed-out", "The session has ended; sign in again.")
        return one

    def at(self, session: Session, stage: Stage) -> Account:
        """Raises Wrong for a session that is at another step."""
        if session.stage != stage:
            raise Wrong("other-step", "This is not the next step of signing in; begin again.")
        return self.of(session)

    def new_recovery_codes(self, one: Account, where: Where) -> list[str]:
        """Raises NotPossible where there is no second factor to be lost."""
        if one.factor is None:
            raise NotPossible("no-second-factor", "Set up the second factor first.")
        with self.engine.begin() as to:
            self.note(to, one, "recovery-codes-made", where)
            return self.factor.new_recovery_codes(to, one.id)

    def end(self, session: Session) -> None:
        """Of a browser in which somebody signs in anew."""
        with self.engine.begin() as to:
            self.sessions.end(to, session.account, session.id)

    def end_other(self, session: Session, which: str, where: Where) -> None:
        with self.engine.begin() as to:
            if self.sessions.end(to, session.account, which):
                self.note(to, self.of(session), "session-ended", where)

    def sign_out(self, session: Session, where: Where, *, everywhere: bool) -> Account | None:
        """Who has left; None where they have been removed meanwhile."""
        one = self.people.one(session.account)
        what = "signed-out-everywhere" if everywhere else "signed-out"
        with self.engine.begin() as to:
            if everywhere:
                self.sessions.end_all(to, session.account)
            else:
                self.sessions.end(to, session.account, session.id)
            self.note(to, one, what, where)
        return one

    def needs_factor(self, role: Role) -> bool:
        return role >= Role.MANAGER or self.rules.second_factor_for_viewers

    def come_in(self, to: sa.Connection, one: Account, where: Where, how: str = "") -> Entered:
        """All that was asked for has been shown."""
        now = self.clock()
        self.people.came_in(to, one.id, now)
        self.note(to, one, "signed-in", where, how)
        token = self.sessions.begin(to, one, "done", where, now)
        return Entered(token, "done", self._browsers.keep(to, where, one.id, now))

    def forget_pauses(self, name: str) -> None:
        """Of the name, and of its codes in browsers that are not known."""
        now, free = self.clock(), self.rules.wrong_before_pause
        counts = [pauses.of_name(key_of(name) or name, free)]
        if one := self.people.named(name):
            counts += [pauses.of_codes(one.id, known, free) for known in ("", "own")]
        self._pauses.give_back(counts, now)

    def note(
        self,
        to: sa.Engine | sa.Connection,
        one: Account | None,
        what: str,
        where: Where,
        detail: str = "",
    ) -> None:
        """In the audit, of who signs in."""
        name = one.name if one else ""
        audit.record(to, name, what, "", detail, at=self.clock(), address=where.address)

    def _counted(
        self, name: str, where: Where, now: datetime
    ) -> tuple[Account | None, list[Count], bool]:
        """Who it is, what the attempt counts for, and whether a pause begins with it."""
        one = self.people.named(name)
        free = self.rules.wrong_before_pause
        if one is not None and self._browsers.knows(where, one.id, now):
            counts = [pauses.of_browser(where.device, one.id, free)]
        else:
            counts = [pauses.of_name(key_of(name) or name, free), pauses.of_address(where.address)]
        return one, counts, self._pauses.take(counts, now)

    def _with_right_password(
        self, one: Account, where: Where, counts: list[Count], now: datetime
    ) -> Entered:
        """Raises Wrong where the password has been changed in this very moment."""
        still = sa.update(table).where(table.c.id == one.id, table.c.password == one.password)
        with self.engine.begin() as to:
            if to.execute(still.values(password=one.password)).rowcount != 1:
                raise Wrong("wrong-password", "Name and password do not belong together.")
            entered = self._next(to, one, where, code_given=False)
        self._pauses.give_back(counts, now)
        return entered

    def _new_password(self, session: Session, one: Account, sealed: str, where: Where) -> Entered:
        with self.engine.begin() as to:
            self._leave(to, session)
            self.people.set_password(to, one.id, sealed)
            self.note(to, one, "password-changed", where)
            return self._next(to, replace(one, password_until=None), where, code_given=True)

    def _next(self, to: sa.Connection, one: Account, where: Where, *, code_given: bool) -> Entered:
        stage = self._stage(one, code_given)
        if stage == "done":
            return self.come_in(to, one, where)
        return Entered(self.sessions.begin(to, one, stage, where, self.clock()), stage)

    def _stage(self, one: Account, code_given: bool) -> Stage:
        """The code comes before a new password: who only has the administrator's password changes nothing."""
        if one.factor is not None and not code_given:
            return "code"
        if one.password_until is not None:
            return "new-password"
        return "set-up" if one.factor is None and self.needs_factor(one.role) else "done"

    def _leave(self, to: sa.Connection, session: Session) -> None:
        """Raises Wrong where another request of the same browser was quicker."""
        if not self.sessions.end(to, session.account, session.id):
            raise Wrong("signed-out", "The session has ended; sign in again.")

    def _failed(self, one: Account | None, what: str, where: Where, paused: bool) -> None:
        """What was typed as a name that nobody has is not kept: it may be a password."""
        self.note(self.engine, one, what, where, "a pause begins" if paused else "")
