"""Who asks head office, and what they may see and do."""

import hmac
from dataclasses import dataclass, replace
from enum import IntEnum
from http import HTTPStatus

from litestar.openapi.spec import SecurityRequirement, SecurityScheme

from head_office.accounts import same_site
from head_office.settings import DEMO_TOKEN, Reader, Settings
from program import address
from program.web import AnyRequest, Turned, bearer

COOKIE = "lobby_reader"
SESSION = "lobby_session"
SIGNED_IN = "signed_in"  # where accounts/known.py leaves the session on a request
BY_COOKIE = {
    "session": SecurityScheme(
        type="apiKey", security_scheme_in="cookie", name=SESSION, description="Of a sign-in."
    ),
    "reader": SecurityScheme(
        type="apiKey", security_scheme_in="cookie", name=COOKIE, description="A program's token."
    ),
}
IN_SESSION: list[SecurityRequirement] = [{"session": []}]  # of a route that takes no token
PERSON = "person"  # where `reader` leaves who asks, for the audit


class Role(IntEnum):
    """Each may do what the ones before it may. A manager answers alerts; an administrator changes what branches run, and
    who may do what."""

    VIEWER = 1
    MANAGER = 2
    ADMINISTRATOR = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, or what program. `regions`: they see the branches in and below these only; None is all. `address`: from
    where, as the audit keeps it."""

    name: str
    role: Role
    regions: tuple[str, ...] | None = None
    address: str = ""

    def sees(self, region: str) -> bool:
        """`region` is a path such as East/Shanghai; a branch of no region is seen by who sees all."""
        if self.regions is None:
            return True
        return any(f"{region}/".startswith(f"{mine}/") for mine in self.regions)


ON_THIS_MACHINE = Person("this machine", Role.VIEWER)
FORWARDED = ("x-forwarded-for", "forwarded")


def reader(request: AnyRequest, settings: Settings, at_least: Role = Role.VIEWER) -> Person:
    """Who asks: by a session, or by a token in a header or the board's cookie; on loopback everybody may look. What
    changes something and comes with a cookie must come from a page of ours.

    Raises Turned: 401 for who is not known, 403 for who may not, or where another site asks.
    """
    person = _known(request, settings)
    if person.role < at_least:
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "not-allowed",
            f"This takes the role of {at_least.name.lower()}; sign in as somebody who has it.",
        )
    found = replace(person, address=from_where(request))
    request.scope["state"][PERSON] = found
    return found


def asks_who(request: AnyRequest, settings: Settings) -> bool:
    """Whether this one must say who they are, by what not everybody knows, or bears a token that is known here."""
    if any(one.token == DEMO_TOKEN for one in settings.readers):
        return False
    if settings.signing_in.always or _passed_on(request):
        return True
    token = bearer(request)
    return token is not None and of_token(settings, token) is not None


def of_token(settings: Settings, token: str) -> Person | None:
    """The program or person that bears this token."""
    for one in settings.readers:
        if hmac.compare_digest(one.token.encode(), token.encode()):
            return _person(one)
    return None


def from_where(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def _known(request: AnyRequest, settings: Settings) -> Person:
    token = bearer(request)
    if token is not None:
        return _bearer(settings, token)
    person = _of_cookies(request, settings)
    if person is not None:
        _check_page(request, settings, origin_needed=True)
        return person
    if _on_this_machine(request, settings):
        _check_page(request, settings, origin_needed=False)
        return ON_THIS_MACHINE
    if SESSION in request.cookies or COOKIE in request.cookies:
        raise Turned(HTTPStatus.UNAUTHORIZED, "signed-out", "The session has ended; sign in again.")
    raise Turned(
        HTTPStatus.UNAUTHORIZED, "unknown-token", "Sign in, or send a token that is known."
    )


def _bearer(settings: Settings, token: str) -> Person:
    person = of_token(settings, token) if token else None
    if person is None:
        raise Turned(HTTPStatus.UNAUTHORIZED, "unknown-token", "Send a token that is known here.")
    return person


def _of_cookies(request: AnyRequest, settings: Settings) -> Person | None:
    """None for those of nobody, or of a session that has ended or is half way."""
    if SESSION in request.cookies:
        session = request.scope["state"].get(SIGNED_IN)
        return session.person if session is not None and session.stage == "done" else None
    return of_token(settings, request.cookies[COOKIE]) if COOKIE in request.cookies else None


def _check_page(request: AnyRequest, settings: Settings, *, origin_needed: bool) -> None:
    if request.method not in same_site.READING:
        same_site.check(request, settings.signing_in.address, origin_needed=origin_needed)


def _on_this_machine(request: AnyRequest, settings: Settings) -> bool:
    """Not what a proxy on this machine passes on for others."""
    if settings.signing_in.always or _passed_on(request):
        return False
    return address.parse(settings.http.listen).loopback


def _passed_on(request: AnyRequest) -> bool:
    return any(name in request.headers for name in FORWARDED)


def _person(one: Reader) -> Person:
    return Person(
        one.name, Role[one.role.upper()], None if one.regions is None else tuple(one.regions)
    )
