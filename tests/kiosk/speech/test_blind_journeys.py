"""Whole journeys by the pad alone, from the first key to the last word."""

from dataclasses import replace

import msgspec
import pytest

from edge_agent.messages import Appointment
from kiosk.journey.events import (
    AppointmentFound,
    AppointmentUnknown,
    HelpTold,
    OpinionTaken,
    PaperTold,
    Rated,
    ServicesKnown,
    StaffAsked,
    TicketIssued,
    VisitFound,
)
from kiosk.journey.step import Help, Screen
from kiosk.journey.wishes import (
    AskTicket,
    CallNoPerson,
    CallPerson,
    FindAppointment,
    FindVisit,
    GiveOpinion,
    JudgePin,
    RateVisit,
)
from tests.kiosk.speech.blind import DOWN, ENTER, F1, HOME, LOUDER, QUIETER, UP, Blind
from tests.kiosk.speech.framing import WORDS, framed
from tests.kiosk.states import HERE, NOW, offer, ticket, visit

TICKET, VISIT = ticket(service="cash"), visit()
EN, ZH = WORDS["en"], WORDS["zh-Hans"]
PLUS, MINUS, DOT, STAR, ENTER_OF_NUMBERS = 270, 269, 266, 268, 271


def listening(language: str = "en", pad: str = "keys") -> Blind:
    """Somebody who has pressed the first key, and chosen their language by ear."""
    blind = Blind(pad)
    blind.press(ENTER)
    blind.choose(WORDS[language]("language.name"))
    return blind


def touchable(blind: Blind) -> list[str]:
    now = framed(blind.step)
    return [choice.key for choice in (*now.page.choices, *now.page.foot, *now.bar)]


def test_the_first_key_turns_speech_on_and_reads_the_screen() -> None:
    blind = Blind()
    said = blind.press(DOWN)
    assert said[:2] == [ZH("speech.hello"), ZH("welcome.title")]
    assert said[-1] == ZH("speech.choices", count=len(touchable(blind)))
    assert blind.step.comfort.speech
    assert blind.voice.language == "zh-Hans"


def test_where_it_cannot_speak_the_pad_does_nothing() -> None:
    blind = Blind(here=replace(HERE, can_speak=False))
    assert blind.press(DOWN) == []
    assert not blind.step.comfort.speech


def test_a_ticket() -> None:
    blind = listening()
    assert EN("services.title") in blind.choose(EN("welcome.begin"))
    assert blind.choose("Cash") == [EN("services.asking")]
    assert isinstance(blind.wishes[-1], AskTicket)
    assert blind.wishes[-1].service == "cash"
    said = blind.happen(TicketIssued(TICKET))
    assert said.index(EN("ticket.yours")) + 1 == said.index("A 0 1 2")
    assert blind.happen(PaperTold(TICKET.id, "confirmed", "")) == [EN("ticket.take")]
    assert not blind.voice.cut  # the number is said to its end
    blind.choose(EN("done"))
    assert blind.step.screen is Screen.WELCOME
    assert not blind.step.comfort.speech


def test_no_paper_is_said_at_once() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    blind.choose("Cash")
    blind.happen(TicketIssued(TICKET))
    assert blind.happen(PaperTold(TICKET.id, "failed", "paperOut")) == [EN("ticket.no_paper")]
    assert blind.voice.cut


def test_a_service_that_is_full_says_so_and_does_nothing() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    wished = len(blind.wishes)
    assert EN("speech.closed") in blind.browse("Seniors and special care")
    assert EN("speech.closed") in blind.press(ENTER)
    assert len(blind.wishes) == wished
    assert blind.step.screen is Screen.SERVICES


def test_an_errand() -> None:
    blind = listening()
    assert EN("errand.identify") in blind.choose("Report a lost card")
    assert "What have you lost?" in blind.choose(EN("errand.without"))
    said = blind.choose("Passbook")
    assert "Your choice: Passbook" in said
    assert "A valid ID" in said
    blind.choose(EN("errand.take"))
    assert blind.wishes[-1].errand.choice == "passbook"
    assert "A 0 1 2" in blind.happen(TicketIssued(TICKET))


