"""What customers think: rate a visit; suggest or complain."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey.events import (
    AppointmentShown,
    BranchLost,
    CodeUnknown,
    Entered,
    Event,
    HelpTold,
    LanguageChosen,
    NotTaken,
    OpinionTaken,
    Picked,
    Rated,
    ScoreTouched,
    TicketScanned,
    VisitFound,
    VisitUnknown,
    Wrote,
)
from kiosk.journey.step import Help, Screen, Step
from kiosk.journey.wishes import FindVisit, GiveOpinion, RateVisit
from tests.kiosk.played import (
    EN,
    ISSUED,
    RULES,
    ZH,
    after,
    choice,
    keys,
    notice,
    play,
    reading,
    seen,
    start,
    wished,
)
from tests.kiosk.states import HERE, offer, visit

START = start()
VISIT = visit()
FOUND = VisitFound(VISIT)
TYPED = ("rate", "key-A", "key-0", "key-1", "key-2")
SCORE = after(START, *TYPED, "enter", FOUND)
TAKEN = OpinionTaken("S001", "unguessable")
SAY = after(START, "opinion", "topic-waiting")
STROKE = (10, 20, 30, 40)


# --- which visit -----------------------------------------------------------------------------------


def test_a_number_is_typed_with_the_letters_of_this_branch_and_looked_up() -> None:
    step = after(START, "rate")
    letters = ["key-A", "key-B", "key-C", "key-D"]
    assert [key for key in keys(step) if key.startswith("key-")] == letters
    assert "key-0" in keys(after(step, "key-B"))
    assert [key for key in keys(after(step, "key-B", "backspace")) if "key" in key] == letters
    step, wishes = play(START, *TYPED, "enter")
    assert (step.asking, wishes) == (True, [FindVisit(label="A012")])
    assert notice(step) == ZH("rate.asking")
    empty = after(START, "rate")
    assert play(empty, Entered()) == (empty, [])


def test_numbers_of_one_and_of_two_letters_can_all_be_typed_and_mended() -> None:
    known = offer()
    several = [
        structs.replace(one, prefix=prefix)
        for one, prefix in zip(known.services, ("A", "AB", "CA", "CB"), strict=True)
    ]
    step = after(start(structs.replace(known, services=several)), "rate")
    for number in ("A012", "AB012", "CA012", "CB012"):
        typed = after(step, *(f"key-{letter}" for letter in number))
        assert wished(typed, "enter") == [FindVisit(label=number)]
        for _ in number:
            typed = after(typed, "backspace")
        assert typed.entry.text == ""
    assert "key-0" not in keys(after(step, "key-C"))


@pytest.mark.parametrize("before", [(), ("rate",), ("rate", "key-A")])
def test_a_scanned_ticket_is_looked_up_also_straight_from_the_welcome_screen(
    before: tuple[str, ...],
) -> None:
    step, wishes = play(START, *before, TicketScanned(VISIT.id))
    assert (step.screen, step.asking, wishes) == (
        Screen.RATE_FIND,
        True,
        [FindVisit(ticket=VISIT.id)],
    )
    assert after(step, FOUND).screen is Screen.RATE_SCORE


AMID: dict[tuple[str, ...], str] = {
    ("begin",): "notice.has_ticket",
    ("check-in",): "notice.has_ticket",
    ("check-in", "key-2"): "notice.has_ticket",
    ("begin", "access"): "notice.has_ticket",
    ("errand-loan",): "notice.not_here",
    ("errand-loan", "next"): "notice.not_here",
    ("opinion",): "notice.not_here",
    ("opinion", "topic-waiting", "sentence-waiting-1"): "notice.not_here",
}


@pytest.mark.parametrize(("before", "said"), AMID.items(), ids=AMID.values())
def test_a_ticket_scanned_amid_something_else_throws_nothing_away_and_is_answered(
    before: tuple[str, ...], said: str
) -> None:
    step = after(START, *before)
    told, wishes = play(step, TicketScanned(VISIT.id))
    assert (wishes, notice(told)) == ([], ZH(said))
    assert replace(told, notice=step.notice) == replace(step, screen=step.beneath)


@pytest.mark.parametrize("code", [AppointmentShown("cash", "R-1"), CodeUnknown()])
def test_a_code_that_is_no_ticket_is_answered_where_a_ticket_is_asked_for(code: Event) -> None:
    step = after(START, "rate", code)
    assert (step.screen, notice(step)) == (Screen.RATE_FIND, ZH("notice.visit_unknown"))
    assert notice(after(START, "opinion", code)) == ZH("notice.not_here")


def test_the_ticket_that_is_being_rated_may_be_read_twice_another_one_is_not_wanted() -> None:
    assert play(SCORE, TicketScanned(VISIT.id)) == (SCORE, [])
    other = after(SCORE, TicketScanned("another-ticket-of-today"))
    assert (other.screen, other.visit, notice(other)) == (
        Screen.RATE_SCORE,
        VISIT,
        ZH("notice.not_here"),
    )


def test_who_scans_a_ticket_where_thanks_are_said_begins_a_rating() -> None:
    thanked = after(SAY, "sentence-waiting-1", "next", TAKEN)
    step, wishes = play(thanked, TicketScanned(VISIT.id))
    assert (step.screen, step.opinion, wishes) == (
        Screen.RATE_FIND,
        "",
        [FindVisit(ticket=VISIT.id)],
    )


def test_a_ticket_stays_on_the_screen_whatever_is_scanned() -> None:
    ticket = after(START, "begin", "service-cash", ISSUED)
    for code in (TicketScanned(VISIT.id), CodeUnknown(), AppointmentShown("cash", "R-1")):
        assert play(ticket, code) == (ticket, [])


def test_a_ticket_scanned_while_nobody_can_be_asked_is_answered() -> None:
    numbers = start(here=replace(HERE, numbers=frozenset({"cash"})))
    step, wishes = play(numbers, BranchLost(), TicketScanned(VISIT.id))
    assert (step.screen, notice(step), wishes) == (Screen.SERVICES, ZH("notice.not_looked_up"), [])


@pytest.mark.parametrize(
    ("answer", "english", "kept"),
    [
        (
            VisitFound(visit(state="serving", ended_at=None)),
            EN("notice.visit_not_over"),
            "",
        ),
        (VisitFound(visit(state="missed")), EN("notice.visit_missed"), ""),
        (VisitFound(visit(state="cancelled")), EN("notice.visit_not_served"), ""),
        (VisitFound(visit(state="expired")), EN("notice.visit_not_served"), ""),
        (VisitFound(visit(rating=5)), EN("notice.visit_rated"), ""),
        (
            VisitUnknown(),
            EN("notice.visit_unknown"),
            "A012",
        ),
        (NotTaken(), EN("notice.not_looked_up"), "A012"),
    ],
    ids=[
        "not over",
        "missed",
        "cancelled",
        "of a day that ended",
        "rated already",
        "unknown",
        "nobody answers",
    ],
)
def test_what_cannot_be_rated_is_said_with_what_to_do(
    answer: VisitFound | VisitUnknown | NotTaken, english: str, kept: str
) -> None:
    step = after(START, *TYPED, "enter", answer, LanguageChosen("en"))
    assert (step.screen, step.asking, step.visit) == (Screen.RATE_FIND, False, None)
    assert (notice(step), step.entry.text) == (english, kept)
    again = ("backspace", "key-3") if kept else ("key-A", "key-3")
    assert len(wished(step, *again, "enter")) == 1


def test_an_unknown_number_is_marked_until_it_is_mended() -> None:
    step = after(START, *TYPED, "enter", VisitUnknown())
    assert step.entry.wrong
    assert not after(step, "backspace").entry.wrong
    scanned = after(START, TicketScanned(VISIT.id), VisitUnknown())
    assert not scanned.entry.wrong


# --- how was it, and why ---------------------------------------------------------------------------


def test_one_question_with_five_answers_best_first() -> None:
    step = after(SCORE, LanguageChosen("en"))
    assert reading(seen(step).page) == [
        *(EN("rate.question"), "Ticket", "A012"),
        *(EN("rate.score.5"), "Good", "Fair", "Poor", EN("rate.score.1"), "Back"),
    ]


def test_three_steps_are_counted() -> None:
    steps = [
        seen(step).page.steps for step in (after(START, "rate"), SCORE, after(SCORE, "score-1"))
    ]
    assert [(one.step, one.of) for one in steps if one] == [(1, 3), (2, 3), (3, 3)]


def test_reasons_fit_the_score_and_none_is_needed() -> None:
    why = after(SCORE, "score-5")
    assert [key for key in keys(why) if key.startswith("reason-")] == [
        "reason-friendly",
        "reason-quick",
        "reason-clear",
    ]
    assert wished(why, "next") == [RateVisit(VISIT.id, 5)]


def test_several_reasons_may_be_chosen_and_taken_back_and_go_with_the_score() -> None:
    why = after(
        SCORE, "score-1", "reason-waited", "reason-unclear", "reason-waited", "reason-machine"
    )
    assert wished(why, "next") == [RateVisit(VISIT.id, 1, ("machine", "unclear"))]


def test_no_more_reasons_are_taken_than_the_branch_takes() -> None:
    why = after(SCORE, "score-1", *(Picked(f"reason {n}") for n in range(9)))
    assert len(why.picked) == 5


def test_another_score_forgets_the_reasons_of_the_one_before() -> None:
    why = after(SCORE, "score-1", "reason-waited", "back", "score-5")
    assert wished(why, "next") == [RateVisit(VISIT.id, 5)]


def test_without_reasons_in_the_configuration_the_score_is_sent_at_once() -> None:
    bare = start(structs.replace(offer(), reasons=[]))
    step, wishes = play(bare, *TYPED, "enter", FOUND, "score-4")
    assert (step.screen, step.asking) == (Screen.RATE_SCORE, True)
    assert wishes[-1] == RateVisit(VISIT.id, 4)
    assert after(step, Rated()).screen is Screen.THANKS


def test_nothing_is_said_to_be_recorded_before_the_branch_has_confirmed_it() -> None:
    sending = after(SCORE, "score-4", "next")
    assert (sending.screen, notice(sending)) == (Screen.RATE_WHY, ZH("rate.sending"))
    assert ZH("thanks.rated") not in reading(seen(sending).page)
    done = after(sending, Rated())
    assert (done.screen, done.asking) == (Screen.THANKS, False)
    assert ZH("thanks.rated") in reading(seen(done).page)


@pytest.mark.parametrize("score", [1, 2])
def test_who_was_not_content_is_answered_as_such(score: int) -> None:
    done = after(SCORE, f"score-{score}", "next", Rated())
    assert ZH("thanks.rated_low") in reading(seen(done).page)


def test_no_answer_to_a_rating_may_be_tried_again_and_a_refusal_is_said() -> None:
    sending = after(SCORE, "score-1", "reason-waited", "next")
    failed = after(sending, NotTaken())
    assert (failed.screen, notice(failed)) == (
        Screen.RATE_WHY,
        ZH("notice.no_answer"),
    )
    assert wished(failed, "next") == [RateVisit(VISIT.id, 1, ("waited",))]
    assert notice(after(sending, NotTaken("no-such-ticket"))) == ZH("notice.not_taken")


def test_a_rating_whose_first_answer_was_lost_is_not_said_to_be_missing() -> None:
    twice = after(SCORE, "score-1", "next", NotTaken(), "next", NotTaken("already-rated"))
    assert notice(twice) == ZH("notice.visit_rated")


# --- suggestions and complaints --------------------------------------------------------------------


def test_a_topic_then_sentences_then_its_number_with_a_link() -> None:
    step = after(START, "opinion")
    assert [key for key in keys(step) if key.startswith("topic-")] == [
        f"topic-{code}" for code in ("waiting", "staff", "machines", "hall", "other")
    ]
    step = after(step, "topic-waiting", "sentence-waiting-0", "sentence-waiting-2")
    step, wishes = play(step, "next")
    assert wishes == [GiveOpinion("waiting", ("waiting-0", "waiting-2"), "zh-Hans")]
    assert (step.screen, notice(step)) == (Screen.OPINION_SAY, ZH("opinion.sending"))
    done = after(step, TAKEN)
    lines = reading(seen(done).page)
    assert done.screen is Screen.THANKS
    assert ZH("thanks.opinion") in lines
    assert "S001" in lines
    assert "http://branch/t/unguessable" in lines


def test_two_steps_are_counted() -> None:
    steps = [seen(step).page.steps for step in (after(START, "opinion"), SAY)]
    assert [(one.step, one.of) for one in steps if one] == [(1, 2), (2, 2)]


def test_the_opinion_is_given_in_the_language_of_the_screen() -> None:
    [wish] = wished(SAY, "sentence-waiting-0", "language-en", "next")
    assert wish.language == "en"


def test_without_a_sentence_nothing_is_sent_and_it_is_said_what_is_missing() -> None:
    step, wishes = play(SAY, Wrote(STROKE), "next")
    assert (notice(step), wishes) == (ZH("notice.pick_a_sentence"), [])
    assert notice(after(step, "sentence-waiting-0")) == ""


def test_at_most_five_sentences_are_taken_and_one_can_be_exchanged() -> None:
    step = after(SAY, *(Picked(f"waiting-{n}") for n in range(9)))
    assert step.picked == frozenset(f"waiting-{n}" for n in range(5))
    other = after(step, "sentence-waiting-0", Picked("waiting-8"))
    assert other.picked == frozenset(f"waiting-{n}" for n in (1, 2, 3, 4, 8))


def test_a_few_words_by_finger_may_be_added_and_wiped() -> None:
    assert choice(SAY, "wipe").does is None
    step = after(SAY, "sentence-waiting-0", Wrote(STROKE), Wrote((1, 2)))
    [wish] = wished(step, "next")
    assert wish.writing == (STROKE, (1, 2))
    wiped = after(step, "wipe")
    assert (wiped.writing, wiped.picked) == ((), step.picked)
    full = after(SAY, *(Wrote(STROKE) for _ in range(250)))
    assert len(full.writing) == 200  # as many as the branch takes


def test_another_topic_begins_anew() -> None:
    step = after(SAY, "sentence-waiting-0", Wrote(STROKE), "back", "topic-staff")
    assert (step.picked, step.writing) == (frozenset(), ())


def test_what_was_not_recorded_is_said_kept_and_may_be_sent_again() -> None:
    sending = after(SAY, "sentence-waiting-0", Wrote(STROKE), "next")
    failed = after(sending, NotTaken())
    assert (failed.screen, notice(failed)) == (
        Screen.OPINION_SAY,
        ZH("notice.no_answer"),
    )
    assert wished(failed, "next") == wished(SAY, "sentence-waiting-0", Wrote(STROKE), "next")
    assert notice(after(sending, NotTaken("no-such-topic"))) == ZH("notice.not_taken")


def test_thanks_hold_no_writing_and_go_by_themselves() -> None:
    done = after(SAY, "sentence-waiting-0", Wrote(STROKE), "next", TAKEN)
    assert done.writing == ()
    assert after(done, RULES.ticket_s - 1).screen is Screen.THANKS
    assert after(done, RULES.ticket_s).screen is Screen.WELCOME


# --- when it cannot be, and late -------------------------------------------------------------------


def test_neither_is_offered_while_the_branch_is_away_or_has_not_been_heard() -> None:
    away = after(start(here=replace(HERE, numbers=frozenset({"cash"}))), BranchLost())
    assert away.screen is Screen.WELCOME
    for step in (away, Step.fresh(RULES)):
        assert not {"rate", "opinion"} & set(keys(step))
        assert wished(step, TicketScanned(VISIT.id)) == []


def test_both_are_offered_when_no_tickets_can_be_had_and_an_opinion_only_with_topics() -> None:
    assert {"rate", "opinion"} <= set(keys(start(offer(is_open=False))))
    assert "opinion" not in keys(start(structs.replace(offer(), topics=[])))


LATE = (FOUND, VisitUnknown(), Rated(), TAKEN, NotTaken(), NotTaken("reason"))


@pytest.mark.parametrize("answer", LATE, ids=repr)
@pytest.mark.parametrize(
    "story",
    [
        (),
        ("begin",),
        ("begin", "service-cash"),
        ("check-in", AppointmentShown("cash", "R-1")),
        ("errand-company", "choice-sole", "next"),
        ("rate",),
        TYPED,
        ("opinion",),
        ("access",),
    ],
    ids=repr,
)
def test_an_answer_for_which_nobody_waits_changes_nothing(
    story: tuple[str, ...], answer: object
) -> None:
    step = after(START, *story)
    if step.screen is Screen.CHECK_IN and isinstance(answer, NotTaken):
        return  # there it ends the wait for an appointment
    assert play(step, answer) == (step, [])


@pytest.mark.parametrize("answer", [Rated(), TAKEN], ids=["rated", "taken"])
def test_an_answer_to_something_else_thanks_nobody(answer: Rated | OpinionTaken) -> None:
    looking = after(START, *TYPED, "enter")
    assert play(looking, answer) == (looking, [])
    sending = after(SAY, "sentence-waiting-0", "next")
    rating = after(SCORE, "score-4", "next")
    wrong = sending if isinstance(answer, Rated) else rating
    assert play(wrong, answer) == (wrong, [])


def test_a_score_without_a_visit_is_sent_to_nobody() -> None:
    """Nothing on the screen leads there."""
    lost = replace(SCORE, visit=None, offer=None)
    assert play(lost, ScoreTouched(3))[1] == []


def test_a_person_can_be_called_while_an_answer_is_awaited() -> None:
    step = after(SAY, "sentence-waiting-0", "next", "help", HelpTold(Help.ASKED), "language-en")
    assert (step.asking, step.help, step.language) == (True, Help.ASKED, "en")
    assert choice(step, "help").text == EN("bar.help.asked")
    assert after(step, TAKEN).screen is Screen.THANKS
