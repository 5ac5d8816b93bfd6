"""A customer who only has the pad and the headphones: the real journey, screens, reading and listener; no window.

What is said is kept as one would hear it: a text that was cut off counts as heard, since its queue is the voice's."""

from kiosk.journey.course import happen
from kiosk.journey.events import Event, HereKnown, ServicesKnown, Tick
from kiosk.journey.step import Here, Rules, Step
from kiosk.journey.wishes import Wish
from kiosk.settings import Speech
from kiosk.speech.mode import SpeechMode
from tests.kiosk.speech.framing import WORDS, framed
from tests.kiosk.states import HERE, RULES, offer

DOWN, UP, ENTER, HOME, F1, LOUDER, QUIETER = 274, 273, 13, 278, 282, 280, 281


class Said:
    """In the voice's place: keeps what it is told."""

    def __init__(self) -> None:
        self.volume = 60
        self.texts: list[str] = []  # since the last key or event
        self.silenced = 0

    def start(self) -> None: ...
    def stop(self) -> None: ...

    def say(self, texts: tuple[str, ...], language: str, *, cut: bool) -> None:
        self.language, self.cut = language, cut
        self.texts += texts

    def silence(self) -> None:
        self.silenced += 1


class Blind:
    """`press` and `hear` what comes; `choose` finds an item by its words alone."""

    def __init__(self, pad: str = "keys", rules: Rules = RULES, here: Here = HERE) -> None:
        self.voice = Said()
        self.mode = SpeechMode(Speech(pad=pad), WORDS, lambda _: None, voice=self.voice)
        self.step, self.rules, self.now = Step.fresh(rules), rules, 0.0
        self.wishes: list[Wish] = []
        self.reached = ""
        for event in (ServicesKnown(offer(8)), HereKnown(here), Tick(0.0)):
            self.happen(event)

    def happen(self, event: Event) -> list[str]:
        """What is said when this happens to the kiosk."""
        self.voice.texts = []
        self._happen(event)
        return self.voice.texts

    def later(self, seconds: float) -> list[str]:
        self.now += seconds
        return self.happen(Tick(self.now))

    def press(self, code: int) -> list[str]:
        self.voice.texts = []
        event = self.mode.pressed(code)
        if event is None:
            self._show()
        else:
            self._happen(event)
        return self.voice.texts

    def browse(self, words: str, most: int = 40) -> list[str]:
        """Next, until something with these words is heard."""
        for _ in range(most):
            said = self.press(DOWN)
            if any(words == text for text in said):
                return said
        raise AssertionError(f"{words!r} was not heard on {self.step.screen}")

    def choose(self, words: str) -> list[str]:
        self.browse(words)
        return self.press(ENTER)

    def type_by_arrows(self, text: str) -> None:
        for character in text:
            assert self.choose(character) == [character]

    def type(self, text: str) -> list[str]:
        """On the digits and letters of the pad."""
        return [heard for character in text for heard in self.press(ord(character.lower()))]

    def _happen(self, event: Event) -> None:
        self.step, wishes = happen(self.step, event, self.rules)
        self.wishes += wishes
        self._show()

    def _show(self) -> None:
        self.reached = self.mode.shown(framed(self.step), on=self.step.comfort.speech)
