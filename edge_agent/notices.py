"""What pages list beside queues and counters: calls, who is back in line, promises kept, calls for a person."""

from datetime import datetime, timedelta
from typing import Literal

from edge_agent import messages
from edge_agent.branch_queue.queue import BranchQueue, HelpCall
from edge_agent.branch_queue.ticket import State

BACK_SHOWN_FOR = timedelta(minutes=3)


def calls(queue: BranchQueue) -> list[messages.Call]:
    """The latest calls, newest first."""
    called = (queue.tickets[one] for one in queue.day.recent_calls if one in queue.tickets)
    return [
        messages.Call(
            label=t.label, counter=t.counter, at=t.recalled_at or t.called_at, times=t.calls
        )
        for t in called
        if t.called_at is not None and t.counter is not None
    ]


def back(queue: BranchQueue, now: datetime) -> list[messages.Back]:
    """Those who are back in line, for as long as they may wonder."""
    tickets = (queue.tickets[one] for one in queue.day.returned if one in queue.tickets)
    return [
        messages.Back(label=t.label, service=t.service, at=t.returned_at)
        for t in tickets
        if t.state is State.WAITING and t.returned_at and now - t.returned_at < BACK_SHOWN_FOR
    ]


def accuracy(queue: BranchQueue) -> messages.Accuracy | None:
    kept = queue.day.accuracy
    if not kept.promises:
        return None
    return messages.Accuracy(
        promises=kept.promises, within=kept.within, mean_error_s=round(kept.error_s / kept.promises)
    )


def help_wanted(queue: BranchQueue) -> list[messages.HelpWanted]:
    """The oldest first."""
    return [help_call(kiosk, call) for kiosk, call in queue.day.help_calls.items()]


def help_call(kiosk: str, call: HelpCall) -> messages.HelpWanted:
    return messages.HelpWanted(
        kiosk=kiosk,
        screen=call.screen,
        at=call.at,
        coming_at=call.coming_at,
        coming_by=call.coming_by,
        reason=call.reason,
    )


def help_at(queue: BranchQueue, kiosk: str | None) -> Literal["", "asked", "coming"]:
    """Whether this kiosk has called a person."""
    call = queue.day.help_calls.get(kiosk or "")
    if call is None:
        return ""
    return "asked" if call.coming_at is None else "coming"
