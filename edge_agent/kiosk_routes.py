"""What a kiosk and a customer's phone ask for."""

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import structs

from edge_agent import answers, errands, messages
from edge_agent.asking import Repeatable, ask, caller_of, require, response
from edge_agent.booked import appointment_of, keep_reference, reference_of
from edge_agent.branch import Branch, queue_of
from edge_agent.branch_queue import calling_order, moves, opinions, printing
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import UnknownTicket
from edge_agent.desk import Say
from program.openapi import OPEN, OPEN_OR_KNOWN
from program.web import AnyRequest, Turned, documented

API = "/api/v1"


@get(f"{API}/services", sync_to_thread=False, security=OPEN_OR_KNOWN)
def services(request: AnyRequest, branch: NamedDependency[Branch]) -> messages.Services:
    """What this branch offers, and how long one waits for it; to a kiosk also what it shall print again."""
    caller = caller_of(request, branch)
    kiosk = caller.name if caller is not None and caller.role == "kiosk" else None
    told = branch.views.services(branch.desk.queue, branch.clock(), kiosk)
    return msgspec.structs.replace(told, appointments=branch.appointments.readable)


@post(
    f"{API}/tickets",
    responses=documented(HTTPStatus.CREATED, messages.IssuedTicket),
    operation_class=Repeatable,
)
async def issue(
    request: AnyRequest, branch: NamedDependency[Branch], data: JSONBody[messages.TicketRequest]
) -> Response[bytes]:
    """A ticket please."""
    caller = require(request, branch, "kiosk", "staff")
    ticket, then = branch.new_ticket_id(), tuple(data.then)
    booked, reference = appointment_of(data.appointment)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        order = branch.rules.order
        place = calling_order.counts_from(order, data.segment, booked, now)
        facts = moves.issue(
            queue,
            branch.rules,
            now,
            ticket=ticket,
            service=data.service,
            segment=data.segment,
            language=data.language,
            channel=data.channel,
            kiosk=caller.name if caller.role == "kiosk" else None,
            customer_token=pseudonym(branch, data.customer_token),
            appointment=booked,
            then=then,
            promised=branch.views.promise(queue, data.service, data.segment, place, now),
            errand=errands.begun(branch.settings.errands, data.errand, data.service),
            identity=data.identity,
            identity_reason=data.identity_reason,
        )
        keep_reference(branch, ticket, reference)
        return facts

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        issued = branch.views.issued(queue, queue.tickets[ticket], now)
        return answers.answer(HTTPStatus.CREATED, issued)

    return await ask(request, branch, caller.name, decide, say)


@get(
    f"{API}/tickets/{{ticket:str}}",
    sync_to_thread=False,
    responses=documented(HTTPStatus.OK, messages.Ticket),
    security=OPEN,
)
def show(branch: NamedDependency[Branch], ticket: FromPath[str]) -> Response[bytes]:
    """A ticket of a day that is not archived, with its state and history. Knowing the id is the right to ask."""
    return _shown(branch, ticket)


@get(
    f"{API}/tickets/of/{{label:str}}",
    sync_to_thread=False,
    responses=documented(HTTPStatus.OK, messages.Ticket),
)
def show_by_label(
    request: AnyRequest, branch: NamedDependency[Branch], label: FromPath[str]
) -> Response[bytes]:
    """Today's ticket with this label, as somebody reads it from the paper: capitals and blanks do not matter."""
    require(request, branch, "kiosk", "staff")
    plain = "".join(label.split()).upper()
    ticket = branch.journal.ticket_with_label(plain, branch.desk.queue.business_day)
    if ticket is None:
        return response(
            answers.refused(UnknownTicket("There is no ticket with this number today."))
        )
    return _shown(branch, ticket)


def _shown(branch: Branch, ticket: str) -> Response[bytes]:
    entries = branch.journal.of_ticket(ticket)
    if not entries:
        return response(answers.refused(UnknownTicket(_not_found(branch))))
    queue = branch.desk.queue
    if ticket not in queue.tickets:
        queue = queue_of(entries)
    view = branch.views.ticket(queue, queue.tickets[ticket], branch.clock(), entries)
    view = structs.replace(view, appointment=reference_of(branch, ticket))
    return response(answers.answer(HTTPStatus.OK, view))


