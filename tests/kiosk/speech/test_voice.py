"""The voice with the real engine; in the player's place a shell that keeps, waits or fails, as there need be no sound
device here. A few tests use the real player on ALSA's null device."""

import logging
import shutil
import struct
import subprocess
import wave
from collections.abc import Callable, Iterator
from itertools import dropwhile
from pathlib import Path

import psutil
import pytest

from kiosk.speech.aloud import aloud, voice_of
from kiosk.speech.clips import Clips
from kiosk.speech.voice import Voice
from tests.conftest import wait_for
from tests.kiosk.speech.framing import WORDS

Made = Callable[..., Voice]
Left = Callable[[], list[psutil.Process]]
KEEP = 'cp "$0" {folder}/part && mv {folder}/part {folder}/$(ls {folder} | wc -l).wav'
HOLD = "if [ -e {folder}/hold ]; then echo $$ >> {folder}/playing; sleep 60 & wait; fi"


def shell(script: str, folder: Path) -> tuple[tuple[str, ...], ...]:
    return (("sh", "-c", script.format(folder=folder)),)


@pytest.fixture
def children() -> Left:
    """Processes that this test has left; those of others before it on this worker do not count."""
    before = psutil.Process().children(recursive=True)
    return lambda: [one for one in psutil.Process().children(recursive=True) if one not in before]


@pytest.fixture
def made(tmp_path: Path, children: Left) -> Iterator[Made]:
    """A voice that has been started; at the end of every test no process of it is left."""
    voices: list[Voice] = []

    def make(script: str, clips: Clips | None = None, **more: object) -> Voice:
        (tmp_path / "heard").mkdir(exist_ok=True)
        players = shell(script, tmp_path / "heard")
        voice = Voice(clips or Clips(None, {}), **{"volume": 60, "players": players} | more)
        voices.append(voice)
        voice.start()
        return voice

    yield make
    for voice in voices:
        voice.stop()
    assert children() == []


def heard(folder: Path) -> list[Path]:
    """In order, without the silence by which the player was tried: again, where it was cut short."""
    files = (folder / "heard").glob("*.wav")
    in_order = sorted(files, key=lambda path: int(path.stem))
    return list(dropwhile(lambda path: loudest(path) == 0, in_order))


def seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()


def loudest(path: Path) -> int:
    with wave.open(str(path)) as sound:
        frames = sound.readframes(sound.getnframes())
    return max(abs(sample) for (sample,) in struct.iter_unpack("<h", frames))


def playing(folder: Path, count: int) -> list[int]:
    """The players that have been held so far."""

    def look() -> list[int]:
        path = folder / "heard" / "playing"
        told = path.read_text().split() if path.exists() else []
        return [int(one) for one in told] if len(told) >= count else []

    return wait_for(look, f"{count} players")


def hold(folder: Path) -> None:
    (folder / "heard" / "hold").touch()


@pytest.mark.parametrize(
    ("language", "text"), [("zh-Hans", "请取号"), ("zh-Hant", "請取號"), ("en", "Take a ticket")]
)
def test_every_language_is_heard(made: Made, tmp_path: Path, language: str, text: str) -> None:
    voice = made(KEEP)
    voice.say([text], language, cut=True)
    assert voice.wait(20)
    (sound,) = heard(tmp_path)
    assert 0.4 < seconds(sound) < 4
    assert loudest(sound) > 3000


def test_texts_are_said_in_their_order(made: Made, tmp_path: Path) -> None:
    voice = made(KEEP)
    texts = ["One", "One and two and three", "One and two and three and four and five and six"]
    voice.say([texts[1], texts[0], texts[2]], "en", cut=False)
    assert voice.wait(20)
    second, first, third = [seconds(path) for path in heard(tmp_path)]
    assert first < second < third


