"""What a kiosk and a customer's phone ask for."""

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import ask, caller_of, require, response
from edge_agent.branch import Branch
from edge_agent.branch_queue import moves
from edge_agent.branch_queue.facts import Fact, TicketIssued
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue, apply_all
from edge_agent.branch_queue.refusals import UnknownTicket
from edge_agent.desk import Say
from edge_agent.journal import decode
from program.web import AnyRequest, Turned, documented

API = "/api/v1"


@get(f"{API}/services", sync_to_thread=False)
def services(branch: NamedDependency[Branch]) -> messages.Services:
    """What this branch offers, and how long one waits for it."""
    return branch.views.services(branch.desk.queue, branch.clock())


@post(f"{API}/tickets", responses=documented(HTTPStatus.CREATED, messages.IssuedTicket))
async def issue(
    request: AnyRequest, branch: NamedDependency[Branch], data: JSONBody[messages.TicketRequest]
) -> Response[bytes]:
    """A ticket please."""
    caller = require(request, branch, "kiosk", "staff")
    ticket = branch.new_ticket_id()

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return moves.issue(
            queue,
            branch.rules,
            now,
            ticket=ticket,
            service=data.service,
            segment=data.segment,
            language=data.language,
            channel=data.channel,
            customer_token=_pseudonym(branch, data.customer_token),
            appointment=data.appointment,
        )

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        issued = branch.views.issued(queue, queue.tickets[ticket], now)
        return answers.answer(HTTPStatus.CREATED, issued)

    return await ask(request, branch, caller.name, decide, say)


@get(
    f"{API}/tickets/{{ticket:str}}",
    sync_to_thread=False,
    responses=documented(HTTPStatus.OK, messages.Ticket),
)
def show(branch: NamedDependency[Branch], ticket: FromPath[str]) -> Response[bytes]:
    """A ticket with its state and history. Knowing the id is the right to ask."""
    entries = branch.journal.of_ticket(ticket)
    if not entries:
        return response(answers.refused(UnknownTicket("There is no ticket with this id.")))
    queue = branch.desk.queue
    if ticket not in queue.tickets:
        queue = _queue_of([decode(entry.type, entry.body) for entry in entries])
    view = branch.views.ticket(queue, queue.tickets[ticket], branch.clock(), entries)
    return response(answers.answer(HTTPStatus.OK, view))


@post(
    f"{API}/tickets/{{ticket:str}}/cancel",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
)
async def cancel(
    request: AnyRequest, branch: NamedDependency[Branch], ticket: FromPath[str]
) -> Response[bytes]:
    """The customer gives up (the id is the right to), or staff do."""
    caller = caller_of(request, branch)
    by_staff = caller is not None and caller.role == "staff"
    reason = "staff" if by_staff else "customer"

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return moves.cancel(queue, now, ticket, reason)

    who = caller.name if caller else f"ticket:{ticket}"
    return await ask(request, branch, who, decide, ticket_said(branch, ticket))


@post(
    f"{API}/tickets/{{ticket:str}}/printed",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.Ticket),
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
        return moves.printed(queue, now, ticket, data.outcome, data.reason)

    return await ask(request, branch, caller.name, decide, ticket_said(branch, ticket))


@put(f"{API}/kiosks/{{kiosk:str}}/devices", status_code=HTTPStatus.NO_CONTENT)
async def report_devices(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.DeviceReport],
) -> None:
    """What a kiosk says of its machines; it says so every 10 s, and at once on a change."""
    caller = require(request, branch, "kiosk")
    if kiosk != caller.name:
        raise Turned(
            HTTPStatus.FORBIDDEN, "not-your-kiosk", f"This token does not speak for '{kiosk}'."
        )
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


def ticket_said(branch: Branch, ticket: str) -> Say:
    """The answer of every move of one ticket: the ticket after it."""

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        view = branch.views.ticket(queue, queue.tickets[ticket], now)
        return answers.answer(HTTPStatus.OK, view)

    return say


def _pseudonym(branch: Branch, token: str | None) -> str | None:
    """Keyed with the branch's secret: even a card number sent by mistake is not kept."""
    if token is None:
        return None
    return hmac.new(branch.journal.secret, token.encode(), hashlib.sha256).hexdigest()


def _queue_of(facts: list[Fact]) -> BranchQueue:
    """A ticket of an earlier day, in a queue of its own."""
    day = next(fact.business_day for fact in facts if isinstance(fact, TicketIssued))
    return apply_all(BranchQueue(business_day=day), facts)


ROUTES = [services, issue, show, cancel, printed, report_devices]
