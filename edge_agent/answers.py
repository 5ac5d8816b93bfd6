"""What callers are told: an answer is a status and JSON; a refusal is a problem (RFC 9457)."""

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from edge_agent.branch_queue import refusals
from edge_agent.branch_queue.refusals import Refusal
from program import web
from program.web import JSON, PROBLEM_JSON

NOT_A_CONFLICT: dict[type[Refusal], HTTPStatus] = {
    refusals.UnknownService: HTTPStatus.NOT_FOUND,
    refusals.UnknownCounter: HTTPStatus.NOT_FOUND,
    refusals.UnknownTicket: HTTPStatus.NOT_FOUND,
    refusals.UnknownErrand: HTTPStatus.BAD_REQUEST,
    refusals.UnknownChoice: HTTPStatus.BAD_REQUEST,
    refusals.ErrandOfAnotherService: HTTPStatus.BAD_REQUEST,
    refusals.UnknownOpinion: HTTPStatus.NOT_FOUND,
    refusals.UnusableWish: HTTPStatus.BAD_REQUEST,
    refusals.TooManyTickets: HTTPStatus.TOO_MANY_REQUESTS,
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
    """The rules' no: 409, or what says more."""
    status = NOT_A_CONFLICT.get(type(refusal), HTTPStatus.CONFLICT)
    return problem(status, refusal.name, str(refusal))
