"""Draws a step as the kiosk would, and takes its picture. Import it after `window.prepare`, with SDL's offscreen driver."""

from tempfile import TemporaryDirectory

from kivy.base import EventLoop, runTouchApp
from kivy.core.window import Window
from PIL import Image

from kiosk.journey.step import Step
from kiosk.look import theme
from kiosk.look.arrange import arrange
from kiosk.look.canvas import Canvas
from kiosk.look.letters import Letters, register
from kiosk.look.panel import Panel
from kiosk.settings import Screen
from tests.kiosk.speech.framing import NAMES, framed


class Studio:
    def __init__(self, screen: Screen) -> None:
        register(tuple(NAMES))
        self._panel = Panel(screen.width_px, screen.height_px, screen.diagonal_inch)
        self._letters = Letters(self._panel.px_a_mm)
        self._canvas = Canvas(lambda _: None, self._letters, self._panel.px_a_mm)
        runTouchApp(self._canvas, embedded=True)

    def picture(self, step: Step) -> Image.Image:
        def measure(text: str, size: float, bold: bool) -> float:
            return self._letters.measure(text, size, bold, step.language)

        boxes = arrange(framed(step), self._panel, step.comfort, measure)
        ground = theme.PALETTES[step.comfort.theme].page.ground
        self._canvas.show(boxes, ground, step.language)
        for _ in range(2):
            EventLoop.idle()
        with TemporaryDirectory() as folder:  # Kivy only writes files, and numbers them itself
            return Image.open(Window.screenshot(f"{folder}/screen.png")).convert("RGB")
