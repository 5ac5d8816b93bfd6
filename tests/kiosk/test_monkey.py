"""A quarter of a minute of the monkey; and that its eyes see what they are there for."""

from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.monkey import play
from tests.kiosk.monkey_eyes import Eyes, wrong_lines

SECONDS, SEED = 15, 20261126
REACH_S = 32


def shown(
    screen: str, *texts: str, chosen: tuple[str, ...] = (), can: bool = True
) -> dict[str, Any]:
    keys = ("back", "language-en", *chosen)
    choices = {key: {"text": key, "can": can, "chosen": key in chosen} for key in keys}
    return {
        "screen": screen, "language": "zh-Hans", "asked": False, "texts": list(texts), "choices": choices,
    }  # fmt: skip


@pytest.fixture
def eyes() -> Eyes:
    return Eyes("zh-Hans", REACH_S)


@pytest.mark.timeout(240)
def test_a_quarter_of_a_minute_of_everything_at_once_does_no_harm(tmp_path: Path) -> None:
    wrong, monkey = play(tmp_path, SECONDS, SEED)
    assert not wrong, list(monkey.did)
    assert monkey.steps > 5


def test_a_number_on_the_start_or_of_somebody_earlier_is_seen(eyes: Eyes) -> None:
    assert eyes.see(shown("ticket", "A012"), 0) == []
    assert eyes.see(shown("welcome", "欢迎"), 1) == []
    assert eyes.see(shown("ticket", "A013"), 2) == []
    assert eyes.see(shown("welcome", "A013"), 3) != []
    assert eyes.see(shown("thanks", "A012"), 4) != []


def test_a_number_that_the_customer_has_brought_is_no_fault(eyes: Eyes) -> None:
    eyes.see(shown("ticket", "A012"), 0)
    eyes.see(shown("welcome"), 1)
    assert eyes.see(shown("rate_score", "A012"), 2) == []


def test_what_was_typed_and_chosen_before_is_seen(eyes: Eyes) -> None:
    assert eyes.see(shown("check_in", "2001"), 0) != []
    assert eyes.see(shown("access"), 1) == []
    assert eyes.see(shown("check_in", "2001"), 2) == []  # back to one's own
    eyes.see(shown("opinion_topic"), 3)
    assert eyes.see(shown("opinion_say", chosen=("sentence-seats",)), 4) != []


def test_a_dead_end_is_seen(eyes: Eyes) -> None:
    assert eyes.see(shown("services", can=False), 0) == []
    assert eyes.see(shown("services", can=False), REACH_S) == []
    assert eyes.see(shown("services", can=False), REACH_S + 1) != []


def test_after_silence_only_the_start_in_the_first_language_is_right(eyes: Eyes) -> None:
    assert eyes.after_silence(shown("welcome")) == []
    assert eyes.after_silence(shown("services")) != []
    assert eyes.after_silence({**shown("welcome"), "language": "en"}) != []


def test_an_error_in_the_log_is_seen() -> None:
    log = "2026-11-26T10:00:00Z kiosk       WARNING a paper is missing\n"
    assert wrong_lines(log) == []
    assert len(wrong_lines(log + log.replace("WARNING", "ERROR  ") + "Traceback (most …\n")) == 2