@post(
    f"{API}/tickets/{{ticket:str}}/cancel",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
    operation_class=Repeatable,
    security=OPEN_OR_KNOWN,
)
async def cancel(
    request: AnyRequest, branch: NamedDependency[Branch], ticket: FromPath[str]
) -> Response[bytes]:
    """The customer gives up (the id is the right to), or staff do."""
    caller = caller_of(request, branch)
    by_staff = caller is not None and caller.role == "staff"
    reason = "staff" if by_staff else "customer"

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        branch.bring_back(ticket)
        return moves.cancel(queue, now, ticket, reason)

    who = caller.name if caller else f"ticket:{ticket}"
    return await ask(request, branch, who, decide, ticket_said(branch, ticket))


@post(
    f"{API}/tickets/{{ticket:str}}/printed",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
    operation_class=Repeatable,
)
async def printed(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    ticket: FromPath[str],
    data: JSONBody[messages.Printed],
) -> Response[bytes]:
    """What the kiosk's printer proved about this ticket's paper."""
    caller = require(request, branch, "kiosk")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        branch.bring_back(ticket)
        return printing.printed(
            queue,
            now,
            ticket,
            data.outcome,
            data.reason,
            kiosk=caller.name,
            reprint=data.reprint,
            others=branch.machines.printing_kiosks(besides=caller.name),
        )

    return await ask(request, branch, caller.name, decide, ticket_said(branch, ticket))


@post(
    f"{API}/tickets/{{ticket:str}}/return",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
    operation_class=Repeatable,
    security=OPEN_OR_KNOWN,
)
async def come_back(
    request: AnyRequest, branch: NamedDependency[Branch], ticket: FromPath[str]
) -> Response[bytes]:
    """A customer who missed the call is here: back in line. The id is the right to."""
    caller = caller_of(request, branch)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        branch.bring_back(ticket)
        return moves.come_back(queue, branch.rules, now, ticket)

    who = caller.name if caller else f"ticket:{ticket}"
    return await ask(request, branch, who, decide, ticket_said(branch, ticket))


@post(
    f"{API}/tickets/{{ticket:str}}/rating",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
    operation_class=Repeatable,
    security=OPEN_OR_KNOWN,
)
async def rate(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    ticket: FromPath[str],
    data: JSONBody[messages.Rating],
) -> Response[bytes]:
    """How satisfied the customer was, and why; once a visit. What they write stays in the branch."""
    caller = caller_of(request, branch)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        branch.bring_back(ticket)
        opinions.check_reasons(branch.rules, data.score, data.reasons)
        facts = moves.rate(queue, now, ticket, data.score, tuple(data.reasons))
        if data.comment and data.comment.strip():
            branch.journal.keep_comment(ticket, data.comment)
        return facts

    who = caller.name if caller else f"ticket:{ticket}"
    return await ask(request, branch, who, decide, ticket_said(branch, ticket))


@put(f"{API}/kiosks/{{kiosk:str}}/devices", status_code=HTTPStatus.NO_CONTENT)
async def report_devices(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.DeviceReport],
) -> None:
    """What a kiosk says of its machines; it says so every 10 s, and at once on a change."""
    its_own_kiosk(request, branch, kiosk)
    for device in data.devices:
        if not device.device.startswith(f"{kiosk}/"):
            raise Turned(
                HTTPStatus.FORBIDDEN,
                "not-your-device",
                f"'{device.device}' is no machine of {kiosk}: its name begins with '{kiosk}/'.",
            )
    await branch.record_machines(
        lambda: branch.machines.report(kiosk, data.devices, branch.clock())
    )
    branch.live.wake()


def its_own_kiosk(request: AnyRequest, branch: Branch, kiosk: str) -> None:
    """Raises Turned for a token that is not this kiosk's."""
    if kiosk != require(request, branch, "kiosk").name:
        raise Turned(
            HTTPStatus.FORBIDDEN, "not-your-kiosk", f"This token does not speak for '{kiosk}'."
        )


def ticket_said(branch: Branch, ticket: str) -> Say:
    """The answer of every move of one ticket: the ticket after it."""

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        view = branch.views.ticket(queue, queue.tickets[ticket], now)
        return answers.answer(HTTPStatus.OK, view)

    return say


def _not_found(branch: Branch) -> str:
    until = branch.journal.archived_until
    if until is None:
        return "There is no ticket with this id."
    return (
        f"There is no ticket with this id after {until}. Until then all days are in the archive, where tickets "
        "are not looked up: `python -m edge_agent.journal export` has them."
    )


def pseudonym(branch: Branch, token: str | None) -> str | None:
    """Keyed with the branch's secret: even a card number sent by mistake is not kept."""
    if token is None:
        return None
    return hmac.new(branch.journal.secret, token.encode(), hashlib.sha256).hexdigest()


ROUTES = [services, issue, show, show_by_label, cancel, come_back, rate, printed, report_devices]
