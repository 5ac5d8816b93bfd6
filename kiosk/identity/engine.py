"""What an engine is: it finds faces and says how alike two are. Which there are, and how one is opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, degrees
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from kiosk.identity.calibration import Calibration
from kiosk.identity.models import Model

if TYPE_CHECKING:
    from kiosk.identity.dlib_engine import DlibEngine
    from kiosk.identity.opencv_engine import OpencvEngine

Image: TypeAlias = NDArray[np.uint8]  # height x width x 3, blue first, C-contiguous
EngineName = Literal["opencv", "face_recognition"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


@dataclass(frozen=True)
class Face:
    """In pixels of the image. `points`: the person's right eye, left eye, tip of the nose, right and left corner of the
    mouth, as x and y. `confidence`: from 0 to 1 that this is a face."""

    x: float
    y: float
    width: float
    height: float
    points: NDArray[np.float32] = field(repr=False)
    confidence: float

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def roll(self) -> float:
        """Degrees with the clock, as the camera sees it."""
        across = self.points[1] - self.points[0]
        return degrees(atan2(across[1], across[0]))

    @property
    def longer_side(self) -> float:
        return max(self.width, self.height, 1.0)

    @property
    def eye_distance(self) -> float:
        return float(np.linalg.norm(self.points[1] - self.points[0]))


@dataclass(frozen=True, eq=False, repr=False)
class Template:
    """What an engine keeps of a face. Tells about a person: never shown, never logged, only held while it is needed."""

    model: Model
    vector: NDArray[np.float32]

    def __repr__(self) -> str:
        return f"<Template of {self.model.name}>"


class Engine(Protocol):
    """Not for several threads at once. `models`: the files in use."""

    @property
    def name(self) -> EngineName: ...
    @property
    def models(self) -> tuple[Model, ...]: ...
    @property
    def calibration(self) -> Calibration: ...

    def find(self, image: Image) -> list[Face]:
        """The face that is meant first, then by how prominent they are."""

    def template(self, image: Image, face: Face) -> Template: ...

    def likeness(self, a: Template, b: Template) -> float:
        """More is more alike; what counts as one person is in `calibration`."""


def average(templates: Sequence[Template]) -> Template:
    """One template of several frames of one person."""
    return Template(_one_model(templates), np.mean([one.vector for one in templates], axis=0))


def _one_model(templates: Sequence[Template]) -> Model:
    models = {one.model for one in templates}
    if len(models) != 1:
        raise ValueError(
            "templates of different models cannot be compared: make both with one engine"
        )
    return models.pop()


def vectors(a: Template, b: Template) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both vectors, for engines to compare. Raises ValueError if they come from different models."""
    _one_model((a, b))
    return a.vector, b.vector


def engine_of(name: EngineName) -> "type[OpencvEngine] | type[DlibEngine]":
    """What is known of it before its models are loaded."""
    if name == "opencv":
        from kiosk.identity.opencv_engine import OpencvEngine  # noqa: PLC0415 - loads only what is chosen

        return OpencvEngine
    from kiosk.identity.dlib_engine import DlibEngine  # noqa: PLC0415

    return DlibEngine


def open_engine(name: EngineName = "opencv") -> Engine:
    """Checks and loads the models: some tenths of a second. Raises ModelError."""
    return engine_of(name)()
