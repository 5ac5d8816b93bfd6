"""Which configuration a branch works by is one file: killed at any step, it is the old one or the new one, whole."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

from edge_agent import settings as branch_settings
from edge_agent.central import kept as keeping, start
from edge_agent.central.kept import Kept
from edge_agent.messages import ConfigDocument
from program import settings_file
from tests.edge_agent.central.conftest import DEMO_SERVICES, LOANS, Pen, central_config, services

TODAY = date(2026, 11, 26)


def document(version: int, contents: str = "") -> ConfigDocument:
    return ConfigDocument(version=version, branch="riverside", contents=contents)


OLD = Kept(running=document(1, services(*DEMO_SERVICES)), highest=1)
TAKEN = keeping.taken(OLD, document(2, services(*DEMO_SERVICES, LOANS)))
TRYING = keeping.applied(TAKEN, [], TODAY)


def killed_at(line: int, work: Callable[[], object]) -> bool:
    """In a child that is killed with -9 before it runs its n-th line of edge_agent/central; False when it ran through."""
    child = os.fork()
    if child == 0:
        left = line

        def trace(frame: FrameType, event: str, _arg: Any) -> Any:
            nonlocal left
            if "edge_agent/central" not in frame.f_code.co_filename:
                return None
            if event == "line":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.fixture
def sources(tmp_path: Path) -> start.Sources:
    file = tmp_path / "branch.toml"
    file.write_text(central_config(Pen()), encoding="utf-8")
    return start.Sources(
        load=lambda instead: branch_settings.load(
            file, listen=None, data=None, broker=None, instead=instead
        ),
        values=lambda: settings_file.values_of(file),
    )


@pytest.mark.parametrize(("before", "after"), [(OLD, TAKEN), (TAKEN, TRYING), (Kept(), OLD)])
def test_killed_while_it_is_written_the_file_is_the_old_or_the_new(
    tmp_path: Path, before: Kept, after: Kept
) -> None:
    seen, line = [], 0
    while True:
        line += 1
        keeping.write(tmp_path, before)
        killed = killed_at(line, lambda: keeping.write(tmp_path, after))
        seen.append(keeping.read(tmp_path))
        if not killed:
            break
    assert line > 10
    assert all(one in (before, after) for one in seen)
    assert seen[0] == before
    assert seen[-1] == after


def test_killed_at_any_step_of_its_start_a_trial_is_counted_or_not_begun(
    tmp_path: Path, sources: start.Sources
) -> None:
    line, killed = 0, True
    while killed:
        line += 1
        keeping.write(tmp_path, TRYING)
        killed = killed_at(line, lambda: start.begin(tmp_path, sources, TODAY))
        kept = keeping.read(tmp_path)
        assert msgspec.structs.replace(kept, starts=0) == TRYING
        assert kept.starts in (0, 1)
    assert line > 40
    assert keeping.read(tmp_path).starts == 1


def test_the_start_after_three_that_did_not_end_well_goes_back(
    tmp_path: Path, sources: start.Sources
) -> None:
    keeping.write(tmp_path, TRYING)
    codes = []
    for _ in range(5):
        settings, kept = start.begin(tmp_path, sources, TODAY)
        codes.append([one.code for one in settings.services if one.hours is None])
    with_loans = [*[code for code, _ in DEMO_SERVICES], "loans"]
    assert codes == [with_loans] * 3 + [with_loans[:-1]] * 2
    assert (kept.version, kept.verdict and kept.verdict.state) == (1, "rolled_back")


def test_who_has_a_number_of_a_service_that_was_rolled_back_is_still_served_today(
    tmp_path: Path, sources: start.Sources
) -> None:
    keeping.write(tmp_path, msgspec.structs.replace(TRYING, starts=keeping.MOST_STARTS))
    today, _ = start.begin(tmp_path, sources, TODAY)
    rules = today.rules()
    assert all(rule.may_serve("loans", "ordinary") for rule in rules.counters.values())
    assert not rules.services["loans"].calendar.hours(TODAY)
    tomorrow, _ = start.begin(tmp_path, sources, date(2026, 11, 27))
    assert "loans" not in tomorrow.rules().services


def test_a_file_that_cannot_be_read_leaves_the_branch_its_own(
    tmp_path: Path, sources: start.Sources
) -> None:
    (tmp_path / keeping.FILE).write_bytes(b"\0" * 4096)
    settings, kept = start.begin(tmp_path, sources, TODAY)
    assert [one.code for one in settings.services] == [code for code, _ in DEMO_SERVICES]
    assert kept == Kept()


def test_a_trial_that_cannot_be_counted_is_not_tried(
    tmp_path: Path, sources: start.Sources
) -> None:
    keeping.write(tmp_path, TRYING)
    (tmp_path / keeping.FILE).with_suffix(".unfinished").mkdir()  # nobody can write there
    _, kept = start.begin(tmp_path, sources, TODAY)
    assert kept.version == 1


def test_without_the_section_what_head_office_said_before_is_not_heeded(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    text = central_config(Pen())
    first, _, rest = text.partition("[central]")
    file.write_text(first + rest.partition("\n\n")[2], encoding="utf-8")
    own = start.Sources(
        load=lambda instead: branch_settings.load(
            file, listen=None, data=None, broker=None, instead=instead
        ),
        values=lambda: settings_file.values_of(file),
    )
    keeping.write(tmp_path, TRYING)
    settings, kept = start.begin(tmp_path, own, TODAY)
    assert len(settings.services) == len(DEMO_SERVICES)
    assert kept.version == 0


def test_the_branchs_own_file_that_no_longer_fits_is_said_and_does_not_stop_the_branch(
    tmp_path: Path, sources: start.Sources
) -> None:
    unfit = document(3, services(("cash", "A"), ("cards", "A")))
    keeping.write(tmp_path, Kept(running=unfit, highest=3))
    settings, kept = start.begin(tmp_path, sources, TODAY)
    assert len(settings.services) == len(DEMO_SERVICES)
    assert kept.verdict is not None
    assert (kept.version, kept.verdict.version, kept.verdict.state) == (0, 3, "refused")
    assert "prefix" in kept.verdict.reason
