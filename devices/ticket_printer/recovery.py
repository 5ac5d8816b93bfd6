"""Bringing a printer back: nothing of an old ticket may come out as the next customer's.

Not responsible for: telling when that is needed.
"""

from collections.abc import Callable

from devices.ticket_printer import protocol
from devices.ticket_printer.inquiry import Inquiry
from devices.ticket_printer.status import Status

AGAIN_S = (
    2.0,
    4.0,
    8.0,
    16.0,
    32.0,
    64.0,
)  # between two tries to free the cutter; the last one repeats
MAY_BE_CUTTER = ("cutterJam", "mechanical", "offline")  # weak clones do not say why


def stop(inquiry: Inquiry) -> None:
    """The first words after a break. What stands in a torn command where its length should be is its length: a
    question there would make the printer wait for megabytes."""
    inquiry.end_half_command()
    inquiry.write(protocol.CLEAR_BUFFERS)


def throw_away(inquiry: Inquiry) -> None:
    """Clear its buffers, end a torn command, and cut off what it has printed of an old ticket, so that the next
    starts on clean paper."""
    inquiry.write(protocol.CLEAR_BUFFERS)
    inquiry.end_half_command()
    inquiry.write(protocol.INITIALISE + protocol.CUT)


def thrown_away(inquiry: Inquiry, *, proves: bool) -> bool:
    """Whether it has surely been done: a printer that hangs does not hear it, one that is stopped may have no room
    for it. `proves`: it answers GS r."""
    before = inquiry.look()
    if before is None:
        return False
    throw_away(inquiry)
    heard = not proves or inquiry.catch_up()
    return works(inquiry) and not before.blocks and heard  # the cut may have jammed


def works(inquiry: Inquiry) -> bool:
    seen = inquiry.look()
    return seen is not None and not seen.blocks


class CutterRelease:
    """A cutter that was freed waits for us to say go on (DLE ENQ 2); nobody tells us when it has been freed.

    Each try moves a jammed cutter, so they come ever more seldom.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tries = 0
        self._next_at = float("-inf")

    def look_after(self, inquiry: Inquiry, status: Status) -> None:
        """Called while no ticket is being printed."""
        if status.blocks not in MAY_BE_CUTTER:
            self._tries, self._next_at = 0, float("-inf")
        elif self._clock() >= self._next_at:
            inquiry.write(protocol.RECOVER_AND_CLEAR)
            self._next_at = self._clock() + AGAIN_S[min(self._tries, len(AGAIN_S) - 1)]
            self._tries += 1
