"""What staff at a counter ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import ask, read_body, require
from edge_agent.branch import Branch
from edge_agent.branch_queue import counter_moves, moves, printing
from edge_agent.branch_queue.facts import TicketCalled, TicketFact
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.desk import Say
from edge_agent.staff import Locked, WrongPin
from program.web import AnyRequest, Turned, documented

API = "/api/v1"
Decision = Callable[[BranchQueue, Rules, datetime, str], Facts]


@dataclass(frozen=True, slots=True)
class Press:
    """What a press says in its body (None: nothing), and the move it leads to."""

    body: type[messages.Asked] | None
    move: Callable[[Any], Decision]


def _plain(move: Decision) -> Press:
    return Press(None, lambda _: move)


def _park(asked: messages.Park) -> Decision:
    return partial(counter_moves.park, minutes=asked.minutes)


def _transfer(asked: messages.Transfer) -> Decision:
    return partial(counter_moves.transfer, to_service=asked.service, to_counter=asked.counter)


def _put_back(asked: messages.Return) -> Decision:
    return partial(counter_moves.put_back, label=asked.label)


# what the teller presses -> the move of the rules
PRESSES: dict[str, Press] = {
    "call-next": _plain(counter_moves.call_next),
    "recall": _plain(counter_moves.recall),
    "start": _plain(counter_moves.start),
    "finish": _plain(counter_moves.finish),
    "no-show": _plain(counter_moves.miss),
    "undo": _plain(counter_moves.undo),
    "park": Press(messages.Park, _park),
    "transfer": Press(messages.Transfer, _transfer),
    "return": Press(messages.Return, _put_back),
    "open": _plain(counter_moves.open_counter),
    "pause": _plain(counter_moves.pause_counter),
    "close": _plain(counter_moves.close_counter),
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
    """A teller's press: call-next, recall, start, finish, no-show, undo, open, pause, close; with a body:
    park {minutes?}, transfer {service?, counter?}, return {label}."""
    caller = require(request, branch, "staff")
    known = PRESSES.get(press)
    if known is None:
        presses = ", ".join(PRESSES)
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-move", f"'{press}' is none of {presses}.")
    move = known.move(await read_body(request, known.body) if known.body else None)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return move(queue, branch.rules, now, counter)

    return await ask(request, branch, caller.name, decide, _said(branch, press, counter))


@post(f"{API}/branch/{{word:str}}", status_code=HTTPStatus.OK)
async def open_or_close(
    request: AnyRequest, branch: NamedDependency[Branch], word: FromPath[str]
) -> Response[bytes]:
    """`close`: early closing, no more tickets today, who waits is still served; `open` takes it back."""
    caller = require(request, branch, "staff")
    move = {"close": moves.close_branch, "open": moves.open_branch}.get(word)
    if move is None:
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-move", f"'{word}' is none of close, open.")

    def say(_queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
        return answers.answer(HTTPStatus.OK, messages.OpenOrClosed(open=branch.queues().open))

    return await ask(request, branch, caller.name, move, say)


@post(
    f"{API}/counters/{{counter:str}}/reprint",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.ReprintAt),
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
def devices(request: AnyRequest, branch: NamedDependency[Branch]) -> dict[str, Any]:
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


ROUTES = [sign_in, press, reprint, open_or_close, devices]
