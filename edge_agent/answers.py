"""What callers are told: an answer is a status and JSON; a refusal is a problem (RFC 9457)."""

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from edge_agent.branch_queue import refusals
from edge_agent.branch_queue.refusals import Refusal
from program import web
from program.web import JSON, PROBLEM_JSON

STATUS_OF_REFUSAL: dict[type[Refusal], HTTPStatus] = {
    refusals.UnknownService: HTTPStatus.NOT_FOUND,
    refusals.UnknownCounter: HTTPStatus.NOT_FOUND,
    refusals.UnknownTicket: HTTPStatus.NOT_FOUND,
    refusals.TicketStillCalled: HTTPStatus.CONFLICT,
    refusals.NobodyAtCounter: HTTPStatus.CONFLICT,
    refusals.WrongState: HTTPStatus.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Ready to be sent, and to be kept for the same idempotency key."""

    status: int
    body: bytes = b""

    @property
    def media_type(self) -> str:
        return JSON if self.status < HTTPStatus.BAD_REQUEST else PROBLEM_JSON


def answer(status: HTTPStatus, shape: msgspec.Struct) -> Answer:
    return Answer(status, msgspec.json.encode(shape))


def problem(status: HTTPStatus, name: str, detail: str) -> Answer:
    """`name` is stable; `detail` says to a person what to do."""
    return Answer(status, web.problem(status, name, detail))


def refused(refusal: Refusal) -> Answer:
    return problem(STATUS_OF_REFUSAL[type(refusal)], refusal.name, str(refusal))
