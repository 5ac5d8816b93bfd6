"""What must hold whatever a monkey does, judged from outside: the outline, the log. Pure; time comes in."""

import re
from dataclasses import dataclass, field
from typing import Any

LABEL = re.compile(r"\b[A-Z]\d{3}\b")
TYPED = re.compile(r"[A-Z0-9]{2,12}")
WRONG = re.compile(r"Traceback| (?:ERROR|CRITICAL) ")
SHOWS_LABELS = ("ticket", "thanks", "rate_find", "rate_score", "rate_why")
FINDS_LABELS = ("rate_find", "rate_score", "rate_why")
STARTS_EMPTY = ("check_in", "rate_find", "staff_pin")
STARTS_UNCHOSEN = {"opinion_topic": "opinion_say", "welcome": "services"}


@dataclass
class Eyes:
    """`old` are the numbers that earlier customers were shown, `mine` those of the present one. `reach_s`: after so long
    a silence the screen must be back at its start."""

    first_language: str
    reach_s: float
    screen: str = "welcome"
    old: set[str] = field(default_factory=set)
    mine: set[str] = field(default_factory=set)
    stuck_since: float | None = None
    seen: dict[str, int] = field(default_factory=dict)

    def see(self, now: dict[str, Any], at: float) -> list[str]:
        """What is wrong with this screen after the one before."""
        screen, came = str(now["screen"]), now["screen"] != self.screen
        wrong = [*self._stuck(now, at), *self._left_over(now, came=came)]
        if came:
            self.seen[screen] = self.seen.get(screen, 0) + 1
        if screen == "welcome":
            self.old |= self.mine
            self.mine = set()
        elif screen not in FINDS_LABELS:
            self.mine |= labels(now)
        self.screen = screen
        return wrong

    def _stuck(self, now: dict[str, Any], at: float) -> list[str]:
        """Something can be touched, or the screen goes on by itself."""
        if any(one["can"] for one in now["choices"].values()):
            self.stuck_since = None
            return []
        self.stuck_since = at if self.stuck_since is None else self.stuck_since
        lasts = at - self.stuck_since
        return [f"nothing can be touched for {lasts:.0f} s"] if lasts > self.reach_s else []

    def _left_over(self, now: dict[str, Any], *, came: bool) -> list[str]:
        screen, shown = now["screen"], labels(now)
        wrong = []
        if screen not in SHOWS_LABELS and shown:
            wrong.append(f"numbers of customers on '{screen}': {sorted(shown)}")
        if screen not in FINDS_LABELS and shown & self.old:
            wrong.append(f"numbers of earlier customers: {sorted(shown & self.old)}")
        if came and self.screen != "access" and screen in STARTS_EMPTY and entries(now):
            wrong.append(f"'{screen}' begins with what was typed before: {entries(now)}")
        if came and STARTS_UNCHOSEN.get(self.screen) == screen and chosen(now):
            wrong.append(f"'{screen}' begins with what was chosen before: {chosen(now)}")
        return wrong

    def after_silence(self, now: dict[str, Any]) -> list[str]:
        """Nobody was there for `reach_s`."""
        screen, language = now["screen"], now["language"]
        if screen == "away" or (screen == "welcome" and not now["asked"]):
            wrong_language = language != self.first_language
            return [f"after silence it still speaks {language}"] if wrong_language else []
        return [f"after {self.reach_s:.0f} s of silence it still shows '{screen}'"]


def labels(now: dict[str, Any]) -> set[str]:
    return {found for text in now["texts"] for found in LABEL.findall(text)}


def entries(now: dict[str, Any]) -> list[str]:
    """Texts that look typed, and are no choice's."""
    said = {word for one in now["choices"].values() for word in one["text"].split()}
    return [text for text in now["texts"] if TYPED.fullmatch(text) and text not in said]


def chosen(now: dict[str, Any]) -> list[str]:
    choices = now["choices"].items()
    return [
        key
        for key, one in choices
        if one["chosen"] and not key.startswith("language-") and key not in ("access", "help")
    ]


def wrong_lines(log: str) -> list[str]:
    return [line for line in log.splitlines() if WRONG.search(line)]
