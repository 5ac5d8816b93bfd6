"""One TOML file -> one frozen struct; what is wrong is said with file, section, key and expectation."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T")
IN_WORDS: dict[type[inspect.Type], str] = {
    inspect.StrType: "a text in quotes",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.ListType: "a list in square brackets",
    inspect.DictType: 'a table, such as { en = "..." }',
}


class SettingsError(Exception):
    """The configuration cannot be used; the text says where and what was expected."""


@contextmanager
def of_file(where: Path | str) -> Iterator[None]:
    """A SettingsError from within begins with the file it speaks of, or the word of the command line."""
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from error


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A section of a configuration file. A key nobody knows is an error, never passed over."""


def load(path: Path, kind: type[T]) -> T:
    """Read `path` as `kind` (a Section).

    Raises SettingsError when the file is missing, is not TOML, or says what the program
    does not understand.
    """
    return settings_of(values_of(path), kind, path)


def values_of(path: Path) -> dict[str, Any]:
    """What stands in the file. Raises SettingsError when it is missing, or is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); name another --config"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error


def settings_of(values: dict[str, Any], kind: type[T], where: Path | str) -> T:
    """These values as `kind`; `where` begins the sentence. Raises SettingsError for what the program does not
    understand."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(_sentence(where, str(error), kind)) from error


def _sentence(source: Path | str, error: str, kind: type[Any]) -> str:
    """msgspec's `… - at `$.a.b`` as file, section, key and what was expected."""
    what, _, where = error.partition(" - at `")
    steps = re.findall(r"\w+|\.{3}", where.partition("$")[2])
    known = _at(inspect.type_info(kind), steps)
    if where.startswith("key`") and isinstance(known, inspect.DictType):
        known = known.key_type
    named = re.search(r"field `(\w+)`", what)
    key = named.group(1) if named else _take_key(steps)
    start = f"{source}: section [{'.'.join(steps) or 'top of the file'}]: key '{key}': "
    if "unknown field" in what:
        return f"{start}nobody knows it; known are {', '.join(_fields(known))}"
    if "missing required field" in what:
        field = next((f for f in _struct_fields(known) if f.encode_name == key), None)
        return f"{start}is missing" + (f"; expected {expected(field.type)}" if field else "")
    return start + _wrong(what, known)


def expected(kind: inspect.Type) -> str:
    """In words, for whoever left it out."""
    kind = _said(kind)
    if isinstance(kind, inspect.Metadata):
        described = (kind.extra_json_schema or {}).get("description")
        return described or expected(kind.type)
    if isinstance(kind, inspect.LiteralType):
        return f"one of {', '.join(map(str, kind.values))}"
    if isinstance(kind, inspect.StructType):
        needed = [f.encode_name for f in kind.fields if f.required]
        return f"a section with {', '.join(needed)}" if needed else "a section"
    return IN_WORDS.get(type(kind), "a value")


def _wrong(what: str, known: inspect.Type) -> str:
    """What msgspec says of a value, with the words of its type where it has some."""
    if what.startswith("Invalid enum value") and isinstance(known, inspect.LiteralType):
        value = what.removeprefix("Invalid enum value ")
        return f"{value} is not known; expected one of {', '.join(map(str, known.values))}"
    described = isinstance(known, inspect.Metadata) and (known.extra_json_schema or {})
    if described and what.startswith("Expected `str`"):
        return f"expected {described['description']}"
    return what[:1].lower() + what[1:]


def _take_key(steps: list[str]) -> str:
    """The last key that has a name; places in a list or a table of names stand behind it."""
    while steps:
        step = steps.pop()
        if step != "..." and not step.isdigit():
            return step
    return ""


def _at(kind: inspect.Type, steps: list[str]) -> inspect.Type:
    """The type that the configuration has there."""
    for step in steps:
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == step)
        elif isinstance(kind, inspect.DictType):
            kind = kind.value_type
        elif isinstance(kind, inspect.ListType):
            kind = kind.item_type
        kind = _said(kind)
    return kind


def _said(kind: inspect.Type) -> inspect.Type:
    """Without `| None`."""
    if isinstance(kind, inspect.UnionType):
        return next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def _fields(kind: inspect.Type) -> list[str]:
    return [f.encode_name for f in _struct_fields(kind)]


def _struct_fields(kind: inspect.Type) -> tuple[inspect.Field, ...]:
    return kind.fields if isinstance(kind, inspect.StructType) else ()
