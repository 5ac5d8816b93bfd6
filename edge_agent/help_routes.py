"""A customer at a kiosk calls a person; staff say that they are coming, and that it is done."""

from datetime import datetime
from http import HTTPStatus
from typing import cast

from litestar import Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import Repeatable, ask, require
from edge_agent.branch import Branch
from edge_agent.branch_queue import counter_moves, help_calls
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.desk import Decide, Say
from edge_agent.kiosk_routes import its_own_kiosk
from edge_agent.notices import help_call
from program.web import AnyRequest, documented

HELP = "/api/v1/kiosks/{kiosk:str}/help"
WANTED = documented(HTTPStatus.OK, messages.HelpWanted)
ENDED = documented(HTTPStatus.NO_CONTENT, None)


@post(HELP, status_code=HTTPStatus.OK, responses=WANTED, operation_class=Repeatable)
async def ask_help(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.AskHelp],
) -> Response[bytes]:
    """A person please. Asked again while the call is open, it is the same call."""
    its_own_kiosk(request, branch, kiosk)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return help_calls.ask_help(
            queue, now, kiosk=kiosk, screen=data.screen, reason=data.reason or None
        )

    return await ask(request, branch, kiosk, decide, _call_said(kiosk))


@delete(HELP, status_code=HTTPStatus.NO_CONTENT, responses=ENDED, operation_class=Repeatable)
async def take_back(
    request: AnyRequest, branch: NamedDependency[Branch], kiosk: FromPath[str]
) -> Response[None]:
    """The customer no longer needs anybody."""
    return await _taken_back(request, branch, kiosk)


@post(
    f"{HELP}/cancel", status_code=HTTPStatus.NO_CONTENT, responses=ENDED, operation_class=Repeatable
)
async def cancel(
    request: AnyRequest, branch: NamedDependency[Branch], kiosk: FromPath[str]
) -> Response[None]:
    """The same as DELETE."""
    return await _taken_back(request, branch, kiosk)


@post(f"{HELP}/coming", status_code=HTTPStatus.OK, responses=WANTED, operation_class=Repeatable)
async def coming(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.Helper | None] = None,
) -> Response[bytes]:
    """Somebody goes there. The answer says who: the first to have said so."""
    caller = require(request, branch, "staff")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return help_calls.come_to_help(queue, now, kiosk=kiosk, by=_who(branch, data))

    return await ask(request, branch, caller.name, decide, _call_said(kiosk))


@post(
    f"{HELP}/done", status_code=HTTPStatus.NO_CONTENT, responses=ENDED, operation_class=Repeatable
)
async def done(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.Helper | None] = None,
) -> Response[None]:
    """The customer has been helped. Nothing happens where no call is open."""
    caller = require(request, branch, "staff")

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return help_calls.end_help(queue, now, kiosk=kiosk, by=_who(branch, data))

    return await _ended(request, branch, caller.name, decide)


async def _taken_back(request: AnyRequest, branch: Branch, kiosk: str) -> Response[None]:
    its_own_kiosk(request, branch, kiosk)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return help_calls.end_help(queue, now, kiosk=kiosk, by=help_calls.CUSTOMER)

    return await _ended(request, branch, kiosk, decide)


async def _ended(
    request: AnyRequest, branch: Branch, caller: str, decide: Decide
) -> Response[None]:
    """Litestar wants a route of 204 declared without a body, though a refusal has one."""
    return cast(Response[None], await ask(request, branch, caller, decide, _nothing_said))


def _who(branch: Branch, helper: messages.Helper | None) -> str:
    """The counter: no name of a person stands in the journal. Raises UnknownCounter."""
    if helper is None or helper.counter is None:
        return help_calls.STAFF
    counter_moves.counter_rule(branch.rules, helper.counter)
    return helper.counter


def _call_said(kiosk: str) -> Say:
    def say(queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
        return answers.answer(HTTPStatus.OK, help_call(kiosk, queue.day.help_calls[kiosk]))

    return say


def _nothing_said(_queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
    return answers.Answer(HTTPStatus.NO_CONTENT)


ROUTES = [ask_help, take_back, cancel, coming, done]
