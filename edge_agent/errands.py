"""What a customer has already said at the kiosk: checked against the configuration, and in words again."""

from collections.abc import Sequence

import msgspec

from edge_agent import messages
from edge_agent.branch_queue.refusals import ErrandOfAnotherService, UnknownChoice, UnknownErrand
from edge_agent.branch_queue.ticket import Errand as Begun
from edge_agent.errand_settings import Errand
from edge_agent.messages import ErrandBegun, ErrandOf, Names


def offered(errands: Sequence[Errand]) -> list[messages.Errand]:
    """As a kiosk shows them."""
    return [msgspec.convert(one, messages.Errand, from_attributes=True) for one in errands]


def begun(errands: Sequence[Errand], asked: ErrandBegun | None, service: str) -> Begun | None:
    """The errand of a ticket for this service. Raises UnknownErrand, UnknownChoice,
    ErrandOfAnotherService."""
    if asked is None:
        return None
    known = _find(errands, asked.code)
    if known is None:
        codes = ", ".join(one.code for one in errands) or "none"
        raise UnknownErrand(f"There is no errand '{asked.code}'. Offered here: {codes}.")
    choices = [choice.code for choice in known.choices]
    if asked.choice is not None and asked.choice not in choices:
        raise UnknownChoice(
            f"'{asked.choice}' is no choice of '{asked.code}'. Offered: {', '.join(choices) or 'none'}."
        )
    if known.service != service:
        raise ErrandOfAnotherService(
            f"'{asked.code}' is served by '{known.service}', not by '{service}'."
        )
    return Begun(asked.code, asked.choice, asked.identified)


def in_words(errands: Sequence[Errand], errand: Begun | None) -> ErrandOf | None:
    """For staff. What is no longer configured is called by its code."""
    if errand is None:
        return None
    known = _find(errands, errand.code)
    choices = {choice.code: choice.names for choice in known.choices} if known else {}
    choice = errand.choice
    return ErrandOf(
        code=errand.code,
        names=known.names if known else _as_it_is(errand.code),
        choice=None if choice is None else choices.get(choice, _as_it_is(choice)),
        identified=errand.identified,
    )


def _find(errands: Sequence[Errand], code: str) -> Errand | None:
    return next((one for one in errands if one.code == code), None)


def _as_it_is(code: str) -> Names:
    return {"en": code}
