"""A kiosk asks for one of the day's appointments."""

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from edge_agent import answers, messages
from edge_agent.asking import require, response
from edge_agent.branch import Branch
from program.web import AnyRequest, documented

APPOINTMENTS = "/api/v1/appointments"
FOUND = documented(HTTPStatus.OK, messages.Appointment)


@get(f"{APPOINTMENTS}/{{reference:str}}", sync_to_thread=False, responses=FOUND)
def by_reference(
    request: AnyRequest, branch: NamedDependency[Branch], reference: FromPath[str]
) -> Response[bytes]:
    """Today's appointment with this reference."""
    require(request, branch, "kiosk")
    return _said(branch.appointments.of(reference.strip(), branch.desk.queue.business_day))


@get(APPOINTMENTS, sync_to_thread=False, responses=FOUND)
def by_customer(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    customer_token: Annotated[str, QueryParameter(min_length=1, max_length=128)],
) -> Response[bytes]:
    """Today's appointment of this pseudonym; of several the nearest to now."""
    require(request, branch, "kiosk")
    today = branch.desk.queue.business_day
    return _said(branch.appointments.of_customer(customer_token, today, branch.clock()))


def _said(appointment: messages.Appointment | None) -> Response[bytes]:
    if appointment is None:
        problem = answers.problem(
            HTTPStatus.NOT_FOUND,
            "appointment-unknown",
            "There is no such appointment today. Please check the number, or take a ticket.",
        )
        return response(problem)
    return response(answers.answer(HTTPStatus.OK, appointment))


ROUTES = [by_reference, by_customer]
