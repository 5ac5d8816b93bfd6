"""Head office's web application: the board and what programs read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Litestar, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from edge_agent.topics import SHARDS
from head_office import VERSION, access, metrics
from head_office.access import Person
from head_office.accounts import browser as account_browser, routes as account_routes
from head_office.accounts.acts import written_down
from head_office.accounts.known import known
from head_office.alerts import routes as alert_routes
from head_office.board import routes as board_routes
from head_office.history import routes as history_routes
from head_office.office import Office
from head_office.picture import BranchNow
from head_office.proof import Proof, chosen, prove, unproved
from head_office.rollout import routes as rollout_routes
from program import address, health, openapi, web
from program.bell import heard
from program.body import StrictRequest
from program.compressed import COMPRESSED, in_pieces
from program.health import Standing
from program.line_state import Trouble
from program.nul import without_nul
from program.own_host import own_host_only
from program.web import JSON, STREAM_HEADERS, AnyRequest, Turned

API = "/api/v1"
DEAF_OR_MUTE: tuple[Trouble, ...] = ("publish-refused", "subscription-refused")
HEARTBEAT_S = 10.0
BREATH_S = 0.2  # changes within it go out together, each branch once
MOST_EVENTS = 1000
AT_ONCE = 50  # branches that are encoded in one go


class EveryBranch(msgspec.Struct, frozen=True):
    branches: list[BranchNow]


class Entries(msgspec.Struct, frozen=True):
    """Journal entries as their branch has sent them."""

    events: list[dict[str, Any]]


def application(office: Office) -> Litestar:
    """Needs the listener running beside it."""
    return web.Application(
        [
            branches,
            branch,
            events,
            proof,
            stream,
            healthz,
            metrics.metrics,
            *account_routes.HANDLERS,
            *alert_routes.HANDLERS,
            *board_routes.HANDLERS,
            *history_routes.HANDLERS,
            *rollout_routes.HANDLERS,
            web.shared_asset,
            openapi.openapi,
        ],
        dependencies={"office": Provide(lambda: office, sync_to_thread=False)},
        exception_handlers={**web.ERRORS, **account_browser.ERRORS},
        middleware=[
            *own_host_only(
                address.parse(office.settings.http.listen),
                office.settings.signing_in.address,
                "`address` in section [accounts] of head_office.toml",
                unless=lambda request: access.asks_who(request, office.settings),
            ),
            without_nul,
            known(office.door.sessions, office.door.clock),
            written_down(office.door.engine, office.door.work, office.door.clock),
        ],
        request_class=StrictRequest,
        request_max_body_size=4096,
        openapi_config=openapi.openapi_config("Lobby head office", VERSION, access.BY_COOKIE),
        logging_config=None,
        compression_config=COMPRESSED,
    )


@get(
    f"{API}/branches",
    opt=web.AS_IT_IS,
    responses=web.documented(HTTPStatus.OK, EveryBranch),
    sync_to_thread=False,
)
def branches(request: AnyRequest, office: NamedDependency[Office]) -> Stream:
    """Every branch as it is now; of those that who asks may see."""
    person = access.reader(request, office.settings)
    seen = [now for now in office.picture.all() if person.sees(now.region)]
    return in_pieces(request, _told(seen), JSON)


@get(f"{API}/branches/{{branch:str}}", sync_to_thread=False)
def branch(
    request: AnyRequest, office: NamedDependency[Office], branch: FromPath[str]
) -> BranchNow:
    return _known(office, access.reader(request, office.settings), branch)


@get(f"{API}/branches/{{branch:str}}/events", responses=web.documented(HTTPStatus.OK, Entries))
async def events(
    request: AnyRequest,
    office: NamedDependency[Office],
    branch: FromPath[str],
    after: Annotated[int, QueryParameter(ge=0, le=web.LARGEST_NUMBER)] = 0,
    limit: Annotated[int, QueryParameter(ge=1)] = 100,
    epoch: FromQuery[str | None] = None,
) -> Response[bytes]:
    """A branch's journal as committed here; of its present epoch unless another is named.

    At most 1000 at once.
    """
    now = _known(office, access.reader(request, office.settings), branch)
    of = epoch or now.epoch
    most = min(limit, MOST_EVENTS)
    bodies = await asyncio.to_thread(office.ledger.events, branch, of, after, most)
    body = msgspec.json.encode({"events": [msgspec.Raw(body) for body in bodies]})
    return Response(body, media_type=JSON)


@get(f"{API}/branches/{{branch:str}}/proof")
async def proof(
    request: AnyRequest,
    office: NamedDependency[Office],
    branch: FromPath[str],
    day: FromQuery[date | None] = None,
    epoch: FromQuery[str | None] = None,
) -> Proof:
    """Whether everything of a business day is here, or what is missing; of the last one when none is named.

    Of the branch's present epoch, or the one that told of the day last, unless one is named.
    """
    now = _known(office, access.reader(request, office.settings), branch)
    found = await asyncio.to_thread(prove, office.ledger, branch, day)
    if epoch is not None:
        found = [one for one in found if one.epoch == epoch]
    return chosen(found, now.epoch) or unproved(branch, epoch or now.epoch, day)


@get(
    f"{API}/stream",
    media_type=web.EVENTS,
    opt=web.AS_IT_IS,
    sync_to_thread=False,
    operation_class=openapi.Resumed,
)
def stream(request: AnyRequest, office: NamedDependency[Office]) -> Stream:
    """Server-sent events: each branch that changed, as it is now; the latest state wins."""
    person = access.reader(request, office.settings)
    return Stream(
        follow(office, person, web.last_event_id(request)),
        media_type=web.EVENTS,
        headers=STREAM_HEADERS,
    )


@get("/healthz", responses=health.told_as(Standing), security=openapi.OPEN, sync_to_thread=False)
def healthz(office: NamedDependency[Office]) -> Response[bytes]:
    """200 while branches are heard and written down, else 503; with the reasons. `warnings` can wait."""
    reasons = [] if office.listener.listening else ["no connection to the broker"]
    if office.listener.failing:
        reasons.append("the ledger cannot be written or read")
    if office.listener.unattended:
        shards = f"{office.listener.unattended} of {SHARDS} shards"
        reasons.append(f"no intake process takes in the branches of {shards}")
    troubles = office.listener.troubles
    reasons += [said for name, said in troubles.items() if name in DEAF_OR_MUTE]
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    warnings = [said for name, said in troubles.items() if name not in DEAF_OR_MUTE]
    body = Standing("failing" if reasons else "ok", reasons, warnings)
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON)


async def follow(
    office: Office, person: Person, after: int | None, still_s: float = HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """Who sees none of the branches that change is told in time that we are there."""
    clock = asyncio.get_running_loop().time
    said_at = clock()
    seen = office.picture.version if after is None or after > office.picture.version else after
    office.following += 1
    try:
        yield _frame(seen, {"type": "Following"})
        while not office.closed:
            ring = office.bell.next()
            news = office.picture.changed_after(seen)
            for version, now in news:
                if person.sees(now.region):
                    yield _frame(version, {"type": "Branch", "branch": now})
                    said_at = clock()
                seen = version
            left = said_at + still_s - clock()
            if news and left > 0:
                await asyncio.sleep(min(BREATH_S, left))
            elif left <= 0 or not await heard(ring, left):
                said_at = clock()
                yield _frame(seen, {"type": "Still"})
    finally:
        office.following -= 1


def _told(seen: list[BranchNow]) -> Iterator[bytes]:
    """As JSON: 5,000 are 15 MB, and whoever encodes them in one go holds the interpreter for as long."""
    yield b'{"branches":['
    for first in range(0, len(seen), AT_ONCE):
        some = b",".join(map(msgspec.json.encode, seen[first : first + AT_ONCE]))
        yield b"," + some if first else some
    yield b"]}"


def _frame(version: int, values: dict[str, Any]) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (version, msgspec.json.encode(values))


def _known(office: Office, person: Person, branch: str) -> BranchNow:
    """Raises Turned for one that is not there, or not theirs to see: nobody learns which."""
    now = office.picture.one(branch)
    if now is None or not person.sees(now.region):
        raise Turned(
            HTTPStatus.NOT_FOUND, "unknown-branch", f"No branch '{branch[:64]}' has reported yet."
        )
    return now
