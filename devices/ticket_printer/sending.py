"""Putting a slip on the wire, no faster than the printer can hold it.

Not responsible for: whether it is on paper in the end.
"""

from collections.abc import Callable, Iterable, Iterator

from devices.ticket_printer import protocol
from devices.ticket_printer.encoding import DOTS_PER_MM, Piece
from devices.ticket_printer.inquiry import Inquiry
from devices.ticket_printer.proof import Proof, wait_for

BARRIER_S = 10.0  # for a buffer full of paper to be printed
OFF_S = 0.9  # no printer is off and on again in less
UNSEEN_S = 0.5  # of sending at once; the rest is for an answer to the question behind it
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

    A question right behind each group has to be answered, and where that is part of a proof sooner than the printer
    can be off and on again. `sent` is told by how many millimetres a group moves the paper, before it goes out.
    """
    left = list(groups)
    while left:
        group = left.pop(0)
        sent(sum(piece.dots for piece in group) / DOTS_PER_MM)
        question = protocol.ASK_PAPER_QUEUED if paced and left else b""
        data = b"".join(piece.data for piece in group) + question
        if not _arrives(inquiry, data, OFF_S if paced else BARRIER_S):
            return "notResponding"
        if question and (reason := _read(inquiry, clock)):
            return reason
    return ""


def _arrives(inquiry: Inquiry, data: bytes, within_s: float) -> bool:
    """Whether it has come: what the printer does not hear while it is off or hangs is the question too."""
    answered_at = inquiry.answered_at
    inquiry.write(data)
    return inquiry.there(within_s) and inquiry.answered_at - answered_at < within_s


def _read(inquiry: Inquiry, clock: Callable[[], float]) -> str:
    """Why GS r behind what was sent has not proven that it was read, or ''."""
    if reason := wait_for(Proof(queued=True), inquiry, BARRIER_S, clock):
        return reason
    status = inquiry.look()  # whoever says an answer twice does not say this one for the next
    inquiry.kept()
    return "" if status else "notResponding"


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