@pytest.mark.parametrize("by_arrows", [True, False])
def test_check_in_by_number(by_arrows: bool) -> None:
    blind = listening()
    blind.choose(EN("welcome.check_in"))
    if by_arrows:
        blind.type_by_arrows("2048")
        blind.choose(EN("key.enter"))
    else:
        assert blind.type("2048") == list("2048")
        blind.press(ENTER)
    assert blind.wishes[-1] == FindAppointment(reference="2048")
    assert blind.happen(AppointmentUnknown("2048")) == [EN("notice.reference_unknown")]
    assert blind.voice.cut
    blind.browse(EN("speech.typed", text="2 0 4 8"))
    assert blind.choose(EN("key.erase")) == [EN("speech.typed", text="2 0 4")]
    blind.type("9")
    blind.press(ENTER)
    assert blind.wishes[-1] == FindAppointment(reference="2049")
    blind.happen(AppointmentFound(Appointment(reference="2049", service="cash", at=NOW), 2))
    assert blind.wishes[-1].segment == "appointment"
    assert EN("ticket.on_time") in blind.happen(TicketIssued(TICKET))


def test_check_in_on_a_pad_of_numbers() -> None:
    blind = Blind("numbers")
    assert blind.press(ord("5"))[0] == ZH("speech.hello.numbers")
    for _ in range(40):
        if ZH("welcome.check_in") in blind.press(ord("2")):
            break
    blind.press(ord("5"))
    assert blind.step.screen is Screen.CHECK_IN
    blind.type("5820")
    blind.press(ENTER_OF_NUMBERS)
    assert blind.wishes[-1] == FindAppointment(reference="5820")
    blind.happen(AppointmentUnknown("5820"))
    for _ in range(40):
        if ZH("back") in blind.press(DOT):
            break
    assert ZH("welcome.title") in blind.press(ENTER_OF_NUMBERS)


def test_a_rating() -> None:
    blind = listening()
    blind.choose(EN("welcome.rate"))
    blind.type("A012")
    blind.press(ENTER)
    assert blind.wishes[-1] == FindVisit(label="A012")
    said = blind.happen(VisitFound(VISIT))
    assert EN("rate.question") in said
    assert "Ticket: A 0 1 2" in said
    assert EN("rate.why") in blind.choose(EN("rate.score.5"))
    assert blind.choose("Friendly staff") == [EN("speech.chosen")]
    assert blind.press(ENTER) == [EN("speech.not_chosen")]
    blind.press(ENTER)
    assert blind.choose(EN("rate.send")) == [EN("rate.sending")]
    assert blind.wishes[-1] == RateVisit(VISIT.id, 5, ("friendly",))
    assert EN("thanks.rated") in blind.happen(Rated())


def test_an_opinion() -> None:
    blind = listening()
    assert EN("opinion.title") in blind.choose(EN("welcome.opinion"))
    blind.choose("Waiting and calling")
    assert blind.choose(EN("opinion.send")) == [EN("notice.pick_a_sentence")]
    assert blind.choose("Too few counters are open") == [EN("speech.chosen")]
    blind.choose(EN("opinion.send"))
    assert blind.wishes[-1] == GiveOpinion("waiting", ("waiting-2",), "en")
    said = blind.happen(OpinionTaken("OP0102", "o-1"))
    assert "O P 0 1 0 2" in said
    assert EN("thanks.title") in said


def test_a_person_is_called_by_one_key_from_anywhere_and_not_sent_away_by_it() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    assert blind.press(F1) == [EN("bar.help.asking")]
    assert isinstance(blind.wishes[-1], CallPerson)
    assert blind.happen(HelpTold(Help.ASKED)) == [EN("bar.help.asked")]
    assert blind.press(F1)[0] == EN("bar.help.asked")
    assert not [wish for wish in blind.wishes if isinstance(wish, CallNoPerson)]
    assert blind.happen(HelpTold(Help.COMING)) == [EN("bar.help.coming")]
    assert blind.choose(EN("bar.help.coming")) == [EN("speech.no_help")]
    assert isinstance(blind.wishes[-1], CallNoPerson)


def test_the_language_can_be_changed_on_any_screen_and_the_place_is_kept() -> None:
    blind = listening("en")
    blind.choose(EN("welcome.begin"))
    assert ZH("services.title") in blind.choose(ZH("language.name"))
    assert blind.voice.language == "zh-Hans"
    assert ZH("language.name") in blind.press(HOME)


