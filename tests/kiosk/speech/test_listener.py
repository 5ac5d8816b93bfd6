"""Reaching everything, and any keys at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from kiosk.journey.events import PadUsed
from kiosk.journey.step import Screen
from kiosk.speech.listener import Listener, pressed, shown
from kiosk.speech.mode import SpeechMode
from kiosk.speech.pad import Key
from kiosk.speech.reading import read
from tests.conftest import ROOT
from tests.kiosk.speech.blind import DOWN, ENTER, F1, HOME, LOUDER, QUIETER, UP, Blind
from tests.kiosk.speech.framing import WORDS, framed
from tests.kiosk.states import STATES

MOVING = (DOWN, UP, HOME)
KEYS = st.sampled_from([DOWN, DOWN, DOWN, ENTER, UP, HOME, F1, LOUDER, QUIETER, *b"0159a", 8])


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("state", STATES)
def test_every_item_is_reached_by_next_and_does_the_same_as_a_touch(
    state: str, language: str
) -> None:
    reading = read(framed(STATES[state], language), WORDS[language])
    begun = shown(Listener(), reading).listener
    first = 1 if reading.asks else 0  # the question is entered at its first answer
    order = (*reading.items[first:], *reading.items[:first])
    for key, items in ((Key.NEXT, order), (Key.PREVIOUS, reading.items[::-1])):
        now = begun
        for item in items:
            heard = pressed(now, key)
            now = heard.listener
            assert heard.say == item.said
            still_here = None if reading.asks else PadUsed()
            assert pressed(now, Key.SELECT).event == (item.does or still_here)


@settings(max_examples=60, deadline=None)
@given(st.lists(KEYS, max_size=60))
def test_whatever_is_pressed_every_key_that_moves_is_answered(keys: list[int]) -> None:
    blind = Blind()
    for key in keys:
        listened = blind.step.comfort.speech
        said = blind.press(key)
        if listened and key in MOVING:
            assert said
        if blind.step.comfort.speech:
            assert all(text.strip() for text in said)


@settings(max_examples=30, deadline=None)
@given(st.lists(KEYS, max_size=40))
def test_the_pad_never_leads_to_maintenance(keys: list[int]) -> None:
    blind = Blind()
    for key in keys:
        blind.press(key)
        assert blind.step.screen not in (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)


def test_without_settings_nothing_is_started_or_said() -> None:
    told: list[bool] = []
    mode = SpeechMode(None, WORDS, told.append)
    mode.start()
    mode.shown(framed(STATES["welcome"]), on=True)
    assert mode.pressed(DOWN) is None
    assert mode.change_level(10) == 10
    mode.stop()
    assert told == []


def run(config: Path, *given_: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kiosk.speech", "--config", str(config), *given_]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_an_engineer_sees_what_is_not_recorded(tmp_path: Path) -> None:
    text = (ROOT / "config" / "demo" / "kiosk.toml").read_text(encoding="utf-8")
    config = tmp_path / "kiosk.toml"
    config.write_text(text.replace("[speech]\n", f'[speech]\nclips = "{tmp_path}"\n'))
    done = run(config, "words")
    assert done.returncode == 0
    assert f"{tmp_path}/zh-Hans/ticket.take.wav\t{WORDS['zh-Hans']('ticket.take')}" in done.stdout
    assert run(ROOT / "config" / "demo" / "kiosk.toml", "words").returncode == 1
