"""A customer at a kiosk calls a person: (queue, wish, time) -> facts, or a refusal. One open call a kiosk; the
day's end leaves none."""

from datetime import datetime

from edge_agent.branch_queue.facts import Fact, HelpAsked, HelpComing, HelpDone
from edge_agent.branch_queue.queue import BranchQueue
from edge_agent.branch_queue.refusals import NoHelpWanted

Facts = tuple[Fact, ...]
STAFF = "staff"  # somebody who has named no counter
CUSTOMER = "customer"


def ask_help(
    queue: BranchQueue, now: datetime, *, kiosk: str, screen: str, reason: str | None = None
) -> Facts:
    """Nothing new while the kiosk's call is open."""
    if kiosk in queue.day.help_calls:
        return ()
    asked = HelpAsked(
        at=now, business_day=queue.business_day, kiosk=kiosk, screen=screen, reason=reason
    )
    return (asked,)


def come_to_help(queue: BranchQueue, now: datetime, *, kiosk: str, by: str) -> Facts:
    """Whoever says so first is the one who comes. Raises NoHelpWanted."""
    call = queue.day.help_calls.get(kiosk)
    if call is None:
        raise NoHelpWanted(f"Nobody at {kiosk} needs help any more.")
    if call.coming_at is not None:
        return ()
    return (HelpComing(at=now, business_day=queue.business_day, kiosk=kiosk, by=by),)


def end_help(queue: BranchQueue, now: datetime, *, kiosk: str, by: str) -> Facts:
    """Helped, or no longer needed. Nothing new where no call is open."""
    if kiosk not in queue.day.help_calls:
        return ()
    return (HelpDone(at=now, business_day=queue.business_day, kiosk=kiosk, by=by),)
