"""The section [central] of branch.toml, and what a configuration of head office may say."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from program.settings_file import Section, SettingsError

MAY_BE_SET = (
    "services",
    "hours",
    "calling_order",
    "courtesy",
    "limits",
    "errands",
    "rating_reasons",
    "topics",
    "opinion_prefix",
)
PublicKey = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9+/]{43}=\Z",
        description="what python -m head_office.rollout key has printed",
    ),
]
Values = Mapping[str, Any]


class Central(Section, frozen=True):
    """Whose configurations and messages are taken: `keys` are head office's public ones, several while it changes
    its key. A configuration is kept when the branch has been well for `trial_min` minutes with it."""

    keys: Annotated[list[PublicKey], Meta(min_length=1, max_length=8)]
    trial_min: Annotated[float, Meta(gt=0, le=24 * 60)] = 10


@dataclass(frozen=True, slots=True)
class Instead:
    """Sections that stand instead of the file's own. `leaving`: services that are no longer offered, but whose
    tickets are about until the day ends."""

    name: str
    sections: Values
    leaving: Sequence[Values] = ()

    def over(self, file: Values) -> dict[str, Any]:
        """What the branch works by."""
        values = {**file, **self.sections}
        if not self.leaving:
            return values
        services = _services(values)
        taken = {one.get(key) for one in services for key in ("code", "prefix")}
        more = [s for s in self.leaving if not {s.get("code"), s.get("prefix")} & taken]
        return {**values, "services": services + more}


def sections_of(name: str, contents: str) -> dict[str, Any]:
    """Of a configuration's text. Raises SettingsError."""
    try:
        sections = tomllib.loads(contents)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{name}: is not TOML: {error}") from error
    for section in sections:
        if section not in MAY_BE_SET:
            raise SettingsError(
                f"{name}: section [{section}]: is the branch's own; head office may set {', '.join(MAY_BE_SET)}"
            )
    return sections


def leaving(before: Values, after: Values) -> list[dict[str, Any]]:
    """The services of `before` that `after` no longer has, as they are until the day ends: closed."""
    still = {service.get("code") for service in _services(after)}
    return [
        {**service, "hours": {}}
        for service in _services(before)
        if service.get("code") not in still
    ]


def _services(values: Values) -> list[Any]:
    """None where something else stands there; the loader says so."""
    found = values.get("services")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
