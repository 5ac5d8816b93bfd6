"""A branch's day: who comes when. Two humps, in the morning and in the afternoon. Pure: chance is passed in."""

from dataclasses import dataclass
from random import Random

OPENS_S, CLOSES_S = 8.5 * 3600, 17.5 * 3600  # seconds of the day, local time
OPEN_FOR_S = CLOSES_S - OPENS_S
# share of the customers, middle and spread of their arrivals, in seconds after opening
HUMPS = ((0.55, 5_400, 2_700), (0.35, 21_600, 3_600))
SHORT_SERVICE_S, MEAN_SERVICE_S = 60, 300  # least, and mean of what comes on top
SEGMENTS = {"ordinary": 0.86, "vip": 0.08, "care": 0.06}
MISS, RATE = 0.04, 0.15  # share of customers who have left when called, and who rate


@dataclass(frozen=True, order=True, slots=True)
class Visit:
    """One customer; `at_s` is the arrival, in seconds after opening. `score` is 0 for no rating."""

    at_s: float
    service_s: float
    service: str
    segment: str
    language: str
    stays: bool
    score: int


def size(chance: Random) -> float:
    """How busy a branch is beside the others: most are small, a few are three times the mean."""
    return min(3.0, 0.4 + chance.expovariate(1 / 0.6))


def visits(chance: Random, mean: float, services: tuple[str, ...]) -> list[Visit]:
    """One day's customers by arrival; `mean` of them, a fifth more or less."""
    number = max(1, round(chance.gauss(mean, mean * 0.2)))
    return sorted(_visit(chance, services) for _ in range(number))


def _visit(chance: Random, services: tuple[str, ...]) -> Visit:
    return Visit(
        at_s=_arrival(chance),
        service_s=SHORT_SERVICE_S + chance.expovariate(1 / MEAN_SERVICE_S),
        service=chance.choices(services, range(len(services), 0, -1))[0],
        segment=chance.choices([*SEGMENTS], [*SEGMENTS.values()])[0],
        language=chance.choice(("zh-Hans", "zh-Hans", "zh-Hant", "en")),
        stays=chance.random() >= MISS,
        score=chance.choices((0, 5, 4, 3, 2, 1), (1 - RATE, 0.08, 0.04, 0.015, 0.005, 0.01))[0],
    )


def _arrival(chance: Random) -> float:
    """Within the opening hours; the rest of the customers come at any time."""
    dice = chance.random()
    for share, middle, spread in HUMPS:
        if dice < share:
            return min(max(0.0, chance.gauss(middle, spread)), OPEN_FOR_S * 0.98)
        dice -= share
    return chance.uniform(0, OPEN_FOR_S * 0.98)
