"""The files of head office's pages."""

from pathlib import Path

from litestar.response import File

from program import web

BOARD = Path(__file__).parent / "board"


def page(name: str) -> File:
    """A page, script or style by its file's name. Raises Turned when there is none."""
    return web.page_file(BOARD / Path(name).name)