def test_more_time_is_asked_for_once_and_given_by_one_key() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    blind.browse("Cash")
    said = blind.later(blind.rules.slow_idle_s + 1)
    assert said[0] == EN("more_time.title")
    assert EN("more_time.yes") in said
    assert blind.voice.cut
    assert blind.later(1) == []
    assert EN("services.title") in blind.press(ENTER)
    assert "Cash" in blind.press(HOME)  # where the customer was
    assert blind.later(1) == []


def test_the_question_for_more_time_can_be_heard_again_and_answered_with_no() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    blind.later(blind.rules.slow_idle_s + 1)
    assert EN("more_time.yes") in blind.press(HOME)
    assert EN("more_time.title") in blind.press(HOME)
    blind.choose(EN("more_time.no"))
    assert blind.step.screen is Screen.WELCOME
    assert not blind.step.comfort.speech


def test_a_key_says_that_the_customer_is_still_here() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    for _ in range(5):
        assert blind.later(blind.rules.slow_idle_s - 10) == []
        blind.press(HOME)
    assert blind.step.screen is Screen.SERVICES


def test_waits_that_change_and_time_that_passes_are_not_said_by_themselves() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    blind.browse("Cash")
    now = offer(8)
    busier = [msgspec.structs.replace(one, waiting=9) for one in now.services]
    assert blind.happen(ServicesKnown(msgspec.structs.replace(now, services=busier))) == []
    assert blind.later(5) == []
    assert EN("services.ahead", count=9) in blind.press(HOME)


def test_repeat_says_the_item_then_the_screen_from_its_start() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    first = blind.browse("Cash")
    assert blind.press(HOME) == first
    assert EN("services.title") in blind.press(HOME)
    assert blind.press(HOME) == first


def test_the_list_goes_round_both_ways() -> None:
    blind = listening()
    first = blind.browse(EN("welcome.begin"))
    blind.press(UP)
    assert blind.press(DOWN) == first


def test_selecting_is_always_answered() -> None:
    """Even where it changes nothing: the same language again."""
    blind = listening()
    assert blind.press(ENTER)[0] == EN("language.name")


def test_select_ends_what_is_being_said() -> None:
    blind = listening()
    blind.browse(EN("welcome.begin"))
    before = blind.voice.silenced
    blind.press(ENTER)
    assert blind.voice.silenced == before + 1


def test_nothing_is_said_to_the_next_customer() -> None:
    blind = listening()
    blind.choose(EN("welcome.begin"))
    blind.press(QUIETER)
    before = blind.voice.silenced
    assert blind.later(500) == []
    assert blind.voice.silenced > before
    assert blind.voice.volume == 60
    assert blind.press(HOME)[0] == ZH("speech.hello")


def test_louder_and_quieter_within_what_can_be_heard() -> None:
    blind = listening()
    blind.press(LOUDER)
    assert blind.voice.volume == 70
    for _ in range(20):
        assert blind.press(QUIETER)
    assert blind.voice.volume == 10
    for _ in range(20):
        blind.press(LOUDER)
    assert blind.voice.volume == 100


def test_maintenance_changes_what_every_customer_starts_with() -> None:
    blind = listening()
    assert blind.mode.change_level(-20) == 40
    blind.press(LOUDER)
    blind.later(500)
    assert blind.voice.volume == 40


def test_a_pin_is_echoed_as_stars_and_never_said() -> None:
    blind = listening()
    heard = blind.happen(StaffAsked())
    heard += blind.type("9137")
    assert heard[-4:] == [EN("speech.star")] * 4
    heard += blind.browse(EN("speech.typed", text="star star star star"))
    heard += blind.press(HOME) + blind.press(HOME)
    assert not [text for text in heard if any(digit in text.split() for digit in "9137")]
    blind.choose(EN("key.enter"))
    assert blind.wishes[-1] == JudgePin("9137")


def test_how_it_is_read_can_be_changed_by_ear() -> None:
    blind = listening()
    blind.choose(EN("bar.access"))
    assert blind.choose(EN("access.contrast")) == [EN("access.on")]
    assert blind.press(ENTER) == [EN("access.off")]
    blind.choose(EN("access.speech"))
    assert not blind.step.comfort.speech
