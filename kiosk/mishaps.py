"""What a mistake of ours does to the kiosk: it is logged, the customer starts afresh, and too many of them end the
program, so that its unit starts it anew.

Of a mistake, the log has its kind and where it happened. What it says may hold what a customer typed, so that is left
out everywhere, also where a library logs one.
"""

import logging
import resource
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

MOST, WITHIN_S = 3, 60.0
ROOT = Path(__file__).parent.parent


class Mishaps:
    """`clock`: seconds of any steady clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=MOST + 1)
        self._seen: dict[str, int] = {}

    def happened(self, error: BaseException) -> bool:
        """Whether the kiosk had better end, with status 1: more than MOST within WITHIN_S."""
        self._log(error)
        self._times.append(self._clock())
        too_many = len(self._times) > MOST and self._times[-1] - self._times[0] <= WITHIN_S
        if too_many:
            log.error("%d mishaps within %.0f s: the kiosk ends.", len(self._times), WITHIN_S)
        return too_many

    def _log(self, error: BaseException) -> None:
        """The whole way once; the same again is one line."""
        way = "\n".join(places(error))
        self._seen[way] = self._seen.get(way, 0) + 1
        if self._seen[way] == 1:
            log.error("A mishap; the customer starts afresh.\n%s", way)
        else:
            log.error("The mishap of before, for the %d. time: %s", self._seen[way], kind(error))


def leave_no_core() -> None:
    """Of a crash no face, finger or card reaches a disk; systemd makes one of a kiosk that hangs, too. For what this process begins
    as well."""
    # 0 is passed over where a program collects crashes; at 1 the kernel gives up there as well (fs/coredump.c)
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    least = 0 if most == 0 else 1  # who has none already cannot raise it
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))


class WithoutValues(logging.Formatter):
    """Of an exception, its kind and its places."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have left the whole text there
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        return "\n".join(places(ei[1])) if ei[1] is not None else ""


def catch_all() -> None:
    """What nobody catches is written without values as well: in the main thread, and in the others."""
    sys.excepthook = lambda _kind, error, _way: sys.stderr.write(
        "\n".join(["The kiosk ends:", *places(error), ""])
    )
    threading.excepthook = lambda thrown: log.error(
        "A thread ended by a mishap.\n%s",
        "\n".join(places(thrown.exc_value)) if thrown.exc_value else "",
    )


def of_loop(context: Mapping[str, Any]) -> BaseException:
    """What asyncio tells its exception handler; its own message shows values."""
    error = context.get("exception")
    return error if isinstance(error, BaseException) else RuntimeError()


def kind(error: BaseException) -> str:
    """Its class; of the system's errors also which."""
    name = type(error).__qualname__
    return f"{name} ({error.strerror})" if isinstance(error, OSError) and error.strerror else name


def places(error: BaseException) -> list[str]:
    """Its kind and the way to it, outermost first; what caused it follows."""
    said: list[str] = []
    for one in _chain(error):
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(one.__traceback__), lookup_lines=False
        )
        said.append(f"{'after ' if said else ''}{kind(one)}")
        said += [f"  {_short(at.filename)}:{at.lineno} {at.name}" for at in frames]
    return said


def _chain(error: BaseException) -> Iterator[BaseException]:
    """It, and what it came from; those of a group after it."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        left += [before] if before else []
        left += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def _short(path: str) -> str:
    found = Path(path)
    return str(found.relative_to(ROOT)) if found.is_relative_to(ROOT) else found.name
