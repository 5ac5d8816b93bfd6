"""What a kiosk tells of looking whether a customer is the card's owner. It becomes an entry, and changes nothing else."""

from datetime import datetime
from http import HTTPStatus
from typing import cast

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from edge_agent import answers, messages
from edge_agent.asking import Repeatable, ask
from edge_agent.branch import Branch
from edge_agent.branch_queue.facts import IdentityChecked
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.kiosk_routes import its_own_kiosk
from program.web import AnyRequest, documented


@post(
    "/api/v1/kiosks/{kiosk:str}/identity-checks",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.NO_CONTENT, None),
    operation_class=Repeatable,
)
async def checked(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    kiosk: FromPath[str],
    data: JSONBody[messages.IdentityCheck],
) -> Response[None]:
    """One check, one entry."""
    its_own_kiosk(request, branch, kiosk)

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        fact = IdentityChecked(
            at=now,
            business_day=queue.business_day,
            kiosk=kiosk,
            method=data.method,
            decision=data.decision,
            reason=data.reason or None,
            engine=data.engine,
            consent=data.consent,
        )
        return (fact,)

    return cast(Response[None], await ask(request, branch, kiosk, decide, _said))


def _said(_queue: BranchQueue, _facts: Facts, _now: datetime) -> answers.Answer:
    return answers.Answer(HTTPStatus.NO_CONTENT)


ROUTES = [checked]
