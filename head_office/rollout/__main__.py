"""`python -m head_office.rollout key FILE`: make the key that signs what branches run, or say its public half."""

import argparse
import sys
from pathlib import Path

from head_office.rollout import key


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m head_office.rollout", description=__doc__)
    words.add_argument("what", choices=["key"])
    words.add_argument("file", type=Path)
    file = words.parse_args().file
    try:
        found = key.read(file) if file.exists() else key.make(file)
    except key.KeyUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(
        f"The private key is in {file}; keep it, and keep it secret.\n"
        f'In every branch.toml:\n\n[central]\nkeys = ["{found.public}"]\n'
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
