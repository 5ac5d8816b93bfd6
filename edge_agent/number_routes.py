"""Numbers in advance: what a kiosk may give out by itself, and what it has given out while it could not ask."""

from collections.abc import Iterable
from datetime import date, datetime
from http import HTTPStatus

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from edge_agent import answers, errands, messages
from edge_agent.asking import Repeatable, ask
from edge_agent.booked import appointment_of, keep_reference
from edge_agent.branch import Branch
from edge_agent.branch_queue import business_day, numbers
from edge_agent.branch_queue.facts import TicketIssued
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.number_book import NumberBook, book_of
from edge_agent.branch_queue.numbers import Taken
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import Refusal
from edge_agent.branch_queue.ticket import Errand
from edge_agent.journal import Journal
from edge_agent.journal.entries import decode
from edge_agent.kiosk_routes import API, its_own_kiosk, pseudonym
from program.web import AnyRequest, Turned, documented

ABOUT_NUMBERS = ("NumbersLeased", "TicketIssued", "TicketHandedInLate")


@post(
    f"{API}/kiosks/{{kiosk:str}}/numbers",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Lease),
    operation_class=Repeatable,
)
async def lease(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.AskNumbers],
) -> Response[bytes]:
    """Numbers that nobody else gives out. Asked again: what is left of them, topped up."""
    its_own_kiosk(request, branch, kiosk)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return numbers.lease(queue, branch.rules, now, kiosk, data.store)

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        left = numbers.left(queue, branch.rules, kiosk, data.store)
        settings = branch.settings
        leased = messages.Lease(
            business_day=queue.business_day,
            at=now,
            until=business_day.ends(queue.business_day, settings.zone, settings.day_starts_at),
            blocks=[messages.NumberBlock(service=s, labels=some) for s, some in left.items()],
        )
        return answers.answer(HTTPStatus.OK, leased)

    return await ask(request, branch, kiosk, decide, say)


@post(
    f"{API}/kiosks/{{kiosk:str}}/taken",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.HandedIn),
    operation_class=Repeatable,
)
async def hand_in(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.HandIn],
) -> Response[bytes]:
    """The tickets that the kiosk gave out by itself. One that was handed in before changes nothing and is taken."""
    its_own_kiosk(request, branch, kiosk)
    said = {one.id: _appointment(one.asked.appointment) for one in data.tickets}
    tickets = [_taken(branch, one, said[one.id][0]) for one in data.tickets]

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        for ticket in tickets:
            branch.bring_back(ticket.id)
        past = _past(branch.journal, queue.business_day, tickets)
        facts = numbers.hand_in(queue, branch.rules, now, kiosk, tickets, past)
        for fact in facts:
            if isinstance(fact, TicketIssued):
                keep_reference(branch, fact.ticket, said[fact.ticket][1])
        return facts

    def say(queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
        past = _past(branch.journal, queue.business_day, tickets)
        reasons = [(one.label, numbers.why_not(queue, past, kiosk, one)) for one in tickets]
        told = messages.HandedIn(
            taken=[label for label, reason in reasons if not reason],
            refused=[messages.NotTaken(label=label, reason=why) for label, why in reasons if why],
        )
        return answers.answer(HTTPStatus.OK, told)

    return await ask(request, branch, kiosk, decide, say)


def _past(journal: Journal, today: date, tickets: Iterable[Taken]) -> dict[date, NumberBook]:
    """The books of earlier days, from the journal as this transaction leaves it."""
    days = {ticket.business_day for ticket in tickets if ticket.business_day < today}
    if not days:
        return {}
    entries = journal.of_days_since(min(days))
    facts = [decode(entry.type, entry.body) for entry in entries if entry.type in ABOUT_NUMBERS]
    return {day: book_of(day, facts) for day in days}


def _taken(branch: Branch, ticket: messages.TakenTicket, booked: datetime | None) -> Taken:
    asked = ticket.asked
    return Taken(
        id=ticket.id,
        label=ticket.label,
        business_day=ticket.business_day,
        touched_at=ticket.touched_at,
        service=asked.service,
        segment=asked.segment,
        language=asked.language,
        channel=asked.channel,
        customer_token=pseudonym(branch, asked.customer_token),
        appointment=booked,
        then=tuple(dict.fromkeys(one for one in asked.then if one != asked.service)),
        errand=_errand(branch, asked),
        identity=asked.identity,
        identity_reason=asked.identity_reason,
    )


def _appointment(said: str | None) -> tuple[datetime | None, str | None]:
    """None also for one that an ordinary ticket would be refused for: this customer has their paper."""
    try:
        return appointment_of(said)
    except Turned:
        return None, None


def _errand(branch: Branch, asked: messages.TicketRequest) -> Errand | None:
    """None also for one that is no longer configured: this customer has their paper."""
    try:
        return errands.begun(branch.settings.errands, asked.errand, asked.service)
    except Refusal:
        return None


ROUTES = [lease, hand_in]
