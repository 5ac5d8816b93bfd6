"""The session as lists of steps, then any session at all. No camera, no clock, no thread."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st
from msgspec import structs

from kiosk import words
from kiosk.identity.guidance import GATES
from kiosk.identity.liveness import Judgement
from kiosk.identity.session import STAYS_S, Patience, Phase, Session, happen, start
from kiosk.identity.session_events import (
    Agreed,
    AskTurn,
    BeginTry,
    CameraTrouble,
    CloseEye,
    EndTry,
    EyeOpened,
    LookAfresh,
    Match,
    Matched,
    OpenEye,
    Seen,
    Tick,
    TriedAgain,
    TryBegun,
    TryEnded,
    Unusable,
    WentAnotherWay,
)
from kiosk.identity.session_shown import AGAIN, ICONS, SAYS, shown

PATIENCE = Patience()
UNSURE = Judgement("unsure", ("no_turn",))
LIVE = Judgement("live")
ATTACK = Judgement("attack", ("flat",))
CAUGHT = Seen(judgement=ATTACK, wanted="front")
READY = [Agreed(), TryBegun(), EyeOpened()]
TURNING = [*READY, Seen(fit=3)]
MATCHING = [*TURNING, Seen(judgement=LIVE)]


def after(events, session=None):
    """The session after them, and all its wishes."""
    session = session or start(100.0, PATIENCE)
    wishes = []
    for event in events:
        session, more = happen(session, event, PATIENCE)
        wishes += more
    return session, wishes


def test_the_owner_is_let_through() -> None:
    session, wishes = after([*MATCHING, Matched("same")])
    assert (session.phase, session.outcome, session.reasons) == (Phase.ENDED, "same", ())
    until = 100 + PATIENCE.face_s
    assert wishes == [BeginTry(), OpenEye(), AskTurn(until), Match(), CloseEye(), EndTry("same")]


def test_the_eye_stays_closed_until_the_customer_agrees_and_the_try_is_written_down() -> None:
    assert after([Seen(fit=3), EyeOpened(), Tick(101), Matched("same")])[1] == []
    assert after([Agreed()])[1] == [BeginTry()]
    assert after([Agreed(), TryBegun()])[1] == [BeginTry(), OpenEye()]


def test_nobody_is_matched_who_has_not_turned() -> None:
    session, wishes = after([*TURNING, Seen(fit=6, judgement=UNSURE), CAUGHT])
    assert session.phase is Phase.TURNING
    assert Match() not in wishes
    assert after([*TURNING, Matched("same")])[0].outcome is None
    assert after([*READY, Matched("same")])[0].outcome is None


def test_no_try_beyond_the_limits() -> None:
    session, wishes = after([Agreed(), TryBegun("customer")])
    assert (session.outcome, session.reasons) == ("locked", ("customer",))
    assert wishes == [BeginTry()]
    failed, _ = after([*MATCHING, Matched("different")])
    session, wishes = after([TryEnded("session"), TriedAgain()], failed)
    assert (session.phase, session.outcome, wishes) == (Phase.ENDED, "different", [])


def test_after_a_try_that_failed_there_is_another_and_nothing_is_left_of_the_first() -> None:
    failed, wishes = after([*MATCHING, Matched("different")])
    assert wishes[-2:] == [CloseEye(), EndTry("different")]
    again, wishes = after([TryEnded(), TriedAgain()], failed)
    assert wishes == [BeginTry()]
    assert again == Session(Phase.BEGINNING, again.at, again.at + PATIENCE.opening_s)


def test_who_was_lost_from_sight_begins_again_within_the_same_time() -> None:
    broken = Seen(judgement=Judgement("unsure", ("lost_face",)))
    session, wishes = after([*TURNING, Tick(105), broken, Tick(109), Seen(fit=3)])
    assert wishes[2:] == [AskTurn(115.0), LookAfresh(), AskTurn(115.0)]
    assert session.until == 115


@pytest.mark.parametrize("why", ["jump", "blurred"])
def test_who_turned_too_fast_to_be_told_is_asked_to_be_slower(why) -> None:
    again = Seen(judgement=Judgement("unsure", (why,)), wanted="front")
    session, _ = after([*TURNING, Tick(102), again])
    assert session.says == "face.turn_slowly"
    session, _ = after([*TURNING, Tick(102), Seen(judgement=UNSURE, wanted="front")])
    assert session.says == "face.turn_front"


def test_who_does_not_blink_has_had_their_try_and_staff_read_why() -> None:
    seen = Seen(judgement=Judgement("unsure", ("no_blink",)), wanted="blink")
    session, wishes = after([*TURNING, seen, TryEnded()])
    assert (session.phase, session.outcome, session.reasons) == (
        Phase.AGAIN,
        "unsure",
        ("no_blink",),
    )
    assert wishes[-2:] == [CloseEye(), EndTry("unsure")]
    assert (shown(session).says, shown(session).reason) == ("face.again", "no_blink")


def test_what_looked_like_an_attack_is_not_forgotten_for_a_jump() -> None:
    jumped = Seen(judgement=Judgement("attack", ("flat", "jump")), wanted="left")
    session, wishes = after([*TURNING, jumped, Tick(115)])
    assert LookAfresh() not in wishes
    assert (session.outcome, session.reasons) == ("attack", ("flat", "jump"))


def test_who_moved_before_the_worker_could_ask_is_asked_as_soon_as_they_stand_still() -> None:
    """It asks nobody of whom it has too few pictures; nothing else would."""
    moved, _ = after([*TURNING, Seen(fit=2)])
    assert moved.phase is Phase.LOOKING
    session, wishes = after([Seen(fit=3)], moved)
    assert (session.phase, wishes) == (Phase.TURNING, [AskTurn(100 + PATIENCE.face_s)])


def test_who_did_all_and_is_none_waits_no_longer_than_somebody_else() -> None:
    """Nor can they tell by the time which of both it was."""
    done = Seen(judgement=ATTACK, wanted=None, progress=1.0)
    session, wishes = after([*TURNING, CAUGHT, done])
    assert (session.phase, session.outcome, session.reasons) == (Phase.ENDING, "attack", ("flat",))
    assert wishes[-2:] == [CloseEye(), EndTry("attack")]


@pytest.mark.parametrize(
    "event", [WentAnotherWay(), CameraTrouble("lensCovered"), Unusable("unavailable", ("engine",))]
)
def test_who_looked_like_an_attack_gains_nothing_by_going_away_in_time(event) -> None:
    caught, _ = after([*TURNING, CAUGHT])
    assert (shown(caught).tried, shown(caught).reason) == (True, "flat")  # for the teller
    session, wishes = after([event], caught)
    assert (session.phase, session.outcome, session.reasons) == (Phase.ENDED, "attack", ("flat",))
    assert wishes == [CloseEye(), EndTry("attack")]


@pytest.mark.parametrize(
    ("seen", "outcome"), [(UNSURE, "timeout"), (ATTACK, "attack"), (None, "timeout")]
)
def test_the_customer_reads_the_same_whatever_the_reason(seen, outcome) -> None:
    told = Seen(judgement=seen, wanted="left")
    slow, wishes = after([*TURNING, told, Tick(115), TryEnded()])
    wrong, _ = after([*MATCHING, Matched("different"), TryEnded()])
    assert slow.outcome == outcome
    assert wishes[-1] == EndTry(outcome)
    as_shown = structs.replace(shown(wrong), progress=0.0, reason=shown(slow).reason)
    assert shown(slow) == as_shown
    assert shown(slow).says == "face.again"


def test_trouble_with_the_camera_ends_it() -> None:
    session, wishes = after([*TURNING, CameraTrouble("wrongDevice")])
    assert (session.outcome, session.reasons) == ("unavailable", ("wrongDevice",))
    assert wishes[-2:] == [CloseEye(), EndTry("unavailable")]
    assert after([CameraTrouble("noDevice")])[0].phase is Phase.CONSENT


@pytest.mark.parametrize("before", [READY[:2], READY, TURNING])
def test_a_reference_that_cannot_be_used_ends_it(before) -> None:
    session, _ = after([*before, Unusable("no_face", ("reference_no_face",))])
    assert (session.outcome, session.reasons) == ("no_face", ("reference_no_face",))


def test_one_instruction_stays_long_enough_to_be_read() -> None:
    session, _ = after([*READY, Seen("too_dark"), Tick(100.39), Seen("come_closer")])
    assert session.says == "face.too_dark"
    session, _ = after([Tick(100.41), Seen("come_closer")], session)
    assert session.says == "face.come_closer"


advice = st.sampled_from(["", *(gate.reason for gate in GATES), "no_face", "several_people"])
seen = st.builds(
    Seen,
    advice,
    st.integers(0, 3),
    st.sampled_from([None, UNSURE, ATTACK, Judgement("unsure", ("jump",)), LIVE]),
    st.sampled_from(["left", "right", "front", None]),
    st.floats(0, 1),
)
events = st.one_of(
    seen,
    seen,
    st.sampled_from([Agreed(), EyeOpened(), TryBegun(), TryEnded(), TriedAgain()]),
    st.sampled_from([TryBegun("session"), TryEnded("kiosk"), CameraTrouble("frozen")]),
    st.sampled_from([Matched("same"), Matched("different"), Unusable("unavailable", ())]),
    st.just(WentAnotherWay()),
)
openings = st.sampled_from([[], READY, TURNING, MATCHING])


@given(openings, st.lists(events, max_size=12))
def test_from_anywhere_silence_ends_in_time_and_another_way(opening, before) -> None:
    session, _ = after([*opening, *before])
    ended = session.phase is Phase.ENDED
    silence = [Tick(100 + n / 10) for n in range(1, int(PATIENCE.longest_s * 10) + 2)]
    session, wishes = after(silence, session)
    assert session.phase is Phase.ENDED
    assert ended or session.outcome != "same"
    assert not session.says
    assert session.judgement is None
    assert wishes.count(CloseEye()) <= 1


@given(openings, st.lists(events, max_size=30))
def test_the_eye_is_closed_as_often_as_it_is_opened(opening, before) -> None:
    session, wishes = after([*opening, *before, WentAnotherWay()])
    assert session.phase is Phase.ENDED
    opened = [wish for wish in wishes if isinstance(wish, OpenEye | CloseEye)]
    assert all(isinstance(one, OpenEye) for one in opened[::2])
    assert all(isinstance(one, CloseEye) for one in opened[1::2])
    assert len(opened) % 2 == 0


@given(openings, st.lists(events, max_size=30))
def test_only_a_live_face_that_matches_is_the_owner(opening, before) -> None:
    steps = [*opening, *before]
    session, wishes = after(steps)
    if session.outcome == "same":
        assert Match() in wishes
        assert any(isinstance(one, Seen) and one.judgement == LIVE for one in steps)
        assert Matched("same") in steps


@given(st.lists(st.tuples(st.floats(0.01, 0.3), seen), min_size=2, max_size=40))
def test_nothing_flickers(frames) -> None:
    session, _ = after(READY)
    now, changes = 100.0, []
    for passed, one in frames:
        now += passed
        before = session.says
        session, _ = after([Tick(now), one], session)
        if session.phase is Phase.ENDED or session.phase is Phase.MATCHING:
            break
        if session.says != before:
            changes.append(now)
    assert all(later - earlier >= STAYS_S - 1e-9 for earlier, later in pairwise(changes))


@given(openings, st.lists(events, max_size=20))
def test_another_way_is_open_at_any_moment(opening, before) -> None:
    session, _ = after([*opening, *before])
    assert after([WentAnotherWay()], session)[0].phase is Phase.ENDED


@pytest.mark.parametrize("language", words.languages())
def test_all_that_is_shown_has_its_words_and_icon(language) -> None:
    keys = words.load(language).keys()
    asked = {f"face.{gate.reason}" for gate in GATES}
    assert asked | {"face.no_face", "face.several_people"} <= set(ICONS)
    assert set(ICONS) | set(SAYS.values()) | {AGAIN} <= keys
