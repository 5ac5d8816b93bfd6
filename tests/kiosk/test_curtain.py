"""The curtain, on a real X server: there when the kiosk is not, whatever ended it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from Xlib import X, display
from Xlib.error import BadDrawable, DisplayError

from kiosk import curtain, words
from tests.conftest import ROOT, wait_for

WINDOW = """
from Xlib import X, display
screen = display.Display()
root = screen.screen().root
size = root.get_geometry()
window = root.create_window(0, 0, size.width, size.height, 0, X.CopyFromParent, background_pixel=0xCC0000)
window.map()
screen.sync()
print("mapped", flush=True)
screen.next_event()
"""
RED = (0xCC, 0, 0)


class Server:
    """Xvfb as lobby-screen.service starts Xorg: not reset when its last window closes."""

    def __init__(self, width: int, height: int) -> None:
        read, write = os.pipe()
        words = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"]
        self.process = subprocess.Popen(
            [*words, "-noreset", "-nolisten", "tcp"], pass_fds=(write,), stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as number:
            self.name = f":{number.readline().strip()}"

    def hang(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "kiosk.curtain"], env=self.env, cwd=ROOT, check=False
        )
        assert done.returncode == 0

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name}

    def picture(self) -> Image.Image:
        screen = display.Display(self.name)
        root = screen.screen().root
        size = root.get_geometry()
        pixels = root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF).data
        screen.close()
        return Image.frombytes("RGB", (size.width, size.height), pixels, "raw", "BGRX")

    def kept(self) -> int:
        screen = display.Display(self.name)
        root = screen.screen().root
        found = root.get_full_property(screen.intern_atom(curtain.KEPT), X.AnyPropertyType)
        screen.close()
        return int(found.value[0])


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(270, 480)
    yield running
    running.process.terminate()
    running.process.wait(5)


def same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def test_it_hangs_there_when_the_program_that_hung_it_has_ended(server: Server) -> None:
    server.hang()
    assert same(server.picture(), curtain.picture(270, 480))


def test_it_is_seen_at_once_when_the_kiosk_is_killed(server: Server) -> None:
    server.hang()
    kiosk = subprocess.Popen(
        [sys.executable, "-c", WINDOW], env=server.env, stdout=subprocess.PIPE, text=True
    )
    assert kiosk.stdout is not None
    assert kiosk.stdout.readline() == "mapped\n"
    wait_for(lambda: server.picture().getpixel((135, 240)) == RED, "the kiosk's window")
    kiosk.send_signal(signal.SIGKILL)
    kiosk.wait()
    wait_for(lambda: same(server.picture(), curtain.picture(270, 480)), "the curtain", 2.0)


def test_hung_again_it_takes_no_more_memory(server: Server) -> None:
    server.hang()
    first = server.kept()
    server.hang()
    assert same(server.picture(), curtain.picture(270, 480))
    screen = display.Display(server.name)
    with pytest.raises(BadDrawable):
        screen.create_resource_object("pixmap", first).get_geometry()
    screen.close()


def test_it_waits_for_a_server_that_is_late() -> None:
    now, tried = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds
        tried.append(now[0])

    with pytest.raises(DisplayError):
        curtain.opened(2.0, lambda: now[0], sleep, ":4711")
    assert tried[-1] == pytest.approx(2.0, abs=0.2)


def test_without_a_screen_it_says_so_in_one_line() -> None:
    env = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.curtain"],
        env={**env, "DISPLAY": ":4711"},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("There is no curtain: ")


def rows_with_ink(image: Image.Image) -> list[tuple[int, int]]:
    """From which row to which something is written."""
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    ink = ImageChops.difference(image, ground).convert("L").point(lambda value: 255 * (value > 24))
    written = [y for y in range(ink.height) if ink.crop((0, y, ink.width, y + 1)).getbbox()]
    starts = [y for y in written if y - 1 not in written]
    ends = [y for y in written if y + 1 not in written]
    return list(zip(starts, ends, strict=True))


SIZES = [(1080, 1920), (1920, 1080), (800, 1280), (1280, 800), (1280, 1024), (2160, 3840)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_language_has_a_line_that_is_not_cut(width: int, height: int) -> None:
    image = curtain.picture(width, height)
    lines = rows_with_ink(image)
    assert len(lines) == len(words.languages())
    assert lines[0][0] > height * 0.2
    assert lines[-1][1] < height * 0.8
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    left, _, right, _ = ImageChops.difference(image, ground).getbbox() or (0, 0, 0, 0)
    assert left > width * 0.05
    assert abs(left - (width - right)) <= width * 0.02
    heights = [bottom - top for top, bottom in lines]
    assert min(heights) > height * 0.012  # to be read from where a customer stands
    assert all(after[0] - before[1] > max(heights) * 0.5 for before, after in pairwise(lines))


def test_no_kivy_is_needed_for_it(tmp_path: Path) -> None:
    program = "import sys; from kiosk import curtain; curtain.picture(270, 480); sys.exit('kivy' in sys.modules)"
    env = {**os.environ, "HOME": str(tmp_path)}
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=False).returncode
        == 0
    )
    assert list(tmp_path.iterdir()) == []
