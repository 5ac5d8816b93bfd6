"""Every move of the table, and only these: each is tried in each state."""

from collections.abc import Callable

import pytest

from edge_agent.branch_queue.facts import ServiceFinished
from edge_agent.branch_queue.ticket import MOVES, State
from tests.branch_queue.hall import Hall, minutes, seconds

WRITTEN = {  # from issue 3: move -> (states it may start from, state it leads to)
    "call": ("waiting", "called"),
    "recall": ("called", "called"),
    "undo": ("called", "waiting"),
    "start": ("called", "serving"),
    "finish": ("serving", "served"),
    "go on to the next service": ("serving", "waiting"),
    "resume": ("served waiting", "serving"),
    "miss": ("called", "missed"),
    "park": ("called serving", "parked"),
    "transfer": ("called serving", "waiting"),
    "return": ("missed parked", "waiting"),
    "cancel": ("waiting called parked", "cancelled"),
    "rate": ("served", "served"),
    "end day": ("waiting called serving parked", "expired"),
}
PATHS = {  # state: the presses that lead there
    "waiting": [],
    "called": ["call_next"],
    "serving": ["call_next", "start"],
    "parked": ["call_next", "park"],
    "served": ["call_next", "start", "finish"],
    "missed": ["call_next", "miss"],
    "cancelled": [],
    "expired": [],
}
Wish = Callable[[Hall, str], object]
WISHES: dict[str, Wish] = {
    "call": lambda hall, _: hall.press("call_next"),
    "recall": lambda hall, _: hall.press("recall"),
    "undo": lambda hall, _: hall.press("undo"),
    "start": lambda hall, _: hall.press("start"),
    "finish": lambda hall, _: hall.press("finish"),
    "go on to the next service": lambda hall, _: hall.press("finish"),
    "miss": lambda hall, _: hall.press("miss"),
    "park": lambda hall, _: hall.press("park"),
    "transfer": lambda hall, _: hall.press("transfer", "1", "cards"),
    "return": lambda hall, ticket: hall.come_back(ticket),
    "cancel": lambda hall, ticket: hall.cancel(ticket),
    "rate": lambda hall, ticket: hall.rate(ticket),
    "end day": lambda hall, _: hall.end_day(),
}


def brought_to(state: str, then: tuple[str, ...] = ()) -> tuple[Hall, str]:
    """A hall with one cash ticket in this state, at counter 1 when it stands at one."""
    hall = Hall()
    ticket = hall.take(then=then)
    for press in PATHS[state]:
        hall.press(press)
    if state == "cancelled":
        hall.cancel(ticket)
    if state == "expired":
        hall.end_day()
    assert hall.state(ticket) == state
    return hall, ticket


def test_the_table_is_the_one_that_is_written() -> None:
    found = {move: ({*map(str, before)}, str(after)) for move, (before, after) in MOVES.items()}
    assert found == {move: ({*before.split()}, after) for move, (before, after) in WRITTEN.items()}


def test_the_states_are_those_that_the_outside_knows() -> None:
    assert {str(state) for state in State} == set(PATHS)


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("move", WISHES)
def test_a_move_is_possible_from_its_states_only(move: str, state: str) -> None:
    then = ("cards",) if move == "go on to the next service" and state != "served" else ()
    hall, ticket = brought_to(state, then)
    if move == "recall":
        hall.later(minutes(1))
    before, after = WRITTEN[move]
    if state in before.split():
        WISHES[move](hall, ticket)
        assert hall.state(ticket) == after
    elif move in ("call", "end day"):  # they ask for nobody in particular
        left_alone(hall, lambda: WISHES[move](hall, ticket), ticket)
    else:
        hall.refused(lambda: WISHES[move](hall, ticket))
    assert hall.ticket(ticket).may(move) == (hall.state(ticket) in before.split())


def left_alone(hall: Hall, wish: Callable[[], object], ticket: str) -> None:
    """call-next finishes whom it finds here; nothing else happens to a ticket that cannot be called."""
    before = hall.ticket(ticket)
    if str(before.state) == "called":
        assert hall.refused(wish).name == "ticket-still-called"
        return
    facts = wish()
    assert isinstance(facts, tuple)
    finished = [fact for fact in facts if isinstance(fact, ServiceFinished)]
    assert hall.ticket(ticket) == before or (finished and str(before.state) == "serving")


@pytest.mark.parametrize("then", [(), ("cards",)])
def test_a_finish_is_taken_back_by_undoing_the_call_that_followed(then: tuple[str, ...]) -> None:
    """From served, or from waiting for the next service of the visit."""
    hall, ticket = brought_to("serving", then)
    other = hall.take()
    hall.press("call_next")
    assert hall.state(ticket) in WRITTEN["resume"][0].split()
    hall.later(seconds(4))
    hall.press("undo")
    assert (hall.state(ticket), hall.state(other)) == ("serving", "waiting")
    assert (hall.ticket(ticket).service, hall.ticket(ticket).then) == ("cash", then)


@pytest.mark.parametrize("state", ["served", "missed", "cancelled"])
def test_the_end_of_the_day_leaves_alone_what_is_over(state: str) -> None:
    hall, ticket = brought_to(state)
    before = hall.ticket(ticket)
    hall.end_day()
    assert hall.ticket(ticket) == before
