"""Several intake processes beside the board; one that dies is started anew."""

import asyncio
import logging
import subprocess
import sys
from argparse import Namespace
from asyncio.subprocess import Process
from contextlib import suppress

log = logging.getLogger(__name__)

AGAIN_S = 1.0  # after one has died
STEADY_S = 10.0  # one that ends sooner, again and again, is said once
PATIENCE_S = 2.0  # for one that shall end


class Crew:
    """Call `run()` as a task; `words` is the command line of one of them."""

    def __init__(self, words: list[str], processes: int) -> None:
        self._words = words
        self._processes = processes

    async def run(self) -> None:
        """Until cancelled; then they end too."""
        async with asyncio.TaskGroup() as all_of_them:
            for number in range(1, self._processes + 1):
                all_of_them.create_task(self._keep_one(number))

    async def _keep_one(self, number: int) -> None:
        said = False
        while True:
            began = asyncio.get_running_loop().time()
            why = await self._one_life(number)
            if asyncio.get_running_loop().time() - began > STEADY_S:
                said = False
            if not said:
                log.error("Intake process %s has ended (%s). It is started anew.", number, why)
            said = True
            await asyncio.sleep(AGAIN_S)

    async def _one_life(self, number: int) -> str:
        """Why it ended."""
        try:
            process = await asyncio.create_subprocess_exec(*self._words, stdin=subprocess.PIPE)
        except OSError as error:  # no memory, no more processes
            return str(error)
        try:
            return f"status {await process.wait()}"
        finally:
            await _end(process)


async def _end(process: Process) -> None:
    """The end of its standard input tells it to end; so does our own death."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), PATIENCE_S)
    if process.returncode is None:
        process.kill()


def words_for_one(given: Namespace) -> list[str]:
    """The command line of one of them, by that of the board."""
    words = [sys.executable, "-m", "head_office.intake", "--config", str(given.config), "--beside"]
    if given.data is not None:
        words += ["--data", str(given.data)]
    return words + (["--broker", given.broker] if given.broker is not None else [])
