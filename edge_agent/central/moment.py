"""When a configuration may be applied, so that nobody who has a number loses it. Pure."""

from datetime import date, datetime

from edge_agent.branch_queue.opening import why_closed
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.rules import Rules
from edge_agent.branch_queue.ticket import ENDED, State
from edge_agent.messages import ConfigDocument
from edge_agent.settings import Settings


def why_wait(
    document: ConfigDocument,
    queue: BranchQueue,
    rules: Rules,
    current: Settings,
    wanted: Settings,
    now: datetime,
    today: date,
) -> str:
    """Why not yet; empty when it may be applied now. `today` is the business day of `now`, which the queue's may still
    have to become."""
    if document.not_before is not None and now < document.not_before:
        return f"it is for {document.not_before.isoformat()} and later"
    if is_new_day(queue, today):
        return ""
    if numbered_anew(current, wanted):
        return "numbers of today would change their meaning: it comes with the next business day"
    if document.when == "closed" and not _closed(queue, rules, now):
        return "it comes when the branch has closed and nobody waits"
    return ""


def numbered_anew(current: Settings, wanted: Settings) -> bool:
    """Whether a service that stays would number otherwise, or letters of today would begin numbers of something else."""
    before, after = _ranges(current), _ranges(wanted)
    owner = {prefix: code for code, (prefix, _, _) in before.items()}
    return any(
        before.get(code, range_) != range_ or owner.get(range_[0], code) != code
        for code, range_ in after.items()
    )


def _ranges(settings: Settings) -> dict[str, tuple[str, int, int | None]]:
    """By service; of suggestions and complaints under a code that no service has."""
    ranges = {s.code: (s.prefix, s.first_number, s.last_number) for s in settings.services}
    return {**ranges, "": (settings.opinion_prefix, 1, None)}


def is_new_day(queue: BranchQueue, today: date) -> bool:
    """Nobody has a number of this business day yet."""
    day = queue.day
    given = queue.count.total() or day.numbers.leases or day.opinions
    return today > queue.business_day or not given


def _closed(queue: BranchQueue, rules: Rules, now: datetime) -> bool:
    waits = any(queue.count[state] for state in State if state not in ENDED)
    return why_closed(queue, rules, now) is not None and not waits
