"""Which camera it is, from a tree such as the kernel's: a USB camera with its two nodes, a soldered one, a program."""

from pathlib import Path

import pytest

from devices.camera.identity import Identity, cameras, find
from devices.port import PortLost

BUS = "devices/pci0000:00/0000:00:14.0/usb1"


class Tree:
    """/sys, as far as cameras are concerned."""

    def __init__(self, root: Path) -> None:
        self.sys = root / "sys"
        (self.sys / "class" / "video4linux").mkdir(parents=True)

    def node(self, number: int, real: str, name: str, index: int = 0) -> None:
        folder = self.sys / real / "video4linux" / f"video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(name + "\n")
        (folder / "index").write_text(f"{index}\n")
        (self.sys / "class" / "video4linux" / f"video{number}").symlink_to(folder)

    def usb(self, number: int, plug: str, ids: str, serial: str, name: str = "HD Webcam") -> None:
        device = self.sys / BUS / plug
        self.node(number, f"{BUS}/{plug}/{plug}:1.0", name)
        self.node(number + 1, f"{BUS}/{plug}/{plug}:1.1", name, index=1)
        (device / "idVendor").write_text(ids[:4] + "\n")
        (device / "idProduct").write_text(ids[5:] + "\n")
        if serial:
            (device / "serial").write_text(serial + "\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_nothing_is_plugged_in(tree: Tree, tmp_path: Path) -> None:
    assert cameras(tree.sys) == {}
    assert cameras(tmp_path / "nowhere") == {}


def test_a_usb_camera_is_one_though_it_has_two_nodes(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    assert cameras(tree.sys) == {"/dev/video0": Identity("usb", "HD Webcam", "046d:0825", "A1B2C3")}


def test_its_identity_begins_as_the_port_is_written(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    assert str(cameras(tree.sys)["/dev/video0"]) == "usb:046d:0825:A1B2C3 HD Webcam"


@pytest.mark.parametrize("port", ["usb:046d:0825", "usb:046D:0825:A1B2C3", "/dev/video0"])
def test_it_is_found(tree: Tree, port: str) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    assert find(port, tree.sys)[0] == "/dev/video0"


def test_a_path_by_id_is_followed(tree: Tree, tmp_path: Path) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    by_id = tmp_path / "usb-046d_HD_Webcam_A1B2C3-video-index0"
    by_id.symlink_to("/dev/video0")
    assert find(str(by_id), tree.sys)[0] == "/dev/video0"


@pytest.mark.parametrize("port", ["usb:046d:0826", "usb:046d:0825:OTHER", "/dev/video7"])
def test_another_one_is_not_there(tree: Tree, port: str) -> None:
    tree.usb(0, "1-2", "046d:0825", "A1B2C3")
    with pytest.raises(PortLost) as lost:
        find(port, tree.sys)
    assert lost.value.cause == "noDevice"


def test_two_of_one_make_need_the_serial_number(tree: Tree) -> None:
    tree.usb(0, "1-2", "046d:0825", "A")
    tree.usb(2, "1-3", "046d:0825", "B")
    with pytest.raises(PortLost) as lost:
        find("usb:046d:0825", tree.sys)
    assert lost.value.cause == "ambiguous"
    assert find("usb:046d:0825:B", tree.sys)[0] == "/dev/video2"


def test_a_program_that_gives_itself_out_as_a_camera_is_told(tree: Tree) -> None:
    tree.node(9, "devices/virtual", "HD Webcam")
    assert cameras(tree.sys)["/dev/video9"].bus == "virtual"


def test_a_camera_that_is_soldered_in(tree: Tree) -> None:
    tree.node(0, "devices/platform/soc/csi", "imx219")
    assert str(cameras(tree.sys)["/dev/video0"]) == "platform imx219"
