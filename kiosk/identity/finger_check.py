"""A check by finger: the template comes out of the sealed store, the kiosk's module compares it, the limits are those of a face."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.identity import chip
from kiosk.identity.audit import first
from kiosk.identity.chip import NoReference
from kiosk.identity.finger import ENGINE, MODEL, MODEL_SHA256
from kiosk.identity.keeping import open_templates
from kiosk.identity.keys import KeysUnusable
from kiosk.identity.sealed import ModelChanged, NoTemplate, StoreUnusable
from kiosk.identity.sealing import Altered, KeyMissing
from kiosk.identity.session import Patience
from kiosk.identity.session_shown import AGAIN
from kiosk.identity.told import Again, Begin, FingerJudged, FingerWanted, Shown, Told, VerifyFinger
from kiosk.identity.trying import Trying
from kiosk.look import icons
from kiosk.settings import Templates

log = logging.getLogger(__name__)

ASKS = ("place_finger", "lift_finger", "clean", "press_harder")
AS_PLACED = "fingerprint.place_finger"
ANSWER_S = 30.0  # the module's own patience ends sooner


class FingerCheck:
    """Over when `ended`, the outcome, is not empty."""

    def __init__(self, begin: Begin, trying: Trying, tell: Callable[[Told], None]) -> None:
        self._trying, self._tell = trying, tell
        trying.engine = ENGINE
        self.ended = ""
        self.reasons: tuple[str, ...] = ()
        self._last = ""  # outcome of the last try
        self._asked_again = False
        self._says = "fingerprint.opening"
        self._until = time.monotonic() + ANSWER_S
        self._template = self._opened(begin)
        if not self.ended:
            self._try()

    def shown(self) -> Shown:
        leads_on = AGAIN if self._asked_again else ""
        icon = icons.TOLD if self._asked_again else icons.FINGER
        return Shown(self._says, icon, leads_on, tried=bool(self._last), reason=first(self.reasons))

    def happen(self, event: Any) -> None:
        match event:
            case _ if self.ended:
                return
            case FingerWanted(word) if not self._asked_again:
                self._says = f"fingerprint.{word}" if word in ASKS else AS_PLACED
            case FingerJudged(outcome, reason) if not self._asked_again:
                self._judged(outcome, (reason,) if reason else ())
            case Again() if self._asked_again:
                self._try()

    def turn(self, now: float) -> None:
        if now >= self._until and not self.ended:
            self._end("timeout", "no_answer")

    def leave(self) -> None:
        if not self.ended:
            self._end("declined")

    def stop(self) -> None:
        self._template = b""

    def _try(self) -> None:
        why = self._trying.begin()
        if why:
            self.ended, self.reasons = "locked", (why,)
            return
        self._asked_again, self._says = False, AS_PLACED
        self._until = time.monotonic() + ANSWER_S
        self._tell(VerifyFinger(self._template))

    def _judged(self, outcome: str, reasons: tuple[str, ...]) -> None:
        why = self._trying.end(outcome, reasons)
        self._last, self.reasons = outcome, reasons
        if why or outcome in ("same", "unavailable"):
            self.ended = outcome
            return
        self._asked_again, self._says = True, "fingerprint.again"
        self._until = time.monotonic() + Patience().again_s

    def _end(self, outcome: str, *reasons: str) -> None:
        """A try that is under way ends so; what became of one before stays what the teller is told."""
        if not self._asked_again:
            self._trying.end(outcome, reasons)
        if not self._last:
            self.reasons = reasons
        self.ended = self._last or outcome

    def _opened(self, begin: Begin) -> bytes:
        """The template of the customer who is claimed: from the card, or of the sealed store."""
        if begin.prints and begin.identity.finger:
            return self._of_card(begin)
        if begin.templates is None:
            return self._without("no_template")
        return self._of_store(begin, begin.templates)

    def _of_card(self, begin: Begin) -> bytes:
        try:
            return chip.template(begin.identity.finger, begin.prints)
        except NoReference as error:
            log.error("A card's fingerprints cannot be used: %s.", error)
            return self._without(error.reason)

    def _of_store(self, begin: Begin, templates: Templates) -> bytes:
        try:
            store = open_templates(templates, Path(begin.folder))
        except (KeysUnusable, StoreUnusable) as error:
            log.error("%s", error)
            return self._without("store_unusable")
        try:
            return store.open(begin.customer, "fingerprint", MODEL, MODEL_SHA256)
        except NoTemplate:
            return self._without("no_template")
        except (ModelChanged, Altered, KeyMissing, StoreUnusable) as error:
            log.error("A template cannot be used: %s", error)
            return self._without("template_unusable")
        finally:
            store.close()

    def _without(self, reason: str) -> bytes:
        self.ended, self.reasons = "unavailable", (reason,)
        return b""
