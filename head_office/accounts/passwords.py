"""Passwords are kept as argon2id hashes. How good one must be, and whether one fits."""

import unicodedata
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from head_office.accounts.one_by_one import OneByOne
from head_office.accounts.people import NotPossible

SHORTEST, LONGEST = 12, 256
DIFFERENT = 5
AT_ONCE = 2  # each takes 64 MiB for a tenth of a second
Weakness = Literal["short", "simple", "name"]
WEAK: dict[Weakness, str] = {
    "short": f"A password has at least {SHORTEST} characters.",
    "simple": f"A password has at least {DIFFERENT} different characters.",
    "name": "A password does not contain the name.",
}


def weakness(password: str, name: str) -> Weakness | None:
    """What is wrong with it as a new password of `name`."""
    if len(password) < SHORTEST:
        return "short"
    if len(set(password.casefold())) < DIFFERENT:
        return "simple"
    return "name" if name.casefold() in password.casefold() else None


def check_good(password: str, name: str) -> None:
    """Raises NotPossible for what is no good password of `name`."""
    if wrong := weakness(password, name):
        raise NotPossible(f"password-{wrong}", WEAK[wrong])


class Passwords:
    """In threads of their own: who tries many at once takes neither memory nor threads from the rest."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._nobodys: str | None = None
        self.in_turn = OneByOne("passwords", AT_ONCE)

    async def fits(self, password: str, sealed: str | None) -> bool:
        """Takes as long for nobody's password as for somebody's. Raises Busy."""
        return await self.in_turn(self._fits, password, sealed)

    async def seal(self, password: str) -> str:
        """Raises Busy."""
        return await self.in_turn(self._hasher.hash, _normal(password))

    def outdated(self, sealed: str) -> bool:
        """True when the parameters have changed since."""
        return self._hasher.check_needs_rehash(sealed)

    def _fits(self, password: str, sealed: str | None) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            self._hasher.verify(sealed or self._nobodys, _normal(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return sealed is not None


def _normal(password: str) -> str:
    """Keyboards write the same letters in several ways."""
    return unicodedata.normalize("NFKC", password)
