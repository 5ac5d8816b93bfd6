"""`python -m kiosk.identity liveness FILE...`: one JSON line for each video or sequence of pictures, by the kiosk's own judgement.

FILE is a video, or a folder or a quoted pattern ('frames/*.jpg') of pictures in the order of their names, 15 a second, or one picture,
which is never live. Nobody was asked anything in a file, so a turn to either side counts, after the face has looked straight; it need not
turn back. What cannot be read, or only in part, is unsure and `unreadable`, with a line on standard error and status 2 at the end.
docs/identity.md has the other reasons.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

from kiosk.identity import liveness, pictures
from kiosk.identity.asked import Turn
from kiosk.identity.decision import rivals
from kiosk.identity.engine import Engine, Image
from kiosk.identity.liveness import (
    FRONT_SIGHTS,
    HELD_SIGHTS,
    PASSING_SIGHTS,
    Judgement,
    Reason,
    Sight,
    Watch,
)
from kiosk.identity.on_head import on_head
from kiosk.identity.pictures import NoPicture
from kiosk.identity.sequences import Frames, frames

UNUSABLE = 2  # exit status
EITHER: tuple[tuple[Turn, ...], ...] = (("left",), ("right",))
OUTCOMES = ("live", "attack", "unsure")  # what one side tells comes before the other's
FEWEST = FRONT_SIGHTS + PASSING_SIGHTS + HELD_SIGHTS  # sights, from straight to turned


def run(files: Sequence[str], engine: Engine) -> int:
    """Prints to standard output; gives the exit status."""
    status = 0
    for file in files:
        start = time.perf_counter()
        try:
            found = _judged(file, engine)
            outcome, reasons = found.outcome, list[str](found.reasons)
        except (NoPicture, OSError) as error:
            sys.stderr.write(f"{pictures.why(error)}\n")
            status, outcome, reasons = UNUSABLE, "unsure", ["unreadable"]
        ms = round((time.perf_counter() - start) * 1000, 1)
        line = {"file": file, "outcome": outcome, "reasons": reasons, "ms": ms}
        sys.stdout.write(json.dumps(line) + "\n")  # any name, on any terminal
        sys.stdout.flush()
    return status


def _judged(file: str, engine: Engine) -> Judgement:
    sequence = frames(file)
    found = judge(sequence, engine)
    for _ in sequence:
        pass  # what is damaged is not judged, wherever it is
    return found


def judge(frames: Frames, engine: Engine) -> Judgement:
    """Of frames with their times in s."""
    onlooker = _Onlooker(engine)
    for at, image in frames:
        onlooker.see(at, image)
        if onlooker.judgement().outcome == "live":
            break
    return onlooker.judgement()


def _after_another(found: Judgement) -> tuple[int, bool]:
    """Of a turn to the right the left knows only that there was none."""
    return OUTCOMES.index(found.outcome), found.reasons == ("no_turn",)


class _Onlooker:
    """Who has asked nothing, and waits for a straight face and a turn of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._front: list[Sight] = []
        self._watches: list[Watch] = []
        self._seen: Counter[Reason] = Counter()  # why no turn could begin, in how many frames
        self._since = 0  # sights since the face last began to look straight

    def see(self, at: float, image: Image) -> None:
        faces = self._engine.find(image)
        if not faces or rivals(faces, image):
            self._seen["several_people" if faces else "no_face"] += 1
            self._watches = [liveness.see_nobody(one, at) for one in self._watches]
            return
        sight = Sight(at, faces[0], image)
        if self._watches:
            self._since += 1
            self._watches = [liveness.see(one, sight, self._engine) for one in self._watches]
        else:
            self._wait(sight)

    def judgement(self) -> Judgement:
        if not self._watches:
            return Judgement("unsure", (self._why_not_begun(),))
        best = min(map(liveness.judgement, self._watches), key=_after_another)
        early = best.reasons == ("no_turn",) and self._since < FEWEST
        return Judgement("unsure", ("too_short",)) if early else best

    def _wait(self, sight: Sight) -> None:
        straight = liveness.is_front(sight)
        self._seen["no_front"] += 1
        self._since = 1 if straight and not self._front else self._since + bool(self._since)
        self._front = [*self._front, sight] if straight else []
        if len(self._front) == FRONT_SIGHTS:
            self._begin(self._front)

    def _begin(self, front: list[Sight]) -> None:
        if all(on_head(one.image, one.face, self._engine) for one in front):
            self._seen["upside_down"] += 1
            self._front, self._since = [], 0
            return
        self._watches = [
            liveness.begin(front, front[-1], turns, float("inf"), self._engine) for turns in EITHER
        ]

    def _why_not_begun(self) -> Reason:
        seen = self._seen
        if seen["several_people"] > seen["no_front"]:
            return "several_people"
        if seen["upside_down"]:
            return "upside_down"
        if 0 < self._since < FEWEST:
            return "too_short"
        return "no_front" if seen["no_front"] else "no_face"
