"""The roll of a simulated receipt printer and its two sensors."""

from collections.abc import Callable, Mapping

DOTS_PER_MM = 8


class Roll:
    """Paper left, in millimetres; one truth event `roll` for each change worth one."""

    def __init__(
        self, truth: Callable[[Mapping[str, object]], None], full_mm: float, near_end_mm: float
    ) -> None:
        if full_mm <= 0 or near_end_mm < 0:
            raise ValueError("a roll has more than 0 mm, and its near end 0 mm or more")
        self._truth = truth
        self._full_dots = round(full_mm * DOTS_PER_MM)
        self._near_end_dots = round(near_end_mm * DOTS_PER_MM)
        self._left_dots = self._full_dots

    @property
    def near_end(self) -> bool:
        return self._left_dots <= self._near_end_dots

    @property
    def empty(self) -> bool:
        return self._left_dots == 0

    def feed(self, dots: int) -> None:
        before = (self.near_end, self.empty)
        self._left_dots = max(0, self._left_dots - dots)
        if self.near_end and not before[0] and not self.empty:
            self._tell("near_end")
        if self.empty and not before[1]:
            self._tell("end")

    def renew(self) -> None:
        self._left_dots = self._full_dots
        self._tell("new")

    def _tell(self, state: str) -> None:
        left_mm = round(self._left_dots / DOTS_PER_MM, 1)
        self._truth({"event": "roll", "state": state, "left_mm": left_mm})
