"""What the branch's configuration tells the rules: services, counters, calling order, limits, opening hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from edge_agent.branch_queue.business_day import ALWAYS, Calendar
from edge_agent.branch_queue.ticket import Segment

OrderRule = Literal["arrival", "strict", "head_start", "deadline"]
ANY = "*"  # in a target: any service, or any segment
NO_TIME = timedelta(0)
IN_ADVANCE = (
    9  # a number that begins so, and has one digit more than the others, was leased in advance
)


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """One service line. `prefix` begins its labels; its numbers run from `first` to `last` and wrap then."""

    code: str
    prefix: str
    first: int = 1
    last: int | None = None
    calendar: Calendar = ALWAYS

    def label(self, number: int) -> str:
        """The label of the day's n-th ticket: A001, A002, …

        Without `last` the label grows after 999 rather than repeats. With it the numbers wrap, and the round
        stands before them (A999 is followed by A2001): one label never names two customers of a day. Those
        that `label_in_advance` makes are left out: A8999 is followed by A10000, or by A10001 where they wrap.
        """
        if self.last is None:
            shown = self.first + number - 1
            shown += 10**self._width if shown >= IN_ADVANCE * 10**self._width else 0
            return f"{self.prefix}{shown:03d}"
        round_, place = divmod(number - 1, self.last - self.first + 1)
        round_ += 2 if round_ + 1 >= IN_ADVANCE else 1
        return f"{self.prefix}{round_ if round_ > 1 else ''}{self.first + place:0{self._width}d}"

    def label_in_advance(self, number: int) -> str:
        """The label of the day's n-th number in advance, up to `most_in_advance`: A9001, A9002, …"""
        return f"{self.prefix}{IN_ADVANCE}{number:0{self._width}d}"

    @property
    def most_in_advance(self) -> int:
        return int(10**self._width) - 1

    @property
    def _width(self) -> int:
        """Digits of a number of the first round; 999 is enough where nothing longer is in sight."""
        return max(3, len(str(self.first if self.last is None else self.last)))


@dataclass(frozen=True, slots=True)
class CounterRule:
    """What a counter may serve, what it prefers, and for whom it is (empty: for everybody)."""

    services: frozenset[str]
    preferred: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()

    def may_serve(self, service: str, segment: str) -> bool:
        return service in self.services and (not self.segments or segment in self.segments)


@dataclass(frozen=True, slots=True)
class CallingOrder:
    """Who is called first, as a versioned policy; see `calling_order`.

    `targets` are by (service, segment), either of them possibly ANY. Nobody waits longer than `worst_wait`
    behind somebody who has not. An appointment counts from `lead` before its booked time, unless its
    customer comes more than `late` after it.
    """

    version: str = "shipped-1"
    rule: OrderRule = "head_start"
    head_start: Mapping[str, timedelta] = field(
        default_factory=lambda: {
            Segment.VIP: timedelta(minutes=8),
            Segment.CARE: timedelta(minutes=8),
        }
    )
    rank: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)
    worst_wait: timedelta | None = None
    preferred: timedelta = timedelta(minutes=3)
    lead: timedelta = timedelta(minutes=5)
    late: timedelta = timedelta(minutes=10)

    def target(self, service: str, segment: str) -> timedelta:
        """The wait this policy aims at; the most particular entry counts."""
        for key in ((service, segment), (service, ANY), (ANY, segment), (ANY, ANY)):
            if key in self.targets:
                return self.targets[key]
        return NO_TIME

    def longest_head_start(self) -> timedelta:
        """By head start, an ordinary customer is overtaken only by those who came at most so much later."""
        booked = self.lead + self.late + self.head_start.get(Segment.APPOINTMENT, NO_TIME)
        ahead = max(booked, *self.head_start.values(), NO_TIME)
        own = self.head_start.get(Segment.ORDINARY, NO_TIME)
        return max(ahead - own, NO_TIME) + self.preferred


@dataclass(frozen=True, slots=True)
class Courtesy:
    """How often and how soon: recalls, returns after a missed call, parking, undo."""

    most_recalls: int = 3
    recall_pause: timedelta = timedelta(seconds=10)
    most_returns: int = 1
    return_within: timedelta = timedelta(minutes=60)
    returned_counts_as_waited: timedelta = timedelta(minutes=5)
    parked_for: timedelta = timedelta(minutes=10)
    longest_parking: timedelta = timedelta(minutes=120)
    undo_within: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Limits:
    """So that nobody hoards tickets. None: no limit."""

    per_kiosk_a_minute: int | None = None
    per_card_open: int | None = None
    per_card_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Services by code and counters by name; the reasons of a rating with the scores they are offered with; the
    topics of an opinion with their sentences."""

    services: Mapping[str, ServiceRule]
    counters: Mapping[str, CounterRule]
    order: CallingOrder = CallingOrder()
    courtesy: Courtesy = Courtesy()
    limits: Limits = Limits()
    reasons: Mapping[str, frozenset[int]] = field(default_factory=dict)
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opinion_prefix: str = "S"
    calendar: Calendar = ALWAYS
    numbers_in_advance: int = 0  # for each service and kiosk
