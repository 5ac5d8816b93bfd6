"""What the bits of a status mean for somebody who wants a ticket now. Pure.

Source: Epson ESC/POS command reference (DLE EOT 1 to 4); Custom VKP80 and KPM300 command manuals (DLE EOT 20).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.ticket_printer.protocol import FullStatus


@dataclass(frozen=True, slots=True)
class Status:
    """`blocks` is empty when it can print, else the cause in one word. `at_mouth`: a ticket has not been taken."""

    blocks: str = ""
    paper_low: bool = False
    paper_out: bool = False
    at_mouth: bool = False


def of_answers(bits: Mapping[int, int]) -> Status:
    """From the bytes of DLE EOT n, by n; those that a printer does not answer are missing."""
    printer, offline, error, paper = (bits.get(n, 0) for n in (1, 2, 3, 4))
    paper_out = bool(paper & 0x60 or offline & 0x20)
    causes = (
        (offline & 0x04, "coverOpen"),
        (paper_out, "paperOut"),
        (error & 0x08, "cutterJam"),
        (error & 0x20, "unrecoverable"),
        (error & 0x04, "mechanical"),
        (error & 0x40, "headHot"),
        (offline & 0x08, "feedButton"),
        (printer & 0x08, "offline"),
    )
    return Status(_first(causes), paper_low=bool(paper & 0x0C), paper_out=paper_out)


def of_full(status: FullStatus) -> Status:
    """Recoverable errors that do not stop the printer (a garbled byte, say) block nothing. The virtual end of
    the paper is counted by the printer, not felt: a warning."""
    paper, user = status.paper, status.user
    recoverable, unrecoverable = status.recoverable, status.unrecoverable
    causes = (
        (user & 0x03 or unrecoverable & 0x02, "coverOpen"),  # the head is lifted with the cover
        (paper & 0x01, "paperOut"),
        (unrecoverable & 0x01, "cutterJam"),
        (unrecoverable & 0x0C, "unrecoverable"),  # its memories
        (user & 0x60, "feedButton"),
        (recoverable & 0x40, "mediaJam"),
        (recoverable & 0x08, "voltage"),
        (recoverable & 0x01, "headHot"),
    )
    return Status(
        _first(causes),
        paper_low=bool(paper & 0x44),
        paper_out=bool(paper & 0x01),
        at_mouth=bool(paper & 0x20),
    )


def _first(causes: tuple[tuple[int, str], ...]) -> str:
    return next((word for bits, word in causes if bits), "")
