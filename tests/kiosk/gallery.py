"""Pictures of the kiosk's screens, drawn by its own canvas with no screen attached.

python -m tests.kiosk.gallery FOLDER                       every state of states.py, as large as the panel
python -m tests.kiosk.gallery FOLDER --only welcome --language en --large --theme contrast --panel 1280x800@10.1
python -m tests.kiosk.gallery docs/gallery --readme        the small ones of the README: `make gallery`
"""

import argparse
import logging
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from kiosk import words
from kiosk.journey.step import Comfort, Step, Theme
from kiosk.look import window
from kiosk.settings import Screen
from tests.kiosk.states import STATES

PANEL = re.compile(r"(\d+)x(\d+)@(\d+(?:\.\d+)?)")
USUAL = Comfort()
SMALL_PX = 360  # width in the README
COLOURS = 64


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file, the state that is shown, in which language, for whom."""

    name: str
    state: str
    language: str
    comfort: Comfort = USUAL

    @property
    def step(self) -> Step:
        return replace(STATES[self.state], language=self.language, comfort=self.comfort)


README = (
    Shot("kiosk", "welcome", "zh-Hans"),
    Shot("services", "services-card", "zh-Hans"),
    Shot("errand", "errand-choose", "zh-Hant"),
    Shot("papers", "errand-confirm", "en"),
    Shot("ticket", "ticket-no-paper", "zh-Hans"),
    Shot("rating", "rate-score", "en"),
    Shot("suggestion", "opinion-say", "zh-Hans"),
    Shot("identity", "identity-consent", "zh-Hans"),
    Shot("more-time", "services-more-time", "zh-Hant"),
    Shot("easier", "services-4", "en", Comfort(large=True, theme=Theme.CONTRAST)),
)


def main() -> None:
    given = _given()
    os.environ.update(SDL_VIDEODRIVER="offscreen", KIVY_NO_CONSOLELOG="1")
    logging.getLogger("kivy").disabled = True  # it tells of every touch library that it lacks
    window.prepare(given.panel)
    from tests.kiosk.studio import Studio  # noqa: PLC0415  Kivy reads its settings when it is imported

    studio = Studio(given.panel)
    shots = README if given.readme else _shots(given)
    given.folder.mkdir(parents=True, exist_ok=True)
    for shot in shots:
        picture = studio.picture(shot.step)
        if given.readme:
            picture = small(picture)
        picture.save(given.folder / f"{shot.name}.png", optimize=True)


def small(picture: Image.Image) -> Image.Image:
    """Few bytes, and still to be read."""
    height = round(picture.height * SMALL_PX / picture.width)
    shrunk = picture.resize((SMALL_PX, height), Image.Resampling.LANCZOS)
    return shrunk.quantize(COLOURS, dither=Image.Dither.NONE)


def _shots(given: argparse.Namespace) -> list[Shot]:
    comfort = Comfort(given.large, given.low, theme=Theme(given.theme))
    return [Shot(name, name, given.language, comfort) for name in given.only or STATES]


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.kiosk.gallery", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--panel", type=panel, default=Screen(), help="1080x1920@21.5: pixels, inches"
    )
    parser.add_argument("--language", choices=words.languages(), default="zh-Hans")
    parser.add_argument("--theme", choices=[str(one) for one in Theme], default=str(Theme.STANDARD))
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--low", action="store_true")
    parser.add_argument("--only", nargs="+", choices=list(STATES), metavar="STATE", default=[])
    parser.add_argument(
        "--readme", action="store_true", help="the small ones of the README instead"
    )
    return parser.parse_args()


def panel(text: str) -> Screen:
    """1080x1920@21.5: pixels and inches."""
    found = PANEL.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("expected pixels and inches, for example 1080x1920@21.5")
    return Screen(int(found[1]), int(found[2]), float(found[3]))


if __name__ == "__main__":
    main()
