"""What accounts ask of the database, in a thread of their own and one thing after the other.

Anybody may try to sign in, and each try is written down: neither the ledger, which has the same file, nor the
threads that others work in may wait for them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

P = ParamSpec("P")
T = TypeVar("T")
TRY_AGAIN = "Many people sign in at this moment. Try again in a few seconds."


class Busy(Exception):
    """Nothing was done; the text says what to do."""


class OneByOne:
    """`threads`: how many at once; `most`: how many wait."""

    def __init__(self, name: str, threads: int = 1, most: int = 40) -> None:
        self._threads = ThreadPoolExecutor(threads, name)
        self._most = most
        self._waiting = 0

    def check(self) -> None:
        """Raises Busy."""
        if self._waiting >= self._most:
            raise Busy(TRY_AGAIN)

    async def __call__(self, do: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """Raises Busy, also where the database does not answer."""
        self.check()
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._threads.submit(do, *given, **named))
        except OperationalError as error:
            why = str(error.orig).strip().partition("\n")[0]
            raise Busy(f"The database does not answer ({why}). Try again in a moment.") from error
        finally:
            self._waiting -= 1
