"""Says texts, one after the other, from a thread of its own; can be made silent at once, and leaves no process behind.

It is not responsible for what is said: see reading.py and listener.py.
"""

import logging
import shutil
import threading
import wave
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.speech import player
from kiosk.speech.aloud import aloud, voice_of
from kiosk.speech.clips import Clips

log = logging.getLogger(__name__)

RETRY_S = 30.0
PROBE_S = 5.0


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    language: str
    turn: int


class Voice:
    """`tell` hears from the voice's thread whether anything can be heard: once when it is known, then when it changes.
    Every method may be called from any thread, and none waits for a sound, but `wait` and `stop`."""

    def __init__(
        self,
        clips: Clips,
        *,
        volume: int,
        cantonese: bool = False,
        tell: Callable[[bool], None] = lambda _: None,
        players: Sequence[tuple[str, ...]] = player.PLAYERS,
        retry_s: float = RETRY_S,
    ) -> None:
        self.volume = volume
        self._clips, self._cantonese, self._tell = clips, cantonese, tell
        self._players, self._retry_s = players, retry_s
        self._player: tuple[str, ...] | None = None
        self._works: bool | None = None
        self._change = threading.Condition()
        self._queue: deque[Phrase] = deque()
        self._turn = 0
        self._busy = self._stopped = False
        self._process: player.Process | None = None
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def say(self, texts: Sequence[str], language: str, *, cut: bool) -> None:
        """`cut`: instead of everything that is being said or waits; else before what waits."""
        if cut:
            self.silence()
        with self._change:
            phrases = [Phrase(text, language, self._turn) for text in texts if text.strip()]
            if self._works is not False:
                self._queue.extendleft(reversed(phrases))
            self._change.notify_all()

    def silence(self) -> None:
        """At once; nothing that waited is said any more."""
        with self._change:
            self._queue.clear()
            self._turn += 1
            if self._process is not None:
                player.end(self._process)
            self._change.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Until nothing is left to say; whether anything could be heard."""
        with self._change:
            done = self._change.wait_for(self._is_done, timeout_s)
            return done and self._works is True

    def stop(self) -> None:
        """Silent, for good."""
        with self._change:
            self._stopped = True
        self.silence()
        if self._thread.is_alive():
            self._thread.join()

    def _is_done(self) -> bool:
        return self._works is not None and not self._queue and not self._busy

    def _run(self) -> None:
        while not self._stopped:
            if self._player is not None or self._find_player():
                phrase = self._next()
                if phrase is not None:
                    self._say(phrase)

    def _next(self) -> Phrase | None:
        """None: to be asked again; the machine may have been given sound by now."""
        with self._change:
            self._busy = False
            self._change.notify_all()
            retry = None if self._works else self._retry_s
            self._change.wait_for(lambda: self._stopped or bool(self._queue), retry)
            if self._stopped or not self._queue:
                return None
            self._busy = True
            return self._queue.popleft()

    def _find_player(self) -> bool:
        """The first that plays a moment of silence. False: somebody wanted silence meanwhile, so nothing is known."""
        turn = self._turn
        with player.memory() as sound:
            player.silence(0.05, sound)
            for one in self._players if shutil.which(player.ENGINE) else ():
                if shutil.which(one[0]) and self._play(one, sound, turn, PROBE_S):
                    self._player = one
                    break
        if self._player is None and turn != self._turn:
            return False
        self._works_now(self._player is not None)
        return True

    def _works_now(self, works: bool) -> None:
        with self._change:
            if works == self._works or self._stopped:
                return
            first, self._works = self._works is None, works
            if not works:
                self._queue.clear()
        if not works:
            log.warning(
                "Speech is not offered: no sound device plays, or %s is missing.", player.ENGINE
            )
        elif not first:
            log.info("Speech is offered again.")
        self._tell(works)

    def _say(self, phrase: Phrase) -> None:
        """Recorded where it is recorded."""
        well = self._recorded(phrase) or self._synthesised(phrase)
        if not well and phrase.turn == self._turn:
            self._player = None
            self._works_now(False)

    def _recorded(self, phrase: Phrase) -> bool:
        """Whether all of it could be played from recordings."""
        paths = self._clips.find(phrase.text, phrase.language)
        try:
            return bool(paths) and all(self._record(path, phrase) for path in paths)
        except (OSError, ValueError, EOFError, wave.Error) as error:
            log.warning("A recording cannot be played, so the voice says it: %s", error)
            return False

    def _record(self, path: Path, phrase: Phrase) -> bool:
        with player.memory() as sound:
            player.recording(path, self.volume, sound)
            return self._heard(sound, phrase)

    def _synthesised(self, phrase: Phrase) -> bool:
        voice = voice_of(phrase.text, phrase.language, cantonese=self._cantonese)
        text = aloud(phrase.text, voice).encode()
        with player.memory(text) as written, player.memory() as sound:
            command = player.synthesis(voice, self.volume, sound)
            made = self._finished(command, written, sound, phrase.turn, player.LONGEST_S)
            return made and self._heard(sound, phrase)

    def _heard(self, sound: int, phrase: Phrase) -> bool:
        one = self._player
        return one is not None and self._play(one, sound, phrase.turn, player.LONGEST_S)

    def _play(self, one: tuple[str, ...], sound: int, turn: int, limit_s: float) -> bool:
        return self._finished((*one, player.path_of(sound)), sound, sound, turn, limit_s)

    def _finished(
        self, command: tuple[str, ...], reads: int, handed: int, turn: int, limit_s: float
    ) -> bool:
        """Whether the process has ended well; False also when it was made silent."""
        if turn != self._turn:
            return False
        try:
            process = player.start(command, reads=reads, handed=handed)
        except OSError:
            return False  # said once, by whoever needs it
        with self._change:
            self._process = process
            if turn != self._turn:
                player.end(process)
        return player.wait(process, self._forget, limit_s) and turn == self._turn

    def _forget(self) -> None:
        with self._change:
            self._process = None
