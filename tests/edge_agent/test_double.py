"""A double is told by what it says of itself; an agent that is started anew has none."""

from datetime import UTC, datetime

import pytest

from edge_agent.double import Double
from edge_agent.messages import Birth
from program.in_flight import Message
from program.line_state import LineState
from program.refusals import NO_MATCHING_SUBSCRIBERS, Refusals

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def troubles_after(runs: str) -> list[str]:
    """Births of these runs, one letter each; ours is "me", written m."""
    line = LineState()
    double = Double("m", line)
    for run in runs:
        double.hear(
            Birth(branch="b", name={}, version="1", epoch="e", session="s", run=run,
                  status="offline" if run.isupper() else "online", at=NOON)
        )  # fmt: skip
    return list(line.names)


@pytest.mark.parametrize("runs", ["mxmx", "mXmX", "mxx", "xmxmx"])
def test_whoever_speaks_after_us_again_and_again_is_a_double(runs: str) -> None:
    assert troubles_after(runs) == ["id-taken"]


@pytest.mark.parametrize("runs", ["", "m", "mmmm", "xxxm", "xXm", "xmX", "xmmmXmm"])
def test_the_run_before_ours_is_none(runs: str) -> None:
    """What the broker kept of it comes first; its last word may come late."""
    assert troubles_after(runs) == []


def test_that_we_hear_ourselves_is_no_sign_of_a_head_office() -> None:
    line = LineState()
    refusals = Refusals(line, one_reader=True)
    refusals.heard_here.add("P/birth")
    refusals.published(Message("P/queues", b""), NO_MATCHING_SUBSCRIBERS, "")
    refusals.published(Message("P/birth", b""), 0, "")
    assert line.names == ["nobody-there"]
    refusals.published(Message("P/queues", b""), 0, "")
    assert line.names == []
