"""The queue of one business day as it stands, and how a fact changes it.

It is changed in place, and only by `apply_all`; what has not been committed is taken back with `roll_back`.
Everything but `tickets` and `day` follows from the tickets and is kept in step by `_put`.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from edge_agent.branch_queue.lines import Line, Lines
from edge_agent.branch_queue.number_book import NumberBook
from edge_agent.branch_queue.rules import CounterRule
from edge_agent.branch_queue.ticket import AT_COUNTER, ENDED, State, Ticket

ENDED_IN_MIND = 2000  # tickets: the memory of a day must not grow with it; the journal has them all
A_MINUTE = timedelta(minutes=1)
CounterState = Literal["open", "paused", "closed"]
Mark = tuple[int, "Day"]


@dataclass(frozen=True, slots=True)
class CounterNow:
    """`active_at`: its last press."""

    state: CounterState
    since: datetime
    active_at: datetime


@dataclass(frozen=True, slots=True)
class LastCall:
    """What a counter's undo would take back."""

    ticket: str
    at: datetime
    finished: str | None = None  # label of the ticket that the same press finished


@dataclass(frozen=True, slots=True)
class HelpCall:
    """A customer has called a person. `coming_by`: the counter that said so first, or staff."""

    screen: str
    reason: str
    at: datetime
    coming_at: datetime | None = None
    coming_by: str = ""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was promised and what came: waits called today, how many within the promised range, and the
    distance from the likely wait, added up in s."""

    promises: int = 0
    within: int = 0
    error_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Today's ratings: how many, and their scores added up."""

    rated: int = 0
    total: int = 0

    def and_one(self, score: int) -> "Scores":
        return Scores(self.rated + 1, self.total + score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The small part of the state: a new value after each change."""

    last_number: Mapping[str, int] = field(default_factory=dict)
    counters: Mapping[str, CounterNow] = field(default_factory=dict)
    last_calls: Mapping[str, LastCall] = field(default_factory=dict)
    recent_calls: tuple[str, ...] = ()  # ticket ids, the latest first
    returned: tuple[str, ...] = ()  # ticket ids, the latest first
    turn_seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    reprints: Mapping[str, str] = field(default_factory=dict)  # ticket id -> kiosk that shall print
    issued_at_kiosk: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    help_calls: Mapping[str, HelpCall] = field(default_factory=dict)  # by kiosk
    accuracy: Accuracy = Accuracy()
    scores: Scores = Scores()
    opinions: int = 0  # given today
    open_opinions: Mapping[str, str] = field(default_factory=dict)  # of any day: id -> label
    numbers: NumberBook = field(default_factory=NumberBook)
    closed_by_staff: bool = False
    said_open: bool | None = None
    ended: bool = False
    last_at: datetime | None = None


class BranchQueue:
    """Tickets by id; who waits in which line; who stands at which counter."""

    def __init__(self, business_day: date, day: Day | None = None) -> None:
        self.business_day = business_day
        self.day = day or Day()
        self.tickets: dict[str, Ticket] = {}
        self.lines = Lines()
        self.at_counter: dict[str, str] = {}
        self.parked: dict[str, Ticket] = {}
        self.missed: dict[str, Ticket] = {}
        self.by_label: dict[str, str] = {}
        self.by_card: dict[str, list[str]] = {}
        self.taken_with_card: Counter[str] = Counter()
        self.count: Counter[State] = Counter()
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._before: list[tuple[str, Ticket | None]] = []
        self._kept = self.day

    def at(self, counter: str) -> Ticket | None:
        """The ticket called to or served at this counter."""
        ticket = self.at_counter.get(counter)
        return None if ticket is None else self.tickets[ticket]

    def counter_state(self, counter: str) -> CounterState:
        """Closed is also what has not been opened today."""
        known = self.day.counters.get(counter)
        return known.state if known else "closed"

    def may_call(self, counter: str, rule: CounterRule, line: Line) -> bool:
        """Whether this counter may call from this line. What waits for one counter only is anybody's again
        once that counter has closed."""
        own = line.for_counter in (None, counter)
        return rule.may_serve(line.service, line.segment) and (
            own or self.counter_state(line.for_counter or "") == "closed"
        )

    def waiting_at(self, counter: str, rule: CounterRule) -> int:
        """How many wait whom this counter may call."""
        lines = self.lines.all()
        return sum(len(places) for line, places in lines if self.may_call(counter, rule, line))

    def waiting(self) -> list[Ticket]:
        """Everybody who waits, in order of place."""
        found = [self.tickets[one] for one in self.lines.ids()]
        return sorted(found, key=lambda ticket: (ticket.place, ticket.turn))

    def waiting_for(self, service: str) -> list[Ticket]:
        """Those waiting for one service, in order of place."""
        return [ticket for ticket in self.waiting() if ticket.service == service]

    def following(self, business_day: date) -> "BranchQueue":
        """The next day's queue, before anybody came. What services take, and who still waits for an answer, is not
        forgotten overnight."""
        day = self.day
        kept = Day(
            turn_seconds=day.turn_seconds, last_at=day.last_at, open_opinions=day.open_opinions
        )
        return BranchQueue(business_day, kept)

    def keep(self) -> None:
        """What has been applied is committed. Of the tickets that have ended, the latest stay in mind."""
        self._before.clear()
        self._kept = self.day
        while len(self._ended) > ENDED_IN_MIND:
            oldest = self.tickets.pop(next(iter(self._ended)))
            self._forget(oldest)
            self.count[oldest.state] += 1

    def bring_back(self, ticket: Ticket) -> None:
        """A ticket of today that was no longer in mind, as the journal has it."""
        if ticket.id not in self.tickets:
            self._remember(ticket)
            self.count[ticket.state] -= 1

    def order(self) -> tuple[list[str], list[str]]:
        """Ids of the parked and of the ended, the latest last."""
        return list(self.parked), list(self._ended)

    def put_in_order(self, parked: Iterable[str], ended: Iterable[str]) -> None:
        """As `order` gave it."""
        self.parked = {one: self.tickets[one] for one in parked}
        self._ended = OrderedDict.fromkeys(ended)
        missed = (one for one in self._ended if one in self.missed)
        self.missed = {one: self.tickets[one] for one in missed}

    def mark(self) -> Mark:
        """A point to roll back to."""
        return len(self._before), self.day

    def roll_back(self, to: Mark | None = None) -> None:
        """Take back everything applied since `keep`, or since this mark."""
        count, day = to or (0, self._kept)
        while len(self._before) > count:
            self._place(*self._before.pop())
        self.day = day

    def put(self, ticket: Ticket) -> None:
        """A ticket as it is from now on. Only facts may come here."""
        self._before.append((ticket.id, self.tickets.get(ticket.id)))
        self._place(ticket.id, ticket)

    def _place(self, ticket_id: str, ticket: Ticket | None) -> None:
        before = self.tickets.get(ticket_id)
        if before is not None:
            self._forget(before)
        if ticket is not None:
            self._remember(ticket)
        elif before is not None:
            del self.tickets[ticket_id]
        self._count_card(before, ticket)

    def _count_card(self, before: Ticket | None, ticket: Ticket | None) -> None:
        """A ticket that is new, or has never been."""
        known = ticket or before
        if known is not None and known.customer_token is not None:
            self.taken_with_card[known.customer_token] += (ticket is not None) - (
                before is not None
            )

    def _forget(self, ticket: Ticket) -> None:
        self.count[ticket.state] -= 1
        del self.by_label[ticket.label]
        if ticket.customer_token:
            self.by_card[ticket.customer_token].remove(ticket.id)
        match ticket.state:
            case State.WAITING:
                self.lines.remove(ticket)
            case State.PARKED:
                del self.parked[ticket.id]
            case State.MISSED:
                del self.missed[ticket.id]
                del self._ended[ticket.id]
            case _ if ticket.state in ENDED:
                del self._ended[ticket.id]
            case _ if ticket.state in AT_COUNTER and ticket.counter is not None:
                del self.at_counter[ticket.counter]

    def _remember(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        self.count[ticket.state] += 1
        self.by_label[ticket.label] = ticket.id
        if ticket.customer_token:
            self.by_card.setdefault(ticket.customer_token, []).append(ticket.id)
        match ticket.state:
            case State.WAITING:
                self.lines.add(ticket)
            case State.PARKED:
                self.parked[ticket.id] = ticket
            case State.MISSED:
                self.missed[ticket.id] = ticket
                self._ended[ticket.id] = None
            case _ if ticket.state in ENDED:
                self._ended[ticket.id] = None
            case _ if ticket.state in AT_COUNTER and ticket.counter is not None:
                self.at_counter[ticket.counter] = ticket.id
