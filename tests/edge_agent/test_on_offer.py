"""What a kiosk is told of services that are closed, full, or have only a few more tickets today."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.edge_agent.conftest import API, DEMO, KIOSK, STAFF, Clock, bearer, branch_at

HOURS = """
[hours]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
"""


def monday(hour: int, minute: int = 0) -> datetime:
    """In Shanghai, eight hours ahead."""
    return datetime(2026, 3, 2, hour - 8, minute, tzinfo=UTC)


def told(folder: Path, clock: Clock, *steps: Any) -> list[Any]:
    """What `/services` says after each step; a step is a moment or a call of the branch."""
    config = folder / "branch.toml"
    config.write_text(DEMO.read_text(encoding="utf-8") + HOURS, encoding="utf-8")

    async def story() -> list[Any]:
        said = []
        async with branch_at(folder, clock, config) as (_, client):
            for step in steps:
                if isinstance(step, datetime):
                    clock.now = step
                else:
                    path, body, token = step
                    await client.post(API + path, json=body, headers=bearer(token))
                said.append((await client.get(f"{API}/services")).json())
        return said

    return asyncio.run(story())


def test_from_open_over_the_last_tickets_to_closed(tmp_path: Path) -> None:
    first, last, closed = told(
        tmp_path, Clock(monday(9)), monday(11), monday(16, 50), monday(17, 1)
    )
    for said, note, opens in ((first, "", None), (last, "last", None)):
        assert said["closed"] is None
        assert {(one["note"], one["open"], one["opens_at"]) for one in said["services"]} == {
            (note, True, opens)
        }
    assert closed["closed"]["name"] == "outside-hours"
    assert {(one["note"], one["open"], one["opens_at"]) for one in closed["services"]} == {
        ("closed", False, "2026-03-03T01:00:00Z")
    }


def test_an_early_closing_says_so_with_its_stable_name(tmp_path: Path) -> None:
    [said] = told(tmp_path, Clock(monday(10)), ("/branch/close", None, STAFF))
    assert said["closed"]["name"] == "closed-early"
    assert {one["note"] for one in said["services"]} == {"closed"}


def test_a_line_that_reaches_beyond_closing_is_full_though_the_branch_is_open(
    tmp_path: Path,
) -> None:
    """Three customers took an hour each; at 16:00 one is served and one waits before the only open counter."""
    steps: list[Any] = []
    for hour in (12, 13, 14):
        steps += [
            ("/tickets", {"service": "cash"}, KIOSK),
            ("/counters/1/call-next", None, STAFF),
            ("/counters/1/start", None, STAFF),
            monday(hour),
            ("/counters/1/finish", None, STAFF),
        ]
    steps += [monday(16), *[("/tickets", {"service": "cash"}, KIOSK)] * 2]
    steps += [("/counters/1/call-next", None, STAFF), ("/counters/1/start", None, STAFF)]
    said = told(tmp_path, Clock(monday(11)), *steps)[-1]
    [cash] = [one for one in said["services"] if one["code"] == "cash"]
    assert (cash["note"], cash["open"], cash["waiting"]) == ("full", True, 1)
    assert said["closed"] is None
