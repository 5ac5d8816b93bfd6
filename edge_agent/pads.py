"""What a key of a call pad brings about at its counter, by the same moves as the console's buttons.

A pad has fewer keys than the console: `next` while a called customer stands there means that they came, and have
been served; `pause` also opens again.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus

from edge_agent.answers import Answer
from edge_agent.branch import Branch
from edge_agent.branch_queue import counter_moves, moves
from edge_agent.branch_queue.facts import TicketCalled
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import NobodyAtCounter, UnusableWish
from edge_agent.branch_queue.rules import Rules
from edge_agent.branch_queue.ticket import State

Move = Callable[[BranchQueue, Rules, datetime, str], Facts]


async def press(
    branch: Branch, counter: str, key: str, number: int | None, transfer_to: dict[str, str]
) -> bool:
    """Do what the key says. False when it could not be done: the pad beeps. Raises NotRecorded.

    `transfer_to`: the service that the digit before the transfer key stands for ('' without a digit).
    """
    moves_of_key = _moves(branch, counter, key, number, transfer_to)
    done = [await _done(branch, counter, move) for move in moves_of_key]
    return bool(done) and done[-1]


async def rate(branch: Branch, ticket: str, score: int) -> bool:
    """The customer's word about the visit that has just ended. Raises NotRecorded."""
    branch.bring_back(ticket)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return moves.rate(queue, now, ticket, score)

    answer = await branch.desk.ask(decide, _yes, None)
    return answer.status < HTTPStatus.BAD_REQUEST


def _moves(
    branch: Branch, counter: str, key: str, number: int | None, transfer_to: dict[str, str]
) -> list[Move]:
    standing = branch.desk.queue.at(counter)
    came: list[Move] = []
    if standing is not None and standing.state is State.CALLED:
        came = [counter_moves.start]
    digit = "" if number is None else str(number)
    by_key: dict[str, list[Move]] = {
        "next": [*came, counter_moves.call_next],
        "recall": [counter_moves.recall],
        "confirm": [counter_moves.start],
        "evaluate": [*came, counter_moves.finish],
        "missed": [counter_moves.miss],
        "hold": [counter_moves.park],
        "recall_held": [_held_back],
        "cancel": [counter_moves.undo],
        "pause": [_pause_or_open],
        "transfer": [partial(_transfer, to=transfer_to.get(digit))],
    }
    return by_key.get(key, [])


async def _done(branch: Branch, counter: str, move: Move) -> bool:
    def decide(queue: BranchQueue, now: datetime) -> Facts:
        return move(queue, branch.rules, now, counter)

    def say(_queue: BranchQueue, facts: Facts, _now: datetime) -> Answer:
        called = any(isinstance(fact, TicketCalled) for fact in facts)
        nobody = move is counter_moves.call_next and not called
        return Answer(HTTPStatus.NO_CONTENT if nobody else HTTPStatus.OK)

    answer = await branch.desk.ask(decide, say, None)
    return answer.status == HTTPStatus.OK


def _yes(*_: object) -> Answer:
    return Answer(HTTPStatus.OK)


def _held_back(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    """The ticket that this counter set aside last."""
    held = [ticket.label for ticket in queue.parked.values() if ticket.counter == counter]
    if not held:
        raise NobodyAtCounter(f"Counter {counter} has set no ticket aside.")
    return counter_moves.put_back(queue, rules, now, counter, held[-1])


def _pause_or_open(queue: BranchQueue, rules: Rules, now: datetime, counter: str) -> Facts:
    if queue.counter_state(counter) == "open":
        return counter_moves.pause_counter(queue, rules, now, counter)
    return counter_moves.open_counter(queue, rules, now, counter)


def _transfer(
    queue: BranchQueue, rules: Rules, now: datetime, counter: str, *, to: str | None
) -> Facts:
    if to is None:
        raise UnusableWish("This digit stands for no service: see `transfer` of the pad's section.")
    return counter_moves.transfer(queue, rules, now, counter, to_service=to)
