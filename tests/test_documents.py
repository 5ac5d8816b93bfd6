"""The prose is held to the truth: every path and command in the documents exists."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devices.catalogue import KINDS
from edge_agent import asyncapi
from edge_agent.branch_queue import diagram
from edge_agent.settings import Settings
from head_office.settings import Settings as OfficeSettings
from tests.conftest import ROOT

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "DECISIONS.md",
    "CHANGELOG.md",
    "docs/queue.md",
    "docs/journal.md",
    "docs/devices.md",
    "docs/kiosk.md",
    "docs/identity.md",
    "docs/accessibility.md",
    "docs/head_office.md",
    "docs/history.md",
    "docs/accounts.md",
    "docs/board.md",
)
PATHS = re.compile(r"`((?:[a-z_]+/|\.ci/)[\w./-]*|[A-Z]+(?:\.md)?|[a-z]+\.toml)`")
MADE_LATER = ("build/", "run/")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_a_document_exists(name: str) -> None:
    named = {path for path in PATHS.findall(text(name)) if "/" in path}
    missing = [p for p in named if not p.startswith(MADE_LATER) and not (ROOT / p).exists()]
    assert not missing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_word_of_make_in_a_document_is_in_the_makefile(name: str) -> None:
    words = set(re.findall(r"`?make ([a-z]+)", text(name)))
    known = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    sentences = {"sure", "the", "it", "a"}
    assert words - sentences <= known


def commands() -> list[list[str]]:
    """`.venv/bin/python -m …` as the documents say it, in code blocks and in the text."""
    found = re.findall(r"\.venv/bin/python -m ([\w.]+)((?: [\w./:-]+)*)", text("README.md"))
    return [[module, *words.split()] for module, words in found]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_of_the_readme_is_understood(command: list[str]) -> None:
    module, *words = command
    if "--list" in words:
        asked = [module, *words]
    elif "--config" in words:
        asked = [module, *words, "--help" if "." in module else "--check"]
    elif module == "devices":
        asked = [module, words[0], "--help"]
    else:
        pytest.skip("asks for input or runs until it is stopped; run by other tests")
    done = subprocess.run(
        [sys.executable, "-m", *asked], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_kind_of_machine_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text("docs/devices.md"), re.MULTILINE)
    assert set(KINDS) - set(rows) == set()


def test_make_alone_names_every_word() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for word in ("demo", "test", "setup", "check", "bench"):
        assert f"make {word}" in said


def test_the_asyncapi_file_is_what_the_code_says() -> None:
    assert text("edge_agent/asyncapi.json") == asyncapi.text()


def test_continuous_integration_runs_the_readmes_test_command_and_make_check() -> None:
    lines = text(".ci/run").splitlines()
    assert [line for line in lines if line.startswith("make")] == ["make test", "make check"]
    assert "make test" in text("README.md")


def test_no_file_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    hosts = ("py" + "pi.org", "pythonhosted" + ".org", "npm" + "js.org", "deb.debian" + ".org")
    files = [ROOT / name for name in listed.split("\0") if name]
    naming = [
        str(path)
        for path in files
        if path.is_file() and any(h.encode() in path.read_bytes() for h in hosts)
    ]
    assert not naming


def test_every_configuration_in_the_repository_can_be_used() -> None:
    programs = {"branch": "edge_agent", "kiosk": "kiosk", "head_office": "head_office"}
    files = sorted(Path(ROOT / "config").rglob("*.toml"))
    assert files
    for file in files:
        words = [sys.executable, "-m", programs[file.stem], "--config", str(file), "--check"]
        assert subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode == 0


def test_the_picture_of_a_tickets_life_is_the_table_of_moves() -> None:
    assert "\n".join(diagram.lines()) in text("docs/queue.md")


def examples(document: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", document, re.DOTALL)


def used(block: str, demo: str) -> dict[str, Any]:
    """The block in place of what the demo's configuration says there."""
    values = tomllib.loads(text(demo))
    for key, said in tomllib.loads(block).items():
        if isinstance(said, list) and key in values:
            values[key] = [{**values[key][0], **said[0]}, *values[key][1:]]
        else:
            values[key] = said
    return values


@pytest.mark.parametrize(
    "block",
    examples(text("docs/queue.md") + text("docs/devices.md").partition("## At the counters")[2]),
)
def test_every_example_of_the_rules_can_be_used(block: str) -> None:
    msgspec.convert(used(block, "config/demo/branch.toml"), Settings).rules()


@pytest.mark.parametrize(
    "block",
    examples(text("docs/head_office.md") + text("docs/accounts.md") + text("docs/history.md")),
)
def test_every_example_of_head_office_can_be_used(block: str) -> None:
    msgspec.convert(used(block, "config/demo/head_office.toml"), OfficeSettings)
