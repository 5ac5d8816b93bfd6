"""The import law: who may know whom. Each rule is a sentence; the imports are read from the sources."""

import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
HOUSE = (
    "kiosk", "devices", "edge_agent", "head_office", "program",
    "demo", "bench", "torture", "torture_fleet", "fleet",
)  # fmt: skip
OPEN_TO_ALL = "program"  # what every program does alike

# part -> what of ours it may import (besides itself and `program`)
MAY_IMPORT = {
    "kiosk": ("devices", "edge_agent.messages"),
    "devices": (),
    "edge_agent": ("devices",),
    "edge_agent.branch_queue": (),
    "head_office": ("edge_agent.messages", "edge_agent.topics"),
    "program": (),
    "torture": (),
    "torture_fleet": ("torture",),  # it attacks the programs from outside, as `torture` does
    "fleet": ("edge_agent",),
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*HOUSE, include_external_packages=True)


def imports_of(graph: grimp.ImportGraph, part: str) -> set[tuple[str, str]]:
    modules = {part} | graph.find_descendants(part)
    return {(m, other) for m in modules for other in graph.find_modules_directly_imported_by(m)}


def inside(module: str, part: str) -> bool:
    return module == part or module.startswith(part + ".")


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_it_may(graph: grimp.ImportGraph, part: str) -> None:
    allowed = (part, *MAY_IMPORT[part])
    if part != "edge_agent.branch_queue":
        allowed += (OPEN_TO_ALL,)
    wrong = [
        f"{module} imports {other}"
        for module, other in imports_of(graph, part)
        if other.split(".")[0] in HOUSE and not any(inside(other, one) for one in allowed)
    ]
    assert not wrong


def test_the_rules_of_the_queue_need_nothing_but_the_standard_library(
    graph: grimp.ImportGraph,
) -> None:
    outside = {
        other
        for _, other in imports_of(graph, "edge_agent.branch_queue")
        if not inside(other, "edge_agent.branch_queue")
    }
    assert {name.split(".")[0] for name in outside} <= sys.stdlib_module_names


def test_a_driver_and_its_simulator_never_import_each_other(graph: grimp.ImportGraph) -> None:
    kinds = {module.rpartition(".")[0] for module in graph.modules if module.endswith(".simulator")}
    assert len(kinds) >= 2
    for kind in kinds:
        ours = {
            m
            for m in graph.find_descendants(kind)
            if not m.rpartition(".")[2].startswith("simulat")
        }
        theirs = graph.find_descendants(kind) - ours
        crossings = [
            (a, b)
            for a, b in imports_of(graph, kind)
            if (a in ours and b in theirs) or (a in theirs and b in ours)
        ]
        assert not crossings


def test_only_one_file_of_the_kiosk_knows_machines_branch_and_voice(
    graph: grimp.ImportGraph,
) -> None:
    knows_all = {
        module
        for module in graph.find_descendants("kiosk")
        if {"kiosk.machines", "kiosk.branch_client", "kiosk.speech.mode"}
        <= graph.find_modules_directly_imported_by(module)
    }
    assert knows_all == {"kiosk.behind"}


def test_no_screen_knows_another(graph: grimp.ImportGraph) -> None:
    """Apart from what all are made of; only the frame around them knows them all."""
    screens = graph.find_descendants("kiosk.screens")
    parts = {"kiosk.screens.page", "kiosk.screens.pieces"}
    wrong = [
        (a, b)
        for a, b in imports_of(graph, "kiosk.screens")
        if a in screens and b in screens - parts and a != "kiosk.screens.frame"
    ]
    assert not wrong


def test_no_journey_knows_what_it_looks_like_or_who_asks_the_branch(
    graph: grimp.ImportGraph,
) -> None:
    journey = graph.find_descendants("kiosk.journey")
    wrong = [
        (a, b)
        for a, b in imports_of(graph, "kiosk.journey")
        if a in journey and b.startswith("kiosk.") and b not in journey
    ]
    assert not wrong


def test_journey_and_screens_know_no_window(graph: grimp.ImportGraph) -> None:
    pure = ("kiosk.journey", "kiosk.screens", "kiosk.look.arrange", "kiosk.look.finger")
    for part in pure:
        reached = graph.find_upstream_modules(part, as_package=part.count(".") == 1)
        assert not {name for name in reached if name.split(".")[0] == "kivy"}


@pytest.mark.parametrize("module", ["devices", "edge_agent", "head_office", "kiosk", "demo"])
def test_no_folder_is_named_for_nothing(module: str) -> None:
    names = {path.stem for path in (ROOT / module).rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "manager", "base", "common", "misc"}
