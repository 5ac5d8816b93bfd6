"""The branch as it stands: over HTTP and MQTT."""

from datetime import date, datetime
from typing import Literal

from msgspec import structs

from edge_agent.messages.chain import DayOnRecord
from edge_agent.messages.from_office import Notice, OfConfig
from edge_agent.messages.shapes import Moment, Names, Shape
from edge_agent.messages.tickets import ErrandOf, EstimatedWait, Why


class QueueNow(Shape, frozen=True):
    service: str
    names: Names
    waiting: int
    longest_wait_s: int
    estimated_wait: EstimatedWait | None


class CounterNow(Shape, frozen=True):
    """`idle` is open with nobody there; `undo_until`: its last call can be undone until then."""

    counter: str
    state: Literal["closed", "paused", "idle", "called", "serving"]
    label: str | None = None
    service: str | None = None
    segment: str | None = None
    since: datetime | None = None
    undo_until: datetime | None = None
    then: list[str] = []
    errand: ErrandOf | None = None
    identity: str = ""
    identity_reason: str = ""
    why: Why | None = None


class SetAside(Shape, frozen=True):
    """A parked ticket, or one whose call was missed."""

    label: str
    service: str
    counter: str | None
    at: Moment
    until: datetime | None = None
    may_return: bool = True


class Back(Shape, frozen=True):
    """A ticket that has just gone back in line, for the wall display."""

    label: str
    service: str
    at: Moment


class Accuracy(Shape, frozen=True):
    """Today's promises about waits: how many came due, how many were within their range, and how far from
    the likely wait they were on average, in s."""

    promises: int
    within: int
    mean_error_s: int


class Call(Shape, frozen=True):
    """A ticket called today, for the wall display."""

    label: str
    counter: str
    at: Moment
    times: int


class HelpWanted(Shape, frozen=True):
    """A customer has called a person to this kiosk; `coming_at`: somebody said so, `coming_by`: the counter, or
    staff."""

    kiosk: str
    screen: str
    at: Moment
    coming_at: Moment | None = None
    coming_by: str = ""
    reason: str = ""


class Ratings(Shape, frozen=True):
    """Today's: visits that were finished, those of them rated, and their mean score."""

    visits: int
    rated: int
    mean: float | None = None


class Queues(OfConfig, frozen=True, kw_only=True):
    """The branch at one moment. `served`, `issued` and `missed` count today's tickets; `clock_off_s` is how far
    the machine's clock is off the branch's time, when it is not believed; `line`: the troubles of the line to head
    office, by name; `notices`: messages from head office. `on_record`, for head office: the journal's last business day up to `journal_seq`."""

    branch: str
    name: Names
    at: Moment
    business_day: date
    epoch: str
    journal_seq: int
    queues: list[QueueNow]
    counters: list[CounterNow]
    calls: list[Call]
    issued: int
    served: int
    missed: int
    parked: list[SetAside] = []
    missed_calls: list[SetAside] = []
    back: list[Back] = []
    open: bool = True
    accuracy: Accuracy | None = None
    journal: Literal["ok", "slow", "failing"] = "ok"
    clock_off_s: int = 0
    line: list[str] = []
    help_wanted: list[HelpWanted] = []
    ratings: Ratings | None = None
    open_opinions: int = 0
    notices: list[Notice] = []
    on_record: DayOnRecord | None = None


def for_everybody(queues: Queues) -> Queues:
    """Without what would tell one customer about another, or a stranger about our line."""
    counters = [
        structs.replace(one, segment=None, errand=None, identity="", identity_reason="", why=None)
        for one in queues.counters
    ]
    notices = [one for one in queues.notices if "hall" in one.where]
    return structs.replace(queues, counters=counters, line=[], notices=notices, config_reason="")
