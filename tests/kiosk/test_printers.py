"""Two printers in one kiosk: one paper for one ticket, wherever it can come out."""

from itertools import permutations

import pytest

from devices.device import State
from devices.ticket_printer.driver import Outcome, Printed
from devices.ticket_printer.slip import Line, Slip
from kiosk.printers import Printers
from tests.kiosk.machine_doubles import FakeKeeper

SLIP: Slip = (Line("A012"),)
NOT_WORKING = (State.ABSENT, State.OPENING, State.PROBING, State.FAULT)


def asked(*keepers: FakeKeeper) -> list[list[str]]:
    """The jobs that each of them was asked to print."""
    return [[order.job for order in keeper.ordered] for keeper in keepers]


def failed(job: str = "t-1") -> Printed:
    return Printed(job, Outcome.FAILED, "paperOut")


def test_the_first_that_works_prints_the_slip() -> None:
    first, second = FakeKeeper(), FakeKeeper()
    assert Printers([first, second]).print("t-1", SLIP)
    assert asked(first, second) == [["t-1"], []]
    assert first.ordered[0].slip == SLIP


@pytest.mark.parametrize("state", NOT_WORKING)
def test_one_that_does_not_work_is_passed_over(state: State) -> None:
    first, second = FakeKeeper(state=state), FakeKeeper()
    Printers([first, second]).print("t-1", SLIP)
    assert asked(first, second) == [[], ["t-1"]]


def test_one_with_little_paper_comes_last() -> None:
    low, full = FakeKeeper(state=State.DEGRADED, detail="paperLow"), FakeKeeper()
    printers = Printers([low, full])
    printers.print("t-1", SLIP)
    assert asked(low, full) == [[], ["t-1"]]
    assert printers.another_tries(failed())
    assert asked(low, full) == [["t-1"], ["t-1"]]


def test_where_nothing_was_sent_the_second_prints_the_same_slip() -> None:
    first, second = FakeKeeper(), FakeKeeper()
    printers = Printers([first, second])
    printers.print("t-1", SLIP)
    assert printers.another_tries(failed())
    assert asked(first, second) == [["t-1"], ["t-1"]]
    assert second.ordered[0].slip == SLIP
    assert not printers.another_tries(Printed("t-1", Outcome.CONFIRMED))


@pytest.mark.parametrize("outcome", [Outcome.CONFIRMED, Outcome.INDETERMINATE])
def test_where_a_paper_may_be_no_second_one_is_made(outcome: Outcome) -> None:
    first, second = FakeKeeper(), FakeKeeper()
    printers = Printers([first, second])
    printers.print("t-1", SLIP)
    assert not printers.another_tries(Printed("t-1", outcome))
    assert asked(first, second) == [["t-1"], []]


def test_after_a_doubtful_paper_even_a_late_failure_makes_no_second_one() -> None:
    first, second = FakeKeeper(), FakeKeeper()
    printers = Printers([first, second])
    printers.print("t-1", SLIP)
    printers.another_tries(Printed("t-1", Outcome.INDETERMINATE, "coverOpen"))
    assert not printers.another_tries(failed())
    assert not printers.another_tries(Printed("t-1", Outcome.CONFIRMED))  # its cover was closed
    assert asked(first, second) == [["t-1"], []]


def test_when_all_fail_there_is_one_last_word() -> None:
    keepers = [FakeKeeper() for _ in range(3)]
    printers = Printers(keepers)
    printers.print("t-1", SLIP)
    assert [printers.another_tries(failed()) for _ in keepers] == [True, True, False]
    assert asked(*keepers) == [["t-1"]] * 3


def test_without_any_that_works_one_is_asked_so_that_its_reason_is_told() -> None:
    first, second = FakeKeeper(state=State.FAULT), FakeKeeper(state=State.ABSENT)
    printers = Printers([first, second])
    assert printers.print("t-1", SLIP)
    assert asked(first, second) == [["t-1"], []]
    assert not printers.another_tries(failed())


def test_a_kiosk_without_printers_says_so() -> None:
    assert not Printers([]).print("t-1", SLIP)


def test_the_outcome_of_a_job_that_nobody_knows_is_the_last_word() -> None:
    assert not Printers([FakeKeeper()]).another_tries(failed("t-9"))


@pytest.mark.parametrize("order", list(permutations(["t-1", "t-2"])))
def test_two_tickets_at_once_each_get_their_own_second_try(order: tuple[str, str]) -> None:
    first, second = FakeKeeper(), FakeKeeper()
    printers = Printers([first, second])
    for job in ("t-1", "t-2"):
        printers.print(job, (Line(job),))
    for job in order:
        assert printers.another_tries(failed(job))
    assert [(one.job, one.slip) for one in second.ordered] == [(j, (Line(j),)) for j in order]
