"""What staff at a counter ask for."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import Repeatable, ask, require
from edge_agent.branch import Branch
from edge_agent.branch_queue import counter_moves, moves, printing
from edge_agent.branch_queue.facts import TicketCalled, TicketFact
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.desk import Say
from edge_agent.staff import Locked, WrongPin
from program.openapi import OPEN
from program.web import AnyRequest, Turned, documented

API = "/api/v1"
Decision = Callable[[BranchQueue, Rules, datetime, str], Facts]  # of a counter


# what the teller presses and says nothing with -> the move of the rules
PRESSES: dict[str, Decision] = {
    "call-next": counter_moves.call_next,
    "recall": counter_moves.recall,
    "start": counter_moves.start,
    "finish": counter_moves.finish,
    "no-show": counter_moves.miss,
    "undo": counter_moves.undo,
    "open": counter_moves.open_counter,
    "pause": counter_moves.pause_counter,
    "close": counter_moves.close_counter,
}
TICKET = documented(HTTPStatus.OK, messages.Ticket)
WITH_BODY = ("park", "transfer", "return")  # each has a route of its own


@post(f"{API}/sign-in", status_code=HTTPStatus.OK, security=OPEN)
async def sign_in(
    branch: NamedDependency[Branch], data: JSONBody[messages.SignIn]
) -> messages.SignedIn:
    """A token for a working day, for name and PIN."""
    try:
        return await branch.staff.sign_in(data.name, data.pin)
    except WrongPin as error:
        raise Turned(HTTPStatus.UNAUTHORIZED, "wrong-pin", str(error)) from error
    except Locked as error:
        wait = {"Retry-After": str(error.seconds)}
        raise Turned(HTTPStatus.TOO_MANY_REQUESTS, "locked", str(error), wait) from error


@post(
    f"{API}/counters/{{counter:str}}/{{press:str}}",
    status_code=HTTPStatus.OK,
    responses={
        **TICKET,
        HTTPStatus.NO_CONTENT: ResponseSpec(None, description="nobody is waiting"),
    },
    operation_class=Repeatable,
)
async def press(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    press: FromPath[str],
) -> Response[bytes]:
    """A teller's press: call-next, recall, start, finish, no-show, undo, open, pause, close."""
    require(request, branch, "staff")
    move = PRESSES.get(press)
    if move is None:
        presses = ", ".join((*PRESSES, *WITH_BODY))
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-move", f"'{press}' is none of {presses}.")
    return await _pressed(request, branch, counter, press, move)


@post(
    f"{API}/counters/{{counter:str}}/park",
    status_code=HTTPStatus.OK,
    responses=TICKET,
    operation_class=Repeatable,
)
async def park(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    data: JSONBody[messages.Park | None] = None,
) -> Response[bytes]:
    """Set the ticket at this counter aside, for so many minutes or as long as the rules say."""
    move = partial(counter_moves.park, minutes=data.minutes if data else None)
    return await _pressed(request, branch, counter, "park", move)


@post(
    f"{API}/counters/{{counter:str}}/transfer",
    status_code=HTTPStatus.OK,
    responses=TICKET,
    operation_class=Repeatable,
)
async def transfer(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    data: JSONBody[messages.Transfer],
) -> Response[bytes]:
    """Send the ticket at this counter to a service, to one counter, or both."""
    move = partial(counter_moves.transfer, to_service=data.service, to_counter=data.counter)
    return await _pressed(request, branch, counter, "transfer", move)


@post(
    f"{API}/counters/{{counter:str}}/return",
    status_code=HTTPStatus.OK,
    responses=TICKET,
    operation_class=Repeatable,
)
async def put_back(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    data: JSONBody[messages.Return],
) -> Response[bytes]:
    """The customer of a missed or parked ticket is here: back in line."""
    move = partial(counter_moves.put_back, label=data.label)
    return await _pressed(request, branch, counter, "return", move)


async def _pressed(
    request: AnyRequest, branch: Branch, counter: str, press: str, move: Decision
) -> Response[bytes]:
    caller = require(request, branch, "staff")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return move(queue, branch.rules, now, counter)

    return await ask(request, branch, caller.name, decide, _said(branch, press, counter))


@post(
    f"{API}/branch/{{word:str}}",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.OpenOrClosed),
    operation_class=Repeatable,
)
async def open_or_close(
    request: AnyRequest, branch: NamedDependency[Branch], word: FromPath[str]
) -> Response[bytes]:
    """`close`: early closing, no more tickets today, who waits is still served; `open` takes it back, as far
    as the hours allow."""
    caller = require(request, branch, "staff")
    move = {"close": moves.close_branch, "open": moves.open_branch}.get(word)
    if move is None:
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-move", f"'{word}' is none of close, open.")

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        return answers.answer(HTTPStatus.OK, branch.views.open_or_closed(queue, now))

    return await ask(request, branch, caller.name, move, say)


@post(
    f"{API}/counters/{{counter:str}}/reprint",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.ReprintAt),
    operation_class=Repeatable,
)
async def reprint(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    data: JSONBody[messages.AskReprint],
) -> Response[bytes]:
    """A second paper, marked as a reprint, at the first kiosk whose printer works."""
    caller = require(request, branch, "staff")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        counter_moves.counter_rule(branch.rules, counter)
        kiosks = branch.machines.printing_kiosks()
        return printing.order_reprint(queue, now, data.label, kiosks, counter)

    def say(queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
        kiosk = queue.day.reprints[queue.by_label[data.label]]
        return answers.answer(HTTPStatus.OK, messages.ReprintAt(label=data.label, kiosk=kiosk))

    return await ask(request, branch, caller.name, decide, say)


@get(f"{API}/devices", sync_to_thread=False)
def devices(
    request: AnyRequest, branch: NamedDependency[Branch]
) -> dict[str, list[messages.DeviceHealth]]:
    """Every machine of the branch, as last heard."""
    require(request, branch, "staff", "kiosk")
    return {"devices": branch.machines.all()}


def _said(branch: Branch, press: str, counter: str) -> Say:
    """The ticket after the move; the counter, where no ticket was moved."""

    def say(queue: BranchQueue, facts: Facts, now: datetime) -> answers.Answer:
        called: list[TicketFact] = [fact for fact in facts if isinstance(fact, TicketCalled)]
        moved = called or [fact for fact in facts if isinstance(fact, TicketFact)]
        if press == "call-next" and not called:
            return answers.Answer(HTTPStatus.NO_CONTENT)
        if not moved:
            return answers.answer(HTTPStatus.OK, branch.views.counter(queue, counter))
        view = branch.views.ticket(queue, queue.tickets[moved[0].ticket], now)
        return answers.answer(HTTPStatus.OK, view)

    return say


ROUTES = [sign_in, press, reprint, park, transfer, put_back, open_or_close, devices]
