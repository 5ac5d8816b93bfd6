"""`python -m edge_agent`: one branch."""

import asyncio
import faulthandler
import os
import sys
import time
from argparse import Namespace
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import NoReturn

import uvloop

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from edge_agent.branch_queue.business_day import business_day
from edge_agent.central import start
from edge_agent.central.central import HUNG_AFTER_S, Central
from edge_agent.central.health import why_not_well
from edge_agent.central.kept import Kept
from edge_agent.central.start import Sources
from edge_agent.counter_machines import CounterMachines
from edge_agent.desk import NotRecorded
from edge_agent.journal import JournalUnusable
from edge_agent.settings import Settings
from edge_agent.uplink import Uplink
from edge_agent.web import application
from program import address, certificate, command_line, settings_file
from program.server import Stop, run_beside

LOOK_EVERY_S = 1.0


def main() -> int:
    words = command_line.parser(
        "edge_agent", __doc__ or "", default_config="config/demo/branch.toml"
    )
    command_line.add_server_words(words)
    given = words.parse_args()
    sources = sources_of(given)
    own = command_line.load_or_exit(partial(load, sources, given), check=given.check)
    command_line.start_log("edge_agent")
    folder, today = Path(own.store.data), today_of(own)
    settings, kept = start.begin(folder, sources, today)
    if kept.trying is not None:
        faulthandler.dump_traceback_later(HUNG_AFTER_S, exit=True)
    try:
        branch = open_branch(settings, lambda: datetime.now(UTC), steady_seconds, Random())
    except JournalUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception as error:
        if kept.trying is None:
            raise
        start.back(folder, sources, kept, today, f"the branch cannot be opened: {error}")
        start_again()
    return serve(branch, settings, sources, kept)


def serve(branch: Branch, settings: Settings, sources: Sources, kept: Kept) -> int:
    """Until the program ends, or starts anew with another configuration."""
    stop = Stop()
    central = Central(
        branch,
        sources,
        kept,
        healthy=partial(why_not_well, branch, address.parse(settings.http.listen)),
        again=stop.now,
        steady=steady_seconds,
    )
    status = uvloop.run(run(branch, settings, central, stop))
    if central.ended(status) and not stop.by_signal:
        start_again()
    return status


def start_again() -> NoReturn:
    """This program anew, in this process: whoever watches over it sees no end."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def sources_of(given: Namespace) -> Sources:
    """The branch's own file, with what the command line says instead."""
    words = {"listen": given.listen, "data": given.data, "broker": given.broker}
    return Sources(
        load=lambda instead: branch_settings.load(given.config, **words, instead=instead),
        values=lambda: settings_file.values_of(given.config),
    )


def load(sources: Sources, given: Namespace) -> Settings:
    """A certificate that has run out is an error where it is asked for only: a branch serves without its line. So is a
    configuration of head office that no longer fits the file."""
    settings = sources.load(None)
    if given.check:
        with settings_file.of_file(given.config):
            certificate.check(settings.broker, datetime.now(UTC))
        start.check(Path(settings.store.data), sources)
    return settings


def today_of(settings: Settings) -> date:
    return business_day(datetime.now(UTC), settings.zone, settings.day_starts_at)


async def run(branch: Branch, settings: Settings, central: Central, stop: Stop) -> int:
    """Until SIGTERM."""
    uplink = Uplink(branch, settings.broker, Random(), central.hear)
    machines = CounterMachines(branch)
    try:
        return await run_beside(
            application(branch),
            address.parse(settings.http.listen),
            [
                branch.desk.run(),
                uplink.run(),
                watch(branch),
                obey(machines),
                machines.follow(),
                central.run(),
            ],
            on_stop=[uplink.say_goodbye, branch.live.close],
            stop=stop,
        )
    finally:
        machines.stop()
        branch.close()


async def obey(machines: CounterMachines) -> None:
    """No machine is touched before the branch has its address: another agent may work with them."""
    machines.start()
    await machines.obey()


def steady_seconds() -> float:
    """Since the machine started, its sleep included (CLOCK_BOOTTIME, clock_gettime(2))."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


async def watch(branch: Branch) -> None:
    """A kiosk that has stopped reporting is lost, a paper that nobody tells of is in doubt; a day that is over
    ends, a parked ticket returns, though nobody asks. That the list of appointments is missing is said at once."""
    branch.appointments.look()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        with suppress(NotRecorded):  # the desk has said so; the next look tries again
            await branch.record_machines(lambda: branch.machines.silent(branch.clock()))
            await branch.desk.look_at_clock()
            await branch.record_missing_papers()


if __name__ == "__main__":
    sys.exit(main())