def test_cutting_ends_what_is_said_and_all_that_waits(
    made: Made, children: Left, tmp_path: Path
) -> None:
    voice = made(HOLD)
    assert voice.wait(20)
    hold(tmp_path)
    voice.say(["first", "second", "third"], "en", cut=True)
    (player,) = playing(tmp_path, 1)
    group = [*psutil.Process(player).children(), psutil.Process(player)]
    voice.say(["instead"], "en", cut=True)
    wait_for(lambda: not any(map(alive, group)), "the first to end")
    playing(tmp_path, 2)
    voice.silence()
    assert voice.wait(20)
    assert len(playing(tmp_path, 2)) == 2
    assert children() == []


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_what_does_not_cut_comes_next(made: Made, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    voice = made(f"{KEEP}; while [ -e {closed} ]; do sleep 0.02; done")
    assert voice.wait(20)
    closed.touch()
    long = "a long text that is said for quite a while, really"
    voice.say(["one", long], "en", cut=True)
    wait_for(lambda: heard(tmp_path), "the first text")
    voice.say(["news"], "en", cut=False)
    closed.unlink()
    assert voice.wait(20)
    one, news, last = [seconds(path) for path in heard(tmp_path)]
    assert max(one, news) < last


def test_twenty_quick_interrupts_leave_no_process(
    made: Made, children: Left, tmp_path: Path
) -> None:
    voice = made(HOLD)
    assert voice.wait(20)
    hold(tmp_path)
    for number in range(20):
        voice.say([f"text {number}", "and more"], "en", cut=True)
        if number % 3 == 0:
            playing(tmp_path, 1 + number // 3)
    voice.silence()
    assert voice.wait(20)
    assert children() == []


def test_it_can_be_stopped_while_it_speaks(made: Made, children: Left, tmp_path: Path) -> None:
    voice = made(HOLD)
    assert voice.wait(20)
    hold(tmp_path)
    voice.say(["text"], "en", cut=True)
    playing(tmp_path, 1)
    voice.stop()
    assert children() == []
    voice.say(["nobody hears"], "en", cut=True)
    assert children() == []


def test_without_a_sound_device_it_says_so_once_and_again_when_there_is_one(
    made: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    told: list[bool] = []
    voice = made("test -e {folder}/device", tell=told.append, retry_s=0.02)
    wait_for(lambda: told, "the first news")
    voice.say(["nobody hears"], "en", cut=True)
    assert not voice.wait(20)
    (tmp_path / "heard" / "device").touch()
    wait_for(lambda: told == [False, True], "the second news")
    voice.say(["hello"], "en", cut=True)
    assert voice.wait(20)
    (tmp_path / "heard" / "device").unlink()
    voice.say(["hello"], "en", cut=True)
    wait_for(lambda: told == [False, True, False], "the third news")
    said = [record.getMessage() for record in caplog.records]
    assert [text.split(":")[0] for text in said] == [
        "Speech is not offered",
        "Speech is offered again.",
        "Speech is not offered",
    ]


def test_silence_while_the_device_is_tried_does_not_count_as_no_device(
    made: Made, tmp_path: Path
) -> None:
    told: list[bool] = []
    (tmp_path / "heard").mkdir()
    hold(tmp_path)
    voice = made(HOLD, tell=told.append)
    playing(tmp_path, 1)
    (tmp_path / "heard" / "hold").unlink()
    voice.silence()
    wait_for(lambda: told, "news")
    assert told == [True]


def test_the_volume_is_heard(made: Made, tmp_path: Path) -> None:
    voice = made(KEEP)
    for voice.volume in (20, 80):
        voice.say(["hello there"], "en", cut=False)
        assert voice.wait(20)
    quiet, loud = [loudest(path) for path in heard(tmp_path)]
    assert 3 * quiet < loud


@pytest.mark.skipif(shutil.which("aplay") is None, reason="another player is installed here")
def test_the_real_player_plays_from_memory(made: Made) -> None:
    voice = made("", players=(("no-such-player",), ("aplay", "-q", "-D", "null")))
    voice.say(["请取号", "A 0 1 2"], "zh-Hans", cut=True)
    assert voice.wait(20)


def test_recordings_are_played_instead(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    for name, length in (("ticket.take", 1000), ("A", 100), ("0", 200), ("现金业务", 300)):
        record(folder / "zh-Hans" / f"{name}.wav", length)
    voice = made(KEEP, Clips(folder, WORDS), volume=50)
    say = WORDS["zh-Hans"]
    voice.say([say("ticket.take"), "A 0 0", "现金业务"], "zh-Hans", cut=True)
    assert voice.wait(20)
    lengths = [round(seconds(path) * 8000) for path in heard(tmp_path)]
    assert lengths == [1000, 100, 200, 200, 300]
    assert [loudest(path) for path in heard(tmp_path)] == [5000] * 5


def test_a_number_with_a_letter_that_is_not_recorded_is_synthesised_whole(tmp_path: Path) -> None:
    record(tmp_path / "en" / "A.wav", 100)
    clips = Clips(tmp_path, WORDS)
    assert clips.find("A A", "en") == (tmp_path / "en" / "A.wav",) * 2
    assert clips.find("A B", "en") == ()
    assert clips.find("A", "zh-Hans") == ()


def test_a_broken_recording_is_said_by_the_voice(
    made: Made, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "clips" / "en"
    folder.mkdir(parents=True)
    (folder / "done.wav").write_bytes(b"not a sound")
    voice = made(KEEP, Clips(tmp_path / "clips", WORDS))
    voice.say(["Done"], "en", cut=True)
    assert voice.wait(20)
    assert [seconds(path) > 0.2 for path in heard(tmp_path)] == [True]
    assert "recording" in caplog.text


def test_what_is_missing_is_listed_until_it_is_recorded(tmp_path: Path) -> None:
    missing = dict(Clips(tmp_path, WORDS).missing())
    assert missing[tmp_path / "en" / "ticket.take.wav"] == WORDS["en"]("ticket.take")
    assert tmp_path / "zh-Hans" / "7.wav" in missing
    assert not [path for path in missing if "slip." in path.name]
    for path in missing:
        record(path, 10)
    assert list(Clips(tmp_path, WORDS).missing()) == []


def record(path: Path, frames: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(struct.pack("<h", 10000) * frames)


def phonemes(text: str, language: str, *, cantonese: bool = False) -> str:
    voice = voice_of(text, language, cantonese=cantonese)
    command = ["espeak-ng", "-q", "-x", "-v", voice, "--stdin"]
    said = aloud(text, voice)
    return subprocess.run(
        command, input=said, capture_output=True, text=True, timeout=20, check=True
    ).stdout


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_no_chinese_sentence_is_read_as_english_letters(language: str) -> None:
    words = WORDS[language]
    places = {"step": 1, "steps": 2, "seconds": 30, "count": 3, "number": 1, "low": 5, "high": 9,
              "minutes": 4, "text": "星", "time": "9:30", "name": "业务", "value": "3",
              "first": "身份证", "more": "银行卡", "ways": "身份证", "kiosk": "二号机",
              "day": 3, "month": 12, "percent": 50, "file": "日志", "cause": "缺纸", "machine": "打印机",
              "state": "正常", "line": "打印机", "tickets": 90}  # fmt: skip
    keys = sorted(words.keys() - {"language.name"})
    everything = "\n".join(words(key, **places) for key in keys)
    assert "(en)" not in phonemes(everything.replace("PIN", ""), language)


def test_a_number_in_mandarin_says_yao_for_one_and_a_count_does_not() -> None:
    yao, yi = phonemes("幺", "zh-Hans").strip(), phonemes("一", "zh-Hans").strip()
    assert yao in phonemes("A 0 1 2", "zh-Hans")
    assert yi not in phonemes("A 0 1 2", "zh-Hans")
    assert yao not in phonemes("您前面有 1 人", "zh-Hans")
    assert yao in phonemes("1", "zh-Hans")


def test_a_letter_in_english_is_its_name_not_the_article() -> None:
    assert phonemes("A 0 1 2", "en").startswith(phonemes("A", "en").rstrip())


def test_english_shorthand_is_said_in_full() -> None:
    assert phonemes("About 5 min", "en") == phonemes("About 5 minutes", "en")
    assert phonemes("In 30 s this", "en") == phonemes("In 30 seconds this", "en")


@pytest.mark.parametrize(("language", "cantonese"), [("zh-Hans", False), ("zh-Hant", True)])
def test_a_percentage_in_chinese_is_so_many_of_a_hundred(language: str, cantonese: bool) -> None:
    shown = WORDS[language]("told.volume", percent=50)
    said, meant = (
        "".join(filter(str.isalnum, phonemes(text, language, cantonese=cantonese)))  # no stresses
        for text in (shown, "音量百分之五十")
    )
    assert said == meant


def test_a_name_in_another_script_is_read_by_who_can() -> None:
    assert voice_of("English", "zh-Hans") == voice_of("Cash", "en")
    assert voice_of("简体中文", "en") == voice_of("简体中文", "zh-Hans")


def test_traditional_chinese_is_mandarin_unless_cantonese_is_spoken_here() -> None:
    assert voice_of("請取號", "zh-Hant") == voice_of("请取号", "zh-Hans")
    assert voice_of("請取號", "zh-Hant", cantonese=True) == "yue"
    assert voice_of("请取号", "zh-Hans", cantonese=True) != "yue"
    assert "(en)" not in phonemes("請取號", "zh-Hant", cantonese=True)
