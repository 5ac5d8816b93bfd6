"""Any sequence of events: no ticket says that an owner was confirmed who was not, and nobody is held before the camera."""

from dataclasses import replace

from hypothesis import event as note, example, given, settings, strategies as st

from kiosk.journey import course
from kiosk.journey.events import (
    AccessTouched,
    Agreed,
    AnotherWay,
    AppointmentShown,
    CardRead,
    CheckEnded,
    CheckShown,
    ChoiceTouched,
    ErrandTouched,
    Event,
    HereKnown,
    Left,
    ServicesKnown,
    ServiceTouched,
    Tick,
    TicketIssued,
    TicketRefused,
    TriedAgain,
    WentBack,
    WentOn,
)
from kiosk.journey.identity import CONFIRMED
from kiosk.journey.step import Card, Check, Screen, Step
from kiosk.journey.wishes import AskTicket, CheckAgain, CheckIdentity, NoteDeclined
from tests.kiosk.played import RULES, after, choices, seen, start
from tests.kiosk.states import CHECKED_HERE, HERE, NONE_HERE, offer, ticket
from tests.kiosk.test_any_journey import EVENTS
from tests.kiosk.test_journey_identity import marked

ANNE, BERT = Card("anne", "vip", ("wealth",)), Card("bert", "ordinary")
FACE, FINGER = Check("face", "face.hold_still"), Check("fingerprint", "fingerprint.place_finger")
AGAIN = replace(FACE, says="face.again", leads_on="identity.again", tried=True, reason="no_turn")
HERES = (CHECKED_HERE, replace(HERE, checks=frozenset({"face"})), HERE, NONE_HERE)
ABOUT_IT: tuple[Event, ...] = (
    CardRead(ANNE), CardRead(ANNE), CardRead(BERT),
    ServiceTouched("wealth"), ServiceTouched("wealth"), ServiceTouched("cash"), ErrandTouched("loan"),
    Agreed("face"), Agreed("face"), Agreed("fingerprint"), TriedAgain(), AnotherWay(),
    CheckShown(FACE), CheckShown(FINGER), CheckShown(AGAIN),
    CheckEnded("face"), CheckEnded("fingerprint"), CheckEnded("failed"), CheckEnded("declined"), CheckEnded(""),
    WentBack(), AccessTouched(), WentOn(), Left(), TicketIssued(ticket()), TicketRefused("queue-full-until-closing"),
    AppointmentShown("wealth", "a booking", 5),
    ServicesKnown(marked("wealth", "cash")), ServicesKnown(marked("wealth")), ServicesKnown(offer()),
    *map(HereKnown, HERES),
)  # fmt: skip
TOGETHER: tuple[tuple[Event, ...], ...] = (  # as they mostly follow each other
    *((CardRead(card), ServiceTouched("wealth")) for card in (ANNE, BERT)),
    (ErrandTouched("loan"), CardRead(ANNE)),
    *((Agreed(way), CheckEnded(said)) for way in CONFIRMED for said in (*CONFIRMED, "failed")),
    (Agreed("face"), CheckEnded("face"), TicketRefused("queue-full-until-closing")),
    (Agreed("face"), CheckShown(AGAIN), TriedAgain()),
    (CheckEnded("failed", "different"), AnotherWay()),
)
LIVES = st.lists(
    st.one_of(
        st.sampled_from(TOGETHER),
        st.sampled_from(TOGETHER),
        st.sampled_from(ABOUT_IT).map(lambda one: (one,)),
        EVENTS.map(lambda one: (one,)),
    ),
    max_size=25,
).map(lambda parts: [one for part in parts for one in part])
FRESH = start(marked("wealth"), CHECKED_HERE)
ASKED = after(FRESH, CardRead(ANNE), ServiceTouched("wealth"))
STARTS = st.sampled_from(
    [
        FRESH,
        ASKED,
        after(ASKED, Agreed("face")),
        after(ASKED, Agreed("fingerprint")),
        after(FRESH, ErrandTouched("loan"), CardRead(ANNE)),
    ]
)


