"""`python -m edge_agent.central --config branch.toml FILE`: could a branch with this file work by this configuration?"""

import argparse
import sys
from pathlib import Path

from edge_agent import settings as branch_settings
from edge_agent.central.settings import Instead, sections_of
from program.settings_file import SettingsError


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m edge_agent.central", description=__doc__)
    words.add_argument("--config", type=Path, required=True, metavar="FILE")
    words.add_argument("file", type=Path, help="sections as they stand in branch.toml")
    given = words.parse_args()
    try:
        text = given.file.read_text(encoding="utf-8")
        instead = Instead("the configuration", sections_of("the configuration", text))
        branch_settings.load(given.config, listen=None, data=None, broker=None, instead=instead)
    except (OSError, UnicodeDecodeError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("A branch can work by it.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
