"""Any customer of any branch, touching what is offered: every screen can be said, and whoever wants can leave."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings, strategies as st

from kiosk.journey import course
from kiosk.journey.events import (
    AppointmentFound,
    AppointmentShown,
    AppointmentUnknown,
    BranchLost,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    HelpTold,
    HereKnown,
    NotTaken,
    OpinionTaken,
    PadUsed,
    PaperElsewhere,
    PaperTold,
    PinJudged,
    Rated,
    ServicesKnown,
    StaffAsked,
    Tick,
    TicketIssued,
    TicketRefused,
    TicketScanned,
    TicketUnreachable,
    VisitFound,
    VisitUnknown,
    Wrote,
)
from kiosk.journey.step import Help, Screen, Step
from kiosk.journey.wishes import (
    AskTicket,
    CallPerson,
    FindAppointment,
    FindVisit,
    GiveOpinion,
    JudgePin,
    PrintTicket,
    RateVisit,
    TellPaper,
    Wish,
)
from kiosk.screens.page import Role
from kiosk.screens.pieces import width
from tests.kiosk.played import RULES, WORDS, choices, seen
from tests.kiosk.states import HERE, NONE_HERE, offer, ticket, visit
from tests.kiosk.test_any_journey import (
    BOOKED,
    CARD,
    SECRET,
    STARTS,
    VISIT,
    as_nobody_had_been_there,
    longest,
)


@dataclass
class Branch:
    """Answers each question once, in any of the ways in which it may be answered, whenever it likes."""

    asked: list[Wish] = field(default_factory=list)

    def hear(self, wishes: tuple[Wish, ...]) -> None:
        self.asked += wishes

    def answer(self, which: int) -> Event | None:
        if not self.asked:
            return None
        wish = self.asked.pop(which % len(self.asked))
        ways = answers_to(wish)
        return ways[which % len(ways)] if ways else None


def answers_to(wish: Wish) -> tuple[Event, ...]:
    match wish:
        case AskTicket(service=service):
            issued = ticket(label=f"{SECRET}-label", service=service)
            return (TicketIssued(issued), TicketRefused("service-closed"), TicketUnreachable())
        case PrintTicket(ticket=printed):
            return tuple(PaperTold(printed.id, outcome, "") for outcome in ("confirmed", "failed"))
        case TellPaper(ticket=of, outcome="failed"):
            return (PaperElsewhere(of, "kiosk-2"),)
        case FindAppointment(reference, token):
            asked = reference or token
            return (
                AppointmentFound(BOOKED, 20, asked),
                AppointmentUnknown(asked),
                NotTaken(asked=asked),
            )
        case FindVisit():
            return (VisitFound(VISIT), VisitFound(visit(rating=1)), VisitUnknown(), NotTaken())
        case RateVisit():
            return (Rated(), NotTaken(), NotTaken("refused"))
        case GiveOpinion():
            return (OpinionTaken("S001", f"{SECRET}-page"), NotTaken(), NotTaken("refused"))
        case JudgePin():
            return (PinJudged(right=True), PinJudged(right=False), PinJudged(right=False, wait_s=9))
        case CallPerson():
            return (HelpTold(Help.ASKED), HelpTold(Help.UNREACHABLE))
    return ()


HAPPENS = st.one_of(
    st.integers(0, 60).map(lambda n: ("touch", n)),
    st.integers(0, 60).map(lambda n: ("touch", n)),
    st.integers(0, 60).map(lambda n: ("touch", n)),
    st.integers(0, 11).map(lambda n: ("answer", n)),
    st.integers(1, 80).map(lambda n: ("wait", n)),
    st.sampled_from(
        [
            CardRead(CARD),
            CardUnreadable(),
            CodeUnknown(),
            AppointmentShown("cash", f"{SECRET}-booking", 5),
            TicketScanned(f"{SECRET}-scanned"),
            Wrote((1, 2)),
            BranchLost(),
            StaffAsked(),
            PadUsed(),
            ServicesKnown(offer()),
            ServicesKnown(offer(is_open=False)),
            HereKnown(NONE_HERE),
            HereKnown(replace(HERE, numbers=frozenset({"cash"}))),
        ]
    ).map(lambda event: ("happens", event)),
)
ON_PURPOSE = {
    "access": "open already",
    "enter": "nothing typed",
    "backspace": "nothing typed",
    "next": "said again",
}


def touch(step: Step, number: int) -> Event | None:
    """One of all that can be touched; it changes something, or nothing on purpose."""
    shown = seen(step)
    possible = [
        one
        for one in choices(shown)
        if one.does is not None and (number % 4 == 0 or one not in shown.bar)
    ]
    possible = possible or [one for one in choices(shown) if one.does is not None]
    one = possible[number % len(possible)]
    after, wishes = course.happen(step, one.does, RULES)
    if replace(after, touched_at=step.touched_at) == step and not wishes:
        on_purpose = one.key in ON_PURPOSE or one.key == "more-time"
        full = one.role is Role.CHIP and len(step.picked) == 5
        assert on_purpose or full or (one.role is Role.KEY and one.chosen), (step.screen, one)
    return one.does


@settings(max_examples=250, deadline=None)
@given(STARTS, st.lists(HAPPENS, max_size=30))
def test_any_customer_of_any_branch_can_go_on_or_leave(
    start: Step, life: list[tuple[str, object]]
) -> None:
    step, branch = start, Branch()
    for what, one in life:
        event = {
            "touch": lambda one=one, step=step: touch(step, one),
            "answer": lambda one=one: branch.answer(one),
            "wait": lambda one=one, step=step: Tick(step.at + one),
            "happens": lambda one=one: one,
        }[what]()
        if event is None:
            continue
        step, wishes = course.happen(step, event, RULES)
        branch.hear(wishes)
        for language in WORDS:  # every screen can be said
            shown = seen(replace(step, language=language))
            if shown.may_be_told and shown.page.notice and step.notice:  # room is kept for it
                assert width(shown.page.notice.text) <= max(map(width, shown.may_be_told))
            assert [one for one in choices(shown) if one.does is not None]
    for number in range(100):  # whatever was asked is answered
        if not branch.asked:
            break
        event = branch.answer(number)
        if event is not None:
            step, wishes = course.happen(step, event, RULES)
            branch.hear(wishes)
    assert not step.asking
    for _ in range(int(longest(step)) + 1):
        step, _ = course.happen(step, Tick(step.at + 1), RULES)
    assert step.screen in (Screen.WELCOME, Screen.AWAY)
    assert as_nobody_had_been_there(step)
