"""`python -m torture --seconds 120`, or `--kills 1000`: exit status 0 if the agent kept its word."""

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
from torture.run import Plan, Run
from torture.summary import Summary

INTERRUPTED = 130


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m torture", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, help="for the whole run (default: 120)")
    length.add_argument("--kills", type=int, help="as many kills instead")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="to do the same again")
    parser.add_argument(
        "--root", type=Path, default=Path(__file__).parents[1], help="checkout whose agent suffers"
    )
    parser.add_argument(
        "--keys-last-hours",
        type=float,
        default=float("inf"),
        help="of the agent's clock, after which an answer may be forgotten (default: never)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder, also after success")
    asked = parser.parse_args()
    if asked.seconds is None and asked.kills is None:
        asked.seconds = 120.0
    return asked


async def torture(plan: Plan, folder: Path) -> Summary:
    """Ends early, with the agent dead, on SIGTERM and ctrl-C."""
    me, loop = asyncio.current_task(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, cast("asyncio.Task[Summary]", me).cancel)
    return await Run(plan, folder).run()


def main() -> int:
    asked = arguments()
    keys_last_s = asked.keys_last_hours * 3600
    plan = Plan(asked.root.resolve(), asked.seconds, asked.kills, asked.seed, keys_last_s)
    folder = Path(tempfile.mkdtemp(prefix="lobby-torture-"))
    keep = asked.keep
    try:
        summary = asyncio.run(torture(plan, folder))
    except (asyncio.CancelledError, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except NoCompiler as error:
        print(f"torture: {error}", file=sys.stderr)
        return 2
    else:
        keep = keep or not summary.good
        print(summary.page())
        if keep:
            print(f"Journal and log of the agent: {folder}")
        print(summary.line(), flush=True)
        return 0 if summary.good else 1
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
