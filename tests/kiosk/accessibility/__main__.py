"""An accessibility report that a bank can file, from the running code.

python -m tests.kiosk.accessibility docs/accessibility.md
python -m tests.kiosk.accessibility report.md --panel 1920x1080@32
"""

import argparse
import sys
from pathlib import Path

from tests.kiosk.accessibility.report import DEFAULT, report
from tests.kiosk.gallery import panel


def main() -> int:
    parser = argparse.ArgumentParser("tests.kiosk.accessibility", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--panel", type=panel, default=DEFAULT, help="1080x1920@21.5: pixels, inches"
    )
    given = parser.parse_args()
    given.file.write_text(report(given.panel), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
