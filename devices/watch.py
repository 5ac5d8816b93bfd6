"""`python -m devices watch`: one machine's health and events as they come, a line each."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from devices.catalogue import KINDS
from devices.device import Health
from devices.keeper import Keeper
from devices.magnetic_stripe.protocol import Swipe
from devices.port import Port, open_port
from devices.recording import RecordedPort, Tape


def watch(
    kind: str,
    address: str,
    baud: int | None,
    seconds: float | None,
    *,
    say: Callable[[str], None],
    clock: Callable[[], datetime],
    stop: threading.Event,
    tape: Tape | None = None,
) -> int:
    """Until Ctrl-C, SIGTERM or the time is up. Card numbers never appear. What goes over the wire is also put on
    the tape, if there is one."""

    def tell(event: Any) -> None:
        say(f"{clock():%H:%M:%S} {describe(event)}")

    driver = KINDS[kind].driver(tell, **({} if baud is None else {"baud": baud}))

    def opened() -> Port:
        port = open_port(address, baud=driver.baud, xonxoff=driver.xonxoff)
        return port if tape is None else RecordedPort(port, tape)

    keeper = Keeper(address, kind, driver, opened, tell, clock)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    say(f"{clock():%H:%M:%S} watching {kind} at {address}, {driver.baud} bit/s")
    keeper.start()
    stop.wait(seconds)
    keeper.stop()
    return 0


def describe(event: Any) -> str:
    """One line for a person."""
    if isinstance(event, Health):
        return f"{event.state} {event.detail}".strip()
    if isinstance(event, Swipe):
        tracks = ", ".join(f"track {number} {status}" for number, status in event.tracks.items())
        if event.card is None:
            return f"swipe: {tracks}; no bank card"
        luhn = "" if event.card.luhn_ok else " (Luhn check fails: a warning)"
        return f"swipe: {tracks}; bank card {event.card.masked}{luhn}"
    return str(event)
