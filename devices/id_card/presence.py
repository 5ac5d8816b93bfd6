"""Is the card on the reader one that has been told already? Pure; who calls knows the time.

What can be known differs. Some modules find a card as long as it lies there: then it is gone when it is not
found twice. Others do not find a card again that has been read, or that could not be read, before it has been
taken away and put there anew: of them nobody can know whether it still lies there, only that it was put there.
"""

AWAY = 2  # failed finds in a row: one alone is a disturbance
TRIES = 3  # a card that cannot be read is not read for ever


class Presence:
    """`same_card_s`: seconds since it was last seen within which a card is the same visit."""

    def __init__(self, same_card_s: float) -> None:
        self._same_card_s = same_card_s
        self._token = ""
        self._seen_at = float("-inf")
        self.forget()

    def forget(self) -> None:
        """Whatever is found next is new."""
        self._token = self._reason = ""
        self._be_away()

    def found(self, now: float) -> bool:
        """Whether the card that is there must be read."""
        self._away = 0
        if not self._done:
            return True
        self._found_again = True
        self._seen_at = now
        return False

    def missed(self) -> bool:
        """Nothing was found. Whether a card that was told is gone, for sure and just now."""
        self._away += 1
        if self._away < AWAY:
            return False
        gone = self._done and self._told and self._found_again
        self._reason = ""
        self._be_away()
        return gone

    def read(self, token: str, now: float) -> bool:
        """Whether this is to be told."""
        same = token == self._token and now - self._seen_at < self._same_card_s
        self._token, self._reason = token, ""
        self._seen_at = now
        self._done, self._told = True, not same
        return not same

    def failed(self, reason: str, *, lasting: bool) -> bool:
        """Whether this is to be told. `lasting`: reading it once more would not help."""
        new = reason != self._reason
        self._reason = reason
        self._tries += 1
        self._done = lasting or self._tries >= TRIES
        self._told = True
        return new

    def _be_away(self) -> None:
        self._done = self._told = self._found_again = False
        self._away = self._tries = 0
