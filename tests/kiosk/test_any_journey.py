"""Any sequence of events: nothing of a customer outlives them, and nothing is asked or told twice."""

from hypothesis import given, settings, strategies as st

from kiosk.journey import (
    AppointmentShown,
    AskTicket,
    Begun,
    BranchLost,
    Card,
    CardRead,
    CardUnreadable,
    CodeUnknown,
    Event,
    Finished,
    LanguageChosen,
    PaperElsewhere,
    PaperTold,
    PrintTicket,
    Screen,
    ServiceTouched,
    Step,
    TellPaper,
    Tick,
    TicketIssued,
    TicketRefused,
    WaysKnown,
    happen,
    may_show_card,
)
from tests.kiosk.test_journey import OFFER, RULES, ticket

SECRETS = ("secret-token", "secret-id", "secret-label", "secret-booking", "secret-place")
ISSUED = TicketIssued(ticket("secret-id", "secret-label"))
EVENTS = st.one_of(
    st.just(OFFER),
    st.just(Begun()),
    st.just(Finished()),
    st.just(CardRead(Card("secret-token", "vip"))),
    st.booleans().map(lambda together: CardUnreadable(together=together)),
    st.just(CodeUnknown()),
    st.sampled_from(["cash", "shut", "none"]).map(lambda s: AppointmentShown(s, "secret-booking")),
    st.sampled_from([frozenset(), frozenset({"scanner"})]).map(WaysKnown),
    st.sampled_from(["secret-id", "other"]).map(lambda t: PaperElsewhere(t, "secret-place")),
    st.just(BranchLost()),
    st.just(ISSUED),
    st.just(TicketRefused()),
    st.sampled_from(["zh-Hans", "en"]).map(LanguageChosen),
    st.sampled_from(["cash", "cards", "shut", "none"]).map(ServiceTouched),
    st.builds(
        PaperTold,
        st.sampled_from(["secret-id", "other"]),
        st.sampled_from(["confirmed", "failed", "indeterminate"]),
        st.just("paperOut"),
    ),
    st.integers(0, 200).map(lambda seconds: ("wait", seconds)),
)
JOURNEYS = st.lists(EVENTS, max_size=40)
ANSWERS = (TicketIssued, TicketRefused, BranchLost)


def run(journey: list[Event | tuple[str, int]]) -> tuple[Step, float, list[tuple[Event, tuple]]]:
    """The last step, the time, and what each event made the machine wish."""
    step, now, story = Step.fresh(RULES), 0.0, []
    for event in journey:
        if isinstance(event, tuple):
            now += event[1]
            event = Tick(now)  # noqa: PLW2901
        step, wishes = happen(step, event, RULES)
        story.append((event, wishes))
    return step, now, story


def left_alone(journey: list[Event | tuple[str, int]]) -> Step:
    """Everybody goes; the branch has answered whatever was asked; ten minutes pass."""
    step, now, _ = run(journey)
    if step.asking:
        step, _ = happen(step, TicketRefused(), RULES)
    for _ in range(20):
        now += 30
        step, wishes = happen(step, Tick(now), RULES)
        assert wishes == ()
    return step


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_a_screen_left_alone_ends_at_the_start_or_says_that_it_is_away(journey: list) -> None:
    assert left_alone(journey).screen in (Screen.WELCOME, Screen.AWAY)


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_a_screen_left_alone_ends_in_the_first_language(journey: list) -> None:
    assert left_alone(journey).language == RULES.language


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_nothing_of_a_customer_outlives_them(journey: list) -> None:
    said = repr(left_alone(journey))
    assert not [secret for secret in SECRETS if secret in said]


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_nothing_of_a_customer_is_in_the_step_of_the_welcome_and_away_screens(
    journey: list,
) -> None:
    step, _, _ = run(journey)
    if step.screen in (Screen.WELCOME, Screen.AWAY):
        assert not [secret for secret in SECRETS if secret in repr(step)]


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_at_most_one_ticket_is_asked_for_at_a_time(journey: list) -> None:
    outstanding = 0
    for event, wishes in run(journey)[2]:
        if isinstance(event, ANSWERS):
            outstanding = 0
        outstanding += sum(isinstance(wish, AskTicket) for wish in wishes)
        assert outstanding <= 1


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_every_news_of_paper_is_told_once_and_nothing_else_is(journey: list) -> None:
    for event, wishes in run(journey)[2]:
        told = [wish for wish in wishes if isinstance(wish, TellPaper)]
        expected = (
            [TellPaper(event.ticket, event.outcome, event.reason)]
            if isinstance(event, PaperTold)
            else []
        )
        assert told == expected


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_a_ticket_is_printed_only_when_it_comes_and_never_more_than_were_asked(
    journey: list,
) -> None:
    asked = printed = 0
    for event, wishes in run(journey)[2]:
        asked += sum(isinstance(wish, AskTicket) for wish in wishes)
        now = sum(isinstance(wish, PrintTicket) for wish in wishes)
        assert now <= int(isinstance(event, TicketIssued))
        printed += now
        assert printed <= asked


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_a_ticket_on_the_screen_never_comes_with_a_card(journey: list) -> None:
    step, _, _ = run(journey)
    assert step.ticket is None or step.card is None


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_paper_elsewhere_is_only_ever_said_beside_a_ticket(journey: list) -> None:
    step, _, _ = run(journey)
    assert step.paper_at == "" or (step.screen is Screen.TICKET and step.ticket is not None)


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_only_a_code_asks_as_an_appointment_and_only_at_that_moment(journey: list) -> None:
    for event, wishes in run(journey)[2]:
        for wish in wishes:
            if isinstance(wish, AskTicket):
                by_code = isinstance(event, AppointmentShown)
                assert (wish.segment == "appointment") == by_code == (wish.appointment is not None)


@settings(max_examples=300, deadline=None)
@given(JOURNEYS)
def test_no_card_is_wanted_while_a_ticket_is_asked_or_shown(journey: list) -> None:
    step, _, _ = run(journey)
    assert not may_show_card(step) or (step.ticket is None and not step.asking)
