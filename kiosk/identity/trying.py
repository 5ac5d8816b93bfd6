"""The tries of one customer before this kiosk: counted before they are judged, written down when they end."""

import logging
from collections.abc import Callable

from edge_agent.messages import IdentityCheck
from kiosk.identity import audit
from kiosk.identity.audit import DECISIONS, Method
from kiosk.identity.tries import Outcome, Tries, TriesUnusable

log = logging.getLogger(__name__)

COUNTED: dict[str, Outcome] = {"passed": "passed", "failed": "failed"}  # anything else is undecided


class Trying:
    """`write_down` gets an entry for each try, and for a check that came to none. Where the file of tries cannot be used,
    nobody is looked at."""

    def __init__(
        self,
        tries: Tries,
        customer: str,
        method: Method,
        consent: str,
        write_down: Callable[[IdentityCheck], None],
        used: int = 0,
    ) -> None:
        """`used`: how often this customer has tried on this visit already."""
        self.engine = ""
        self._session = tries.session(customer, used)
        self._method: Method = method
        self._consent = consent
        self._write_down = write_down
        self._number: int | None = None
        self._written = False

    def begin(self) -> str:
        """Which limit is reached; nothing when the try has begun, and is on disk."""
        self._written = False
        try:
            why = self._session.why_not()
            if not why:
                self._number = self._session.begin()
        except TriesUnusable as error:
            log.error("%s", error)
            return "tries_unusable"
        return why

    def end(self, outcome: str, reasons: tuple[str, ...]) -> str:
        """Which limit stands against another try."""
        self.note(outcome, reasons)
        number, self._number = self._number, None
        try:
            if number is not None:
                self._session.end(number, COUNTED.get(DECISIONS[outcome], "undecided"))
            return self._session.why_not()
        except TriesUnusable as error:
            log.error("%s", error)
            return "tries_unusable"

    def note(self, outcome: str, reasons: tuple[str, ...]) -> None:
        self._written = True
        self._write_down(audit.entry(self._method, outcome, reasons, self.engine, self._consent))

    def note_last(self, outcome: str, reasons: tuple[str, ...]) -> None:
        """Of a check that ended without a try of its own."""
        if not self._written:
            self.note(outcome, reasons)
