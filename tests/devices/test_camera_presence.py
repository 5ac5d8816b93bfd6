"""Whether the camera that is meant is plugged in, from a tree such as the kernel's; nothing is opened for it."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devices.camera.presence import missing
from devices.camera.settings import Camera
from tests.conftest import ROOT
from tests.devices.test_camera_identity import BUS, Tree

SERIAL = "usb:046d:0825:A1B2C3"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def camera(port: str = SERIAL, identity: str = "") -> Camera:
    return Camera(port=port, identity=identity)


def test_the_one_that_is_meant_is_there(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    assert missing(camera(), tree.sys) == ""
    assert missing(camera("usb:046d:0825", "usb:046d:0825:A1"), tree.sys) == ""
    assert missing(camera("/dev/video0", "usb:046d:0825"), tree.sys) == ""


def test_nothing_is_plugged_in(tree: Tree, tmp_path: Path) -> None:
    assert missing(camera(), tree.sys) == "noDevice"
    assert missing(camera(), tmp_path / "no sys at all") == "noDevice"


def test_one_of_the_same_make_is_not_the_one(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "OTHER")
    assert missing(camera(), tree.sys) == "noDevice"
    assert missing(camera("usb:046d:0825", SERIAL), tree.sys) == "wrongDevice"


def test_another_one_at_the_same_path(tree: Tree) -> None:
    tree.node(0, f"{BUS}/1-7/1-7:1.0", "Another")
    assert missing(camera("/dev/video0", SERIAL), tree.sys) == "wrongDevice"


def test_a_program_is_no_camera_also_where_any_would_do(tree: Tree) -> None:
    tree.node(9, "devices/virtual", "HD Webcam")
    assert missing(camera("/dev/video9", ""), tree.sys) == "wrongDevice"
    assert missing(camera("/dev/video9", "virtual HD"), tree.sys) == "wrongDevice"


def test_two_of_one_make_are_one_too_many(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A")
    tree.usb(2, "1-3", "046d:0825", "B")
    assert missing(camera("usb:046d:0825"), tree.sys) == "ambiguous"


def test_one_that_is_pulled_while_it_is_looked_at(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    shutil.rmtree(tree.sys / BUS / "1-2")  # the class still names it
    assert missing(camera(), tree.sys) == "noDevice"


def test_a_simulated_one_is_there_with_its_socket(tmp_path: Path) -> None:
    at = tmp_path / "camera"
    assert missing(camera(f"sim://{at}")) == "noDevice"
    at.write_text("no socket")
    assert missing(camera(f"sim://{at}")) == "noDevice"
    at.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(at))
        assert missing(camera(f"sim://{at}")) == ""


def test_looking_loads_no_opencv() -> None:
    """It runs in the kiosk's own process, which has no use for it."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, kiosk.eye, kiosk.checks; sys.exit('cv2' in sys.modules)",
        ],
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
