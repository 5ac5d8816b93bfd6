"""What all routes do with a request: whose is it, is it a repeat, and how is it answered."""

from dataclasses import dataclass
from http import HTTPStatus

from litestar import Response
from litestar.openapi.spec import Operation

from edge_agent.answers import Answer
from edge_agent.branch import Branch
from edge_agent.desk import Decide, Request, Say
from edge_agent.settings import DEMO_TOKENS
from edge_agent.staff import Caller
from program.openapi import header
from program.web import AnyRequest, Turned, bearer

LONGEST_KEY = 255  # as other services take


@dataclass
class Repeatable(Operation):
    """Of a call that goes through `ask`."""

    def __post_init__(self) -> None:
        said = header(
            "Idempotency-Key", "The same key again gets the first answer and changes nothing.",
            min_length=1, max_length=LONGEST_KEY,
        )  # fmt: skip
        self.parameters = [*(self.parameters or []), said]


def caller_of(request: AnyRequest, branch: Branch) -> Caller | None:
    """Who bears this token; None without one. Raises Turned for a token that is nobody's."""
    if "authorization" not in request.headers:
        return None
    token = bearer(request)
    caller = None if token is None else branch.staff.caller(token)
    if caller is None:
        raise Turned(
            HTTPStatus.UNAUTHORIZED, "unknown-token", "This token is not known here. Sign in again."
        )
    return caller


def bears_secret(request: AnyRequest, branch: Branch) -> bool:
    """Whether this is the token of somebody here, and not the demo's, which everybody knows."""
    token = bearer(request)
    if token is None or token in DEMO_TOKENS:
        return False
    return branch.staff.caller(token) is not None


def require(request: AnyRequest, branch: Branch, *roles: str) -> Caller:
    """The caller, who must have one of these roles. Raises Turned."""
    caller = caller_of(request, branch)
    if caller is None:
        raise Turned(
            HTTPStatus.UNAUTHORIZED, "token-missing", "Send a token: Authorization: Bearer …"
        )
    if caller.role not in roles:
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "not-allowed",
            f"This needs a {' or '.join(roles)} token; yours is for a {caller.role}.",
        )
    return caller


async def ask(
    request: AnyRequest, branch: Branch, caller: str, decide: Decide, say: Say
) -> Response[bytes]:
    """Put a wish to the desk; the same Idempotency-Key again gets the first answer."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key := key.strip(" \t")) <= LONGEST_KEY:  # RFC 9110, 5.5
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "idempotency-key-unusable",
            f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.",
        )
    body = await request.body()  # read in any case, so that one too large is refused
    asked = None
    if key is not None:
        asked = Request.of(caller, key, request.method, request.url.path, body)
    return response(await branch.desk.ask(decide, say, asked))


def response(answer: Answer) -> Response[bytes]:
    return Response(answer.body, status_code=answer.status, media_type=answer.media_type)
