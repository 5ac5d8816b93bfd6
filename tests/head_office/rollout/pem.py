"""Head office's key as its own command makes it."""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


class OfficeKey:
    def __init__(self, file: Path) -> None:
        self.file = file
        words = [sys.executable, "-m", "head_office.rollout", "key", str(file)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        self.public = re.findall(r'keys = \["([^"]+)"\]', done.stdout)[0]
