"""Tells Kivy what it must know before it is imported: the panel, one input, our letters, no surprises."""

import atexit
import os
import shutil
import tempfile
from math import hypot
from pathlib import Path

from kiosk.look import fonts
from kiosk.settings import Screen

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")  # one of them says where
CONSOLE = Path("/dev/dri")  # or SDL draws on the machine's own console


class NoScreen(Exception):
    """There is nothing to draw on: SDL would draw where nobody sees it. The text says what to do."""


def prepare(screen: Screen) -> None:
    """Must be called before anything of Kivy is imported. Raises fonts.NoFont and NoScreen."""
    if not any(os.environ.get(name) for name in SCREENS) and not CONSOLE.exists():
        raise NoScreen(
            "There is no screen: DISPLAY is not set. Start the kiosk from its desktop session, or set "
            "DISPLAY, for example DISPLAY=:0."
        )
    home = tempfile.mkdtemp(prefix="lobby-kiosk-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    dpi = hypot(screen.width_px, screen.height_px) / screen.diagonal_inch
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_HOME=home,
        KIVY_DPI=f"{dpi:.2f}",
        KIVY_METRICS_DENSITY="1",
        KIVY_METRICS_FONTSCALE="1",
        SDL_NO_SIGNAL_HANDLERS="1",  # SDL would swallow systemd's SIGTERM
    )
    from kivy.config import Config  # noqa: PLC0415  only now does Kivy read the environment

    graphics = {
        "width": screen.width_px,
        "height": screen.height_px,
        "fullscreen": "auto" if screen.fullscreen else 0,
        "borderless": int(screen.fullscreen),
        "resizable": 0,
        "multisamples": 0,  # costs twice the time on software GL
        "maxfps": 0,  # kiosk/look/turns.py says when
        "show_cursor": int(not screen.fullscreen),
        "position": "custom",
        "left": 0,
        "top": 0,
    }
    for key, value in graphics.items():
        Config.set("graphics", key, str(value))
    _one_input(Config)
    regular, bold = fonts.text_font()
    Config.set(
        "kivy", "default_font", str(["UI", str(regular), str(regular), str(bold), str(bold)])
    )
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")


def _one_input(config: object) -> None:
    """The display server's pointer and nothing else: two providers make every touch a double touch."""
    for name, _ in config.items("input"):  # type: ignore[attr-defined]
        config.remove_option("input", name)  # type: ignore[attr-defined]
    config.set("input", "mouse", "mouse,disable_multitouch")  # type: ignore[attr-defined]
