"""The README's pictures: each exists, is a picture of something, and `make gallery` still takes it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

NAMED = sorted(
    set(re.findall(r"docs/[\w./-]+\.png", (ROOT / "README.md").read_text(encoding="utf-8")))
)
TAKEN = re.compile(r"^\t\$\(PY\) -m (tests\.\S+) docs/(\S+)(.*)$", re.MULTILINE)
MOST_BYTES = 1_000_000


def shows_something(picture: Path) -> bool:
    """A drawing that failed is of one colour."""
    colours = Image.open(picture).convert("RGB").getcolors(1 << 24)
    assert colours is not None
    return len(colours) > 20


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of `make gallery` have been told to put them."""
    folder = tmp_path_factory.mktemp("docs")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = TAKEN.findall(makefile)
    assert commands
    for module, into, more in commands:
        words = [sys.executable, "-m", module, str(folder / into), *more.split()]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_readme_has_a_picture_of_the_branch_and_a_gallery() -> None:
    assert "docs/branch.png" in NAMED
    assert len(NAMED) >= 8


def test_all_of_them_together_are_small() -> None:
    assert sum((ROOT / name).stat().st_size for name in NAMED) < MOST_BYTES


def test_no_picture_is_left_over() -> None:
    folder = ROOT / "docs" / "gallery"
    assert {f"docs/gallery/{path.name}" for path in folder.iterdir()} <= set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_a_picture_that_the_readme_names_exists_and_can_be_taken_again(
    name: str, taken: Path
) -> None:
    again = taken / Path(name).relative_to("docs")
    assert shows_something(ROOT / name)
    assert shows_something(again)
    assert Image.open(again).size == Image.open(ROOT / name).size
