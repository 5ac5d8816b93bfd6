"""What of a rollout who asks may see: nothing that names a branch of another region. Pure."""

from collections.abc import Mapping

from msgspec import structs

from head_office.access import Person
from head_office.rollout.book import Deed, What
from head_office.rollout.plan import Plan

NAMES_BRANCHES: tuple[What, ...] = ("resumed", "stopped", "message", "message withdrawn")


def plan_for(person: Person, plan: Plan | None, regions: Mapping[str, str]) -> Plan | None:
    """`regions` of all branches. Why it stopped names branches: it is for who sees all of them."""
    if plan is None or person.regions is None:
        return plan

    def seen(branches: list[str]) -> list[str]:
        return [one for one in branches if one in regions and person.sees(regions[one])]

    stages = [structs.replace(stage, branches=seen(stage.branches)) for stage in plan.stages]
    return structs.replace(plan, stages=stages, accepted=seen(plan.accepted), reason="")


def deeds_for(person: Person, deeds: list[Deed]) -> list[Deed]:
    """What was done, without what it says of branches and to them."""
    if person.regions is None:
        return deeds
    return [structs.replace(one, detail="") if one.what in NAMES_BRANCHES else one for one in deeds]
