"""One TOML file -> one frozen struct; what is wrong is said with file, section, key and expectation."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class SettingsError(Exception):
    """The configuration cannot be used; the text says where and what was expected."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of a configuration file. A key nobody knows is an error, never passed over."""


def load(path: Path, kind: type[T]) -> T:
    """Read `path` as `kind` (a Section).

    Raises SettingsError when the file is missing, is not TOML, or says what the program
    does not understand.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); name another --config"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(_sentence(path, str(error), kind)) from error


def _sentence(path: Path, error: str, kind: type[Any]) -> str:
    """msgspec's `… - at `$.a.b`` as file, section, key and what was expected."""
    what, _, where = error.partition(" - at `$")
    keys = [part for part in re.split(r"[.\[\]`]+", where) if part]
    named = re.search(r"field `(\w+)`", what)
    key = named.group(1) if named else (keys.pop() if keys else "")
    section = ".".join(keys) or "top of the file"
    if "unknown field" in what:
        return f"{path}: section [{section}]: key '{key}': nobody knows it; known are {_known(kind, keys)}"
    if "missing required field" in what:
        return f"{path}: section [{section}]: key '{key}': is missing"
    return f"{path}: section [{section}]: key '{key}': {what[:1].lower()}{what[1:]}"


def _known(kind: Any, keys: list[str]) -> str:
    for key in keys:
        kind = _step_into(kind, key)
    fields = [f.encode_name for f in msgspec.structs.fields(kind)] if _is_struct(kind) else []
    return ", ".join(fields) or "none"


def _step_into(kind: Any, key: str) -> Any:
    if _is_struct(kind):
        return next((f.type for f in msgspec.structs.fields(kind) if f.encode_name == key), None)
    arguments = getattr(kind, "__args__", (None,))
    return arguments[-1] if arguments[-1] is not Ellipsis else arguments[0]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
