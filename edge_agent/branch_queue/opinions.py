"""Why a visit was rated so, and suggestions and complaints: open until the branch has answered, however many
business days later.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edge_agent.branch_queue.facts import OpinionAnswered, OpinionFact, OpinionGiven
from edge_agent.branch_queue.queue import BranchQueue, Day
from edge_agent.branch_queue.refusals import AlreadyAnswered, UnusableWish
from edge_agent.branch_queue.rules import Rules


def check_reasons(rules: Rules, score: int, reasons: Sequence[str]) -> None:
    """Each is one of the branch's, offered with this score, named once. Raises UnusableWish."""
    offered = [code for code, scores in rules.reasons.items() if score in scores]
    for reason in reasons:
        if reason not in offered:
            raise UnusableWish(
                f"'{reason}' is no reason for a rating of {score}. This branch offers: "
                f"{', '.join(offered) or 'none'}."
            )
    _check_once("A rating", "reasons", reasons)


def give(
    queue: BranchQueue,
    rules: Rules,
    now: datetime,
    *,
    opinion: str,
    topic: str,
    phrases: tuple[str, ...],
    language: str,
) -> tuple[OpinionGiven]:
    """A suggestion or complaint, with the day's next number. `opinion` is the id it shall have."""
    if topic not in rules.topics:
        raise UnusableWish(
            f"There is no topic '{topic}'. This branch offers: {', '.join(rules.topics) or 'none'}."
        )
    for phrase in phrases:
        if phrase not in rules.topics[topic]:
            raise UnusableWish(
                f"'{phrase}' is no sentence of '{topic}'. There are: {', '.join(rules.topics[topic])}."
            )
    _check_once("An opinion", "sentences", phrases)
    given = OpinionGiven(
        at=now,
        business_day=queue.business_day,
        opinion=opinion,
        label=f"{rules.opinion_prefix}{queue.day.opinions + 1:03d}",
        topic=topic,
        phrases=phrases,
        language=language,
    )
    return (given,)


def answer(queue: BranchQueue, now: datetime, opinion: str) -> tuple[OpinionAnswered]:
    """The branch has answered; once an opinion. `opinion` is one that has been given."""
    label = queue.day.open_opinions.get(opinion)
    if label is None:
        raise AlreadyAnswered("This has been answered already; the customer reads that answer.")
    return (OpinionAnswered(at=now, business_day=queue.business_day, opinion=opinion, label=label),)


def after(day: Day, fact: OpinionFact) -> Day:
    """The day once this has happened."""
    others = {one: label for one, label in day.open_opinions.items() if one != fact.opinion}
    if isinstance(fact, OpinionGiven):
        return replace(
            day, opinions=day.opinions + 1, open_opinions={**others, fact.opinion: fact.label}
        )
    return replace(day, open_opinions=others)


def _check_once(whose: str, what: str, codes: Sequence[str]) -> None:
    if len(set(codes)) != len(codes):
        raise UnusableWish(f"{whose} names each of its {what} once.")
