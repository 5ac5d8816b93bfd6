"""Second papers: each order is printed once, whatever the branch's lists say meanwhile."""

from msgspec import structs

from edge_agent.messages import Reprint
from kiosk import reprints as papers
from kiosk.reprints import ticket_of
from tests.kiosk.states import ticket


def order(number: str) -> Reprint:
    return Reprint(ticket=structs.replace(ticket(), id=number), language="en")


ONE, OTHER = order("t-1"), order("t-2")


class Reprints(papers.Reprints):
    """What is begun, without the names of the jobs."""

    def new(self, ordered: list[Reprint]) -> list[Reprint]:  # type: ignore[override]
        return list(super().new(ordered).values())


def test_an_order_is_begun_once_though_it_is_named_again_and_again() -> None:
    reprints = Reprints()
    assert [reprints.new([ONE]) for _ in range(3)] == [[ONE], [], []]


def test_every_order_of_a_list_is_begun_in_its_order_and_a_new_one_beside_old_ones() -> None:
    reprints = Reprints()
    assert reprints.new([OTHER]) == [OTHER]
    assert reprints.new([ONE, OTHER, order("t-3")]) == [ONE, order("t-3")]


def test_the_same_ticket_ordered_anew_is_printed_anew() -> None:
    reprints = Reprints()
    reprints.new([ONE])
    assert reprints.new([]) == []
    assert reprints.new([ONE]) == [ONE]


def test_an_order_given_at_once_after_the_outcome_is_not_lost() -> None:
    """No list without it was ever seen; the first one after the outcome may have been on its way before."""
    reprints = Reprints()
    reprints.new([ONE])
    reprints.heard("t-1")
    assert reprints.new([ONE]) == []
    assert reprints.new([ONE]) == [ONE]
    assert reprints.new([ONE]) == []


def test_the_outcome_of_one_lets_no_other_be_printed_twice() -> None:
    reprints = Reprints()
    reprints.new([ONE, OTHER])
    reprints.heard("t-1")
    assert [reprints.new([OTHER]) for _ in range(3)] == [[], [], []]


def test_while_the_branch_has_not_heard_the_outcome_nothing_is_printed_again() -> None:
    reprints = Reprints()
    reprints.new([ONE])
    assert [reprints.new([ONE]) for _ in range(100)] == [[]] * 100


def test_each_paper_is_a_job_of_its_own_that_names_its_ticket() -> None:
    """A printer refuses a job that it has done already."""
    reprints = papers.Reprints()
    jobs = [*reprints.new([ONE, OTHER])]
    reprints.new([])
    jobs += reprints.new([ONE])
    assert len(set(jobs)) == 3
    assert [ticket_of(job) for job in jobs] == ["t-1", "t-2", "t-1"]
    assert ticket_of("t-1") is None


def test_what_is_ordered_when_the_kiosk_starts_is_marked() -> None:
    """It may have been printed just before the kiosk ended."""
    fresh = structs.replace(ONE, marked=False)
    reprints = Reprints()
    assert [one.marked for one in reprints.new([fresh])] == [True]
    reprints.new([])
    assert [one.marked for one in reprints.new([fresh])] == [False]
