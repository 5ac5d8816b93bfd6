"""`python -m bench`: every figure as a JSON line. Names of parts as arguments pick:
queue, branch, crowd, office, board, devices, identity, kiosk, history, rollout, fleet."""

import sys
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
    for part in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="lobby-bench-", dir=".") as folder:
            PARTS[part](Path(folder).absolute())


if __name__ == "__main__":
    main()
