"""The common parts around every screen: header, languages, how it is read, call a person, more time."""

from collections.abc import Callable, Mapping
from math import ceil

from kiosk import words
from kiosk.journey.events import (
    AccessTouched,
    HelpTouched,
    LanguageChosen,
    Left,
    MoreTime,
)
from kiosk.journey.patience import seconds_left, warned
from kiosk.journey.step import Help, Screen, Step
from kiosk.look import icons
from kiosk.screens import (
    access,
    check_in,
    closing,
    errands,
    identity,
    opinion,
    rate,
    services,
    staff,
    ticket as ticket_screen,
    welcome,
)
from kiosk.screens.page import Choice, Frame, Page, Role, Text, View
from kiosk.screens.pieces import WARNINGS, free
from kiosk.words import Words

SCREENS: Mapping[Screen, Callable[[View], Page]] = {
    Screen.WELCOME: welcome.page,
    Screen.SERVICES: services.page,
    Screen.CHECK_IN: check_in.page,
    Screen.ERRAND_IDENTIFY: errands.identify,
    Screen.ERRAND_CHOOSE: errands.choose,
    Screen.ERRAND_CONFIRM: errands.confirm,
    Screen.IDENTITY: identity.page,
    Screen.TICKET: ticket_screen.page,
    Screen.RATE_FIND: rate.find,
    Screen.RATE_SCORE: rate.score,
    Screen.RATE_WHY: rate.why,
    Screen.OPINION_TOPIC: opinion.topic,
    Screen.OPINION_SAY: opinion.sentences,
    Screen.THANKS: closing.thanks,
    Screen.ACCESS: access.page,
    Screen.AWAY: closing.away,
    Screen.STAFF_PIN: staff.pin,
    Screen.STAFF: staff.duties,
    Screen.STAFF_DEVICES: staff.devices,
}
STAFF = (Screen.STAFF_PIN, Screen.STAFF, Screen.STAFF_DEVICES)
READ = ("notice.card_read", "notice.card_read_errand", "notice.appointment_found")
_KEPT = ("notice.not_taken", "notice.no_answer")  # where something is sent to be kept
_RATED = (*_KEPT, "notice.visit_rated", "notice.not_here")
TOLD: Mapping[Screen, tuple[str, ...]] = {  # on the other screens any of them
    Screen.IDENTITY: identity.ASKED,
    Screen.RATE_FIND: (
        "notice.visit_unknown",
        "notice.visit_not_over",
        "notice.visit_missed",
        "notice.visit_not_served",
        "notice.visit_rated",
        "notice.not_looked_up",
    ),
    Screen.RATE_SCORE: _RATED,
    Screen.RATE_WHY: _RATED,
    Screen.OPINION_TOPIC: (*_KEPT, "notice.not_here"),
    Screen.OPINION_SAY: ("notice.pick_a_sentence", *_KEPT, "notice.not_here"),
    Screen.STAFF_PIN: ("notice.pin_wrong", "notice.pin_wait", *_KEPT),
}
QUIET = (
    Screen.WELCOME,
    Screen.ACCESS,
    Screen.STAFF_DEVICES,
)  # nothing is told there that was not there before


def frame(view: View, names: Mapping[str, str]) -> Frame:
    """`names`: each language in its own words."""
    step = view.step
    return Frame(
        view.words.language,
        view.bank,
        view.branch,
        f"{view.now:%H:%M}",
        SCREENS[step.screen](view),
        (*_languages(view, names), *_bar(view)),
        _more_time(view) if warned(step, view.rules) else None,
        view.words("page.more"),
        step.first,
        _may_be_told(step, view.words),
    )


def _may_be_told(step: Step, say: Words) -> tuple[str, ...]:
    """What can come to stand on this screen."""
    looked_at = step.check is not None and not step.check.over
    if step.screen in QUIET or (step.screen is Screen.IDENTITY and not looked_at):
        return ()
    return tuple(say(key, seconds=888) for key in TOLD.get(step.screen, (*WARNINGS, *READ)))


def _languages(view: View, names: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"language-{language}",
            name,
            LanguageChosen(language),
            Role.KEY,
            chosen=language == view.words.language,
        )
        for language, name in names.items()
    )


def _bar(view: View) -> tuple[Choice, ...]:
    """Those who read differently, and those who need a person."""
    if view.step.screen in STAFF:
        return ()
    say, on_access = view.words, view.step.screen is Screen.ACCESS
    look = Choice(
        "access",
        say("bar.access"),
        free(view, AccessTouched()),
        Role.PLAIN,
        icons.ACCESS,
        chosen=on_access,
    )
    return (look, _help(view))


def _help(view: View) -> Choice:
    help_ = view.step.help
    key = f"bar.help.{help_.name.lower()}"
    called = help_ in (Help.ASKED, Help.COMING)
    icon = icons.PERSON if help_ is Help.COMING else icons.BELL
    return Choice("help", view.words(key), HelpTouched(), Role.PLAIN, icon, chosen=called)


def _more_time(view: View) -> Page:
    say = view.words
    left = ceil(max(0, seconds_left(view.step, view.rules) or 0))
    return Page(
        view.step.screen,
        say("more_time.title"),
        blocks=(Text(say("more_time.text", seconds=left)),),
        choices=(
            Choice("more-time", say("more_time.yes"), MoreTime(), Role.MAIN, icons.HAND),
            Choice("finish", say("more_time.no"), Left(), Role.PLAIN, icons.DONE),
        ),
        icon=icons.CLOCK,
    )


def every_language() -> dict[str, words.Words]:
    """Each language of this machine, from its file."""
    return {language: words.load(language) for language in words.languages()}
