"""A customer at the kiosk: what is touched and what happens, one after the other, and what is seen then."""

from dataclasses import replace
from datetime import timedelta

from edge_agent.messages import Services
from kiosk.journey.course import happen
from kiosk.journey.events import Event, HereKnown, ServicesKnown, Tick, TicketIssued
from kiosk.journey.patience import seconds_left
from kiosk.journey.step import Here, Step
from kiosk.journey.wishes import Wish
from kiosk.screens.frame import every_language, frame
from kiosk.screens.page import (
    Block,
    Choice,
    Entry,
    Facts,
    Frame,
    Items,
    Mirror,
    Number,
    Page,
    Picture,
    Qr,
    Sheet,
    Text,
    View,
)
from tests.kiosk import states

RULES = states.RULES
WORDS = every_language()
ZH, EN = WORDS["zh-Hans"], WORDS["en"]
NAMES = {language: say("language.name") for language, say in WORDS.items()}
ISSUED = TicketIssued(states.ticket())
Story = str | int | float | Event  # the key of what is touched; seconds that pass; what happens


def start(offer: Services | None = None, here: Here = states.HERE) -> Step:
    """Nobody is there, the branch has been heard."""
    step = Step.fresh(RULES)
    for event in (Tick(1000.0), ServicesKnown(offer or states.offer()), HereKnown(here)):
        step, _ = happen(step, event, RULES)
    return replace(step, touched_at=step.at)


def play(step: Step, *story: Story) -> tuple[Step, list[Wish]]:
    """A key must be of something that is on the screen and can be had."""
    wishes: list[Wish] = []
    for one in story:
        event = one
        if isinstance(one, str):
            event = does(step, one)
        elif isinstance(one, int | float):
            event = Tick(step.at + one)
        step, wished = happen(step, event, RULES)
        wishes += wished
    return step, wishes


def after(step: Step, *story: Story) -> Step:
    return play(step, *story)[0]


def wished(step: Step, *story: Story) -> list[Wish]:
    return play(step, *story)[1]


def seen(step: Step) -> Frame:
    """What the customer has before them."""
    page = step.ticket.id if step.ticket else step.opinion_id
    link = f"http://branch/t/{page}" if page else ""
    now = states.NOW + timedelta(hours=8)
    return frame(View(step, RULES, WORDS[step.language], now, "Bank", "Branch", link), NAMES)


def choices(shown: Frame) -> list[Choice]:
    """In reading order; what lies under a question cannot be touched."""
    if shown.over is not None:
        return [*shown.over.choices, *shown.over.foot]
    return [*shown.page.choices, *shown.page.foot, *shown.bar]


def keys(step: Step) -> list[str]:
    return [choice.key for choice in choices(seen(step))]


def choice(step: Step, key: str) -> Choice:
    found = [one for one in choices(seen(step)) if one.key == key]
    assert len(found) == 1, f"{key} is not on {step.screen}: {keys(step)}"
    return found[0]


def does(step: Step, key: str) -> Event:
    event = choice(step, key).does
    assert event is not None, f"{key} cannot be had on {step.screen}"
    return event


def notice(step: Step) -> str:
    said = seen(step).page.notice
    return said.text if said else ""


def said(block: Block) -> list[str]:
    """Its words."""
    match block:
        case Text(text):
            return [text]
        case Number(title, text):
            return [title, text]
        case Facts(pairs):
            return [text for pair in pairs for text in pair]
        case Items(title, lines):
            return [title, *lines]
        case Qr(data, caption):
            return [data, caption]
        case Entry(text, hint):
            return [hint, text]
        case Sheet(_, hint):
            return [hint]
        case Picture() | Mirror():
            return []


def reading(page: Page) -> list[str]:
    """Everything in words, in reading order: title, notice, texts, choices, foot."""
    lines = [page.title, page.notice.text if page.notice else ""]
    lines += [line for block in page.blocks for line in said(block)]
    for one in (*page.choices, *page.foot):
        lines += [one.text, *one.detail]
    return [line for line in lines if line]


def silence(step: Step) -> float:
    """Seconds until nothing of this customer is on the screen, in ticks of one second; at most 1000."""
    for second in range(1000):
        if seconds_left(step, RULES) is None:
            return second
        step = after(step, 1)
    raise AssertionError(f"{step.screen} stays for ever")
