"""Who comes back from the bank's provider, and what they may here. Apart from oidc.py, whose libraries load slowly."""

from dataclasses import dataclass
from datetime import timedelta

from head_office.access import Role
from head_office.accounts.settings import Grant

THERE_FOR = timedelta(minutes=10)  # to sign in at the provider
BACK = "/sign-in/oidc/back"


class Refused(Exception):
    """`name` is stable; the text says why, for the log, and never tells who it was."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class Begun:
    """`url`: where the browser goes; `browser`: its cookie until it is back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who the provider says it is, and what they may here; no role is None."""

    subject: str
    name: str
    role: Role | None
    regions: tuple[str, ...] | None


def granted(grants: list[Grant], groups: set[str]) -> tuple[Role | None, tuple[str, ...] | None]:
    """The highest role of these groups, in the regions of all grants that give it."""
    mine = [one for one in grants if one.group in groups]
    if not mine:
        return None, None
    role = max(Role[one.role.upper()] for one in mine)
    where = [one.regions for one in mine if Role[one.role.upper()] is role]
    if any(not regions for regions in where):
        return role, None
    return role, tuple(dict.fromkeys(one for regions in where for one in regions or ()))
