"""What staff at a counter ask for."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import ask, require
from edge_agent.branch import Branch
from edge_agent.branch_queue import moves
from edge_agent.branch_queue.facts import AtCounter, TicketCalled
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.desk import Say
from edge_agent.staff import Locked, WrongPin
from program.web import AnyRequest, Turned, documented

API = "/api/v1"
Move = Callable[[BranchQueue, Rules, datetime, str], Facts]

# what the teller presses -> the move of the rules
PRESSES: dict[str, Move] = {
    "call-next": moves.call_next,
    "recall": moves.recall,
    "start": moves.start,
    "finish": moves.finish,
    "no-show": moves.miss,
}


@post(f"{API}/sign-in", status_code=HTTPStatus.OK)
async def sign_in(
    branch: NamedDependency[Branch], data: JSONBody[messages.SignIn]
) -> messages.SignedIn:
    """A token for a working day, for name and PIN."""
    try:
        return await branch.staff.sign_in(data.name, data.pin)
    except WrongPin as error:
        raise Turned(HTTPStatus.UNAUTHORIZED, "wrong-pin", str(error)) from error
    except Locked as error:
        raise Turned(HTTPStatus.TOO_MANY_REQUESTS, "locked", str(error)) from error


@post(
    f"{API}/counters/{{counter:str}}/{{press:str}}",
    status_code=HTTPStatus.OK,
    responses={
        **documented(HTTPStatus.OK, messages.Ticket),
        HTTPStatus.NO_CONTENT: ResponseSpec(None, description="nobody is waiting"),
    },
)
async def press(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    counter: FromPath[str],
    press: FromPath[str],
) -> Response[bytes]:
    """A teller's press: call-next, recall, start, finish or no-show."""
    caller = require(request, branch, "staff")
    move = PRESSES.get(press)
    if move is None:
        known = ", ".join(PRESSES)
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-move", f"'{press}' is none of {known}.")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return move(queue, branch.rules, now, counter)

    say = _called_or_nobody(branch) if press == "call-next" else _moved(branch)
    return await ask(request, branch, caller.name, decide, say)


@get(f"{API}/devices", sync_to_thread=False)
def devices(request: AnyRequest, branch: NamedDependency[Branch]) -> dict[str, Any]:
    """Every machine of the branch, as last heard."""
    require(request, branch, "staff", "kiosk")
    return {"devices": branch.machines.all()}


def _called_or_nobody(branch: Branch) -> Say:
    def say(queue: BranchQueue, facts: Facts, now: datetime) -> answers.Answer:
        called = [fact for fact in facts if isinstance(fact, TicketCalled)]
        if not called:
            return answers.Answer(HTTPStatus.NO_CONTENT)
        view = branch.views.ticket(queue, queue.tickets[called[0].ticket], now)
        return answers.answer(HTTPStatus.OK, view)

    return say


def _moved(branch: Branch) -> Say:
    def say(queue: BranchQueue, facts: Facts, now: datetime) -> answers.Answer:
        moved = next(fact for fact in facts if isinstance(fact, AtCounter))
        view = branch.views.ticket(queue, queue.tickets[moved.ticket], now)
        return answers.answer(HTTPStatus.OK, view)

    return say


ROUTES = [sign_in, press, devices]
