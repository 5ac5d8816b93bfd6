"""Back to what ran before the version that is on its way, or was last."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from head_office.office import Office
from head_office.rollout.asking import API, changing, desk_of, no_plan
from head_office.rollout.book import Deed
from head_office.rollout.desk import RolloutDesk
from head_office.rollout.plan import Plan
from program import web
from program.web import AnyRequest, Turned


class GivenVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version that shall be left: who presses twice, or after somebody else, means the same step."""

    version: Annotated[int, Meta(ge=1, le=web.LARGEST_NUMBER)]


@post(f"{API}/back", status_code=HTTPStatus.OK)
async def back(
    request: AnyRequest, office: NamedDependency[Office], data: JSONBody[GivenVersion]
) -> Plan:
    """A new version with the contents of the one before this `version`, for all whom it has reached, at once. 409 where
    another one is on its way by now."""
    person = changing(request, office)
    return await go_back(desk_of(office), data.version, person.name)


async def go_back(desk: RolloutDesk, version: int, who: str) -> Plan:
    """Raises Turned where `version` is not the latest to go out."""

    def change(latest: Plan | None, now: datetime) -> tuple[Plan, Deed]:
        if latest is None:
            raise no_plan()
        if latest.version != version:
            raise Turned(
                HTTPStatus.CONFLICT,
                "version-went-out",
                f"Nothing was changed: version {latest.version} has gone out since, not version {version} any more. "
                "Look at it before you go back from it.",
            )
        return _made_again(desk, latest, who, now)

    return await desk.change(change)


def _made_again(desk: RolloutDesk, left: Plan, who: str, now: datetime) -> tuple[Plan, Deed]:
    old = desk.book.version(left.before) if left.before else None
    note = f"{left.version} → {left.before}"
    done = Deed(at=now, who=who, what="back", detail=note)
    number = desk.book.make(old.contents if old else "", note, done, desk.highest_heard())
    plan = Plan(
        version=number,
        stages=left.stages[: left.at + 1],
        healthy_h=None,
        when="now",
        not_before=None,
        state="running",
        at=left.at,
        since=now,
        before=desk.book.last_done(left.before),
    )
    return plan, Deed(at=now, who=who, what="begun", version=number)
