"""Any sequence of events at all: nothing breaks, nobody is stuck, nothing is left."""

from dataclasses import replace

from hypothesis import example, given, settings, strategies as st

from edge_agent.messages import Appointment
from kiosk.journey import course, staff
from kiosk.journey.events import (
    BACKSPACE,
    AccessTouched,
    AppointmentFound,
    AppointmentShown,
    AppointmentUnknown,
    Begun,
    BranchLost,
    CardRead,
    CardUnreadable,
    CheckInTouched,
    ChoiceTouched,
    CodeUnknown,
    ComfortTouched,
    Entered,
    ErrandTouched,
    Event,
    Finished,
    HelpTold,
    HelpTouched,
    HereKnown,
    LanguageChosen,
    Left,
    MoreTime,
    NotTaken,
    OpinionTaken,
    OpinionTouched,
    PadUsed,
    PaperElsewhere,
    PaperTold,
    Picked,
    PinJudged,
    PriorityTouched,
    Rated,
    RateTouched,
    ScoreTouched,
    ServicesKnown,
    ServiceTouched,
    StaffAsked,
    StaffTold,
    StaffTouched,
    Tick,
    TicketIssued,
    TicketRefused,
    TicketScanned,
    TicketUnreachable,
    TopicTouched,
    TurnedOver,
    Typed,
    VisitFound,
    VisitUnknown,
    WentBack,
    WentOn,
    Wrote,
)
from kiosk.journey.step import Card, Help, Here, Paper, Screen, Step
from kiosk.journey.wishes import (
    AskTicket,
    FindVisit,
    GiveBack,
    GiveOpinion,
    JudgePin,
    PrintTicket,
    RateVisit,
    TellPaper,
    Wish,
)
from tests.kiosk.played import RULES, WORDS
from tests.kiosk.states import HERE, NONE_HERE, NOW, STATES, offer, ticket, visit

SECRET = "secret"  # stands in whatever belongs to one customer
CARD = Card(f"{SECRET}-token", "vip", ("wealth",))
ISSUED = ticket(label=f"{SECRET}-label")
BOOKED = Appointment(reference=f"{SECRET}-reference", service="cash", at=NOW)
VISIT = visit(label=f"{SECRET}-label")
CODES = st.sampled_from(
    ["cash", "cards", "wealth", "foreign", "lost-card", "loan", "home", "waiting", "waiting-0", ""]
)
HERES = st.sampled_from([HERE, NONE_HERE, replace(HERE, numbers=frozenset({"cash"})), Here()])
OFFERS = st.sampled_from(
    [
        offer(),
        offer(8, help_="asked"),
        offer(is_open=False),
        offer(is_open=False, note="full"),
        offer(errands=0, help_="coming"),
    ]
)
ANSWERS: tuple[Event, ...] = (
    TicketIssued(ISSUED),
    TicketRefused("queue-full-until-closing"),
    TicketUnreachable(),
    AppointmentFound(BOOKED, 20, asked=CARD.token),
    AppointmentFound(BOOKED, -3),
    AppointmentUnknown(CARD.token),
    AppointmentUnknown(""),
    VisitFound(VISIT),
    VisitUnknown(),
    Rated(),
    OpinionTaken(f"{SECRET}-number", f"{SECRET}-page"),
    NotTaken(),
    NotTaken("refused"),
    NotTaken(asked=CARD.token),
    PinJudged(right=True),
    PinJudged(right=False, wait_s=30),
)
PLAIN: tuple[Event, ...] = (
    Finished(), Left(), WentBack(), WentOn(), Entered(), MoreTime(), AccessTouched(), PadUsed(), HelpTouched(),
    Begun(), PriorityTouched(), CardRead(CARD), CardUnreadable(), CardUnreadable(together=True), CheckInTouched(),
    CodeUnknown(), RateTouched(), OpinionTouched(), TicketScanned(f"{SECRET}-scanned"), BranchLost(), StaffAsked(),
    StaffTold((f"{SECRET} lines",)), Wrote((1, 2, 3, 4)), Wrote(()), *ANSWERS,
)  # fmt: skip
EVENTS: st.SearchStrategy[Event | int] = st.one_of(
    st.sampled_from(PLAIN),
    st.sampled_from(PLAIN),
    st.integers(0, 200),  # seconds that pass
    OFFERS.map(ServicesKnown),
    OFFERS.map(lambda known: ServicesKnown(known, fresh=False)),
    HERES.map(HereKnown),
    st.sampled_from(list(WORDS)).map(LanguageChosen),
    st.sampled_from(["large", "low", "speech", "contrast"]).map(ComfortTouched),
    st.sampled_from([*"0123456789A", BACKSPACE]).map(Typed),
    st.sampled_from(list(Help)).map(HelpTold),
    st.integers(0, 9).map(TurnedOver),
    st.integers(1, 5).map(ScoreTouched),
    st.sampled_from(staff.DUTIES).map(StaffTouched),
    st.sampled_from([ServiceTouched, ErrandTouched, ChoiceTouched, TopicTouched, Picked]).flatmap(CODES.map),
    CODES.map(lambda code: AppointmentShown(code, f"{SECRET}-booking", 5)),
    st.builds(
        PaperTold,
        st.sampled_from([ISSUED.id, "another"]),
        st.sampled_from(["confirmed", "failed", "indeterminate"]),
        st.just("paperOut"),
    ),
    st.sampled_from([ISSUED.id, "another"]).map(lambda which: PaperElsewhere(which, f"{SECRET}-place")),
)  # fmt: skip


