"""Runs a web application with tasks beside it, and ends within seconds on SIGTERM."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from program.address import Address
from program.spell import WarnedOfOnce

log = logging.getLogger(__name__)
GRACE_S = 2  # for answers under way; open streams are let go by `on_stop`


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: who ends the program is decided here."""

    def install_signal_handlers(self) -> None:
        return


class Stop:
    """Ends `run_beside`: the program by itself with `now`, or somebody with a signal."""

    def __init__(self) -> None:
        self.by_signal = False
        self._asked = asyncio.Event()

    def now(self) -> None:
        self._asked.set()

    def signalled(self) -> None:
        self.by_signal = True
        self.now()

    async def asked(self) -> None:
        await self._asked.wait()


async def run_beside(
    application: Any,
    listen: Address,
    tasks: Sequence[Coroutine[Any, Any, None]],
    on_stop: Sequence[Callable[[], None]],
    stop: Stop | None = None,
) -> int:
    """Serve until SIGTERM, SIGINT or `stop` (status 0), or until one of the tasks fails (status 1). Where nobody can
    listen, no task begins (status 1)."""
    stop = stop or Stop()
    try:
        listener = _listen(listen)
    except OSError as error:
        for unbegun in tasks:
            unbegun.close()
        log.error(
            "Cannot listen on %s:%s (%s). Stop who does, or name another address with --listen.",
            listen.host,
            listen.port,
            error.strerror,
        )
        return 1
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.signalled)
    beside = [loop.create_task(task) for task in tasks]
    serving = loop.create_task(server.serve([listener]))
    stopping = loop.create_task(stop.asked())
    gc.freeze()  # what was imported lives as long as the program: never look through it again
    log.info("Listening on http://%s:%s", listen.host, listener.getsockname()[1])
    with _noise_kept_low():
        await asyncio.wait([stopping, serving, *beside], return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in (*beside, serving) if task.done()]
    for call in on_stop:
        call()
    server.should_exit = True
    await serving
    await _end(beside)
    for task in failed:
        log.error("The program ends because a part of it failed.", exc_info=task.exception())
    return 1 if failed else 0


@contextmanager
def _noise_kept_low() -> Iterator[None]:
    """Requests that are none, upgrades that we do not offer: uvicorn warns of each."""
    once, logger = WarnedOfOnce(), logging.getLogger("uvicorn.error")
    logger.addFilter(once)
    try:
        yield
    finally:
        logger.removeFilter(once)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task


def _listen(listen: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    # asyncio turns Nagle's delay off (40 ms an answer) only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((listen.host, listen.port))
    listener.listen(512)
    return listener
