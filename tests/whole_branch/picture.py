"""The README's first picture: kiosk, hall and counter of a branch that runs while it is taken.

python -m tests.whole_branch.picture docs/branch.png
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import CHROMIUM, ROOT
from tests.edge_agent.conftest import Agent

GROUND = "#CFDAE0"
EDGE_PX = 20
KIOSK_PX, PAGE_PX = (555, 986), (860, 483)
HALL, COUNTER = (1280, 718), (1280, 718)
COLOURS = 256
ISSUED = (
    "cash",
    "wealth",
    "cards",
    "cash",
    "business",
    "wealth",
    "cash",
    "cards",
    "wealth",
    "cash",
)
CALLED = ("1", "2", "1", "2", "1")  # at which counters, one call after the other


def main(into: Path) -> None:
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        kiosk(folder)
        agent = Agent(folder).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        try:
            open_branch(agent)
            hall(agent, browser, folder / "hall.png")
            counter(agent, browser, folder / "counter.png")
        finally:
            browser.close()
            agent.end()
        whole(folder).quantize(COLOURS, dither=Image.Dither.NONE).save(into, optimize=True)


def kiosk(folder: Path) -> None:
    """In a process of its own, as Kivy wants the main thread and leaves nothing as it was."""
    words = ("tests.kiosk.gallery", str(folder), "--only", "services-card")
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True)


def open_branch(agent: Agent) -> None:
    for service in ISSUED:
        agent.issue(service)
    for number in CALLED:
        agent.post(f"/counters/{number}/call-next").raise_for_status()
        agent.post(f"/counters/{number}/start").raise_for_status()
    for number in ("2", "3"):
        agent.post(f"/counters/{number}/call-next").raise_for_status()


def hall(agent: Agent, browser: Browser, into: Path) -> None:
    page = browser.new_page(viewport={"width": HALL[0], "height": HALL[1]}, locale="zh-CN")
    page.goto(f"http://{agent.address}/hall")
    page.wait_for_selector('body[data-last-call$="@3"]')
    page.screenshot(path=into)


def counter(agent: Agent, browser: Browser, into: Path) -> None:
    page = browser.new_page(viewport={"width": COUNTER[0], "height": COUNTER[1]}, locale="zh-CN")
    page.goto(f"http://{agent.address}/counter")
    page.fill("#name", "lin")
    page.fill("#pin", "2468")
    page.click("#sign-in")
    page.select_option("#counter", "3")
    page.wait_for_selector("#start:visible")
    page.screenshot(path=into)


def whole(folder: Path) -> Image.Image:
    """The kiosk on the left, the two pages beside it."""
    width = 3 * EDGE_PX + KIOSK_PX[0] + PAGE_PX[0]
    picture = Image.new("RGB", (width, 2 * EDGE_PX + KIOSK_PX[1]), GROUND)
    beside = 2 * EDGE_PX + KIOSK_PX[0]
    below = picture.height - EDGE_PX - PAGE_PX[1]
    for name, size, place in (
        ("services-card", KIOSK_PX, (EDGE_PX, EDGE_PX)),
        ("hall", PAGE_PX, (beside, EDGE_PX)),
        ("counter", PAGE_PX, (beside, below)),
    ):
        part = Image.open(folder / f"{name}.png").convert("RGB")
        picture.paste(part.resize(size, Image.Resampling.LANCZOS), place)
    return picture


if __name__ == "__main__":
    main(Path(sys.argv[1]))
