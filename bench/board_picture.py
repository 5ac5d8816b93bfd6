"""The picture of the live board in docs/board.md: an invented bank of 5,000 branches.

python -m bench.board_picture docs/board.png
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from bench.board_bench import BRANCHES, CHROMIUM, RATE, shows
from bench.programs import free_port, program, wait_until

EDGE_PX = 16
SIZE: ViewportSize = {"width": 1366, "height": 768}
GROUND = "#CFDAE0"
COLOURS = 256
SHOTS = (
    ("/?lang=en", "#rows [data-branch]"),
    ("/?lang=en&view=map", ".spot"),
    ("/branches/b00003?lang=en", "#queues tr"),
    ("/wall?lang=en&theme=dark&turn=0", "#worst [data-branch]"),
)


def main(into: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    with TemporaryDirectory() as folder:
        words = ("bench.board_server", listen, folder, str(BRANCHES), str(RATE))
        with program(*words), sync_playwright() as playwright:
            wait_until(lambda: shows(listen))
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=list(CHROMIUM)
            )
            page = browser.new_page(viewport=SIZE, timezone_id="Asia/Shanghai")
            shots = [shot(page, f"http://{listen}{path}", what, folder) for path, what in SHOTS]
            browser.close()
        together(shots).quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        ).save(into, optimize=True)


def shot(page: Page, url: str, what: str, folder: str) -> Image.Image:
    page.goto(url)
    page.wait_for_selector(what)
    page.wait_for_timeout(1500)  # the map's place is fitted
    file = Path(folder) / "shot.png"
    page.screenshot(path=file)
    return Image.open(file).convert("RGB")


def together(shots: list[Image.Image]) -> Image.Image:
    """Two beside each other, two below, each at two thirds of its size."""
    width, height = SIZE["width"] * 2 // 3, SIZE["height"] * 2 // 3
    picture = Image.new("RGB", (3 * EDGE_PX + 2 * width, 3 * EDGE_PX + 2 * height), GROUND)
    for number, one in enumerate(shots):
        row, column = divmod(number, 2)
        small = one.resize((width, height), Image.Resampling.LANCZOS)
        place = (EDGE_PX + column * (EDGE_PX + width), EDGE_PX + row * (EDGE_PX + height))
        picture.paste(small, place)
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]))
