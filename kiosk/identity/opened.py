"""Whether the eyes of a customer who looks straight are open, as far as it can be told: beside the most open ones they have shown. Pure.

Somebody whose eyes are closed, narrow or not to be seen from the first frame on is never told anything, and goes on as everybody.
"""

from dataclasses import dataclass, replace

from kiosk.identity import eyelids
from kiosk.identity.eyelids import Strip
from kiosk.identity.liveness import Sight

SAYS_AFTER_S = 0.7  # a blink is over sooner
TAKEN_AFTER_S = 4.0  # who does not open them goes on with closed ones


@dataclass(frozen=True, eq=False, repr=False)
class Opened:
    """`shut_at`: since when the eyes are closed; `advice`: what to ask."""

    most: Strip | None = None
    shut_at: float | None = None
    advice: str = ""

    @property
    def shut(self) -> bool:
        return self.shut_at is not None

    def see(self, sight: Sight | None) -> "Opened":
        """`sight`: a face that could be judged; None where there is none."""
        if sight is None:
            return replace(self, shut_at=None, advice="")
        now = eyelids.strip(sight.image, sight.face)
        if self.most is None or eyelids.lids(now, self.most) == "shut":
            return Opened(now)
        if eyelids.lids(self.most, now) != "shut":
            return replace(self, shut_at=None, advice="")
        since = sight.at if self.shut_at is None else self.shut_at
        passed = sight.at - since
        if passed > TAKEN_AFTER_S:
            return Opened(now)
        return replace(self, shut_at=since, advice="open_eyes" if passed >= SAYS_AFTER_S else "")
