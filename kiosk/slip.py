"""What stands on the paper ticket."""

from datetime import tzinfo

from devices.ticket_printer.slip import Feed, Line, Qr, Slip
from edge_agent.messages import IssuedTicket
from kiosk.minutes import minutes
from kiosk.words import Words


def ticket_slip(
    ticket: IssuedTicket,
    words: Words,
    *,
    bank: str,
    branch: str,
    service: str,
    link: str,
    zone: tzinfo | None,
    reprint: bool = False,
    papers: tuple[str, ...] = (),
    offline: bool = False,
) -> Slip:
    """`zone` is the branch's, None this machine's; the time is the branch's word, not this clock's. `link` leads to the
    customer's own page; `papers` are to be brought to the counter. A reprint says that it is one, and so does a number
    that was given out without the branch: nobody knows then how many are ahead."""
    return (
        *((Line(words("slip.reprint"), size=2, bold=True),) if reprint else ()),
        *((Line(words("slip.offline"), size=2, bold=True),) if offline else ()),
        Line(bank, size=2),
        Line(branch),
        Feed(1),
        Line(words("ticket.yours")),
        Line(ticket.label, size=4, bold=True),
        Line(service, size=2),
        Feed(1),
        Line(words("slip.offline.place" if offline else "slip.ahead", count=ticket.ahead)),
        *(() if offline else _wait(ticket, words)),
        Line(words("slip.seat")),
        *(
            (Line(words("slip.papers"), bold=True), *(Line(f"- {paper}") for paper in papers))
            if papers
            else ()
        ),
        Feed(1),
        Qr(link),
        Line(words("slip.scan")),
        Line(f"{ticket.issued_at.astimezone(zone):%Y-%m-%d %H:%M}"),
        Feed(1),
    )


def _wait(ticket: IssuedTicket, words: Words) -> tuple[Line, ...]:
    if ticket.estimated_wait is None or ticket.estimated_wait.high_s == 0:
        return ()
    low, high = minutes(ticket.estimated_wait)
    key = "slip.wait.one" if low == high else "slip.wait"
    return (Line(words(key, low=low, high=high)),)