SHOWN: tuple[Event, ...] = (
    Agreed("face"),
    CheckEnded("face"),
    TicketRefused("queue-full-until-closing"),
)
BY_BERT: tuple[Event, ...] = (
    WentBack(),
    CardRead(BERT),
    AnotherWay(),
    ChoiceTouched("home"),
    WentOn(),
)


class Teller:
    """Knows by itself who has shown what, from what happened: whose card is there, and what came of a look at its owner."""

    def __init__(self) -> None:
        self.shown: set[tuple[str, str]] = set()

    def happened(self, before: Step, event: Event, step: Step) -> None:
        match event:
            case CheckEnded(said) if before.screen is Screen.IDENTITY and before.card:
                if before.check is not None and not before.check.over:
                    self.shown.add((before.card.token, said))
        if step.card is None:
            self.shown.clear()  # a customer who is identified anew shows it anew
        else:
            self.shown = {one for one in self.shown if one[0] == step.card.token}


def life(
    step: Step, events: list[Event | int]
) -> "list[tuple[Step, Event, Step, tuple[object, ...]]]":
    story = []
    for one in events:
        event = Tick(step.at + one) if isinstance(one, int) else one
        then, wishes = course.happen(step, event, RULES)
        story.append((step, event, then, wishes))
        step = then
    return story


@settings(max_examples=1000, deadline=None)
@given(STARTS, LIVES)
@example(ASKED, [*SHOWN, CardRead(BERT), ServiceTouched("wealth"), AnotherWay()])
@example(ASKED, [*SHOWN, CardRead(BERT), AppointmentShown("wealth", "a booking", 5)])
@example(FRESH, [ErrandTouched("loan"), CardRead(ANNE), *SHOWN[:2], *BY_BERT])
def test_no_ticket_says_that_an_owner_was_confirmed_who_was_not(
    step: Step, events: list[Event | int]
) -> None:
    teller = Teller()
    for before, event, then, wishes in life(step, events):
        asked = [wish for wish in wishes if isinstance(wish, AskTicket)]
        token = before.card.token if before.card else None
        if isinstance(event, CheckEnded):
            teller.happened(before, event, before)
        for wish in asked:
            if wish.identity:
                note(f"a ticket with {wish.identity}")
                assert wish.customer_token == token is not None
            if wish.identity in CONFIRMED:
                assert (token, wish.identity) in teller.shown
            if wish.identity_reason:
                assert wish.identity == "failed"
        teller.happened(before, event, then)


@settings(max_examples=500, deadline=None)
@given(STARTS, LIVES)
def test_nobody_is_looked_at_who_has_not_agreed_and_each_by_what_they_agreed_to(
    step: Step, events: list[Event | int]
) -> None:
    for before, event, then, wishes in life(step, events):
        for wish in wishes:
            if isinstance(wish, CheckIdentity):
                assert event == Agreed(wish.method)
                assert before.screen is then.screen is Screen.IDENTITY
                assert before.card is not None
                assert wish.token == before.card.token
                assert wish.method in before.here.checks
            if isinstance(wish, CheckAgain):
                assert before.check is not None
                assert before.check.tried
            if isinstance(wish, NoteDeclined):
                assert (event, before.check) == (AnotherWay(), None)
        if then.check is not None:
            assert then.screen is Screen.IDENTITY
            assert then.card is not None


@settings(max_examples=500, deadline=None)
@given(STARTS, LIVES)
def test_another_way_always_leads_on(step: Step, events: list[Event | int]) -> None:
    for _, _, then, _ in life(step, events):
        if then.screen is not Screen.IDENTITY:
            continue
        shown = seen(then)
        if shown.over is None:
            does = {one.key: one.does for one in choices(shown)}
            assert does["another-way"] == AnotherWay()
        on, wishes = course.happen(then, AnotherWay(), RULES)
        assert on.screen is not Screen.IDENTITY
        assert on.identity in ("declined", "failed")
        assert on.errand or any(isinstance(wish, AskTicket) for wish in wishes)
        assert on.card == then.card
