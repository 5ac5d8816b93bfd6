"""The words every program takes: --config, --check, and for servers --listen, --data, --broker."""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from program.settings_file import SettingsError

T = TypeVar("T")
UNUSABLE = 2


def parser(program: str, about: str, *, default_config: str) -> argparse.ArgumentParser:
    """The parser with the words all programs share."""
    words = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    words.add_argument("--config", type=Path, default=Path(default_config), metavar="FILE")
    words.add_argument(
        "--check", action="store_true", help="only say whether the configuration can be used"
    )
    return words


def add_server_words(words: argparse.ArgumentParser) -> None:
    """What wins over the file for programs that listen."""
    words.add_argument("--listen", metavar="HOST:PORT", help="address to answer on")
    add_store_words(words)


def add_store_words(words: argparse.ArgumentParser) -> None:
    """What wins over the file for programs that keep and report."""
    words.add_argument("--data", type=Path, metavar="DIR", help="folder of the database")
    words.add_argument("--broker", metavar="URL", help="for example mqtt://127.0.0.1:1883")


def load_or_exit(load: Callable[[], T], *, check: bool) -> T:
    """Settings, or exit status 2 with the reason; with --check also exit status 0 when all is well."""
    try:
        settings = load()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(UNUSABLE)
    if check:
        sys.stdout.write("The configuration can be used.\n")
        sys.exit(0)
    return settings


def start_log(program: str, form: type[logging.Formatter] = logging.Formatter) -> None:
    """One line an event, on standard error, times in UTC. `form`: how an event becomes a line."""
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    line = f"%(asctime)sZ {program:<11} %(levelname)-7s %(message)s"
    handler.setFormatter(form(line, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("httpx", "httpcore", "uvicorn", "uvicorn.error", "uvicorn.access", "litestar"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
