"""The sections of branch.toml that say how the branch works: calling order, courtesy, limits, hours, skills."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from edge_agent.branch_queue.business_day import Calendar, Hours, Weekly
from edge_agent.branch_queue.rules import (
    ANY,
    CallingOrder,
    CounterRule,
    Courtesy,
    Limits,
    OrderRule,
)
from edge_agent.branch_queue.ticket import Segment
from edge_agent.messages import Code, SegmentName
from program.settings_file import Section, SettingsError

Minutes = Annotated[float, Meta(ge=0, le=24 * 60)]
Count = Annotated[int, Meta(ge=1, le=100_000)]
TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
TimeOfDay = Annotated[
    str, Meta(pattern=rf"^{TIME}\Z", description='a time HH:MM in quotes, such as "04:00"')
]
Span = Annotated[
    str,
    Meta(
        pattern=rf"^{TIME}-{TIME}\Z",
        description='opening and closing time in quotes, such as "09:00-12:00"',
    ),
]
Day = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z",
        description='a date YYYY-MM-DD in quotes, such as "2026-10-01"',
    ),
]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Target(Section, frozen=True):
    """The wait to stay under; `*` is any service or segment."""

    minutes: Minutes
    service: Code = ANY
    segment: Code = ANY


class Order(Section, frozen=True):
    """`version` stands in every call's reason: give a changed policy a new one."""

    version: Annotated[str, Meta(min_length=1, max_length=32)] = CallingOrder().version
    rule: OrderRule = CallingOrder().rule
    head_start_min: Mapping[SegmentName, Minutes] | None = None
    rank: Mapping[SegmentName, Annotated[int, Meta(ge=-1000, le=1000)]] = {}
    targets: list[Target] = []
    worst_wait_min: Minutes | None = None
    preferred_head_start_min: Minutes | None = None
    appointment_lead_min: Minutes | None = None
    appointment_late_min: Minutes | None = None

    def check(self, services: frozenset[str]) -> None:
        """Raises SettingsError."""
        for target in self.targets:
            if target.service not in (*services, ANY) or target.segment not in (*Segment, ANY):
                raise SettingsError(
                    f"section [calling_order]: key 'targets': '{target.service}', '{target.segment}'; expected "
                    f"a service ({', '.join(sorted(services))}) and a segment ({', '.join(Segment)}), or {ANY}"
                )
        if self.rule == "deadline" and (ANY, ANY) not in self.policy().targets:
            raise SettingsError(
                "section [calling_order]: key 'targets': rule deadline needs one for everybody else, such as "
                "{ minutes = 20 }; without it, whoever has no target would go first"
            )
        if self.rule == "strict" and not self.rank:
            raise SettingsError(
                "section [calling_order]: key 'rank': rule strict needs it, such as { vip = 2, care = 1 }; "
                "without it, nobody goes before anybody (that is rule arrival)"
            )

    def policy(self) -> CallingOrder:
        """What is not said stays as shipped."""
        shipped = CallingOrder()
        worst = self.worst_wait_min
        return CallingOrder(
            version=self.version,
            rule=self.rule,
            head_start=shipped.head_start
            if self.head_start_min is None
            else {segment: timedelta(minutes=m) for segment, m in self.head_start_min.items()},
            rank={str(segment): rank for segment, rank in self.rank.items()},
            targets={(t.service, t.segment): timedelta(minutes=t.minutes) for t in self.targets},
            worst_wait=None if worst is None else timedelta(minutes=worst),
            preferred=_minutes(self.preferred_head_start_min, shipped.preferred),
            lead=_minutes(self.appointment_lead_min, shipped.lead),
            late=_minutes(self.appointment_late_min, shipped.late),
        )


class CourtesySettings(Section, frozen=True):
    """How often and how soon a ticket may be recalled, put back in line, parked; how long a call can be undone."""

    recalls: Annotated[int, Meta(ge=0, le=100)] | None = None
    recall_pause_s: Annotated[float, Meta(ge=0, le=600)] | None = None
    returns: Annotated[int, Meta(ge=0, le=100)] | None = None
    return_within_min: Minutes | None = None
    returned_counts_as_waited_min: Minutes | None = None
    parking_min: Annotated[float, Meta(gt=0, le=24 * 60)] | None = None
    longest_parking_min: Annotated[float, Meta(gt=0, le=24 * 60)] | None = None
    undo_s: Annotated[float, Meta(ge=0, le=60)] | None = None

    def courtesy(self) -> Courtesy:
        """Raises SettingsError."""
        shipped = Courtesy()
        courtesy = Courtesy(
            most_recalls=shipped.most_recalls if self.recalls is None else self.recalls,
            recall_pause=_seconds(self.recall_pause_s, shipped.recall_pause),
            most_returns=shipped.most_returns if self.returns is None else self.returns,
            return_within=_minutes(self.return_within_min, shipped.return_within),
            returned_counts_as_waited=_minutes(
                self.returned_counts_as_waited_min, shipped.returned_counts_as_waited
            ),
            parked_for=_minutes(self.parking_min, shipped.parked_for),
            longest_parking=_minutes(self.longest_parking_min, shipped.longest_parking),
            undo_within=_seconds(self.undo_s, shipped.undo_within),
        )
        if courtesy.parked_for > courtesy.longest_parking:
            raise SettingsError(
                "section [courtesy]: key 'parking_min': longer than longest_parking_min; expected at most that"
            )
        return courtesy


