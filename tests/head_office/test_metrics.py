"""What Prometheus reads of head office, by the rules of its text format; and that the ready dashboard asks for nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from head_office import VERSION
from tests.conftest import ROOT, wait_for
from tests.head_office.conftest import House, Office, base
from tests.head_office.test_web import EPOCH, Board, Stream

DASHBOARD = ROOT / "config" / "grafana" / "lobby.json"
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.]+(?:e[+-][0-9]+)?)")
OF_QUERY = re.compile(rf"(?:lobby|process)_{NAME}")
PARTS = ("_bucket", "_sum", "_count")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Read:
    """A reading of the text: type and help by family, and every sample. Fails where it is not what Prometheus takes."""

    def __init__(self, text: str) -> None:
        assert text.endswith("\n")
        self.kinds: dict[str, str] = {}
        self.about: dict[str, str] = {}
        self.samples: Samples = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split(" ")[2:]
                assert name not in self.kinds, f"{name} begins twice"
                self.kinds[name] = kind
            elif line.startswith("# HELP "):
                _, _, name, about = line.split(" ", 3)
                self.about[name] = about
            else:
                self._sample(line)

    def _sample(self, line: str) -> None:
        found = SAMPLE.fullmatch(line)
        assert found is not None, f"{line!r} is no sample"
        labels = tuple(re.findall(r'([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"', found[2] or ""))
        key = found[1], labels
        assert key not in self.samples, f"{line!r} comes twice"
        assert self.family(found[1]) in self.kinds, f"{found[1]} has no type before it"
        self.samples[key] = float(found[3])

    def family(self, name: str) -> str:
        stem = next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)
        return stem if self.kinds.get(stem) == "histogram" else name

    def of(self, name: str, **labels: str) -> float:
        return self.samples[f"lobby_head_office_{name}", tuple(labels.items())]


def read(office: Office) -> Read:
    answer = office.http.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Read(answer.text)


def queues(branch: str, *waiting: tuple[int, int]) -> dict[str, Any]:
    return {
        "branch": branch, "name": {"en": branch}, "at": datetime.now(UTC).isoformat(),
        "business_day": "2026-11-26", "epoch": EPOCH, "journal_seq": 12, "counters": [],
        "calls": [], "issued": 9, "served": 5, "missed": 0, "queues": [
            {"service": f"s{n}", "names": {}, "waiting": people, "longest_wait_s": longest,
             "estimated_wait": None} for n, (people, longest) in enumerate(waiting)
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def board(module_house: House) -> Board:
    """Two branches in the east, one in no region, one that never reported; ten entries of one, two told of and not here."""
    file = module_house.folder / "branches.csv"
    rows = ("bund,East/Shanghai", "xujiahui,East/Shanghai", 'new,"We""st/Chengdu"')
    file.write_text("\n".join(("branch,region", *rows, "")), encoding="utf-8")
    board = Board(module_house, more=f'\n[branches]\nfile = "{file}"\n')
    for branch in ("bund", "xujiahui", "stray"):
        board.birth(branch)
    board.events("bund", 1, 10)
    said = (("bund", (3, 120), (2, 700)), ("xujiahui", (4, 60)), ("stray", (1, 5)))
    for branch, *waiting in said:
        board.line.say(f"{base(branch)}/queues", queues(branch, *waiting))
    wait_for(lambda: board.office.branch("bund").get("acked") == 10, "the entries")
    wait_for(lambda: board.office.branch("stray").get("queues"), "the last word")
    return board


def test_it_is_text_that_prometheus_takes_and_every_family_says_what_it_is(board: Board) -> None:
    found = read(board.office)
    assert set(found.about) == set(found.kinds)
    for name, kind in found.kinds.items():
        assert name.startswith(("lobby_head_office_", "process_"))
        assert name.endswith("_total") == (kind == "counter"), name
        assert not name.endswith(("_ms", "_s", "_count", "_sum")), name


def test_branches_are_counted_by_region_and_state(board: Board) -> None:
    found = read(board.office)
    assert found.of("branches", region="East", status="online") == 2
    assert found.of("branches", region="", status="online") == 1
    assert found.of("branches", region='We\\"st', status="never") == 1
    assert found.of("branches", region="East", status="silent") == 0


def test_no_branch_has_a_label(board: Board) -> None:
    """A fleet of 5,000 would have as many series of each."""
    labels = {label for _, labels in read(board.office).samples for label, _ in labels}
    assert labels == {"region", "status", "severity", "le", "version"}


def test_who_waits_and_how_long(board: Board) -> None:
    found = read(board.office)
    assert found.of("customers_waiting", region="East") == 9
    assert found.of("longest_wait_seconds", region="East") == 700
    assert found.of("longest_wait_seconds", region="") == 5


def test_what_is_here_and_what_is_missing(board: Board) -> None:
    found = read(board.office)
    assert found.of("events_total") == 10
    assert found.of("entries_missing", region="East") == 2 + 12
    assert found.of("entries_behind", region="East") == 2 + 12


def test_a_message_nobody_can_read_is_counted(board: Board) -> None:
    before = read(board.office).of("messages_set_aside_total")
    board.line.say(f"{base('bund')}/queues", b"{")
    wait_for(
        lambda: read(board.office).of("messages_set_aside_total") == before + 1, "one set aside"
    )


def test_commits_are_a_histogram_that_adds_up(board: Board) -> None:
    before = read(board.office).of("commit_duration_seconds_count")
    board.birth("bund")
    wait_for(
        lambda: read(board.office).of("commit_duration_seconds_count") > before, "another commit"
    )
    found = read(board.office)
    name = "lobby_head_office_commit_duration_seconds_bucket"
    counts = [count for (family, _), count in found.samples.items() if family == name]
    assert counts == sorted(counts)
    assert found.of("commit_duration_seconds_bucket", le="+Inf") == counts[-1]
    assert found.of("commit_duration_seconds_count") == counts[-1]
    assert 0 < found.of("commit_duration_seconds_sum") < 60 * counts[-1]
    assert found.of("commits_failed_total") == 0


def test_a_reader_of_the_stream_is_counted_while_it_is_there(board: Board) -> None:
    before = read(board.office).of("stream_listeners")
    stream = Stream(board)
    stream.following()
    assert read(board.office).of("stream_listeners") == before + 1
    stream.close()
    board.birth("bund")  # news for who is gone
    wait_for(lambda: read(board.office).of("stream_listeners") == before, "nobody", 20)


def test_the_version_and_the_line(board: Board) -> None:
    found = read(board.office)
    assert found.of("build_info", version=VERSION) == 1
    assert found.of("broker_connected") == 1
    assert found.of("ledger_failing") == 0


# --- the dashboard -------------------------------------------------------------------------------


def queries() -> Iterator[str]:
    told = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    for panel in told["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (one["query"] for one in told["templating"]["list"] if one["type"] == "query")


def test_the_dashboard_asks_only_for_what_is_served(board: Board) -> None:
    served = {name for name, _ in read(board.office).samples}
    asked = {name for query in queries() for name in OF_QUERY.findall(query)}
    assert asked <= served
    assert len(asked) > 10


def test_the_dashboard_leaves_no_figure_of_ours_out(board: Board) -> None:
    ours = {name for name in read(board.office).kinds if name.startswith("lobby_")}
    asked = {read_name for query in queries() for read_name in OF_QUERY.findall(query)}
    stems = asked | {name.removesuffix(part) for name in asked for part in PARTS}
    assert ours <= stems


def test_the_dashboards_panels_have_their_own_place_and_a_title() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert all(panel["title"] for panel in panels)
