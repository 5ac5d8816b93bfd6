"""How long a screen waits for its customer, and when it asks whether more time is needed."""

from dataclasses import replace

from kiosk.journey.step import Paper, Rules, Screen, Step

ENDS_BY_ITSELF = (Screen.TICKET, Screen.THANKS)  # nothing is asked of the customer there
STAYS = (Screen.WELCOME, Screen.AWAY)


def seconds_left(step: Step, rules: Rules) -> float | None:
    """Until the screen goes back to the start by itself; None where it does not."""
    if step.asking or (step.screen in STAYS and _as_found(step, rules)):
        return None
    return _patience(step, rules) - (step.at - step.touched_at)


def warned(step: Step, rules: Rules) -> bool:
    """Whether the customer is being asked now if they need more time."""
    if step.screen in ENDS_BY_ITSELF + STAYS:
        return False
    left = seconds_left(step, rules)
    return left is not None and left <= rules.warning_s


def _as_found(step: Step, rules: Rules) -> bool:
    """Whether nobody has left anything on this screen."""
    fresh = Step.fresh(rules, step)
    return step == replace(fresh, screen=step.screen, touched_at=step.touched_at)


def _patience(step: Step, rules: Rules) -> float:
    slow = step.comfort.slow
    if step.screen in ENDS_BY_ITSELF:
        without = step.screen is Screen.TICKET and step.paper is not Paper.TAKEN_FROM_PRINTER
        usual = rules.ticket_without_paper_s if without else rules.ticket_s
        return max(usual, rules.slow_idle_s) if step.comfort.speech else usual * (1 + slow)
    return (rules.slow_idle_s if slow else rules.idle_s) + rules.warning_s
