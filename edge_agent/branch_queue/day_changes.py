"""How facts that concern no ticket change the day."""

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch

from edge_agent.branch_queue import facts as happened
from edge_agent.branch_queue.facts import CounterFact, Fact
from edge_agent.branch_queue.queue import CounterNow, CounterState, Day, HelpCall

COUNTER_STATES: Mapping[type[CounterFact], CounterState] = {
    happened.CounterOpened: "open",
    happened.CounterPaused: "paused",
    happened.CounterClosed: "closed",
}


@singledispatch
def day_after(fact: Fact, day: Day) -> Day:
    """The day after this fact; most facts leave it as it is."""
    return day


@day_after.register
def _counter(fact: CounterFact, day: Day) -> Day:
    now = CounterNow(COUNTER_STATES[type(fact)], fact.at, fact.at)
    return replace(day, counters={**day.counters, fact.counter: now})


@day_after.register
def _branch(fact: happened.BranchFact, day: Day) -> Day:
    opened = isinstance(fact, happened.BranchOpened)
    by_staff = fact.reason == "staff"
    return replace(
        day,
        said_open=opened,
        closed_by_staff=not opened if by_staff else day.closed_by_staff,
        ended=day.ended or fact.reason == "day_ended",
    )


@day_after.register
def _help_asked(fact: happened.HelpAsked, day: Day) -> Day:
    call = HelpCall(fact.screen, fact.reason or "", fact.at)
    return replace(day, help_calls={**day.help_calls, fact.kiosk: call})


@day_after.register
def _help_coming(fact: happened.HelpComing, day: Day) -> Day:
    call = replace(day.help_calls[fact.kiosk], coming_at=fact.at, coming_by=fact.by)
    return replace(day, help_calls={**day.help_calls, fact.kiosk: call})


@day_after.register
def _help_done(fact: happened.HelpDone, day: Day) -> Day:
    still = {kiosk: call for kiosk, call in day.help_calls.items() if kiosk != fact.kiosk}
    return replace(day, help_calls=still)
