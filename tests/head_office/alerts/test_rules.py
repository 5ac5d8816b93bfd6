"""What ails a branch."""

from datetime import timedelta

import pytest

from head_office.alerts.rules import BACKLOG, LASTING, SEVERITY, Trouble, troubles
from head_office.picture import BranchNow
from tests.head_office.alerts.branches import NOON, help_wanted, machine, queues, waiting, well

LATER = NOON + timedelta(minutes=4)


@pytest.mark.parametrize(
    "branch",
    [
        well(),
        well(status="never"),
        well(queues=None),
        well(queues=waiting(300, 500)),
        well(queues=waiting(5000, 5000, people=0)),  # nobody waits: a figure of before
        well(devices=[machine("ready"), machine("busy"), machine("opening"), machine("degraded")]),
        well(behind=BACKLOG - 1),
        well(queues=queues(help_wanted=[help_wanted()])),  # a moment ago
        well(queues=queues(at=LATER, help_wanted=[help_wanted(coming_at=NOON)])),
    ],
)
def test_nothing_ails_it(branch: BranchNow) -> None:
    assert troubles(branch) == []


@pytest.mark.parametrize(
    ("branch", "trouble"),
    [
        (well(status="silent"), Trouble("silent", "", {"status": "silent"})),
        (well(status="offline"), Trouble("silent", "", {"status": "offline"})),
        (well(alert="cloned"), Trouble("cloned")),
        (well(missing=3, behind=9000), Trouble("entries-missing", "", {"entries": 3})),
        (well(behind=BACKLOG), Trouble("backlog", "", {"entries": BACKLOG})),
        (well(queues=queues(journal="failing")), Trouble("journal-failing")),
        (well(queues=queues(clock_off_s=-90)), Trouble("clock-wrong", "", {"off_s": -90})),
        (
            well(queues=waiting(601)),
            Trouble("wait-over-target", "", {"longest_s": 601, "target_s": 600}),
        ),
        (
            well(queues=waiting(481)),
            Trouble("wait-near-target", "", {"longest_s": 481, "target_s": 600, "likely_s": 0}),
        ),
        (
            well(queues=waiting(10, 700)),
            Trouble("wait-near-target", "", {"longest_s": 10, "target_s": 600, "likely_s": 700}),
        ),
        (
            well(queues=queues(at=LATER, help_wanted=[help_wanted()])),
            Trouble("help-unanswered", "kiosk-1", {"waited_s": 240}),
        ),
        (
            well(queues=queues(config_state="rolled_back", config_about=7, config_reason="x")),
            Trouble("configuration", "7", {"state": "rolled_back", "reason": "x"}),
        ),
        (
            well(devices=[machine("fault", "paperOut")]),
            Trouble(
                "device-down",
                "kiosk-1/printer",
                {"machine": "ticket_printer", "cause": "paperOut"},
            ),
        ),
        (
            well(devices=[machine("degraded", "paperLow", 40)]),
            Trouble(
                "paper-low",
                "kiosk-1/printer",
                {"machine": "ticket_printer", "cause": "paperLow", "tickets_left": 40},
            ),
        ),
    ],
)
def test_one_thing_ails_it(branch: BranchNow, trouble: Trouble) -> None:
    assert troubles(branch) == [trouble]


def test_what_a_branch_said_before_it_fell_silent_is_no_news() -> None:
    ill = well(status="silent", queues=waiting(9000), devices=[machine("fault")], missing=2)
    assert [one.kind for one in troubles(ill)] == ["silent", "entries-missing"]


def test_every_kind_has_its_severity_and_how_long_it_must_last() -> None:
    assert set(SEVERITY) == set(LASTING)
