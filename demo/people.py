"""Simulated people who come through the real doors: a card on the wire, a finger on the screen, a press
at the counter. They know nothing that a person in the branch could not see.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from demo.owner import Owner
from demo.screen import Shown

SWIPED = (
    ";6222021234567890128=29122200000012345?",
    ";4111111111111111=29122010000000000?",
    ";5500000000000004=29122010000000000?",
)
TAPPED = ("unionpay", "visa", "mastercard")
IDENTITY = ("resident", "J", "I", "Y")  # kinds of ID card
# how a customer begins, and how many of a hundred do so
BEGINNINGS = {"touch": 35, "swipe": 20, "tap": 15, "id_card": 15, "code": 15}
SERVICE_CODES = ("cash", "cards", "wealth", "business")
RATE_ON_THE_PHONE = 0.4  # of those who were served
LOOKS_FOR_S = 4.0  # for something on the screen
AFTER_A_CHANGE_S = 0.5  # the kiosk passes over what is touched in the first moment of a screen
LABEL = re.compile(r"[A-Z]\d{3,}")  # of a ticket, with the demo's prefixes
CARD_LIES_S = 2.5  # an ID card takes up to 1.8 s to be read


@dataclass(slots=True)
class Seen:
    """What people lived through, for the summary: the labels of the tickets it was with."""

    tickets: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    rated: list[str] = field(default_factory=list)


class Customers:
    """One customer after the other at the kiosk."""

    def __init__(
        self,
        touch: Callable[[float, float], None],
        sees: Shown,
        show: Callable[[str, str], None],
        seen: Seen,
        random: Random,
        stop: threading.Event,
        folder: Path,
    ) -> None:
        """`folder`: for what is drawn for the camera."""
        self._owner = Owner(sees, self._press, show, folder)
        self._card = ""  # that was swiped
        self._touch = touch
        self._sees = sees
        self._show = show
        self._seen = seen
        self._random = random
        self._stop = stop

    def run(self) -> None:
        """Until `stop` is set."""
        while not self._stop.wait(self._random.uniform(0.3, 1.5)):
            self._one()

    def _one(self) -> None:
        how = self._random.choices(list(BEGINNINGS), weights=list(BEGINNINGS.values()))[0]
        if how == "code":
            self._show("scanner", f"present {self._appointment()}")
        else:
            self._begin(how)
            self._choose()
            self._owner.answers(agrees=self._card == SWIPED[0])
        self._await_number()
        threading.Event().wait(1.5)  # reads the number, takes the paper
        self._press("done")

    def _begin(self, how: str) -> None:
        self._card = ""
        if how == "touch":
            self._press("begin")
        elif how == "swipe":
            self._card = self._random.choice(SWIPED)
            self._show("card_reader", f"present {self._card}")
        else:
            machine, cards = ("contactless", TAPPED) if how == "tap" else ("id_card", IDENTITY)
            self._show(machine, f"present {self._random.choice(cards)}")
            threading.Event().wait(CARD_LIES_S)
            self._show(machine, "remove")
        self._stop.wait(1.0)

    def _choose(self) -> None:
        if self._random.random() < 0.3:  # in English
            self._press("language-en")
        self._press(f"service-{self._random.choice(SERVICE_CODES)}")

    def _press(self, key: str) -> None:
        """Looks for it a while; what is not there is not touched."""
        for _ in range(int(LOOKS_FOR_S / 0.1)):
            if self._sees.place(key) is not None:
                break
            threading.Event().wait(0.1)
        threading.Event().wait(AFTER_A_CHANGE_S)
        place = self._sees.place(key)
        if place is not None:
            self._touch(*place)

    def _appointment(self) -> str:
        at = datetime.now(UTC) + timedelta(minutes=self._random.randint(-10, 20))
        service = self._random.choice(SERVICE_CODES)
        return f"lobby:appointment?service={service}&at={at:%Y-%m-%dT%H:%M}Z"

    def _await_number(self) -> None:
        """Until a new one is on the screen; who gets none goes away."""
        for _ in range(100):
            texts = self._sees.texts if self._sees.screen == "ticket" else []
            new = {one for one in texts if LABEL.fullmatch(one)} - self._seen.tickets
            if new:
                self._seen.tickets |= new
                return
            threading.Event().wait(0.1)


class Teller:
    """One teller at one counter, over the calls that the console's buttons make."""

    def __init__(
        self, branch: str, counter: str, seen: Seen, random: Random, stop: threading.Event
    ) -> None:
        self._http, self._phone = (
            httpx.Client(base_url=f"{branch}/api/v1", timeout=10, trust_env=False) for _ in range(2)
        )
        self._counter = counter
        self._seen = seen
        self._random = random
        self._stop = stop

    def run(self) -> None:
        """Until `stop` is set and the customer at the counter is served."""
        answer = self._http.post("/sign-in", json={"name": "lin", "pin": "2468"})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        while not self._stop.is_set():
            answer = self._press("call-next")
            if answer.status_code == httpx.codes.OK:
                self._seen.called.append(answer.json()["label"])
                self._serve(answer.json())
            else:
                self._stop.wait(0.5)

    def _serve(self, ticket: dict[str, Any]) -> None:
        self._pause(0.8, 2.0)
        if self._random.random() < 0.1:
            self._miss(ticket)
            return
        self._press("start")
        self._pause(4.0, 8.0)
        if self._random.random() < 0.1:
            others = [code for code in SERVICE_CODES if code != ticket["service"]]
            self._press("transfer", {"service": self._random.choice(others)})
            return
        answer = self._press("finish")
        if answer.is_error:
            return
        finished = answer.json()
        self._seen.served.append(finished["label"])
        if finished["state"] == "served" and self._random.random() < RATE_ON_THE_PHONE:
            self._rate(finished["id"], finished["label"])

    def _rate(self, ticket: str, label: str) -> None:
        """The customer, on the phone, with some of the reasons that are offered there."""
        score = self._random.choices((5, 4, 3, 2, 1), weights=(50, 25, 12, 8, 5))[0]
        offered = self._phone.get("/services").raise_for_status().json()["reasons"]
        fitting = [one["code"] for one in offered if score in one["scores"]]
        some = self._random.sample(fitting, min(len(fitting), self._random.randint(0, 2)))
        said = {"score": score, "reasons": some}
        if _went(self._phone.post(f"/tickets/{ticket}/rating", json=said)).is_success:
            self._seen.rated.append(label)

    def _miss(self, ticket: dict[str, Any]) -> None:
        """The customer does not come; some come later and go back in line."""
        self._press("recall")
        self._pause(0.8, 1.5)
        self._press("no-show")
        if ticket["returns"] == 0 and self._random.random() < 0.6:
            self._press("return", {"label": ticket["label"]})

    def _press(self, press: str, said: dict[str, str] | None = None) -> httpx.Response:
        key = f"{self._counter}-{self._random.getrandbits(64):x}"
        headers = {"Idempotency-Key": key}
        return _went(
            self._http.post(f"/counters/{self._counter}/{press}", headers=headers, json=said)
        )

    def _pause(self, shortest_s: float, longest_s: float) -> None:
        threading.Event().wait(self._random.uniform(shortest_s, longest_s))


def _went(answer: httpx.Response) -> httpx.Response:
    """A no of the rules is none to stop at: whoever plays with the demo was there first."""
    return answer if answer.status_code == httpx.codes.CONFLICT else answer.raise_for_status()
