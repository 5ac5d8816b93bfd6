"""Suggestions and complaints: a kiosk brings them, staff answer, the customer's phone follows. What was written to a
rating: staff read it."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from edge_agent import answers, messages, opinions
from edge_agent.asking import Repeatable, ask, caller_of, require, response
from edge_agent.branch import Branch
from edge_agent.branch_queue import opinions as rules
from edge_agent.branch_queue.moves import Facts
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import UnknownOpinion
from edge_agent.opinions import Answered, Kept
from program.openapi import OPEN_OR_KNOWN
from program.web import LARGEST_NUMBER, AnyRequest, Turned, documented

API = "/api/v1"
LARGEST_OPINION = 256 * 1024  # bytes: some minutes of a finger's writing at 60 points a second
FURTHEST = 10_000  # thousandths of the sheet's width
MOST_RATINGS = 200  # in one answer
UNKNOWN = "There is no suggestion or complaint with this id, or its answer's day is in the archive."


@post(
    f"{API}/opinions",
    request_max_body_size=LARGEST_OPINION,
    responses=documented(HTTPStatus.CREATED, messages.OpinionTaken),
    operation_class=Repeatable,
)
async def give(
    request: AnyRequest, branch: NamedDependency[Branch], data: JSONBody[messages.Opinion]
) -> Response[bytes]:
    """A suggestion or complaint. What was written by hand stays in the branch."""
    caller = require(request, branch, "kiosk")
    _check_writing(data.writing)
    opinion = branch.new_ticket_id()

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        facts = rules.give(
            queue,
            branch.rules,
            now,
            opinion=opinion,
            topic=data.topic,
            phrases=tuple(data.phrases),
            language=data.language,
        )
        kept = Kept(facts[0].label, now, data.topic, data.phrases, data.language, data.writing)
        opinions.keep(branch.journal, opinion, kept)
        return facts

    def say(queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        label = queue.day.open_opinions[opinion]
        taken = messages.OpinionTaken(id=opinion, label=label, at=now)
        return answers.answer(HTTPStatus.CREATED, taken)

    return await ask(request, branch, caller.name, decide, say)


@get(f"{API}/opinions", sync_to_thread=False)
def waiting(
    request: AnyRequest, branch: NamedDependency[Branch], open: FromQuery[Literal["true"]] = "true"
) -> dict[str, list[messages.OpinionNow]]:
    """Those that wait for an answer, of any day, the oldest first; with what was written by hand."""
    require(request, branch, "staff")
    found = (_now(branch, one, for_staff=True) for one in branch.desk.queue.day.open_opinions)
    return {"opinions": [one for one in found if one is not None]}


@get(
    f"{API}/opinions/{{opinion:str}}",
    sync_to_thread=False,
    responses=documented(HTTPStatus.OK, messages.OpinionNow),
    security=OPEN_OR_KNOWN,
)
def show(
    request: AnyRequest, branch: NamedDependency[Branch], opinion: FromPath[str]
) -> Response[bytes]:
    """As its customer's phone shows it: knowing the id is the right to ask. To staff with the handwriting."""
    caller = caller_of(request, branch)
    now = _now(branch, opinion, for_staff=caller is not None and caller.role == "staff")
    if now is None:
        return response(answers.refused(UnknownOpinion(UNKNOWN)))
    return response(answers.answer(HTTPStatus.OK, now))


@post(
    f"{API}/opinions/{{opinion:str}}/answer",
    status_code=HTTPStatus.OK,
    responses=documented(HTTPStatus.OK, messages.OpinionNow),
    operation_class=Repeatable,
)
async def answer(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    opinion: FromPath[str],
    data: JSONBody[messages.AnswerOpinion],
) -> Response[bytes]:
    """What the branch did or will do; once. The customer reads it, and it stays in the branch."""
    caller = require(request, branch, "staff")
    text = _usable(data.text)
    kept = opinions.kept(branch.journal, opinion)
    if kept is None:
        return response(answers.refused(UnknownOpinion(UNKNOWN)))

    def decide(queue: BranchQueue, now: datetime) -> Facts:
        facts = rules.answer(queue, now, opinion)
        opinions.keep_answer(branch.journal, opinion, Answered(text, now))
        return facts

    def say(_queue: BranchQueue, _facts: Facts, now: datetime) -> answers.Answer:
        view = branch.views.opinions.now(opinion, kept, Answered(text, now))
        return answers.answer(HTTPStatus.OK, view)

    return await ask(request, branch, caller.name, decide, say)


@get(f"{API}/ratings", sync_to_thread=False)
def written(
    request: AnyRequest,
    branch: NamedDependency[Branch],
    before: Annotated[int | None, QueryParameter(ge=1, le=LARGEST_NUMBER)] = None,
) -> dict[str, list[messages.WrittenRating]]:
    """The ratings to which customers wrote something, of every day that is not archived: the newest first, at most 200
    at once; those before number `before`, which is the `seq` of the last one of the page before."""
    require(request, branch, "staff")
    found = branch.journal.comments(before or LARGEST_NUMBER, MOST_RATINGS)
    return {"ratings": [branch.views.opinions.written(one) for one in found]}


def _now(branch: Branch, opinion: str, *, for_staff: bool) -> messages.OpinionNow | None:
    """None when nobody has this id."""
    kept = opinions.kept(branch.journal, opinion)
    if kept is None:
        return None
    answered = opinions.answer_of(branch.journal, opinion)
    return branch.views.opinions.now(opinion, kept, answered, for_staff=for_staff)


def _check_writing(writing: list[list[int]]) -> None:
    """Raises Turned."""
    for stroke in writing:
        if len(stroke) % 2 or any(not 0 <= place <= FURTHEST for place in stroke):
            raise Turned(
                HTTPStatus.BAD_REQUEST,
                "writing-unusable",
                f"A stroke is x, y, x, y … in thousandths of the sheet's width, each 0 to {FURTHEST}.",
            )


def _usable(text: str) -> str:
    """Raises Turned."""
    if messages.LIKE_A_NUMBER_OF_A_PERSON.search(text):
        raise Turned(
            HTTPStatus.BAD_REQUEST,
            "answer-unusable",
            "The answer looks as if it held the number of a phone, a card or a document, and whoever has the paper can "
            "read it. Leave the number out; a hotline of at most 10 digits may stand.",
        )
    if not text.strip():
        raise Turned(
            HTTPStatus.BAD_REQUEST, "answer-unusable", "Write what the customer shall read."
        )
    return text.strip()


ROUTES = [give, waiting, show, answer, written]
