"""`python -m kiosk.identity store` and `limits`: what the kiosk keeps for looking whether somebody is a card's owner.

Every answer is one JSON line. Status 0 only when what was asked is proved to be so; 1 when it is not, 2 when the store cannot
be used.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk import settings as kiosk_settings
from kiosk.identity.keys import KEY_BYTES, Keys, KeysUnusable, new_key, read_keys
from kiosk.identity.sealed import Proof, Rotated, SealedStore, StoreUnusable
from kiosk.identity.tries import Tries, TriesUnusable
from kiosk.settings import Settings, Templates
from program.settings_file import SettingsError

FILE = "templates.sqlite"
UNPROVED, UNUSABLE = 1, 2
DEMO = Path("config/demo/kiosk.toml")
UNUSABLES = (SettingsError, KeysUnusable, StoreUnusable, TriesUnusable)

Commands = Any  # argparse's own type is not public


def add_words(commands: Commands) -> None:
    """Adds `store` and `limits` to a program's commands; `arguments.run(arguments)` does them and gives the status."""
    _add_store(commands.add_parser("store", help="the templates that are kept at this kiosk"))
    _add_limits(commands.add_parser("limits", help="failures that are counted at this kiosk"))


def open_store(settings: Settings, *, keyless: bool = False) -> SealedStore | None:
    """None where nothing is enrolled at the branch. `keyless`: to list and to take out, which asks no template to open. Raises
    KeysUnusable or StoreUnusable."""
    given = settings.templates
    if given is None:
        return None
    return open_templates(given, settings.kiosk.folder, keyless=keyless)


def open_templates(given: Templates, folder: Path, *, keyless: bool = False) -> SealedStore:
    """`folder`: the kiosk's own. Raises KeysUnusable or StoreUnusable."""
    path = Path(given.file) if given.file else folder / FILE
    keys = Keys("", {}) if keyless else read_keys(given.keys)
    return SealedStore(path, keys, keep_for=timedelta(days=given.keep_days), clock=_now)


def _add_store(words: argparse.ArgumentParser) -> None:
    asked = words.add_subparsers(dest="asked", required=True)
    _word(asked, "list", "what is kept, without the templates", _list)
    _word(asked, "expire", "take out what may not be kept any longer", lambda s, _: s.expire())
    rotating = "seal everything with the first key of the file"
    _word(asked, "rotate", rotating, lambda s, _: s.rotate(), keyless=False)
    erase = _word(asked, "erase", "take out one customer's templates, or all", _erase)
    whose = erase.add_mutually_exclusive_group(required=True)
    whose.add_argument("--customer", metavar="PSEUDONYM")
    whose.add_argument("--all", action="store_true")
    erase.add_argument("--purpose", choices=("face", "fingerprint"), help="default: both")
    fresh = asked.add_parser("new-key", help="print a line for the file of keys")
    fresh.add_argument("name", metavar="NAME", help="such as 2026-11")
    fresh.set_defaults(run=_new_key)


def _word(
    asked: Commands,
    name: str,
    about: str,
    do: Callable[[SealedStore, argparse.Namespace], Any],
    *,
    keyless: bool = True,
) -> argparse.ArgumentParser:
    words: argparse.ArgumentParser = asked.add_parser(name, help=about, description=about)
    words.add_argument("--config", type=Path, default=DEMO, metavar="FILE")
    words.set_defaults(run=lambda arguments: _guarded(lambda: _with_store(arguments, do, keyless)))
    return words


def _guarded(work: Callable[[], int]) -> int:
    try:
        return work()
    except UNUSABLES as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE


def _with_store(
    arguments: argparse.Namespace,
    do: Callable[[SealedStore, argparse.Namespace], Any],
    keyless: bool,
) -> int:
    store = open_store(kiosk_settings.load(arguments.config), keyless=keyless)
    if store is None:
        raise SettingsError(f"{arguments.config}: section [templates] is missing: nothing is kept")
    try:
        return _told(do(store, arguments))
    finally:
        store.close()


def _list(store: SealedStore, _arguments: argparse.Namespace) -> list[dict[str, Any]]:
    return [asdict(binding) for binding in store.bindings()]


def _erase(store: SealedStore, arguments: argparse.Namespace) -> Proof:
    if arguments.all:
        return store.erase_all()
    return store.revoke(arguments.customer, arguments.purpose)


def _told(outcome: Any) -> int:
    if isinstance(outcome, list):
        for one in outcome:
            _say(one)
        return 0
    _say(asdict(outcome))
    if isinstance(outcome, Proof | Rotated) and not outcome.holds:
        sys.stderr.write(
            "This is not proved: see the numbers. Try again with no other program at it.\n"
        )
        return UNPROVED
    return 0


def _new_key(arguments: argparse.Namespace) -> int:
    def work() -> int:
        sys.stdout.write(new_key(arguments.name, os.urandom(KEY_BYTES)) + "\n")
        return 0

    return _guarded(work)


def _add_limits(words: argparse.ArgumentParser) -> None:
    asked = words.add_subparsers(dest="asked", required=True)
    for name, about in (("list", "how many are counted"), ("reset", "staff strike them out")):
        one = asked.add_parser(name, help=about, description=about)
        one.add_argument("--config", type=Path, default=DEMO, metavar="FILE")
        one.set_defaults(run=lambda arguments: _guarded(lambda: _limits(arguments)))
    one.add_argument("--customer", metavar="PSEUDONYM", help="default: all")


def _limits(arguments: argparse.Namespace) -> int:
    tries = Tries(kiosk_settings.load(arguments.config).kiosk.folder, _now)
    try:
        struck_out = tries.reset(arguments.customer) if arguments.asked == "reset" else 0
        customers, failures = tries.counts()
    finally:
        tries.close()
    _say({"customers": customers, "failures": failures, "struck_out": struck_out})
    return 0


def _say(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")


def _now() -> datetime:
    return datetime.now(UTC)
