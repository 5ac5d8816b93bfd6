"""History, ready to be asked and kept up to date beside head office."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from head_office.history.parts import Parts
from head_office.history.past import Past
from head_office.history.place import NoHistory, folder_of
from head_office.history.reading import Reading
from head_office.history.today import Today
from head_office.history.working import Ended
from head_office.ledger import Ledger
from head_office.register import Register
from head_office.settings import Settings

log = logging.getLogger(__name__)
AGAIN_S = 60.0
ENDS_S = 2.0
AT_ONCE = 2  # questions
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class OpenHistory:
    """`workers`: threads of its own, two at once; those of everybody else are ingest's and the board's."""

    past: Past
    today: Today
    workers: ThreadPoolExecutor

    async def ask(self, what: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        """In one of the workers, when one is free. Raises Ended."""
        if self.past.working.ended:
            raise Ended
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.workers, partial(what, *given, **named))

    def close(self) -> None:
        """What is being worked out is dropped."""
        self.past.working.end()
        self.workers.shutdown(wait=False, cancel_futures=True)


def open_history(settings: Settings, ledger: Ledger, register: Register) -> OpenHistory | None:
    """None where there is no place for it; that is logged. Needs the ledger to be there."""
    try:
        folder = folder_of(settings)
    except NoHistory as error:
        log.warning("Past days are not kept: %s.", error)
        return None
    engine = ledger.engine
    past = Past.open(engine, Parts(folder, settings.history.time_zone, register), register)
    return OpenHistory(
        past, Today(past, Reading(engine, ledger)), ThreadPoolExecutor(AT_ONCE, "history")
    )


async def keep_beside(config: Path, data: Path | None, first_s: float) -> None:
    """Folds closed days in a process of its own, at the lowest rank, so that ingest and board do not feel it; until
    cancelled. The first starts after `first_s`, when branches have come back; one that ends is started again after a minute."""
    words = [sys.executable, "-m", "head_office.history", "--config", str(config)]
    words += [] if data is None else ["--data", str(data)]
    await asyncio.sleep(first_s)
    while True:
        await _run([*words, "keep", "--beside", str(os.getpid())])
        log.error("Keeping past days has ended; it is started again in %d s.", AGAIN_S)
        await asyncio.sleep(AGAIN_S)


async def _run(words: Sequence[str]) -> None:
    keeper = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL)
    try:
        await keeper.wait()
    finally:
        if keeper.returncode is None:
            keeper.terminate()
            await asyncio.wait_for(keeper.wait(), ENDS_S)
