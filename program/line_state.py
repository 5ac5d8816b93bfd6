"""What is wrong with the line to the broker: said once when it begins and once when it is over."""

import logging
from typing import Literal

log = logging.getLogger(__name__)

Trouble = Literal[
    "publish-refused",
    "subscription-refused",
    "nobody-there",
    "certificate-unusable",
    "certificate-ends",
    "id-taken",
    "broker-away",
    "unacknowledged",
]
# trouble -> what is said when it begins, what when it is over
SENTENCES: dict[Trouble, tuple[str, str]] = {
    "publish-refused": (
        "the broker refuses what is sent on {}; it is kept and sent again",
        "the broker takes everything again",
    ),
    "subscription-refused": (
        "the broker refuses the subscription to {}: nothing is heard from there",
        "the broker grants every subscription again",
    ),
    "nobody-there": (
        "nobody listens at the other end; what is sent is kept",
        "somebody listens at the other end again",
    ),
    "certificate-unusable": (
        "our certificate cannot be used: section [broker]: {}",
        "our certificate can be used again",
    ),
    "certificate-ends": (
        "our certificate ends on {}; renew it",
        "our certificate is renewed",
    ),
    "id-taken": (
        "somebody else connects with our id and throws us off the broker; give one of the two another id",
        "nobody else connects with our id any more",
    ),
    "broker-away": (
        "no broker has answered for more than {}; what is to be sent is kept",
        "a broker answers again",
    ),
    "unacknowledged": (
        "head office has acknowledged nothing for more than {}; what is sent is kept",
        "head office acknowledges again",
    ),
}


class LineState:
    """The troubles of one line, each with its detail. `quiet`: a second line to the same broker; only refusals, which
    may be its own, are said."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._now: dict[Trouble, str] = {}
        self.quiet = quiet

    @property
    def names(self) -> list[Trouble]:
        return sorted(self._now)

    def sentence(self, name: Trouble) -> str:
        return SENTENCES[name][0].format(self._now[name])

    def begins(self, name: Trouble, detail: str = "") -> None:
        """A detail that changes while the trouble lasts is no news."""
        if name not in self._now and self._speaks_of(name):
            log.warning("The line: %s.", SENTENCES[name][0].format(detail))
        self._now[name] = detail

    def is_over(self, name: Trouble) -> None:
        if self._now.pop(name, None) is not None and self._speaks_of(name):
            log.info("The line: %s.", SENTENCES[name][1])

    def _speaks_of(self, name: Trouble) -> bool:
        if name == "broker-away":  # the link has said so, at once
            return False
        return not self.quiet or name in ("publish-refused", "subscription-refused")
