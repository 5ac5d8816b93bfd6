"""`python -m kiosk`: one terminal."""

import asyncio
import faulthandler
import logging
import os
import signal
import sys
import time
from pathlib import Path

from kiosk import settings as kiosk_settings
from kiosk.beat import Beat
from kiosk.log import Recent
from kiosk.look import window
from kiosk.look.fonts import NoFont
from kiosk.look.window import NoScreen
from kiosk.mishaps import WithoutValues, catch_all, leave_no_core
from kiosk.settings import Settings
from program import command_line

log = logging.getLogger(__name__)

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> int:
    words = command_line.parser("kiosk", __doc__ or "", default_config="config/demo/kiosk.toml")
    given = words.parse_args()
    settings = command_line.load_or_exit(
        lambda: kiosk_settings.load(given.config), check=given.check
    )
    command_line.start_log("kiosk", WithoutValues)
    recent = Recent()
    logging.getLogger().addHandler(recent)
    catch_all()
    leave_no_core()
    # where the screen stood, when systemd ends one that hangs; to walk through threads that run crashed now and then
    faulthandler.enable(all_threads=False)
    logging.getLogger("kivy").disabled = True  # while it tells of every touch library that it lacks
    try:
        window.prepare(settings.screen)
    except (NoFont, NoScreen) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    status = asyncio.run(run(settings, recent))
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)  # whoever asks twice gets the same end
    return status


async def run(settings: Settings, recent: Recent) -> int:
    """Until SIGTERM, SIGINT or SIGHUP, or until too much goes wrong; the status to end with."""
    from kiosk.app import KioskApp  # noqa: PLC0415  Kivy reads its settings when it is imported

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, stop.set)
    logging.getLogger("kivy").setLevel(logging.WARNING)
    logging.getLogger("kivy").disabled = False
    beat = Beat(os.environ, time.monotonic)
    return await KioskApp(settings, beat, recent, say_first_picture).run_until_stopped(stop)


def say_first_picture() -> None:
    log.info("First picture after %.2f s.", time.clock_gettime(time.CLOCK_BOOTTIME) - started())


def started() -> float:
    """When this process began, in seconds after the machine did (proc(5): field 22 of stat)."""
    fields = (
        Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
    )
    return int(fields.split()[19]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
