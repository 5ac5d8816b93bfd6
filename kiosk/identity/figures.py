"""Figures of an evaluation as JSON lines, and the likenesses they are made of."""

import json
import sys
from pathlib import Path
from typing import Any

from kiosk.identity import pictures
from kiosk.identity.engine import Engine, Image, Template
from kiosk.identity.error_rates import Likenesses, refused, threshold_at, wilson

RATES = (1e-2, 1e-3, 1e-4)
REFUSED = float("-inf")  # the likeness where a face was not found


def tell(engine: Engine, data: str, figure: str, **more: Any) -> None:
    line = {"engine": engine.name, "data": data, "figure": figure, **more}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def tell_share(engine: Engine, data: str, figure: str, count: int, of: int, **more: Any) -> None:
    """With the 95 % interval."""
    low, high = (round(bound, 6) for bound in wilson(count, of))
    share = round(count / of, 6) if of else None
    tell(engine, data, figure, value=share, low=low, high=high, count=count, of=of, **more)


def tell_rates(
    engine: Engine, data: str, what: str, genuine: Likenesses, impostors: Likenesses
) -> None:
    """Refusals at the data's own thresholds, as far as there are impostors enough; both errors at the shipped one."""
    for rate in RATES:
        threshold = threshold_at(rate, impostors)
        if threshold is None:
            tell(engine, data, f"{what} FRR", far=rate, missing="too few impostors to tell")
            continue
        more = {"far": rate, "threshold": round(threshold, 4)}
        tell_share(engine, data, f"{what} FRR", refused(threshold, genuine), len(genuine), **more)
    shipped = engine.calibration.threshold
    wrong, lost = len(impostors) - refused(shipped, impostors), refused(shipped, genuine)
    tell_share(engine, data, f"{what} FAR shipped", wrong, len(impostors), threshold=shipped)
    tell_share(engine, data, f"{what} FRR shipped", lost, len(genuine), threshold=shipped)


def template(image: Image, engine: Engine) -> Template | None:
    """Of the face that is meant; None where none is found."""
    faces = engine.find(image)
    return engine.template(image, faces[0]) if faces else None


def templates(folder: Path, files: list[str], engine: Engine) -> list[Template | None]:
    return [template(pictures.read(folder / file), engine) for file in files]


def likeness(engine: Engine, a: Template | None, b: Template | None) -> float:
    return REFUSED if a is None or b is None else engine.likeness(a, b)
