"""What is on the screen and where, as a file: for programs that use the kiosk as people do (demo, tests, reports).

No more than a passer-by can read on the screen stands in it.
"""

from pathlib import Path
from typing import Any

import msgspec

from kiosk.look.panel import Panel
from kiosk.look.placed import Placed
from kiosk.screens.page import Frame


def outline(frame: Frame, boxes: tuple[Placed, ...], panel: Panel) -> dict[str, Any]:
    """Middles as fractions of the panel, from the upper left; sizes in mm."""
    return {
        "screen": str(frame.page.screen),
        "language": frame.language,
        "asked": frame.over is not None,
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


def write(path: Path, what: dict[str, Any]) -> None:
    """Whoever reads it sees all of the old one or all of the new one."""
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(what))
    new.replace(path)
