"""The report's figures in words: aims of the plan, main figures, changes. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from head_office.history.change import Change
from head_office.history.figures import Figures
from head_office.history.month import Month
from head_office.history.scope import Measure

Words = Mapping[str, str]
LESS_WAITING, COVERAGE, COVERAGE_FIRST, IN_TIME = 0.30, 0.95, 0.90, 0.90
TIMES = ("wait_mean_s", "wait_p50_s", "wait_p90_s", "service_mean_s")
SHARES = ("within", "missed_share", "coverage", "utilisation")
INDICATORS: tuple[tuple[str, str, Measure | None], ...] = (
    ("tickets", "arrivals", None),
    ("wait", "wait_mean_s", "wait"),
    ("p50", "wait_p50_s", None),
    ("p90", "wait_p90_s", None),
    ("within", "within", "within"),
    ("missed", "missed_share", "missed"),
    ("service", "service_mean_s", "service"),
    ("rating", "rating", "rating"),
    ("coverage", "coverage", "coverage"),
    ("utilisation", "utilisation", None),
)


class Aim(NamedTuple):
    """`state`: met, partly, not_met or not_measured."""

    name: str
    value: str
    result: str
    state: str


def aims(month: Month, words: Words, base: str | None) -> Iterator[Aim]:
    """The plan's, in its order. What no program here measures is said to be so."""
    yield _waiting(month, words, base)
    yield _covered(month.total, words)
    yield _answered(month, words)
    yield Aim(words["aim_solved"], "–", words["no_solved"], "not_measured")
    for name in ("aim_approval", "aim_ai", "aim_training"):
        yield Aim(words[name], "–", words["elsewhere"], "not_measured")


def _waiting(month: Month, words: Words, base: str | None) -> Aim:
    if base is None:
        return Aim(words["aim_wait_none"], "–", words["no_base"], "not_measured")
    name = words["aim_wait"].format(base=base)
    now = None if month.total is None else month.total.wait_mean_s
    if now is None or not month.base_mean_s:
        return Aim(name, "–", words["no_base_data"], "not_measured")
    less = 1 - now / month.base_mean_s
    value = words["less" if less >= 0 else "longer"].format(share=_share(abs(less)))
    result = change_words("wait", month.against_base, words)
    met = less >= LESS_WAITING
    return Aim(
        name, value, words["met" if met else "not_met"] + words["separator"] + result, _state(met)
    )


def _covered(total: Figures | None, words: Words) -> Aim:
    if total is None or total.coverage is None:
        return Aim(words["aim_coverage"], "–", words["not_measured"], "not_measured")
    met = total.coverage >= COVERAGE
    first = total.coverage >= COVERAGE_FIRST
    result = words["met" if met else "first_phase" if first else "not_met"]
    state = _state(met) if met or not first else "partly"
    return Aim(words["aim_coverage"], _share(total.coverage), result, state)


def _answered(month: Month, words: Words) -> Aim:
    given = sum(topic.given for topic in month.topics)
    if not given:
        return Aim(words["aim_answer"], "–", words["no_opinions"], "not_measured")
    share = sum(topic.in_time for topic in month.topics) / given
    met = share >= IN_TIME
    return Aim(words["aim_answer"], _share(share), words["met" if met else "not_met"], _state(met))


def indicators(month: Month, words: Words) -> list[tuple[str, str, str, str]]:
    """Name, value, what has changed, and its verdict."""
    if month.total is None:
        return []
    found: list[tuple[str, str, str, str]] = []
    for name, field, measure in INDICATORS:
        change = None if measure is None else month.changes[measure]
        said = "" if measure is None else change_words(measure, change, words)
        verdict = change.verdict if change else ""
        found.append((words[name], figure(field, month.total, words), said, verdict))
    return found


def change_words(
    measure: Measure, change: Change | None, words: Words, *, short: bool = False
) -> str:
    """Better, worse or cannot be told; with the interval and how many days it rests on, unless `short`."""
    if change is None or change.low is None or change.high is None or change.difference is None:
        days = 0 if change is None else change.days
        return words["cannot be told"] if short else words["too_few"].format(days=days)
    verdict = words[change.verdict]
    if short and change.verdict == "cannot be told":
        return verdict
    said = [_more(measure, one, words) for one in (change.difference, change.low, change.high)]
    if short:
        return f"{verdict} · {said[0]}"
    return words["change"].format(
        verdict=verdict, amount=said[0], low=said[1], high=said[2], days=change.days
    )


def figure(name: str, figures: Figures, words: Words) -> str:
    """As it is read."""
    value = getattr(figures, name)
    if value is None:
        return "–"
    if name in TIMES:
        return amount("wait", value, words)
    if name in SHARES:
        return _share(value)
    return f"{value:.2f}" if name == "rating" else f"{value:,}"


def amount(measure: Measure, value: float, words: Words) -> str:
    """Without a sign: times in minutes or s, shares in points, scores as they are."""
    size = abs(value)
    if measure in ("wait", "service"):
        if size < 60:
            return words["seconds"].format(n=round(size))
        return words["minutes"].format(n=f"{size / 60:.1f}")
    if measure == "rating":
        return words["scores"].format(n=f"{size:.2f}")
    return words["points"].format(n=f"{100 * size:.1f}")


def _more(measure: Measure, value: float, words: Words) -> str:
    return words["up" if value > 0 else "down"].format(amount=amount(measure, value, words))


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def _state(met: bool) -> str:
    return "met" if met else "not_met"
