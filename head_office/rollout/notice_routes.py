"""Messages to branches over HTTP."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, structs

from edge_agent.messages import Moment, NoticeDocument
from edge_agent.messages.from_office import NoticeText, Where
from head_office.access import Person
from head_office.office import Office
from head_office.rollout.asking import API, changing, check_known, desk_of
from head_office.rollout.book import Deed, OfficeNotice
from head_office.rollout.desk import RolloutDesk
from head_office.rollout.plan import Stage
from program.web import AnyRequest, Turned


class GivenNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    begins: Moment = msgspec.field(name="from")
    until: Moment
    words: Annotated[dict[str, NoticeText], Meta(min_length=1, max_length=8)]
    where: Annotated[list[Where], Meta(min_length=1, max_length=2)]
    to: Stage
    urgent: bool = False


class NoticeLine(msgspec.Struct, frozen=True):
    """`branches` shall show it, `shown` of them say that they do."""

    notice: OfficeNotice
    branches: int
    shown: int


@post(f"{API}/notices", status_code=HTTPStatus.CREATED, request_max_body_size=16 * 1024)
async def make_notice(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenNotice]
) -> OfficeNotice:
    """On its way to the branches at once."""
    person, now = changing(request, office), datetime.now(UTC)
    check_known(desk_of(office), [data.to])
    if data.until <= max(now, data.begins):
        raise Turned(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "notice-over",
            "A message ends after it begins and after now.",
        )
    notice = OfficeNotice(document=_document(data), to=data.to, made_by=person.name, made_at=now)
    detail = " / ".join(data.words.values())
    await desk_of(office).keep_notice(
        notice, Deed(at=now, who=person.name, what="message", detail=detail)
    )
    return notice


@post(f"{API}/notices/{{id_:str}}/withdraw", status_code=HTTPStatus.OK)
async def withdraw(
    request: AnyRequest, office: NamedDependency[Office], id_: FromPath[str]
) -> OfficeNotice:
    person, desk, now = changing(request, office), desk_of(office), datetime.now(UTC)
    known = next((one for one in desk.notices if one.document.id == id_), None)
    if known is None:
        raise Turned(
            HTTPStatus.NOT_FOUND, "unknown-notice", "There is no such message, or it is over."
        )
    if known.withdrawn_at is not None:
        return known
    gone = structs.replace(known, withdrawn_at=now, withdrawn_by=person.name)
    detail = " / ".join(known.document.words.values())
    await desk.keep_notice(
        gone, Deed(at=now, who=person.name, what="message withdrawn", detail=detail)
    )
    return gone


HANDLERS = (make_notice, withdraw)


def _document(given: GivenNotice) -> NoticeDocument:
    return NoticeDocument(
        id=secrets.token_hex(8),
        branch="",
        begins=given.begins,
        until=given.until,
        words=given.words,
        where=given.where,
        urgent=given.urgent,
    )


def notice_lines(desk: RolloutDesk, person: Person) -> Iterator[NoticeLine]:
    """Those to branches that this person sees, counted of these alone."""
    regions = desk.regions()
    for notice in desk.notices:
        members = [one for one in desk.members(notice) if person.sees(regions[one])]
        if members or person.regions is None:
            shown = sum(desk.shows(branch, notice.document.id) for branch in members)
            yield NoticeLine(_theirs(notice, person, members), len(members), shown)


def _theirs(notice: OfficeNotice, person: Person, members: list[str]) -> OfficeNotice:
    if person.regions is None:
        return notice
    named = [one for one in notice.to.branches if one in members]
    return structs.replace(notice, to=structs.replace(notice.to, branches=named))
