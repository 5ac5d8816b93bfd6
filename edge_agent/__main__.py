"""`python -m edge_agent`: one branch."""

import asyncio
import sys
import time
from argparse import Namespace
from contextlib import suppress
from datetime import UTC, datetime
from random import Random

import uvloop

from edge_agent import settings as branch_settings
from edge_agent.branch import Branch, open_branch
from edge_agent.counter_machines import CounterMachines
from edge_agent.desk import NotRecorded
from edge_agent.journal import JournalUnusable
from edge_agent.settings import Settings
from edge_agent.uplink import Uplink
from edge_agent.web import application
from program import address, certificate, command_line
from program.server import run_beside

LOOK_EVERY_S = 1.0


def main() -> int:
    words = command_line.parser(
        "edge_agent", __doc__ or "", default_config="config/demo/branch.toml"
    )
    command_line.add_server_words(words)
    given = words.parse_args()
    settings = command_line.load_or_exit(lambda: load(given), check=given.check)
    command_line.start_log("edge_agent")
    try:
        branch = open_branch(settings, lambda: datetime.now(UTC), steady_seconds, Random())
    except JournalUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return uvloop.run(run(branch, settings))


def load(given: Namespace) -> Settings:
    """A certificate that has run out is an error where it is asked for only: a branch serves without its line."""
    settings = branch_settings.load(
        given.config, listen=given.listen, data=given.data, broker=given.broker
    )
    if given.check:
        certificate.check(settings.broker, datetime.now(UTC))
    return settings


async def run(branch: Branch, settings: Settings) -> int:
    """Until SIGTERM."""
    uplink = Uplink(branch, settings.broker, Random())
    machines = CounterMachines(branch)
    try:
        return await run_beside(
            application(branch),
            address.parse(settings.http.listen),
            [branch.desk.run(), uplink.run(), watch(branch), obey(machines), machines.follow()],
            on_stop=[uplink.say_goodbye, branch.live.close],
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
