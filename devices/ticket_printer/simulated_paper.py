"""The paper of a simulated receipt printer: rows, pieces cut or torn off.

Source: Epson ESC/POS command reference (line feed, GS V). One dot is 0.125 mm, also the unit of
feeds and spacings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.ticket_printer.simulated_style import CHARACTER_DOTS


@dataclass(frozen=True)
class Row:
    """A stretch of paper; `text` is None when there is nothing of it to read.

    `image`: the first digits of the SHA-256 of its dots, row by row, eight to a byte.
    """

    dots: int
    text: str | None = None
    qr: str | None = None
    image: str | None = None

    @property
    def ink(self) -> bool:
        return bool(self.qr or (self.text and self.text.strip()))


# A row that was stopped in the middle: on the paper, but nobody can read it.
UNFINISHED = Row(CHARACTER_DOTS, "[unfinished]")


@dataclass
class Motion:
    """Paper being moved, then cut if asked; `ends` is None while the printer is stopped."""

    rows: list[Row]
    cut: bool = False
    ends: float | None = None

    @property
    def ink(self) -> bool:
        return any(row.ink for row in self.rows)

    @property
    def dots(self) -> int:
        return sum(row.dots for row in self.rows)


class Paper:
    """What hangs out of the printer since the last cut, and where the cutter is above the head."""

    def __init__(self, truth: Callable[[Mapping[str, object]], None], cutter_dots: int) -> None:
        self.cutter_dots = cutter_dots
        self._truth = truth
        self._job = bytearray()
        self._rows: list[Row] = []
        self._spoilt = False

    @property
    def inked(self) -> bool:
        """Whether something can be read on what hangs out."""
        return any(row.ink for row in self._rows)

    def job_bytes(self, command: bytes) -> None:
        self._job += command

    def add(self, row: Row) -> None:
        self._rows.append(row)

    def initialised(self) -> None:
        """ESC @ on clean paper: what follows a torn piece is a ticket of its own."""
        if not self.inked:
            self._spoilt = False

    def job_discarded(self) -> None:
        """The rest of the job was thrown away; what is on paper can no longer be whole."""
        self._spoilt = self.inked
        if not self._spoilt:
            self._job.clear()

    def cut(self) -> None:
        """Cut at the blade; rows still between head and blade stay on the roll."""
        inside = self._rows_below_blade()
        left = self._rows[len(self._rows) - inside :] if inside else []
        piece = self._rows[: len(self._rows) - inside]
        cut_through = any(row.ink for row in left)
        self._record(piece, whole=not (self._spoilt or cut_through), by_hand=cut_through)
        # Blank paper left on the roll is not read as lines of the next ticket.
        self._rows = [row if row.ink or cut_through else Row(row.dots) for row in left]
        self._spoilt = cut_through

    def tear(self) -> None:
        """Somebody takes off all that hangs out; nothing is recorded if it is blank."""
        if self.inked:
            self._record(self._rows, whole=False, by_hand=True)
            self._spoilt = True
        self._rows = []

    def _rows_below_blade(self) -> int:
        """How many of the last rows have not passed the blade with their whole height."""
        above = 0
        for count, row in enumerate(reversed(self._rows)):
            if above >= self.cutter_dots:
                return count
            above += row.dots
        return len(self._rows)

    def _record(self, rows: list[Row], whole: bool, by_hand: bool) -> None:
        """Blank paper is not a ticket: it is recorded under another name."""
        event: dict[str, object] = {"event": "blank_paper", "bytes_hex": self._job.hex(" ")}
        if by_hand or any(row.ink for row in rows):
            event |= {"event": "paper", "paper": "full" if whole else "torn"}
            event["text"] = "\n".join(row.text for row in rows if row.text is not None)
            event["qr"] = [row.qr for row in rows if row.qr is not None]
            event["images"] = [row.image for row in rows if row.image is not None]
        self._truth(event)
        self._job.clear()
