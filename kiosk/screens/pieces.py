"""The few pieces that many screens share: back and done, the notice, the step of so many, a keypad."""

from edge_agent.messages import Names
from kiosk.journey.events import BACKSPACE, Entered, Event, Finished, Typed, WentBack, WentOn
from kiosk.look import icons
from kiosk.screens.page import Choice, Notice, Role, Steps, View
from kiosk.words import name_in

WARNINGS = frozenset(
    {
        "notice.card_unreadable",
        "notice.card_unreadable_errand",
        "notice.cards_together",
        "notice.code_unknown",
        "notice.appointment_closed",
        "notice.appointment_not_today",
        "notice.reference_unknown",
        "notice.no_appointment",
        "notice.visit_unknown",
        "notice.visit_not_over",
        "notice.visit_missed",
        "notice.visit_not_served",
        "notice.has_ticket",
        "notice.not_here",
        "notice.visit_rated",
        "notice.not_taken",
        "notice.not_looked_up",
        "notice.no_answer",
        "notice.pick_a_sentence",
        "notice.pin_wrong",
        "notice.pin_wait",
        "notice.refused",
        "notice.branch_closed",
        "notice.service_closed",
        "notice.queue_full",
        "notice.too_many",
    }
)
DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")


def named(view: View, names: Names) -> str:
    return name_in(names, view.words.language)


def notice(view: View, waiting: str) -> Notice | None:
    """What has just happened; while an answer is awaited, `waiting`, a key of the words."""
    step = view.step
    if step.asking:
        return Notice(view.words(waiting), waiting=True)
    if not step.notice:
        return None
    text = view.words(step.notice, seconds=step.tries)
    warning = step.notice in WARNINGS
    return Notice(text, warning=warning, good=not warning)


def back(view: View) -> Choice:
    return Choice("back", view.words("back"), free(view, WentBack()), Role.PLAIN, icons.BACK)


def done(view: View, text: str = "done", *detail: str) -> Choice:
    return Choice("done", view.words(text), Finished(), Role.MAIN, icons.DONE, detail=detail)


def go_on(view: View, text: str, *, icon: str = icons.NEXT, main: bool = True) -> Choice:
    role = Role.MAIN if main else Role.PLAIN
    return Choice("next", view.words(text), free(view, WentOn()), role, icon)


def free(view: View, event: Event | None) -> Event | None:
    """Nothing can be touched while an answer is awaited."""
    return None if view.step.asking else event


def steps(view: View, step: int, of: int) -> Steps:
    return Steps(step, of, view.words("step", step=step, steps=of))


def letters(view: View, which: str) -> tuple[Choice, ...]:
    return tuple(_key(view, letter) for letter in which)


def keypad(view: View) -> tuple[Choice, ...]:
    """Digits as on a telephone."""
    keys = [_key(view, digit) for digit in DIGITS]
    enter = Choice("enter", view.words("key.enter"), free(view, Entered()), Role.KEY)
    return (*keys, erase(view), _key(view, "0"), enter)


def erase(view: View) -> Choice:
    what = view.words("key.erase")
    return Choice("backspace", "", free(view, Typed(BACKSPACE)), Role.KEY, icons.ERASE, spoken=what)


def _key(view: View, key: str) -> Choice:
    return Choice(f"key-{key}", key, free(view, Typed(key)), Role.KEY)


def width(text: str) -> int:
    """About how wide it is, in letters; a Chinese character is as wide as two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
