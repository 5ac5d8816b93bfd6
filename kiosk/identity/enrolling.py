"""`python -m kiosk.identity enrol-finger`: at a counter, with a module of its own, after the customer has agreed.

The template goes from the module's buffer under lock, and nowhere else.
"""

import argparse
import queue
import sys
import time
from pathlib import Path
from typing import Any

from devices.bank_card import pseudonym
from devices.fingerprint.driver import WIPE_S
from devices.keeper import Keeper
from devices.settings import Device, keeper_of
from kiosk import settings as kiosk_settings
from kiosk.identity.finger import MODEL, MODEL_SHA256, Finger, FingerEnrolled, FingerWanted
from kiosk.identity.keeping import DEMO, UNPROVED, UNUSABLE, UNUSABLES, open_store
from kiosk.identity.sealed import SealedStore
from kiosk.mishaps import leave_no_core
from program.settings_file import SettingsError

READY_S = 10.0
WITHIN_S = 60.0
SAID = {
    "place_finger": "Place the finger on the glass.",
    "lift_finger": "Lift the finger.",
    "place_again": "Place the same finger again.",
    "same_finger": "These were two fingers. Place one, twice.",
    "clean": "Wipe finger and glass, then place it again.",
    "press_harder": "Press a little harder.",
}


def add_words(commands: Any) -> None:
    about = "enrol one finger of a customer who has agreed; the card's number is read from standard input"
    words = commands.add_parser("enrol-finger", help=about, description=about)
    words.add_argument("--config", type=Path, default=DEMO, metavar="FILE")
    words.add_argument("--port", required=True, metavar="PATH", help="the fingerprint module")
    words.add_argument("--consent", required=True, metavar="VERSION", help="of the text agreed to")
    words.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    leave_no_core()
    try:
        settings = kiosk_settings.load(arguments.config)
        store = open_store(settings)
        if store is None:
            raise SettingsError(
                f"{arguments.config}: section [templates] is missing: nothing is kept"
            )
    except UNUSABLES as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    number = sys.stdin.readline().strip()
    if not number.isdigit():
        sys.stderr.write("Expected the card's number, digits only, on standard input.\n")
        return UNUSABLE
    customer = pseudonym(number, settings.cards.key.encode())
    try:
        return _enrolled(arguments, store, customer)
    except UNUSABLES as error:
        sys.stderr.write(f"{error}\n")
        return UNUSABLE
    finally:
        store.close()


def _enrolled(arguments: argparse.Namespace, store: SealedStore, customer: str) -> int:
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    device = Device(name="fingerprint", kind="fingerprint", port=arguments.port)
    keeper = keeper_of(device, events.put)
    keeper.start()
    try:
        enrolled = _finger(keeper, events)
    finally:
        keeper.stop(WIPE_S)  # its buffers too
    if enrolled.outcome != "same":
        sys.stderr.write(f"Nothing was enrolled: {enrolled.outcome} ({enrolled.reason}).\n")
        return UNPROVED
    store.keep(customer, "fingerprint", MODEL, MODEL_SHA256, enrolled.template, arguments.consent)
    sys.stdout.write("Enrolled.\n")
    return 0


def _finger(keeper: Keeper, events: "queue.SimpleQueue[Any]") -> FingerEnrolled:
    finger = Finger(keeper)
    refused = finger.enrol(WITHIN_S)
    ends = time.monotonic() + WITHIN_S + READY_S
    while refused is None:
        told = finger.heard(_next(events, ends))
        if isinstance(told, FingerWanted):
            sys.stdout.write(SAID.get(told.word, told.word) + "\n")
            sys.stdout.flush()
        elif isinstance(told, FingerEnrolled):
            return told
        elif time.monotonic() > ends:
            return FingerEnrolled("timeout", "time_out")
    return refused


def _next(events: "queue.SimpleQueue[Any]", ends: float) -> Any:
    try:
        return events.get(timeout=max(0.0, ends - time.monotonic()))
    except queue.Empty:
        return None