def heard() -> Step:
    step = Step.fresh(RULES)
    for event in (ServicesKnown(offer()), HereKnown(HERE)):
        step, _ = course.happen(step, event, RULES)
    return step


def run(
    journey: list[Event | int], step: Step | None = None
) -> tuple[Step, list[tuple[Step, Event, tuple[Wish, ...]]]]:
    """The last step, and each event with what it found and what was wished."""
    step, story = step or heard(), []
    for one in journey:
        event = Tick(step.at + one) if isinstance(one, int) else one
        after, wishes = course.happen(step, event, RULES)
        story.append((step, event, wishes))
        step = after
    return step, story


def as_nobody_had_been_there(step: Step) -> bool:
    """But for what the branch and the kiosk offer, and whether a person comes."""
    fresh = Step.fresh(RULES, step)
    return step == replace(fresh, screen=step.screen, touched_at=step.touched_at)


def longest(step: Step) -> float:
    slow = step.comfort.slow
    return (RULES.slow_idle_s if slow else RULES.idle_s) + RULES.warning_s


def left_alone(step: Step) -> Step:
    """Everybody goes; the branch answers what was asked; then only the clock speaks."""
    for answer in ANSWERS:
        if step.asking:
            step, _ = course.happen(step, answer, RULES)
    assert not step.asking or step.screen in (
        Screen.SERVICES,
        Screen.CHECK_IN,
        Screen.ERRAND_CONFIRM,
    )
    if step.asking:  # an appointment was found, and its ticket asked for
        step, _ = course.happen(step, TicketRefused(), RULES)
    begun, patience = step.at, longest(step)
    while step.at < begun + patience + 1:
        step, wishes = course.happen(step, Tick(step.at + 1), RULES)
        assert wishes == ()
    return step


JOURNEYS = st.lists(EVENTS, max_size=30)
STARTS = st.sampled_from([heard(), *(one for one in STATES.values() if not one.asking)])
many = settings(max_examples=100, deadline=None)


@settings(max_examples=200, deadline=None)
@given(STARTS, JOURNEYS)
@example(heard(), [StaffAsked(), Typed("1"), Entered(), AccessTouched(), PinJudged(right=True)])
@example(
    heard(),
    [CardRead(CARD), ServiceTouched("cash"), NotTaken(asked=CARD.token), TicketIssued(ISSUED)],
)
def test_silence_leads_to_the_start_and_nothing_of_the_customer_is_left(
    start: Step, journey: list[Event | int]
) -> None:
    step = left_alone(run(journey, start)[0])
    assert step.screen in (Screen.WELCOME, Screen.AWAY)
    assert as_nobody_had_been_there(step)
    assert SECRET not in repr(replace(step, offer=None))


@many
@given(JOURNEYS)
def test_nothing_of_anybody_is_on_the_welcome_and_away_screens_at_any_time(
    journey: list[Event | int],
) -> None:
    for step, _, _ in run(journey)[1]:
        if step.screen in (Screen.WELCOME, Screen.AWAY):
            found = replace(step, language="", comfort=replace(step.comfort), offer=None)
            assert SECRET not in repr(found)


@many
@given(STARTS, JOURNEYS)
def test_every_ticket_is_shown_and_printed_once_or_given_back_once(
    start: Step,
    journey: list[Event | int],
) -> None:
    for step, event, wishes in run(journey, start)[1]:
        kinds = [type(wish) for wish in wishes]
        if not isinstance(event, TicketIssued):
            assert PrintTicket not in kinds
            assert GiveBack not in kinds
        else:
            assert kinds == [
                PrintTicket if step.asking and step.screen in ASKING_TICKETS else GiveBack
            ]


ASKING_TICKETS = (Screen.SERVICES, Screen.CHECK_IN, Screen.ERRAND_CONFIRM)


@many
@given(STARTS, JOURNEYS)
def test_one_question_is_asked_at_a_time_and_all_news_of_paper_are_told(
    start: Step,
    journey: list[Event | int],
) -> None:
    asking = (AskTicket, FindVisit, RateVisit, GiveOpinion, JudgePin)
    for step, event, wishes in run(journey, start)[1]:
        if any(isinstance(wish, asking) for wish in wishes):
            assert not step.asking or isinstance(event, AppointmentFound)
            assert len(wishes) == 1
        told = [wish for wish in wishes if isinstance(wish, TellPaper)]
        expected = isinstance(event, PaperTold)
        assert told == ([TellPaper(event.ticket, event.outcome, event.reason)] if expected else [])


@many
@given(STARTS, JOURNEYS)
def test_what_is_promised_is_known(start: Step, journey: list[Event | int]) -> None:
    """Paper only when it is proven, elsewhere only beside a ticket, thanks only for what the branch has written down."""
    for step, event, _ in run(journey, start)[1]:
        after, _ = course.happen(step, event, RULES)
        if after.paper is Paper.TAKEN_FROM_PRINTER is not step.paper:
            assert isinstance(event, PaperTold)
            assert event.outcome == "confirmed"
        if after.paper_at:
            assert after.ticket is not None
        if after.screen is Screen.THANKS is not step.beneath:
            assert isinstance(event, Rated | OpinionTaken)
        if after.screen is Screen.STAFF and step.screen not in (Screen.STAFF, Screen.STAFF_DEVICES):
            assert event == PinJudged(right=True)
