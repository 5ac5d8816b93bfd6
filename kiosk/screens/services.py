"""Choose a service: each with the people ahead and the likely wait."""

from edge_agent.messages import Service
from kiosk.journey import identity
from kiosk.journey.events import PriorityTouched, ServiceTouched
from kiosk.journey.step import Screen, Step
from kiosk.journey.taking import of_appointment
from kiosk.look import icons
from kiosk.minutes import minutes
from kiosk.screens.page import Choice, Page, Role, Text, View
from kiosk.screens.pieces import back, free, named, notice, steps, width
from kiosk.words import Words


def page(view: View) -> Page:
    say = view.words
    return Page(
        Screen.SERVICES,
        say("services.title"),
        blocks=(Text(say("services.hint"), quiet=True),),
        choices=tuple(_tile(view, service) for service in _in_order(view.step)),
        foot=(back(view), _priority(view)),
        notice=notice(view, "services.asking"),
        steps=steps(view, 1, _steps(view.step)),
    )


def _steps(step: Step) -> int:
    """With a card, one more where its owner may be asked to show that it is theirs."""
    services = step.offer.services if step.offer else []
    return 3 if any(identity.asked(step, one.code) for one in services) else 2


def _in_order(step: Step) -> list[Service]:
    """What this customer most likely comes for stands first; else as the branch has them."""
    services = step.offer.services if step.offer else []
    booked = of_appointment(step)
    first = (*((booked.service,) if booked else ()), *(step.card.first if step.card else ()))
    places = {code: place for place, code in reversed(list(enumerate(first)))}
    return sorted(services, key=lambda one: places.get(one.code, len(first)))


def _tile(view: View, service: Service) -> Choice:
    step = view.step
    offered = step.offered(service.code)
    return Choice(
        f"service-{service.code}",
        named(view, service.names),
        free(view, ServiceTouched(service.code)) if offered else None,
        badge=service.prefix,
        detail=_detail(view, service) if offered else (_why_not(view, service),),
        longest=_longest(view.words),
    )


def _detail(view: View, service: Service) -> tuple[str, ...]:
    say, booked = view.words, of_appointment(view.step)
    if not view.step.here.reachable:
        return (say("services.in_advance"),)
    if booked is not None and booked.service == service.code:
        return (say("services.your_appointment"),)
    if service.note == "last":
        return (say("services.last"), *_wait(service, say))
    if service.waiting == 0:
        return (say("services.ahead.none"),)
    return (say("services.ahead", count=service.waiting), *_wait(service, say))


def _longest(say: Words) -> tuple[str, ...]:
    """Of what changes while a customer reads."""
    ahead = (say("services.ahead", count=888), say("services.last"))
    wait = (
        say("services.wait", low=888, high=888),
        *(say(f"services.wait.{what}") for what in ("unknown", "none")),
    )
    return (max(ahead, key=width), max(wait, key=width))


def _why_not(view: View, service: Service) -> str:
    return view.words("services.full" if service.note == "full" else "services.closed")


def _wait(service: Service, say: Words) -> tuple[str, ...]:
    if service.estimated_wait is None:
        return (say("services.wait.unknown"),)
    if service.estimated_wait.high_s == 0:
        return (say("services.wait.none"),)
    low, high = minutes(service.estimated_wait)
    return (say("services.wait.one" if low == high else "services.wait", low=low, high=high),)


def _priority(view: View) -> Choice:
    """For whoever needs it: nobody asks for a proof."""
    return Choice(
        "priority",
        view.words("services.priority"),
        free(view, PriorityTouched()),
        Role.CHIP,
        icons.HEART,
        detail=(view.words("services.priority.who"),),
        chosen=view.step.priority,
    )
