"""Who asks head office, and what they may see and do."""

import hmac
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus

from head_office.settings import Reader, Settings
from program import address
from program.web import AnyRequest, Turned

COOKIE = "lobby_reader"


class Role(IntEnum):
    """Each may do what the ones before it may. A manager answers alerts; an administrator changes what branches run, and
    who may do what."""

    VIEWER = 1
    MANAGER = 2
    ADMINISTRATOR = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, or what program. `regions`: they see the branches in and below these only; None is all."""

    name: str
    role: Role
    regions: tuple[str, ...] | None = None

    def sees(self, region: str) -> bool:
        """`region` is a path such as East/Shanghai; a branch of no region is seen by who sees all."""
        if self.regions is None:
            return True
        return any(f"{region}/".startswith(f"{mine}/") for mine in self.regions)


ON_THIS_MACHINE = Person("this machine", Role.VIEWER)


def reader(request: AnyRequest, settings: Settings, at_least: Role = Role.VIEWER) -> Person:
    """Who asks. On loopback everybody may look; else a token is borne, in a header or the board's cookie.

    Raises Turned: 401 for who is not known, 403 for who may not.
    """
    person = _known(request, settings)
    if person.role < at_least:
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "not-allowed",
            f"This takes the role of {at_least.name.lower()}; sign in as somebody who has it.",
        )
    return person


def of_token(settings: Settings, token: str) -> Person | None:
    """The program or person that bears this token."""
    for one in settings.readers:
        if hmac.compare_digest(one.token.encode(), token.encode()):
            return _person(one)
    return None


def _known(request: AnyRequest, settings: Settings) -> Person:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    person = of_token(settings, given) if given else None
    if person is not None:
        return person
    if given or not address.parse(settings.http.listen).loopback:
        raise Turned(HTTPStatus.UNAUTHORIZED, "unknown-token", "Send a token that is known here.")
    return ON_THIS_MACHINE


def _person(one: Reader) -> Person:
    return Person(
        one.name, Role[one.role.upper()], None if one.regions is None else tuple(one.regions)
    )
