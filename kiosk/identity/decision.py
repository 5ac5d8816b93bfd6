"""Is the person before the camera the one in the reference picture? One against one, in memory, nothing kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kiosk.identity.engine import Engine, Face, Image, Template, average
from kiosk.identity.finder import from_centre, prominence
from kiosk.identity.quality import measure, unusable

Outcome = Literal["same", "different", "no_face", "many_faces", "poor_quality"]
RIVAL = 0.2  # of what the first face has in prominence or area: then nobody can say which is meant
CENTRAL = 0.12  # a face nearer to the centre is meant by being there
SURE_FACE = 0.8  # a second face less certain than this is a pattern in the background


@dataclass(frozen=True)
class Verdict:
    """`reasons`: codes for journal and staff, empty when judged. `likeness` is for measuring only: shown nowhere."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    likeness: float | None = field(default=None, repr=False)


def verify(reference: Image, live_frames: Sequence[Image], engine: Engine) -> Verdict:
    """Two or three frames are better than one. The reference may be as small as a chip's, 102 x 126 pixels."""
    owner = look(reference, engine, "reference")
    return owner if isinstance(owner, Verdict) else judge(owner, live_frames, engine)


def judge(owner: Template, live_frames: Sequence[Image], engine: Engine) -> Verdict:
    """The same with the owner's template at hand: it can be made while the customer steps up. Frames that cannot be
    judged are passed over as long as one can."""
    seen = [look(frame, engine, "live") for frame in live_frames]
    templates = [one for one in seen if isinstance(one, Template)]
    if not templates:
        return next((one for one in seen if isinstance(one, Verdict)), NOBODY)
    if any(not _one_person(templates[0], other, engine) for other in templates[1:]):
        return Verdict("many_faces", ("live_not_one_person",))
    likeness = engine.likeness(owner, average(templates))
    same = likeness >= engine.calibration.threshold
    return Verdict("same" if same else "different", likeness=likeness)


def look(image: Image, engine: Engine, whose: str) -> Template | Verdict:
    """The template of the face that is meant, or why there is none; `whose` begins the reason."""
    faces = engine.find(image)
    if not faces:
        return Verdict("no_face", (f"{whose}_no_face",))
    if rivals(faces, image):
        return Verdict("many_faces", (f"{whose}_many_faces",))
    reason = unusable(measure(image, faces[0]))
    if reason:
        return Verdict("poor_quality", (f"{whose}_{reason}",))
    return engine.template(image, faces[0])


def rivals(faces: Sequence[Face], image: Image) -> list[Face]:
    """Faces that could be meant as well as the first: in a portrait those behind the person do not count, unless
    they press forward; where nobody is in the centre, size counts alone."""
    central = from_centre(faces[0], image) < CENTRAL

    def weight(face: Face) -> float:
        return prominence(face, image) if central else face.area

    least = RIVAL * weight(faces[0])
    return [one for one in faces[1:] if one.confidence >= SURE_FACE and weight(one) >= least]


def _one_person(one: Template, other: Template, engine: Engine) -> bool:
    """Frames of seconds are far more alike than pictures of years: an average of two people would be a bit of both."""
    return engine.likeness(one, other) >= engine.calibration.threshold


NOBODY = Verdict("no_face", ("live_no_frame",))
