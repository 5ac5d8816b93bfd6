"""Look after a branch's journal, also while the agent runs."""

import argparse
import os
import signal
import sys
from pathlib import Path

from edge_agent.journal import check
from edge_agent.journal.archive import ChainBroken
from edge_agent.journal.check import NoBackup, NoJournal, Verified


def main() -> int:
    given = _words().parse_args()
    try:
        file = check.journal_at(given.journal)
        if given.word == "export":
            _export(file)
        elif given.word == "backup":
            _say(check.back_up(file, given.to), f"saved in {given.to}")
        else:
            _say(check.verify(file), "intact")
    except ChainBroken as error:
        sys.stderr.write(f"BROKEN: {error}\n")
        return 1
    except (NoJournal, NoBackup) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        where = error.filename or "standard output"
        sys.stderr.write(f"{where}: {error.strerror}; check the path, its rights and the disk\n")
        return 2
    return 0


def _export(file: Path) -> None:
    try:
        sys.stdout.buffer.writelines(check.export(file))
        sys.stdout.flush()
    except OSError:
        # what could not be written is not tried again, with a traceback, when the program ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _say(found: Verified, how: str) -> None:
    sys.stdout.write(
        f"{how}: {found.entries} entries, {found.archived_days} archived days, "
        f"head {found.head.hex()}\n"
    )


def _words() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m edge_agent.journal", description=__doc__)
    verbs = words.add_subparsers(dest="word", required=True)
    about = {
        "verify": "follow the hash chain from the first entry to the last; exit status 1 when it is broken",
        "export": "every entry with its hash, one a line, to standard output",
        "backup": "a verified copy in another folder",
    }
    for name, help_ in about.items():
        verb = verbs.add_parser(name, help=help_, description=help_)
        verb.add_argument("journal", type=Path, help="the file journal.sqlite, or its folder")
        if name == "backup":
            verb.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    return words


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `export | head` ends without a word
    sys.exit(main())
