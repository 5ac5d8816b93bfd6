"""`python -m bench`: every figure as a JSON line, or those of the parts that are named."""

import argparse
import tempfile
from pathlib import Path

from bench import (
    board_bench,
    branch_bench,
    crowd_bench,
    device_bench,
    fleet_bench,
    history_bench,
    identity_bench,
    kiosk_bench,
    office_bench,
    queue_bench,
    rollout_bench,
)

PARTS = {
    "queue": queue_bench.run,
    "branch": branch_bench.run,
    "crowd": crowd_bench.run,
    "office": office_bench.run,
    "board": board_bench.run,
    "devices": device_bench.run,
    "identity": identity_bench.run,
    "kiosk": kiosk_bench.run,
    "rollout": rollout_bench.run,
    "history": history_bench.run,
    "fleet": fleet_bench.run,
}


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("parts", nargs="*", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    for part in words.parse_args().parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="lobby-bench-", dir=".") as folder:
            PARTS[part](Path(folder).absolute())


if __name__ == "__main__":
    main()
