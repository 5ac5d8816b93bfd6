"""`python -m kiosk.curtain`: what the screen shows while no kiosk is on it: please ask our staff.

The picture becomes the background of the X server's root window and stays there when this program has ended: the
server itself shows it the moment that the kiosk's window goes, whatever ended the kiosk. It takes a server that is not
reset when its last window closes (`-noreset`).
"""

import argparse
import sys
import time
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont
from Xlib import X, Xatom, display
from Xlib.error import DisplayError, XError

from kiosk import words
from kiosk.journey.step import Theme
from kiosk.look import fonts, theme

KEPT = "_XROOTPMAP_ID"  # where programs that paint the root window name their picture
LOOK_EVERY_S = 0.1
WIDTH = 0.86  # of the screen, for the longest line
LARGEST = 0.06  # letters, of the screen's height
SMALLEST = 8  # px
LINE = 2.2  # from line to line, in letters
BROKEN = 1


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m kiosk.curtain", description=__doc__)
    given.add_argument("--wait", type=float, default=0.0, metavar="S", help="for the X server")
    wait_s = given.parse_args().wait
    try:
        screen = opened(wait_s, time.monotonic, time.sleep)
        hang(screen, picture(*size(screen)))
        screen.close()
    except (DisplayError, XError, OSError, fonts.NoFont) as error:
        sys.stderr.write(f"There is no curtain: {error}\n")
        return BROKEN
    return 0


def opened(
    wait_s: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    name: str | None = None,
) -> display.Display:
    """The display of that name, or which DISPLAY names, within `wait_s`. Raises DisplayError and OSError."""
    deadline = clock() + wait_s
    while True:
        try:
            return display.Display(name)
        except (DisplayError, OSError):
            if clock() >= deadline:
                raise
        sleep(LOOK_EVERY_S)


def size(screen: display.Display) -> tuple[int, int]:
    """Of the root window, in pixels."""
    root = screen.screen().root.get_geometry()
    return root.width, root.height


def picture(width: int, height: int) -> Image.Image:
    """One sentence in every language, in the kiosk's colours and letters."""
    page = theme.PALETTES[Theme.STANDARD].page
    image = Image.new("RGB", (width, height), _rgb(page.ground))
    draw = ImageDraw.Draw(image)
    lines = _lines(width, height)
    step = int(lines[0][1].size * LINE)
    y = (height - step * (len(lines) - 1)) // 2
    for text, font in lines:
        draw.text((width // 2, y), text, _rgb(page.ink), font, anchor="mm")
        y += step
    return image


def hang(screen: display.Display, image: Image.Image) -> None:
    """Behind every window, to stay when we are gone; what hung there before is freed."""
    root = screen.screen().root
    before = root.get_full_property(screen.intern_atom(KEPT), Xatom.PIXMAP)
    canvas = root.create_pixmap(image.width, image.height, screen.screen().root_depth)
    canvas.put_pil_image(canvas.create_gc(), 0, 0, image)
    screen.set_close_down_mode(X.RetainPermanent)
    root.change_property(screen.intern_atom(KEPT), Xatom.PIXMAP, 32, [canvas.id])
    root.change_attributes(background_pixmap=canvas)
    root.clear_area()
    screen.sync()
    if before is not None and before.value:
        screen.create_resource_object("pixmap", before.value[0]).kill_client()
        screen.sync()


def _lines(width: int, height: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """All in one size: the largest at which the longest has room."""
    texts = {language: words.load(language)("curtain.text") for language in words.languages()}
    size = int(LARGEST * height)
    while True:
        lines = [(text, _font(language, size)) for language, text in texts.items()]
        widest = max(font.getlength(text) for text, font in lines)
        if widest <= WIDTH * width or size <= SMALLEST:
            return lines
        size = max(SMALLEST, min(size - 1, int(size * WIDTH * width / widest)))


def _font(language: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.text_font(language)[1]), size)


def _rgb(colour: theme.Colour) -> tuple[int, ...]:
    return tuple(round(255 * part) for part in colour[:3])


if __name__ == "__main__":
    sys.exit(main())
