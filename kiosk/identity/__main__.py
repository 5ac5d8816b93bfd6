"""`python -m kiosk.identity`: judge pairs of pictures, measure how well it judges, look after enrolled templates."""

import argparse
import sys
from pathlib import Path

from kiosk.identity import (
    enrolling,
    evaluate,
    evaluate_blinks,
    evaluate_liveness,
    evaluate_sessions,
    keeping,
    liveness_files,
    pairs,
)
from kiosk.identity.engine import ENGINES, open_engine
from kiosk.identity.models import ModelError
from kiosk.identity.pairs import UNUSABLE, PairsError

FACES = Path("../shared/data/faces")


def main() -> int:
    given = _parser().parse_args()
    if hasattr(given, "run"):
        return int(given.run(given))
    try:
        engine = open_engine(given.engine)
        if given.command == "pairs":
            return pairs.run(given.file, engine)
        if given.command == "liveness":
            return liveness_files.run(given.files, engine)
        if given.command == "evaluate-liveness":
            evaluate_liveness.run(given.data, engine, given.each, given.seed, given.only)
            return evaluate_sessions.run(given.data, engine, given.each, given.seed, given.only)
        if given.command == "evaluate-blinks":
            return evaluate_blinks.run(given.data, engine, given.each, given.seed, given.only)
        return evaluate.run(given.data, engine)
    except (ModelError, PairsError) as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kiosk.identity", description=__doc__)
    words = parser.add_subparsers(dest="command", required=True)
    one = words.add_parser(
        "pairs", help="one JSON line a pair of pictures", description=pairs.__doc__
    )
    one.add_argument("file", type=Path, metavar="FILE", help="CSV of left_image,right_image")
    measuring = words.add_parser("evaluate", help="rates of error, CPU time and cold start")
    live = words.add_parser(
        "liveness",
        help="one JSON line a video or sequence of pictures",
        description=liveness_files.__doc__,
    )
    live.add_argument("files", nargs="+", metavar="FILE")
    attacking = words.add_parser(
        "evaluate-liveness",
        help="how many pictures held before the camera pass for a person",
        description=evaluate_liveness.__doc__,
    )
    blinking = words.add_parser(
        "evaluate-blinks",
        help="how many blinks are seen where one is drawn, and where none is",
        description=evaluate_blinks.__doc__,
    )
    for word in (attacking, blinking):
        word.add_argument("--each", type=int, default=300, metavar="SEQUENCES")
        word.add_argument("--seed", type=int, default=1)
        word.add_argument("--only", default="", metavar="TEXT", help="kinds with it in their name")
    for word in (measuring, attacking, blinking):
        word.add_argument("--data", type=Path, default=FACES, metavar="FOLDER")
    for word in (one, measuring, live, attacking, blinking):
        word.add_argument("--engine", choices=ENGINES, default="opencv")
    keeping.add_words(words)
    enrolling.add_words(words)
    return parser


if __name__ == "__main__":
    sys.exit(main())
