"""The outline on the map: a GeoJSON file of the bank's own. None comes with us: where borders run is the bank's to say."""

from pathlib import Path

import msgspec

KINDS = (
    "FeatureCollection",
    "Feature",
    "GeometryCollection",
    "Polygon",
    "MultiPolygon",
    "LineString",
    "MultiLineString",
)
LARGEST = 4_000_000  # bytes; a browser draws it at every move


class Unusable(Exception):
    """The file cannot be used; the text says what was expected."""


class _Any(msgspec.Struct):
    type: str


def load(file: str | None) -> bytes:
    """The file as it is; nothing where none is named. Raises Unusable."""
    if file is None:
        return b""
    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise Unusable(f"{file}: cannot be read ({error.strerror})") from error
    if len(text) > LARGEST:
        raise Unusable(f"{file}: has {len(text)} bytes; expected at most {LARGEST}")
    try:
        kind = msgspec.json.decode(text, type=_Any).type
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unusable(f"{file}: is no GeoJSON: {error}") from error
    if kind not in KINDS:
        raise Unusable(f"{file}: its type is {kind!r}; expected one of {', '.join(KINDS)}")
    return text
