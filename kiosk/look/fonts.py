"""The kiosk's letters: Noto Sans SC and TC in two weights, and an icon font.

Debian's fonts-noto-cjk is a collection whose first face has Japanese forms; Kivy would take that one.
`python -m kiosk.look.fonts` takes the Chinese faces out of it, once, at set-up, and makes light ones of the characters that
nearly every text is written with: each size of letters that Kivy opens takes 2.6 MB of a whole face, 0.2 MB of a light one.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import files
from pathlib import Path

COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FACES = {
    "zh-Hant": "TC"
}  # where a language has its own forms of the characters; the others have those of SC
# the characters of the light faces, as Python names their sets
COMMON = {"SC": "gb2312", "TC": "cp950"}
SIGNS_END = 0x2E80  # all before it are letters, digits and signs, and in the light faces too
SHAPING = ["kern", "liga", "ccmp", "calt"]  # what is done to letters that stand side by side
FOLDER = Path(__file__).parent.parent.parent / "build" / "fonts"
WEIGHTS = ("Regular", "Bold")


class NoFont(Exception):
    """The Chinese font is not on this machine; the text says how to get it."""


def text_font(language: str = "zh-Hans") -> tuple[Path, Path]:
    """Regular and bold, taken out of the collection when that has not been done yet. Raises NoFont."""
    regular, bold = (_face(_region(language), weight) for weight in WEIGHTS)
    return regular, bold


def light_font(language: str) -> tuple[Path, Path]:
    """Regular and bold for a text that `is_common`: the light faces, where set-up has made them. Raises NoFont."""
    regular, bold = (_light(_region(language), weight) for weight in WEIGHTS)
    return (regular, bold) if regular.exists() and bold.exists() else text_font(language)


def is_common(text: str, language: str) -> bool:
    """Whether the light faces of this language have all its characters."""
    try:
        "".join(one for one in text if ord(one) >= SIGNS_END).encode(COMMON[_region(language)])
    except UnicodeEncodeError:
        return False
    return True


def lighten(language: str, weight: str) -> Path:
    """Make the light face, some ten seconds of work, unless it is there already. Raises NoFont."""
    path = _light(_region(language), weight)
    if path.exists():
        return path
    from fontTools import subset  # noqa: PLC0415  needed once on a machine
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    face = TTFont(_face(_region(language), weight), lazy=True)
    # without subroutines, which are read anew for each size; the vertical tables are not for us
    options = subset.Options(desubroutinize=True, layout_features=SHAPING)
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[c for c in face.getBestCmap() if is_common(chr(c), language)])
    chosen.subset(face)
    half_done = path.with_suffix(".part")
    face.save(half_done)
    half_done.rename(path)
    return path


def icon_font() -> Path:
    """Font Awesome 6 Free, solid."""
    folder = files("fontawesomefree") / "static" / "fontawesomefree" / "webfonts"
    return Path(str(folder / "fa-solid-900.ttf"))


def _region(language: str) -> str:
    return FACES.get(language, "SC")


def _light(region: str, weight: str) -> Path:
    return FOLDER / f"NotoSans{region}-{weight}-{COMMON[region]}.otf"


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


def main() -> None:
    languages = ("zh-Hans", *FACES)
    whole = [path for language in languages for path in text_font(language)]
    with ProcessPoolExecutor() as workers:
        pairs = [(language, weight) for language in languages for weight in WEIGHTS]
        light = list(workers.map(lighten, *zip(*pairs, strict=True)))
    sys.stdout.write("".join(f"{path}\n" for path in (*whole, *light)))


if __name__ == "__main__":
    try:
        main()
    except NoFont as error:
        sys.exit(str(error))
