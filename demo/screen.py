"""The kiosk's screen: the one that is attached, or a virtual one whose picture anybody can open."""

import io
import json
import os
import struct
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from PIL import Image
from Xlib import X, display
from Xlib.error import DisplayError
from Xlib.ext import xtest

from demo.programs import Failed, Programs

WIDTH, HEIGHT = 1080, 1920
ROOM = 0.9  # of an attached screen's height: panels and titles need the rest
XWD_HEADER = struct.Struct(">25I")  # X11/XWDFile.h: 25 big-endian words
PAGE = b"""<!doctype html><html lang="zh-Hans"><title>Lobby kiosk</title>
<style>body{margin:0;background:#222;text-align:center}img{height:100vh}</style>
<img id="picture" src="/kiosk.png" alt="the kiosk's screen">
<script>setInterval(() => { picture.src = "/kiosk.png?" + Date.now() }, 1000)</script>"""


def attached() -> str | None:
    """The display of whoever started us, if it can be opened."""
    name = os.environ.get("DISPLAY")
    if not name:
        return None
    try:
        display.Display(name).close()
    except (DisplayError, OSError):
        return None
    return name


class VirtualScreen:
    """Xvfb with its frame buffer in a file."""

    def __init__(self, programs: Programs, folder: Path, width: int, height: int) -> None:
        read, write = os.pipe()
        try:
            process = subprocess.Popen(
                [
                    *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"),
                    *("-fbdir", str(folder), "-nolisten", "tcp"),
                ],
                pass_fds=(write,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                text=True,
            )
        except FileNotFoundError as error:
            raise Failed("no screen is attached and Xvfb is missing; run make setup") from error
        os.close(write)
        with os.fdopen(read) as number:
            self.name = f":{number.readline().strip()}"
        if self.name == ":":
            raise Failed("Xvfb did not start")
        programs.adopt("Xvfb", process)
        self._frame_buffer = folder / "Xvfb_screen0"

    def pixels(self) -> bytes:
        """Rows of blue, green, red and a byte to spare."""
        return self._read()[1]

    def row(self, y: float) -> bytes:
        """One row of pixels; `y` is a fraction of the height. Costs the machine next to nothing."""
        with self._frame_buffer.open("rb") as file:
            header = XWD_HEADER.unpack(file.read(XWD_HEADER.size))
            file.seek(header[0] + 12 * header[19] + int(y * header[5]) * header[12])
            return file.read(header[12])

    def png(self) -> bytes:
        """The picture as it is now."""
        header, pixels = self._read()
        width, height, line = (header[i] for i in (4, 5, 12))
        picture = Image.frombuffer("RGB", (width, height), pixels, "raw", "BGRX", line, 1)
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        return file.getvalue()

    def _read(self) -> tuple[tuple[int, ...], bytes]:
        data = self._frame_buffer.read_bytes()
        header = XWD_HEADER.unpack_from(data)
        return header, data[header[0] + 12 * header[19] :]  # behind the header and its colour map


def serve(picture: Callable[[], bytes], port: int) -> ThreadingHTTPServer:
    """The picture at /kiosk.png, and a page that keeps it fresh at /."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_picture = self.path.startswith("/kiosk.png")
            body = picture() if is_picture else PAGE
            self.send_response(200)
            self.send_header(
                "Content-Type", "image/png" if is_picture else "text/html; charset=utf-8"
            )
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A look at the picture is no news."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def kiosk_size(name: str) -> tuple[int, int]:
    """Pixels of a portrait kiosk that fits the display: 1080x1920, or less on a laptop."""
    opened = display.Display(name)
    screen = opened.screen()
    share = min(1.0, screen.width_in_pixels / WIDTH, screen.height_in_pixels * ROOM / HEIGHT)
    if screen.height_in_pixels == HEIGHT:
        share = min(1.0, screen.width_in_pixels / WIDTH)
    opened.close()
    return int(WIDTH * share), int(HEIGHT * share)


class Shown:
    """What a person in front of the kiosk sees: its outline file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def screen(self) -> str:
        """Empty until the first picture."""
        return str(self._now().get("screen", ""))

    @property
    def language(self) -> str:
        return str(self._now().get("language", ""))

    @property
    def asked(self) -> bool:
        """Whether the customer is being asked if they need more time."""
        return bool(self._now().get("asked"))

    @property
    def reached(self) -> str:
        """The key of what the keypad has reached, or ""."""
        return str(self._now().get("reached", ""))

    @property
    def texts(self) -> list[str]:
        return list(self._now().get("texts", ()))

    def can(self) -> list[str]:
        """The keys of what can be touched now."""
        return [key for key, one in self._choices().items() if one["can"]]

    def text(self, key: str) -> str:
        """What is said on it; empty where it is not on the screen."""
        return str(self._choices().get(key, {}).get("text", ""))

    def chosen(self, key: str) -> bool:
        return bool(self._choices().get(key, {}).get("chosen"))

    def place(self, key: str) -> tuple[float, float] | None:
        """Its middle, as fractions from the upper left; None where it cannot be touched."""
        return self.places().get(key)

    def places(self) -> dict[str, tuple[float, float]]:
        """Of all that can be touched now."""
        choices = self._choices().items()
        return {key: (one["at"][0], one["at"][1]) for key, one in choices if one["can"]}

    def _choices(self) -> dict[str, Any]:
        return dict(self._now().get("choices", {}))

    def _now(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return {}


class Finger:
    """Touches a place on the kiosk, through the display server, as a touch panel would.

    `size` is the kiosk's window in pixels; on an attached screen it may stand anywhere.
    """

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        self._display = display.Display(name)
        self._size = size

    def touch(self, x: float, y: float) -> None:
        """Down and up again, as a person does."""
        self.press(x, y)
        threading.Event().wait(0.08)
        self.release()

    def press(self, x: float, y: float) -> None:
        """`x` and `y` are fractions of the kiosk's window, from the upper left."""
        self.move(x, y)
        self.down()

    def down(self) -> None:
        """Where it is."""
        xtest.fake_input(self._display, X.ButtonPress, 1)
        self._display.sync()

    def move(self, x: float, y: float) -> None:
        """Slides there, as it is: down or up."""
        left, top = self._corner()
        at = left + int(x * self._size[0]), top + int(y * self._size[1])
        xtest.fake_input(self._display, X.MotionNotify, x=at[0], y=at[1])
        self._display.sync()

    def _corner(self) -> tuple[int, int]:
        """Where the kiosk's window stands on the display."""
        root = self._display.screen().root
        waiting = list(root.query_tree().children)
        while waiting:
            window = waiting.pop()
            shape = window.get_geometry()
            if (shape.width, shape.height) == self._size:
                at = root.translate_coords(window, 0, 0)
                return -at.x, -at.y
            waiting += window.query_tree().children
        return 0, 0

    def release(self) -> None:
        xtest.fake_input(self._display, X.ButtonRelease, 1)
        self._display.sync()
