"""What became of a ticket's paper, and a second one: (queue, wish, time) -> facts, or a refusal."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta

from edge_agent.branch_queue.facts import Fact, ReprintOrdered, TicketPrinted
from edge_agent.branch_queue.moves import Facts, known_ticket, of_ticket
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import NoPrinterWorks, UnknownTicket, WrongState
from edge_agent.branch_queue.ticket import ENDED

WORD_WITHIN = timedelta(
    minutes=2
)  # a printer proves a ticket within 20 s, and a kiosk tells at once


def printed(
    queue: BranchQueue,
    now: datetime,
    ticket: str,
    outcome: str,
    reason: str | None,
    *,
    kiosk: str | None = None,
    reprint: bool = False,
    others: Sequence[str] = (),
) -> Facts:
    """What the printer proved about the paper. The same outcome told again changes nothing.

    `others` are kiosks whose printers work: where nothing was sent to the printer, the first prints instead.
    """
    found = known_ticket(queue, ticket)
    told = ticket not in queue.day.reprints if reprint else found.printed == outcome
    if told:
        return ()
    here = of_ticket(queue, found, now)
    paper = TicketPrinted(
        **here, outcome=outcome, reason=reason, kiosk=kiosk, reprint=reprint or None
    )
    if outcome != "failed" or reprint or not others or found.state in ENDED:
        return (paper,)
    return (paper, ReprintOrdered(**here, kiosk=others[0], reason="printer_failed"))


def without_word(queue: BranchQueue, now: datetime, kiosks: Container[str]) -> Facts:
    """Tickets of these kiosks, which print, of whose paper nobody has told: the kiosk was killed, say."""
    late = (
        ticket
        for ticket in queue.tickets.values()
        if ticket.printed is None
        and ticket.kiosk in kiosks
        and ticket.state not in ENDED
        and now - (ticket.handed_in_at or ticket.issued_at) > WORD_WITHIN
    )
    return tuple(
        TicketPrinted(
            **of_ticket(queue, ticket, now), outcome="indeterminate", reason="noWord",
            kiosk=ticket.kiosk,
        )
        for ticket in late
    )  # fmt: skip


def order_reprint(
    queue: BranchQueue, now: datetime, label: str, kiosks: Sequence[str], counter: str
) -> Facts:
    """Staff want a second paper for this ticket of today; `kiosks` are those whose printers work, the best first.

    Asked again before it came out, nothing more comes out.
    """
    ticket = queue.by_label.get(label)
    if ticket is None:
        raise UnknownTicket(f"There is no ticket {label} today.")
    found = queue.tickets[ticket]
    if found.state in ENDED:
        raise WrongState(f"{label} is {found.state}; it needs no paper any more.")
    if not kiosks:
        raise NoPrinterWorks(
            f"No kiosk has a printer that works now. {label} stays valid: write the number down for the customer."
        )
    if queue.day.reprints.get(ticket) in kiosks:
        return ()
    facts: list[Fact] = [
        ReprintOrdered(
            **of_ticket(queue, found, now), kiosk=kiosks[0], reason="staff", counter=counter
        )
    ]
    return tuple(facts)
