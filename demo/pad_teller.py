"""A teller without a console: a call pad's keys, the hall's display, and an evaluator that customers press."""

import threading
from collections.abc import Callable
from random import Random
from typing import Any

import httpx

from demo.machines import Machines
from demo.people import Seen

PADS = "pads"
AGAIN_S = 2.0  # the same key pressed sooner is no second press
LOOKS_S = 4.0  # a teller looks so long for what a key has done
RATES = 0.8  # of those who are asked


class PadTeller:
    """At a counter whose number is its pad's address, as in the demo's configuration."""

    def __init__(
        self,
        branch: str,
        counter: str,
        machines: Machines,
        seen: Seen,
        random: Random,
        stop: threading.Event,
    ) -> None:
        self._http = httpx.Client(base_url=f"{branch}/api/v1", timeout=10, trust_env=False)
        self._counter = counter
        self._machines = machines
        self._seen = seen
        self._random = random
        self._stop = stop

    def run(self) -> None:
        """Until `stop` is set and the customer at the counter is served."""
        while not self._stop.is_set():
            now = self._hall()
            here = self._at(now)
            if here["state"] == "called":
                self._seen.called.append(here["label"])
                self._serve(here["label"])
            elif any(queue["waiting"] for queue in now["queues"]):
                self._press("next", until="called")
            else:
                self._stop.wait(1.0)

    def _serve(self, label: str) -> None:
        """With these keys a customer is served from `next` to `evaluate`."""
        threading.Event().wait(self._random.uniform(4.0, 8.0))
        asked = self._asked()
        while not self._press("evaluate", until="idle"):
            pass
        self._seen.served.append(label)
        if self._random.random() < RATES and _soon(lambda: self._asked() > asked):
            threading.Event().wait(self._random.uniform(0.5, 1.5))
            score = self._random.choices((0, 1, 2, 3), weights=(60, 25, 10, 5))[0]
            self._machines.say(PADS, f"present {self._counter} rate {score}")
            self._seen.rated.append(label)

    def _press(self, key: str, until: str) -> bool:
        """Whether it has led to this state of the counter."""
        self._machines.say(PADS, f"present {self._counter} {key}")
        led = _soon(lambda: self._at(self._hall())["state"] == until)
        threading.Event().wait(AGAIN_S)
        return led

    def _hall(self) -> dict[str, Any]:
        """What anybody can see."""
        shown: dict[str, Any] = self._http.get("/queues").raise_for_status().json()
        return shown

    def _at(self, hall: dict[str, Any]) -> dict[str, Any]:
        return next(one for one in hall["counters"] if one["counter"] == self._counter)

    def _asked(self) -> int:
        """How often the evaluator has lit up."""
        return self._machines.seen(PADS, what="evaluation", address=int(self._counter))


def _soon(look: Callable[[], bool]) -> bool:
    for _ in range(int(LOOKS_S / 0.4)):
        if look():
            return True
        threading.Event().wait(0.4)
    return False
