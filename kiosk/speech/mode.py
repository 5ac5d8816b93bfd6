"""Speech as the app sees it: tell it every frame and every key; it answers with what the key means."""

from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.journey.events import Event
from kiosk.screens.page import Frame
from kiosk.settings import Speech
from kiosk.speech import listener
from kiosk.speech.clips import Clips
from kiosk.speech.listener import Heard, Listener
from kiosk.speech.pad import Key, key_of
from kiosk.speech.reading import read
from kiosk.speech.voice import Voice
from kiosk.words import Words

LOUDER = 10  # per cent, each time
QUIETEST = 10  # who cannot see must not be left without a sound
HELLO = {"keys": "speech.hello", "numbers": "speech.hello.numbers"}


class SpeechMode:
    """Belongs to the screen's thread; nothing here waits. `tell` hears from another thread whether the kiosk can speak,
    as soon as that is known and whenever it changes. `settings` None: it never can, and every call does nothing."""

    def __init__(
        self,
        settings: Speech | None,
        words: Mapping[str, Words],
        tell: Callable[[bool], None],
        voice: Voice | None = None,
    ) -> None:
        self._settings, self._words = settings, words
        self._level = settings.volume if settings else 0
        self._listener = Listener()
        if settings is not None and voice is None:
            clips = Clips(Path(settings.clips) if settings.clips else None, words)
            voice = Voice(clips, volume=self._level, cantonese=settings.cantonese, tell=tell)
        self._voice = voice

    def start(self) -> None:
        if self._voice is not None:
            self._voice.start()

    def stop(self) -> None:
        """No process is left. May take as long as a process needs to end."""
        if self._voice is not None:
            self._voice.stop()

    def shown(self, frame: Frame, *, on: bool) -> str:
        """After every event; `on`: whether this customer listens. The key of what the pad has reached, or ""."""
        if self._settings is None or self._voice is None:
            return ""
        if not on:
            self._nobody_listens(self._voice)
            return ""
        words = self._words[frame.language]
        self._hear(listener.shown(self._listener, read(frame, words), self._hello(words)))
        return self._listener.at

    def pressed(self, code: int) -> Event | None:
        """`code` as Window.on_key_down gives it. The event, if any, is the journey's; `shown` follows it."""
        if self._settings is None or self._voice is None:
            return None
        reading = self._listener.reading
        typing = reading is not None and reading.typed is not None
        key = key_of(code, self._settings.pad, typing=typing)
        if key is None:
            return None
        if reading is not None and key in (Key.LOUDER, Key.QUIETER):
            by = LOUDER if key is Key.LOUDER else -LOUDER
            self._voice.volume = max(QUIETEST, min(100, self._voice.volume + by))
        return self._hear(listener.pressed(self._listener, key))

    def change_level(self, by: int) -> int:
        """Maintenance: by so many per cent, for this and every later customer. The new level."""
        self._level = max(0, min(100, self._level + by))
        if self._voice is not None:
            self._voice.volume = self._level
        return self._level

    def _hello(self, words: Words) -> str:
        return words(HELLO[self._settings.pad]) if self._settings else ""

    def _hear(self, heard: Heard) -> Event | None:
        self._listener = heard.listener
        reading = heard.listener.reading
        if self._voice is not None and reading is not None:
            if heard.say:
                self._voice.say(heard.say, reading.language, cut=heard.cut)
            elif heard.event is not None and heard.cut:
                self._voice.silence()
        return heard.event

    def _nobody_listens(self, voice: Voice) -> None:
        """Nothing that waits to be said outlives its customer, nor how loud they had it."""
        if self._listener.reading is not None:
            self._listener = Listener()
            voice.silence()
            voice.volume = self._level
