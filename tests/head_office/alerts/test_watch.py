"""When an alert begins and when it is over."""

import time
from datetime import timedelta

from hypothesis import given, settings, strategies as st

from head_office.alerts.rules import LASTING, OVER_AFTER
from head_office.alerts.watch import Changes, Watch
from head_office.picture import BranchNow
from tests.head_office.alerts.branches import NOON, machine, waiting, well

DOWN = ("bund", "device-down", "kiosk-1/printer")
SILENT = ("bund", "silent", "")
ILL = well(devices=[machine("fault", "paperOut")])


class Looking:
    """A watch whose findings are kept at once, unless said otherwise."""

    def __init__(self) -> None:
        self.watch = Watch([])

    def at(self, seconds: float, *branches: BranchNow, kept: bool = True) -> Changes:
        found = self.watch.look(branches, NOON + timedelta(seconds=seconds))
        if kept:
            self.watch.took(found)
        return found


def test_what_passes_by_itself_is_no_alert() -> None:
    look = Looking()
    assert not look.at(0, ILL)
    assert not look.at(59, ILL)
    assert not look.at(60, well())
    assert not look.at(119, ILL)


def test_it_begins_when_it_has_lasted_and_once() -> None:
    look = Looking()
    look.at(0, ILL)
    (begun,) = look.at(60, ILL).begun.items()
    assert begun[0] == DOWN
    assert begun[1].since == NOON
    assert begun[1].region == "East/Shanghai"
    assert not look.at(61, ILL)
    assert not look.at(9999, ILL)


def test_a_missed_target_is_an_alert_at_once() -> None:
    assert list(Looking().at(0, well(queues=waiting(601))).begun) == [
        ("bund", "wait-over-target", "")
    ]


def test_it_is_over_when_there_has_been_nothing_of_it_for_a_while() -> None:
    look = Looking()
    look.at(0, ILL)
    look.at(60, ILL)
    assert not look.at(100, well())
    assert not look.at(130, ILL)  # it was back: one alert, not two
    assert not look.at(200, well())
    assert not look.at(259, well())
    assert look.at(260, well()).ended == {DOWN: NOON + timedelta(seconds=200)}
    assert not look.at(261, well())


def test_of_a_silent_branch_nothing_else_is_over() -> None:
    look = Looking()
    look.at(0, ILL)
    look.at(60, ILL)
    silent = well(status="silent")
    look.at(100, silent)
    assert list(look.at(200, silent).begun) == [SILENT]
    assert not look.at(9999, silent)
    look.at(10000, well())
    assert set(look.at(10060, well()).ended) == {DOWN, SILENT}


def test_what_could_not_be_kept_is_found_again() -> None:
    look = Looking()
    look.at(0, ILL)
    assert look.at(60, ILL, kept=False).begun
    assert look.at(61, ILL).begun
    look.at(100, well())
    assert look.at(160, well(), kept=False).ended
    assert look.at(161, well()).ended


def test_while_head_office_hears_nobody_silence_says_nothing() -> None:
    look = Looking()
    silent = well(status="silent")
    look.at(0, silent)
    look.watch.deaf()
    assert not look.at(600, silent)
    assert not look.at(601, well())


def test_open_alerts_of_before_a_restart_go_on() -> None:
    watch = Watch([DOWN])  # type: ignore[list-item]
    assert not watch.look([ILL], NOON)
    watch.look([well()], NOON)
    assert list(watch.look([well()], NOON + OVER_AFTER).ended) == [DOWN]


def test_a_branch_that_is_gone_has_no_alerts() -> None:
    look = Looking()
    look.at(0, well(queues=waiting(601)))
    assert list(look.at(1).ended) == [("bund", "wait-over-target", "")]
    assert not look.at(2)


STATES = [well(), ILL, well(status="silent"), well(queues=waiting(900)), well(alert="cloned")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from(STATES), st.booleans())))
def test_every_alert_begins_before_it_ends_and_none_is_open_twice(
    steps: list[tuple[int, BranchNow, bool]],
) -> None:
    look, now, open_ = Looking(), 0, set()
    for seconds, branch, kept in steps:
        now += seconds
        found = look.at(now, branch, kept=kept)
        assert not open_ & set(found.begun)
        assert open_ >= set(found.ended)
        for key, begun in found.begun.items():
            assert NOON + timedelta(seconds=now) - begun.since >= LASTING[key[1]]
        if kept:
            open_ = (open_ | set(found.begun)) - set(found.ended)


def test_a_branch_that_is_the_same_is_not_worked_out_again() -> None:
    """Every 2 s there are 5,000 to look at, on the event loop, of which a tenth has changed."""
    ill = [machine("fault", "paperOut")] * 20 + [machine("ready", "paperLow")] * 20
    branches = [well(f"b{number}", devices=ill) for number in range(1000)]
    watch, took = Watch([]), []
    for _ in range(4):
        began = time.thread_time()
        watch.look(branches, NOON)
        took.append(time.thread_time() - began)
    assert min(took[1:]) < took[0] / 2


def test_what_has_changed_is_worked_out_anew() -> None:
    look = Looking()
    for _ in range(3):
        look.at(0, well("bund"), ILL)
    assert DOWN in look.at(60, ILL).begun
    assert not look.at(61, well()).ended
    assert look.at(61 + OVER_AFTER.total_seconds(), well()).ended.keys() == {DOWN}
