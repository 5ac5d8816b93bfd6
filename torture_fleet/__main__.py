"""`python -m torture_fleet --kills 1000 --seed 1`: exit status 0 if head office has exactly what the branches wrote."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from torture.faults import NoCompiler
from torture_fleet.brokers import NotInstalled
from torture_fleet.run import Plan, Run
from torture_fleet.summary import Summary

INTERRUPTED, UNUSABLE = 130, 2


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m torture_fleet", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, help="of killing (default: 120)")
    length.add_argument("--kills", type=int, help="as many kills instead")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="to do the same again")
    parser.add_argument("--branches", type=int, default=6)
    parser.add_argument("--broker", choices=("mosquitto", "rabbitmq"), default="rabbitmq")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument(
        "--intakes", type=int, default=0, help="processes of head_office.intake beside the board"
    )
    parser.add_argument(
        "--pace", type=float, default=0.8, help="mean seconds between two misfortunes"
    )
    parser.add_argument(
        "--right-within",
        type=float,
        default=90.0,
        help="seconds after the last fault in which the board must be right",
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder, also after success")
    asked = parser.parse_args()
    if asked.seconds is None and asked.kills is None:
        asked.seconds = 120.0
    return asked


async def torture(plan: Plan, folder: Path) -> Summary:
    """Ends early, with everything dead, on SIGTERM and ctrl-C."""
    me, loop = asyncio.current_task(), asyncio.get_running_loop()
    run = Run(plan, folder)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, cast("asyncio.Task[Summary]", me).cancel)
    return await run.run()


def main() -> int:
    asked = arguments()
    plan = Plan(
        asked.seed, asked.kills, asked.seconds, asked.branches,
        asked.broker, asked.store, asked.intakes, asked.pace, asked.right_within,
    )  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="lobby-fleet-"))
    folder.chmod(0o755)  # PostgreSQL's user must get through
    keep = asked.keep
    try:
        summary = asyncio.run(torture(plan, folder))
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except (NoCompiler, NotInstalled) as error:
        print(f"torture_fleet: {error}", file=sys.stderr)
        return UNUSABLE
    else:
        keep = keep or not summary.good
        print(summary.page())
        if keep:
            print(f"Journals, ledger and logs: {folder}")
        print(summary.line(), flush=True)
        return 0 if summary.good else 1
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
