"""Two women in pictures in the public domain, each out of a package where it lies for other ends. Nothing is imported for it."""

from importlib.util import find_spec
from pathlib import Path


def hopper() -> Path:
    """Grace Hopper (US Navy), a portrait. Raises FileNotFoundError."""
    return _in("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


def collins() -> Path:
    """Eileen Collins (NASA), 512 by 512, her face above the middle; there where the tests are set up. Raises
    FileNotFoundError."""
    return _in("skimage", "data/astronaut.png")


def _in(package: str, file: str) -> Path:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed: run scripts/setup.sh test")
    return Path(found.submodule_search_locations[0]) / file
