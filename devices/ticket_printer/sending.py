"""Putting a slip on the wire, no faster than the printer can hold it.

Not responsible for: whether it is on paper in the end.
"""

from collections.abc import Callable, Iterable, Iterator

from devices.ticket_printer import protocol
from devices.ticket_printer.encoding import DOTS_PER_MM, Piece
from devices.ticket_printer.inquiry import Inquiry
from devices.ticket_printer.proof import Proof, wait_for

BARRIER_S = 10.0  # for a buffer full of paper to be printed
UNSEEN_S = (
    0.5  # no printer is off and on again in less: what is sent in it is lost whole, or its end is
)
BITS_A_BYTE = 10


def send(
    inquiry: Inquiry,
    groups: Iterable[list[Piece]],
    clock: Callable[[], float],
    sent: Callable[[float], None],
    *,
    paced: bool,
) -> str:
    """Why it was stopped half way, or ''. `paced`: go on when GS r says that the group before has been read.

    `sent` is told by how many millimetres a group moves the paper, before it goes out.
    """
    for number, group in enumerate(groups):
        if paced and number:
            inquiry.write(protocol.ASK_PAPER_QUEUED)
            reason = wait_for(Proof(queued=True), inquiry, BARRIER_S, clock)
            if reason:
                return reason
            inquiry.look()  # whoever says an answer twice does not say this one for the next
            inquiry.kept()
        sent(sum(piece.dots for piece in group) / DOTS_PER_MM)
        inquiry.write(b"".join(piece.data for piece in group))
    return ""


def most_unseen(baud: int) -> int:
    """As many bytes as may be on the wire before the printer is asked whether it is still there."""
    return int(UNSEEN_S * baud / BITS_A_BYTE)


def grouped(pieces: Iterable[Piece], room: int) -> Iterator[list[Piece]]:
    """As many pieces together as `room` bytes hold; one that is longer goes alone."""
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if group and size + len(piece.data) > room:
            yield group
            group, size = [], 0
        group.append(piece)
        size += len(piece.data)
    if group:
        yield group
