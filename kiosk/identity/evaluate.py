"""`python -m kiosk.identity evaluate`: how often it is wrong and what it costs, as JSON lines.

Of one folder: LFW View 2 fold 10 (`lfw_fold10/` with `pairs.csv`) and the London set (`london/` with `people.csv`). A face that is
not found counts as refused, and all pictures of other people count as impostors. LFW is press pictures: as its authors say,
a good result on it does not show fitness for a bank.
"""

from pathlib import Path

from kiosk.identity import evaluate_lfw, evaluate_london
from kiosk.identity.engine import Engine
from kiosk.identity.figures import tell


def run(folder: Path, engine: Engine) -> int:
    """All figures that the folder allows."""
    for part in (evaluate_lfw, evaluate_london):
        data = folder / part.DATA
        if data.is_dir():
            part.run(data, engine)
        else:
            tell(engine, part.DATA, "not measured", missing=f"{data} is not there: give --data")
    return 0