class LimitSettings(Section, frozen=True):
    """What is not said is not limited."""

    per_kiosk_a_minute: Count | None = None
    per_card_open: Count | None = None
    per_card_a_day: Count | None = None

    def limits(self) -> Limits:
        return Limits(self.per_kiosk_a_minute, self.per_card_open, self.per_card_a_day)


class HoursSettings(Section, frozen=True):
    """Opening hours in the branch's own time: ["09:00-12:00", "13:30-17:00"]; "18:00-01:00" ends after
    midnight. A day that is not named is closed; `special` days have hours of their own."""

    monday: list[Span] = []
    tuesday: list[Span] = []
    wednesday: list[Span] = []
    thursday: list[Span] = []
    friday: list[Span] = []
    saturday: list[Span] = []
    sunday: list[Span] = []
    holidays: list[Day] = []
    special: Mapping[Day, list[Span]] = {}

    def check(self, section: str, day_starts_at: time) -> None:
        """Hours after midnight belong to the day before, until that ends. Raises SettingsError."""
        days = {name: getattr(self, name) for name in WEEKDAYS}
        for key, spans in (*days.items(), *(("special", spans) for spans in self.special.values())):
            where = f"section {section}: key '{key}'"
            for span in spans:
                _check_span(where, span, day_starts_at)
            _check_apart(where, spans)
        for key, dates in (("holidays", self.holidays), ("special", self.special)):
            for day in dates:
                _check_date(f"section {section}: key '{key}'", day)
        for day in sorted(set(self.holidays) & set(self.special)):
            raise SettingsError(
                f"section {section}: key 'special': {day} stands in 'holidays', too; expected in one of them"
            )

    def calendar(self, zone: ZoneInfo) -> Calendar:
        weekly: Weekly = {n: _hours(getattr(self, name)) for n, name in enumerate(WEEKDAYS)}
        special = {date.fromisoformat(day): _hours(spans) for day, spans in self.special.items()}
        holidays: dict[date, Hours] = {date.fromisoformat(day): () for day in self.holidays}
        return Calendar(zone, weekly, {**special, **holidays})


def _check_span(where: str, span: str, day_starts_at: time) -> None:
    """Raises SettingsError. The whole business day begins and ends at the same time, too."""
    (opens, closes), *_ = _hours([span])
    if opens == closes != day_starts_at:
        raise SettingsError(
            f"{where}: '{span}' begins and ends at the same time; expected another end, or to leave it out"
        )
    if (closes <= opens and closes > day_starts_at) or opens < day_starts_at:
        raise SettingsError(
            f"{where}: '{span}' reaches over {day_starts_at:%H:%M}, where one business day ends "
            "and the next begins; change the hours, or day_starts_at in section [branch]"
        )


def _check_apart(where: str, spans: Sequence[str]) -> None:
    """Raises SettingsError for hours of one day that overlap."""
    in_order = sorted(zip(_hours(spans), spans, strict=True))
    for ((opens, closes), span), ((then, _), other) in pairwise(in_order):
        if then < closes or closes <= opens:
            raise SettingsError(
                f"{where}: '{span}' and '{other}' overlap; expected hours apart, such as 09:00-12:00 and 13:30-17:00"
            )


class Profile(Section, frozen=True):
    """The skills of a counter: what it serves, what it prefers, and for which segments it is (none: for all)."""

    name: Code
    services: list[Code] = []
    preferred: list[Code] = []
    segments: list[SegmentName] = []

    def rule(self, every: frozenset[str]) -> CounterRule:
        return CounterRule(
            frozenset(self.services) or every, frozenset(self.preferred), frozenset(self.segments)
        )


def check_everybody_is_served(services: Sequence[str], counters: Mapping[str, CounterRule]) -> None:
    """A ticket that no counter may call would wait for ever. Raises SettingsError."""
    for service in services:
        for segment in Segment:
            if not any(rule.may_serve(service, segment) for rule in counters.values()):
                raise SettingsError(
                    f"section [counters]: no counter serves '{service}' for {segment} customers; "
                    "expected at least one, or they would wait for ever"
                )


def _hours(spans: Sequence[str]) -> Hours:
    parts = (span.split("-") for span in spans)
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in parts)


def _check_date(where: str, day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise SettingsError(f"{where}: '{day}' is in no calendar; expected a date") from error


def _minutes(value: float | None, otherwise: timedelta) -> timedelta:
    return otherwise if value is None else timedelta(minutes=value)


def _seconds(value: float | None, otherwise: timedelta) -> timedelta:
    return otherwise if value is None else timedelta(seconds=value)
