"""Whether the eyes of a customer who looks straight are open, as far as it can be told: beside the most open ones they have shown. Pure.

Somebody whose eyes are closed or narrow from the first frame on is not told to open them, and goes on as everybody. Who is going to be asked to
blink must have eyes that can be seen: behind dark glasses no blink can, whether a person's or none of a picture's.
"""

from dataclasses import dataclass, replace

from kiosk.identity import eyelids
from kiosk.identity.eyelids import Strip
from kiosk.identity.liveness import Sight

SAYS_AFTER_S = 0.7  # a blink is over sooner
TAKEN_AFTER_S = 4.0  # who does not open them goes on with closed ones


@dataclass(frozen=True, eq=False, repr=False)
class Opened:
    """`shut_at`, `hidden_at`: since when the eyes are closed, or were never seen; `advice`: what to ask."""

    most: Strip | None = None
    shut_at: float | None = None
    hidden_at: float | None = None
    advice: str = ""
    must_be_seen: bool = False

    @property
    def shut(self) -> bool:
        return self.shut_at is not None

    @property
    def may_go_on(self) -> bool:
        return not self.shut and self.hidden_at is None

    def see(self, sight: Sight | None) -> "Opened":
        """`sight`: a face that could be judged; None where there is none."""
        if sight is None:
            return replace(self, shut_at=None, hidden_at=None, advice="")
        now = eyelids.strip(sight.image, sight.face)
        if self.must_be_seen and self.most is None:
            return self._from(now) if eyelids.can_be_seen(now) else self._hidden(sight.at)
        if self.most is None or eyelids.lids(now, self.most) == "shut":
            return self._from(now)
        if eyelids.lids(self.most, now) != "shut":
            return replace(self, shut_at=None, advice="")
        since = sight.at if self.shut_at is None else self.shut_at
        passed = sight.at - since
        if passed > TAKEN_AFTER_S:
            return self._from(now)
        return replace(self, shut_at=since, advice="open_eyes" if passed >= SAYS_AFTER_S else "")

    def _from(self, most: Strip) -> "Opened":
        return Opened(most, must_be_seen=self.must_be_seen)

    def _hidden(self, at: float) -> "Opened":
        since = at if self.hidden_at is None else self.hidden_at
        long = at - since >= SAYS_AFTER_S
        return replace(self, hidden_at=since, advice="show_eyes" if long else "")
