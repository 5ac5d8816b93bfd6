"""The panel's brightness, where the kernel lets us set it (sysfs-class-backlight)."""

import os
from pathlib import Path

FOLDER = Path("/sys/class/backlight")
STEPS = 10  # from the darkest to full; there is no step 0: a black panel would look like a dead one


class Backlight:
    """Every panel under `folder` alike."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @property
    def works(self) -> bool:
        return bool(self._panels())

    def step(self, steps: int) -> int:
        """So many steps brighter, or darker when negative; the percentage now. Raises OSError."""
        percent = 0
        for panel in self._panels():
            most = int((panel / "max_brightness").read_text())
            wished = int((panel / "brightness").read_text()) + steps * max(1, most // STEPS)
            level = min(most, max(1, most // STEPS, wished))
            (panel / "brightness").write_text(str(level))
            percent = round(100 * level / most)
        return percent

    def _panels(self) -> list[Path]:
        """Those whose brightness we may write."""
        found = sorted(self._folder.glob("*/brightness"))
        return [file.parent for file in found if os.access(file, os.W_OK)]
