"""What all routes of rollouts ask first: is there a key, who asks, are these branches known."""

from http import HTTPStatus

from head_office import access
from head_office.access import Person, Role
from head_office.office import Office
from head_office.rollout.desk import RolloutDesk
from head_office.rollout.plan import Stage
from program.web import AnyRequest, Turned

API = "/api/v1/rollout"


def desk_of(office: Office) -> RolloutDesk:
    """Raises Turned where head office has no key."""
    if office.rollout is None:
        raise Turned(
            HTTPStatus.NOT_FOUND,
            "no-rollout",
            "Head office has no section [rollout] in its configuration; see docs/rollout.md.",
        )
    return office.rollout


def check_known(desk: RolloutDesk, stages: list[Stage]) -> None:
    """A slip of the pen shall not pass for a branch that is well. Raises Turned."""
    known = desk.regions()
    unknown = [branch for stage in stages for branch in stage.branches if branch not in known]
    empty = [stage for stage in stages if not any(stage.has(*one) for one in known.items())]
    if unknown or empty:
        named = ", ".join(unknown[:5]) or ", ".join(f"'{stage.region}'" for stage in empty[:5])
        raise Turned(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "unknown-branch",
            f"No branch is known for {named}. See the list of branches on this page.",
        )


def no_plan() -> Turned:
    return Turned(HTTPStatus.CONFLICT, "no-plan", "No version is on its way to the branches.")


def may_change(person: Person) -> bool:
    return person.role >= Role.ADMINISTRATOR and person.regions is None


def changing(request: AnyRequest, office: Office) -> Person:
    """Raises Turned for who may not change what all branches run."""
    person = access.reader(request, office.settings, Role.ADMINISTRATOR)
    if not may_change(person):
        raise Turned(
            HTTPStatus.FORBIDDEN,
            "not-allowed",
            "This takes an administrator of all regions.",
        )
    return person
