"""The second factor: codes that change every 30 s (RFC 6238), and ten recovery codes for a lost phone."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Literal

import pyotp
import sqlalchemy as sa

from head_office.accounts.people import Account, sign_out
from head_office.accounts.sealing import Sealing
from head_office.accounts.tables import account, recovery_code, used_code

STEP_S = 30
DRIFT = 1  # steps to either side
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
ISSUER = "Lobby"
Kind = Literal["code", "recovery-code"]


class Factor:
    def __init__(self, engine: sa.Engine, sealing: Sealing) -> None:
        self._engine = engine
        self._sealing = sealing

    def begin(self, of: Account) -> tuple[str, str]:
        """A new secret, in base 32, and the address that an app reads from its QR code. Nothing changes until a code
        confirms it. Raises NoKey."""
        secret = pyotp.random_base32()
        sealed = self._sealing.seal(secret, of.id)
        with self._engine.begin() as to:
            to.execute(sa.update(account).where(account.c.id == of.id).values(new_factor=sealed))
        return secret, pyotp.TOTP(secret, name=of.name, issuer=ISSUER).provisioning_uri()

    def confirm(self, to: sa.Connection, of: Account, code: str, now: datetime) -> list[str] | None:
        """The recovery codes, once the app that has the new secret has shown the right code. Raises NoKey."""
        if of.new_factor is None:
            return None
        step = _step(self._sealing.open(of.new_factor, of.id), code, now)
        if step is None or not _use(to, of.id, step, now):
            return None
        values = {"factor": of.new_factor, "new_factor": None}
        taken = sa.update(account).where(
            account.c.id == of.id, account.c.new_factor == of.new_factor
        )
        if to.execute(taken.values(values)).rowcount != 1:
            return None
        return self.new_recovery_codes(to, of.id)

    def new_recovery_codes(self, to: sa.Connection, of: str) -> list[str]:
        """Ten, in place of those before; only their hashes are kept."""
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        to.execute(sa.delete(recovery_code).where(recovery_code.c.account == of))
        rows = [{"account": of, "hash": _hash(code)} for code in codes]
        to.execute(sa.insert(recovery_code), rows)
        return codes

    def fits(self, to: sa.Connection, of: Account, code: str, now: datetime) -> Kind | None:
        """Uses the code up. Raises NoKey."""
        if re.fullmatch(r"[0-9]{6}", bare := _bare(code)):
            step = (
                None
                if of.factor is None
                else _step(self._sealing.open(of.factor, of.id), bare, now)
            )
            return "code" if step is not None and _use(to, of.id, step, now) else None
        mine = sa.delete(recovery_code).where(
            recovery_code.c.account == of.id, recovery_code.c.hash == _hash(bare)
        )
        return "recovery-code" if to.execute(mine).rowcount == 1 else None

    def codes_left(self, of: str) -> int:
        mine = sa.select(sa.func.count()).where(recovery_code.c.account == of)
        with self._engine.connect() as to:
            return int(to.execute(mine).scalar_one())

    def remove(self, to: sa.Connection, of: str) -> None:
        to.execute(
            sa.update(account).where(account.c.id == of).values(factor=None, new_factor=None)
        )
        to.execute(sa.delete(recovery_code).where(recovery_code.c.account == of))
        sign_out(to, of)


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code it is."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    try:
        return totp.verify_and_get_timecode(_bare(code), for_time=now, valid_window=DRIFT)
    except pyotp.OTPVerificationError:
        return None


def _use(to: sa.Connection, of: str, step: int, now: datetime) -> bool:
    """False where it has been used. Each step for itself: a clock that was wrong for a while shuts nobody out."""
    old = int(now.timestamp()) // STEP_S - 2 * DRIFT - 1
    to.execute(sa.delete(used_code).where(used_code.c.account == of, used_code.c.step < old))
    try:
        with to.begin_nested():
            to.execute(sa.insert(used_code), {"account": of, "step": step})
    except sa.exc.IntegrityError:
        return False
    return True


def _recovery_code() -> str:
    parts = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(parts)  # 79 bits


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _hash(code: str) -> str:
    return hashlib.sha256(_bare(code).encode()).hexdigest()
