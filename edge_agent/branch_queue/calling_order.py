"""Who is called next, and why: the policy of the configuration, applied to the heads of the lines.

Every rule is a score in which more is sooner; of equal scores, whoever has waited longer goes first:

arrival     seconds waited
strict      the segment's rank
head_start  seconds waited, and the segment's head start
deadline    seconds over the target of service and segment (below zero: still to go)

A counter's preferred services get a head start there. Whoever has waited longer than the worst wait goes
before everybody who has not. By head start nobody starves: an ordinary customer is overtaken only by
people who came within `CallingOrder.longest_head_start()` after them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from edge_agent.branch_queue.reason import Candidate, Why
from edge_agent.branch_queue.rules import NO_TIME, CallingOrder, CounterRule, OrderRule
from edge_agent.branch_queue.ticket import Segment, Ticket

CANDIDATES_KEPT = 8


Rank = tuple[bool, float, datetime, int]
Score = Callable[[CallingOrder, Ticket, float], float]


def _arrival(_order: CallingOrder, _ticket: Ticket, waited_s: float) -> float:
    return waited_s


def _strict(order: CallingOrder, ticket: Ticket, _waited_s: float) -> float:
    return float(order.rank.get(ticket.segment, 0))


def _head_start(order: CallingOrder, ticket: Ticket, waited_s: float) -> float:
    return waited_s + order.head_start.get(ticket.segment, NO_TIME).total_seconds()


def _deadline(order: CallingOrder, ticket: Ticket, waited_s: float) -> float:
    return waited_s - order.target(ticket.service, ticket.segment).total_seconds()


SCORES: Mapping[OrderRule, Score] = {
    "arrival": _arrival,
    "strict": _strict,
    "head_start": _head_start,
    "deadline": _deadline,
}


def choose(
    tickets: Iterable[Ticket], order: CallingOrder, counter: CounterRule, now: datetime, of: int
) -> tuple[Ticket, Why] | None:
    """The one to call among the heads of the lines this counter may call from; `of` is how many wait there."""
    ranked = sorted(
        ((candidate(t, order, counter, now), t) for t in tickets),
        key=lambda pair: sooner(*pair),
    )
    if not ranked:
        return None
    candidates = tuple(one for one, _ in ranked[:CANDIDATES_KEPT])
    why = Why(
        policy=order.version, rule=order.rule, of=of, chosen=candidates[0], candidates=candidates
    )
    return ranked[0][1], why


def candidate(
    ticket: Ticket, order: CallingOrder, counter: CounterRule | None, now: datetime
) -> Candidate:
    """A ticket with its numbers. Without a counter, nothing is preferred."""
    preferred_s = 0.0
    if counter is not None and ticket.service in counter.preferred and order.rule != "strict":
        preferred_s = order.preferred.total_seconds()
    waited_s, score_s, capped = _numbers(ticket, order, now, preferred_s)
    return Candidate(
        label=ticket.label,
        service=ticket.service,
        segment=ticket.segment,
        waited_s=waited_s,
        score_s=score_s,
        preferred_s=preferred_s,
        capped=capped,
    )


def sooner(one: Candidate, ticket: Ticket) -> Rank:
    """Sorts those first who are called first."""
    score = one.waited_s if one.capped else one.score_s
    return (not one.capped, -score, ticket.place, ticket.turn)


def rank(ticket: Ticket, order: CallingOrder, now: datetime) -> Rank:
    """Where a ticket stands while no counter has asked: estimates compare many, and show nobody a candidate."""
    waited_s, score_s, capped = _numbers(ticket, order, now, 0.0)
    return (not capped, -(waited_s if capped else score_s), ticket.place, ticket.turn)


def _numbers(
    ticket: Ticket, order: CallingOrder, now: datetime, preferred_s: float
) -> tuple[float, float, bool]:
    """Seconds waited, score, and whether the ticket has waited longer than the worst wait."""
    waited = now - ticket.place
    waited_s = waited.total_seconds()
    score_s = SCORES[order.rule](order, ticket, waited_s) + preferred_s
    capped = order.worst_wait is not None and waited > order.worst_wait
    return round(waited_s, 3), round(score_s, 3), capped


def counts_from(
    order: CallingOrder, segment: str, booked: datetime | None, now: datetime
) -> datetime:
    """The place of somebody who comes now.

    With an appointment: early, as anybody who comes now; on time, from `lead` before the booked time;
    later than `late` after it, as anybody again.
    """
    if segment != Segment.APPOINTMENT or booked is None or now - booked > order.late:
        return now
    return min(now, booked - order.lead)


def missed_counts_from(waited: timedelta, place: datetime, now: datetime) -> datetime:
    """The place of somebody who is back in line after a missed call: never better than the one they had."""
    return max(place, now - waited)
