"""The kiosk's letters: Noto Sans SC and TC in two weights, and an icon font.

Debian's fonts-noto-cjk is a collection whose first face has Japanese forms; Kivy would take that one.
`python -m kiosk.look.fonts` takes the Chinese faces out of it, once, at set-up.
"""

import sys
from importlib.resources import files
from pathlib import Path

COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FACES = {
    "zh-Hant": "TC"
}  # where a language has its own forms of the characters; the others have those of SC
FOLDER = Path(__file__).parent.parent.parent / "build" / "fonts"
WEIGHTS = ("Regular", "Bold")


class NoFont(Exception):
    """The Chinese font is not on this machine; the text says how to get it."""


def text_font(language: str = "zh-Hans") -> tuple[Path, Path]:
    """Regular and bold, taken out of the collection when that has not been done yet. Raises NoFont."""
    region = FACES.get(language, "SC")
    regular, bold = (_face(region, weight) for weight in WEIGHTS)
    return regular, bold


def icon_font() -> Path:
    """Font Awesome 6 Free, solid."""
    folder = files("fontawesomefree") / "static" / "fontawesomefree" / "webfonts"
    return Path(str(folder / "fa-solid-900.ttf"))


def _face(region: str, weight: str) -> Path:
    path = FOLDER / f"NotoSans{region}-{weight}.otf"
    if path.exists():
        return path
    collection = COLLECTIONS / f"NotoSansCJK-{weight}.ttc"
    if not collection.exists():
        raise NoFont(f"{collection} is missing: apt-get install fonts-noto-cjk, or make setup")
    FOLDER.mkdir(parents=True, exist_ok=True)
    from fontTools.ttLib import TTCollection  # noqa: PLC0415  needed once on a machine

    half_done = path.with_suffix(".part")
    faces = TTCollection(collection, lazy=True).fonts
    next(
        face for face in faces if face["name"].getDebugName(4).startswith(f"Noto Sans CJK {region}")
    ).save(half_done)
    half_done.rename(path)
    return path


if __name__ == "__main__":
    try:
        sys.stdout.write(
            "".join(f"{path}\n" for language in ("zh-Hans", *FACES) for path in text_font(language))
        )
    except NoFont as error:
        sys.exit(str(error))
