"""What is on the screen and where, as a file: for programs that use the kiosk as people do (demo, tests, reports).

No more than a passer-by can read on the screen stands in it.
"""

import logging
from pathlib import Path
from typing import Any

import msgspec

from kiosk.look.panel import Panel
from kiosk.look.placed import Placed
from kiosk.screens.page import Frame

log = logging.getLogger(__name__)


def outline(frame: Frame, boxes: tuple[Placed, ...], panel: Panel) -> dict[str, Any]:
    """Middles as fractions of the panel, from the upper left; sizes in mm."""
    return {
        "screen": str(frame.page.screen),
        "language": frame.language,
        "asked": frame.over is not None,
        "reached": frame.reached,
        "texts": [line.text for box in boxes for line in box.lines if not line.icon],
        "choices": {
            box.choice.key: {
                "text": box.choice.text,
                "can": box.choice.does is not None,
                "chosen": box.choice.chosen,
                "at": [
                    (box.rect.x + box.rect.width / 2) / panel.width,
                    (box.rect.y + box.rect.height / 2) / panel.height,
                ],
                "mm": [box.rect.width, box.rect.height],
            }
            for box in boxes
            if box.choice is not None
        },
    }


class OutlineFile:
    """Whoever reads it sees all of the old one or all of the new one. Customers do not suffer when it cannot be
    written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lost = False

    def write(self, what: dict[str, Any]) -> None:
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(what))
            new.replace(self._path)
        except OSError as error:
            if not self._lost:
                log.warning("The outline of the screen cannot be written: %s", error)
            self._lost = True
        else:
            self._lost = False
