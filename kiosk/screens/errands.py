"""The three screens of a one-touch service: identify, choose, confirm."""

from edge_agent.messages import Errand
from kiosk.journey.errands import errand_of, screens_of
from kiosk.journey.events import ChoiceTouched
from kiosk.journey.step import Screen
from kiosk.look import icons
from kiosk.screens.page import Choice, Facts, Items, Page, Picture, Steps, Text, View
from kiosk.screens.pieces import back, free, go_on, named, notice, steps


def identify(view: View) -> Page:
    say, errand = view.words, errand_of(view.step)
    return Page(
        Screen.ERRAND_IDENTIFY,
        _name(view, errand),
        blocks=(
            Text(say("errand.identify"), large=True),
            Picture((icons.ID, icons.CARD)),
            Text(say("errand.identify_why"), quiet=True),
        ),
        foot=(back(view), go_on(view, "errand.without")),
        notice=notice(view, "services.asking"),
        steps=_steps(view, errand),
    )


def choose(view: View) -> Page:
    errand = errand_of(view.step)
    choices = errand.choices if errand else []
    return Page(
        Screen.ERRAND_CHOOSE,
        (named(view, errand.question) if errand else "") or _name(view, errand),
        choices=tuple(
            Choice(
                f"choice-{one.code}",
                named(view, one.names),
                free(view, ChoiceTouched(one.code)),
                icon=icons.NEXT,
                chosen=one.code == view.step.choice,
            )
            for one in choices
        ),
        foot=(back(view),),
        notice=notice(view, "services.asking"),
        steps=_steps(view, errand),
    )


def confirm(view: View) -> Page:
    say, errand = view.words, errand_of(view.step)
    papers = tuple(named(view, paper) for paper in errand.papers) if errand else ()
    return Page(
        Screen.ERRAND_CONFIRM,
        say("errand.confirm"),
        blocks=(
            Facts(_facts(view, errand)),
            *((Items(say("errand.papers"), papers),) if papers else ()),
        ),
        foot=(back(view), go_on(view, "errand.take", icon=icons.TICKET)),
        notice=notice(view, "services.asking"),
        steps=_steps(view, errand),
    )


def _facts(view: View, errand: Errand | None) -> tuple[tuple[str, str], ...]:
    say, step = view.words, view.step
    if errand is None:
        return ()
    chosen = [named(view, one.names) for one in errand.choices if one.code == step.choice]
    identified = say("errand.identified" if step.card else "errand.not_identified")
    return (
        (say("errand.what"), named(view, errand.names)),
        *((say("errand.choice"), text) for text in chosen),
        (say("errand.identity"), identified),
    )


def _name(view: View, errand: Errand | None) -> str:
    return named(view, errand.names) if errand else ""


def _steps(view: View, errand: Errand | None) -> Steps | None:
    screens = screens_of(view.step, errand) if errand else []
    if view.step.screen not in screens:
        return None
    return steps(view, screens.index(view.step.screen) + 1, len(screens))
