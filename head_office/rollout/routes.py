"""Rollouts over HTTP: versions, stages, what each branch runs, messages, who did what."""

import asyncio
import difflib
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import File
from msgspec import Meta

from edge_agent.messages import LARGEST, Moment
from head_office import access
from head_office.office import Office
from head_office.pages import page
from head_office.rollout import check, notice_routes, plan as plans
from head_office.rollout.asking import (
    API,
    changing,
    check_known,
    desk_of,
    may_change,
    no_plan,
)
from head_office.rollout.back import back
from head_office.rollout.book import Deed, Version
from head_office.rollout.desk import RolloutDesk, named
from head_office.rollout.notice_routes import NoticeLine, notice_lines
from head_office.rollout.plan import Plan, Says, Stage, When
from head_office.rollout.theirs import deeds_for, plan_for
from program import web
from program.web import AnyRequest, Turned

MOST_LISTED = 200
ROOM = 4 * LARGEST  # bytes of a request: a character of JSON may take six
Note = Annotated[str, Meta(max_length=200)]


class GivenContents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contents: Annotated[str, Meta(max_length=LARGEST)]
    note: Note = ""


class GivenPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without `healthy_h`, hours, each stage waits for a click."""

    stages: Annotated[list[Stage], Meta(min_length=1, max_length=20)]
    healthy_h: Annotated[float, Meta(ge=0, le=1000)] | None = None
    when: When = "now"
    not_before: Moment | None = None


class Checked(msgspec.Struct, frozen=True):
    """`problem` is what the branch's loader says; empty when a branch could work by it."""

    problem: str


class VersionLine(msgspec.Struct, frozen=True):
    version: int
    note: str
    made_by: str
    made_at: datetime


class OneVersion(msgspec.Struct, frozen=True):
    """`changes`: a unified diff, line by line, to the version before."""

    version: Version
    before: int
    changes: list[str]


class Reach(msgspec.Struct, frozen=True):
    """Of one stage: its branches, and those that run the version."""

    branches: int
    running: int


class Rollout(msgspec.Struct, frozen=True):
    """`may_change`: whether who asks may. `key`: our public one. `branches` are the first of `found`, those that failed before the others; of
    those of whom something is `wanted`, so many are `as_wanted`, and so many `failed`."""

    key: str
    may_change: bool
    versions: list[VersionLine]
    plan: Plan | None
    reach: list[Reach]
    branches: list[Says]
    found: int
    wanted: int
    as_wanted: int
    failed: int
    notices: list[NoticeLine]
    deeds: list[Deed]


@get("/rollout", include_in_schema=False, sync_to_thread=False)
def rollout_page() -> File:
    return page("rollout.html")


@get(API)
async def rollout(
    request: AnyRequest,
    office: NamedDependency[Office],
    which: FromQuery[Literal["open", "all"]] = "all",
    search: Annotated[str, QueryParameter(max_length=200)] = "",
) -> Rollout:
    """Everything at once, of the branches that who asks may see. `open`: only those that are not as wanted, unless
    one is searched for by a part of its id or region."""
    person, desk = access.reader(request, office.settings), desk_of(office)
    versions, deeds = await asyncio.gather(
        asyncio.to_thread(desk.book.versions), asyncio.to_thread(desk.book.deeds)
    )
    says = [one for one in named(desk.branches) if person.sees(one.region)]
    found = _found(says, which, search.strip().lower())
    wanted = [one for one in says if one.wanted]
    return Rollout(
        key=desk.key.public,
        may_change=may_change(person),
        versions=[VersionLine(v.version, v.note, v.made_by, v.made_at) for v in versions],
        plan=plan_for(person, desk.plan, desk.regions()),
        reach=_reach(desk.plan, says),
        branches=found[:MOST_LISTED],
        found=len(found),
        wanted=len(wanted),
        as_wanted=sum(map(plans.as_wanted, wanted)),
        failed=sum(map(plans.failed, wanted)),
        notices=list(notice_lines(desk, person)),
        deeds=deeds_for(person, deeds),
    )


@get(f"{API}/versions/{{number:int}}")
async def version(
    request: AnyRequest, office: NamedDependency[Office], number: FromPath[int]
) -> OneVersion:
    access.reader(request, office.settings)
    book = desk_of(office).book
    found = await _version(office, number)
    before = await asyncio.to_thread(book.version_before, number)
    old = before.contents if before else ""
    changes = difflib.unified_diff(old.splitlines(), found.contents.splitlines(), lineterm="", n=2)
    return OneVersion(found, before.version if before else 0, list(changes)[2:])


@post(f"{API}/check", status_code=HTTPStatus.OK, request_max_body_size=ROOM)
async def try_contents(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenContents]
) -> Checked:
    """Whether a branch like the specimen could work by it."""
    changing(request, office)
    return Checked(await _why_not(office, data.contents))


