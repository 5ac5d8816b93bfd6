"""`python -m bench`: every figure as a JSON line. Names of parts as arguments pick: branch, kiosk."""

import sys
import tempfile
from pathlib import Path

from bench import branch_bench, kiosk_bench

PARTS = {"branch": branch_bench.run, "kiosk": kiosk_bench.run}


def main() -> None:
    for part in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="lobby-bench-", dir=".") as folder:
            PARTS[part](Path(folder).absolute())


if __name__ == "__main__":
    main()
