"""A chain counts as checked only by a command which sees that a journal was forged."""

from pathlib import Path

import pytest

from torture import chain

BLIND = "print('fine')"
SEEING = "import sys; sys.exit(b'AO01' in open(sys.argv[2], 'rb').read())"
REFUSING = "import sys; sys.exit('entry 7 does not follow from entry 6')"


@pytest.mark.parametrize(
    ("command", "verdict"),
    [(BLIND, "not checked"), (SEEING, "intact"), (REFUSING, "broken"), (None, "not checked")],
)
def test_the_verdict_on_the_chain(tmp_path: Path, command: str | None, verdict: str) -> None:
    package = tmp_path / "edge_agent" / "journal"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    if command is not None:
        (package / "__main__.py").write_text(command)
    data = tmp_path / "data"
    data.mkdir()
    (data / "journal.sqlite").write_bytes(b'{"seq":1,"label":"A001"}')
    said = chain.verify(tmp_path, data, tmp_path)
    assert said[0] == verdict, said