@post(f"{API}/versions", status_code=HTTPStatus.CREATED, request_max_body_size=ROOM)
async def make_version(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenContents]
) -> VersionLine:
    """Kept, and not on its way to anybody yet."""
    person, desk = changing(request, office), desk_of(office)
    if problem := await _why_not(office, data.contents):
        raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, "configuration-unusable", problem)
    now = datetime.now(UTC)
    done = Deed(at=now, who=person.name, what="version made", detail=data.note)
    number = await asyncio.to_thread(
        desk.book.make, data.contents, data.note, done, desk.highest_heard()
    )
    return VersionLine(number, data.note, person.name, now)


@post(f"{API}/versions/{{number:int}}/plan", status_code=HTTPStatus.OK, request_max_body_size=ROOM)
async def begin(
    request: AnyRequest,
    office: NamedDependency[Office],
    number: FromPath[int],
    data: JSONBody[GivenPlan],
) -> Plan:
    """The first stage begins at once. A version goes out once; the one that was on its way is so no longer."""
    person, desk = changing(request, office), desk_of(office)
    await _version(office, number)
    check_known(desk, data.stages)
    return await _begun(desk, number, data, person.name)


@post(f"{API}/{{step:str}}", status_code=HTTPStatus.OK)
async def take_step(
    request: AnyRequest, office: NamedDependency[Office], step: FromPath[str]
) -> Plan:
    """`pause`, `resume`, or `next` (stage)."""
    person, desk = changing(request, office), desk_of(office)

    def change(plan: Plan | None, now: datetime) -> tuple[Plan, Deed]:
        plan = _on_its_way(plan)
        done = partial(Deed, at=now, who=person.name, version=plan.version)
        if step == "pause" and plan.state == "running":
            return plans.paused(plan), done(what="paused")
        if step == "resume" and plan.state in ("paused", "stopped"):
            return plans.resumed(plan, desk.branches), done(what="resumed", detail=plan.reason)
        if step == "next" and plan.at < len(plan.stages) - 1:
            after = plans.onward(plans.resumed(plan, desk.branches), now)
            return after, done(what="next stage", detail=f"{after.at + 1}")
        raise Turned(HTTPStatus.CONFLICT, "not-now", f"Not '{step[:20]}' while it is {plan.state}.")

    return await desk.change(change)


HANDLERS = (
    rollout_page,
    rollout,
    version,
    try_contents,
    make_version,
    begin,
    back,
    take_step,
    *notice_routes.HANDLERS,
)


def _found(says: list[Says], which: str, search: str) -> list[Says]:
    found = [
        one
        for one in says
        if search in f"{one.branch} {one.region}".lower()
        and (which == "all" or search or not plans.as_wanted(one))
    ]
    return sorted(found, key=lambda one: not plans.failed(one))


def _reach(plan: Plan | None, says: list[Says]) -> list[Reach]:
    stages = plan.stages if plan else []
    members = [[one for one in says if stage.has(one.branch, one.region)] for stage in stages]
    version = plan.version if plan else 0
    return [Reach(len(some), sum(one.runs(version) for one in some)) for some in members]


async def _version(office: Office, number: int) -> Version:
    """Raises Turned for one that is not there."""
    book = desk_of(office).book
    found = await asyncio.to_thread(book.version, min(number, web.LARGEST_NUMBER))
    if found is None:
        raise Turned(HTTPStatus.NOT_FOUND, "unknown-version", f"There is no version {number}.")
    return found


async def _why_not(office: Office, contents: str) -> str:
    settings = office.settings.rollout
    specimen = Path(settings.specimen if settings else "")
    return await asyncio.to_thread(check.why_not, contents, specimen)


async def _begun(desk: RolloutDesk, number: int, given: GivenPlan, who: str) -> Plan:
    def change(latest: Plan | None, now: datetime) -> tuple[Plan, Deed]:
        if latest is not None and number <= latest.version:
            raise Turned(
                HTTPStatus.CONFLICT,
                "version-went-out",
                f"Version {latest.version} has gone out since. Make a new version with these contents.",
            )
        plan = Plan(
            version=number,
            stages=given.stages,
            healthy_h=given.healthy_h,
            when=given.when,
            not_before=given.not_before,
            state="running",
            at=0,
            since=now,
            before=desk.book.last_done(number),
        )
        return plan, Deed(at=now, who=who, what="begun", version=number)

    return await desk.change(change)


def _on_its_way(plan: Plan | None) -> Plan:
    """Raises Turned where there is none."""
    if plan is None or plan.state == "done":
        raise no_plan()
    return plan
