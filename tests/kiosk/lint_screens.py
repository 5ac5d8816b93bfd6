"""Draws every screen in every state and says what is wrong with it. A program of its own, since Kivy
can be imported once a process and for one panel only: `lint_screens.py WIDTH HEIGHT INCHES FOLDER`.

Prints JSON: {"states": […], "findings": [[rule, state, what], …], "touches": {claim: true or false}}.
"""

import json
import os
import sys
from dataclasses import replace
from math import hypot
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
WIDTH, HEIGHT, INCHES, FOLDER = (
    int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]),
)  # fmt: skip
os.environ.update(SDL_VIDEODRIVER="offscreen", KIVY_NO_CONSOLELOG="1")

from kiosk import settings  # noqa: E402
from kiosk.look import window  # noqa: E402

window.prepare(settings.Screen(width_px=WIDTH, height_px=HEIGHT, diagonal_inch=INCHES))

from kivy.config import Config  # noqa: E402

Config.set("graphics", "maxfps", "0")  # nobody watches: do not wait between pictures

from kivy.base import EventLoop, runTouchApp  # noqa: E402
from kivy.core.window import Window  # noqa: E402
from kivy.lang import Builder  # noqa: E402
from kivy.uix.boxlayout import BoxLayout  # noqa: E402
from kivy.uix.screenmanager import NoTransition, ScreenManager  # noqa: E402

from kiosk import words  # noqa: E402
from kiosk.journey import Event, Rules, Step  # noqa: E402
from kiosk.look import theme, widgets  # noqa: E402
from kiosk.screens import View  # noqa: E402
from kiosk.screens.away import AwayScreen  # noqa: E402
from kiosk.screens.services import ServicesScreen  # noqa: E402
from kiosk.screens.ticket import TicketScreen  # noqa: E402
from kiosk.screens.welcome import WelcomeScreen  # noqa: E402
from tests.kiosk import screen_rules, screen_states, screen_touches  # noqa: E402

RULES = Rules("zh-Hans", 60, 15, 60)
SCREENS = (WelcomeScreen, ServicesScreen, TicketScreen, AwayScreen)
MM = hypot(WIDTH, HEIGHT) / INCHES / 25.4  # pixels a millimetre, by the panel alone
SETTLE = 6  # pictures until a layout stands still


class Stage:
    """The kiosk's root as the app builds it, without the app: `told` is what the customer did."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        widgets.load()
        Window.clearcolor = theme.GROUND
        self.screens = ScreenManager(transition=NoTransition())
        for screen in SCREENS:
            name = screen.__module__.rpartition(".")[2]
            Builder.load_file(str(Path(widgets.__file__).parents[1] / "screens" / f"{name}.kv"))
            self.screens.add_widget(screen(tell=self.told.append))
        self.header, self.footer = widgets.Header(), widgets.Footer()
        self.root = BoxLayout(orientation="vertical")
        for part in (self.header, self.screens, self.footer):
            self.root.add_widget(part)
        runTouchApp(self.root, embedded=True)

    def show(self, step: Step, language: str, branch: str = "") -> None:
        say = words.load(language)
        step = replace(step, language=language)
        self.header.bank = {"en": "Harmony Bank", "zh-Hans": "和谐银行"}[language]
        kind = say("header.kind")
        self.header.branch = f"{branch}  |  {kind}" if branch else kind
        self.header.time = "23:58"
        other = next(one for one in words.LANGUAGES if one != language)
        self.footer.other_language = words.load(other)("language.name")
        self.screens.current = str(step.screen)
        link = screen_states.LINK if step.ticket else ""
        self.screens.current_screen.show(View(step, RULES, say, link))
        self.settle()

    def view(self, step: Step) -> View:
        return View(step, RULES, words.load(step.language))

    def settle(self, pictures: int = SETTLE) -> None:
        for _ in range(pictures):
            EventLoop.idle()

    def picture(self, name: str) -> Path:
        path = Path(Window.screenshot(str(FOLDER / f"{name}.png")))
        return path.rename(FOLDER / f"{name}.png")


def look_at_everything(stage: Stage) -> tuple[list[str], list[list[str]]]:
    names, findings = [], []
    for name, step in screen_states.STATES.items():
        for language in words.LANGUAGES:
            state = f"{name}-{language}"
            names.append(state)
            stage.show(step, language, screen_states.BRANCH[language])
            picture = stage.picture(state)
            for rule, what in screen_rules.broken(stage.root, WIDTH, HEIGHT, MM, picture):
                findings.append([rule, state, what])
    return names, findings


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    names, findings = look_at_everything(stage)
    done = {"states": names, "findings": findings, "touches": screen_touches.claims(stage)}
    sys.stdout.write(json.dumps(done, ensure_ascii=False))


if __name__ == "__main__":
    main()
