"""Pads, evaluators, signs and pole displays at the counters: real agent, simulated machines, real wires."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from devices.call_pad.driver import SAME_PRESS_S
from tests.conftest import SimulatedMachine, wait_for
from tests.edge_agent.conftest import Agent

DEVICES = """
[[devices]]
name = "pads"
kind = "call_pad"
port = "{folder}/call_pad.port"
counters = {{ 1 = "1", 2 = "2" }}
transfer = {{ "" = "wealth", 3 = "cards" }}
scores = [5, 4, 2, 1]

[[devices]]
name = "signs"
kind = "counter_sign"
port = "{folder}/counter_sign.port"
counters = {{ 1 = "1" }}

[[devices]]
name = "pole"
kind = "pole_display"
port = "{folder}/pole_display.port"
counters = {{ 0 = "1" }}
"""


class Counters:
    """An agent with its machines, and the fingers that press."""

    def __init__(self, folder: Path) -> None:
        self.pads = SimulatedMachine("call_pad", folder)
        self.sign = SimulatedMachine("counter_sign", folder)
        self.pole = SimulatedMachine("pole_display", folder)
        self.agent = Agent(folder)
        with self.agent.config.open("a", encoding="utf-8") as config:
            config.write(DEVICES.format(folder=folder))
        self.agent.start()

    def working(self) -> list[str]:
        headers = {"Authorization": "Bearer demo-staff"}
        devices = self.agent.http.get("/api/v1/devices", headers=headers).json()["devices"]
        return [one["device"] for one in devices if one["state"] == "ready"]

    def press(self, what: str) -> None:
        self.pads.say(f"present {what}")

    def press_again(self, what: str) -> None:
        """The same key, so much later that it is no repetition of the first press."""
        meant_at = monotonic() + SAME_PRESS_S
        wait_for(lambda: monotonic() > meant_at, "the same key to mean a press of its own")
        self.press(what)

    def at(self, counter: str) -> dict[str, Any]:
        found = self.agent.queues()["counters"]
        return next(one for one in found if one["counter"] == counter)

    def await_at(self, counter: str, state: str, label: str | None) -> None:
        wait_for(
            lambda: (self.at(counter)["state"], self.at(counter)["label"]) == (state, label),
            f"counter {counter} to be {state} {label}",
        )

    def end(self) -> None:
        for program in (self.agent.program, self.pads, self.sign, self.pole):
            assert program is not None
            program.end()


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[Counters]:
    all_ = Counters(tmp_path)
    try:
        wait_for(lambda: len(all_.working()) == 3, "the machines at the counters")
        yield all_
    finally:
        all_.end()


def types(agent: Agent) -> list[str]:
    return [entry["type"] for entry in agent.journal() if not entry["type"].startswith("Device")]


def await_shown(machine: SimulatedMachine, wanted: dict[str, object]) -> None:
    """The latest picture of the machine has these values."""
    wait_for(
        lambda: any(wanted.items() <= shown.items() for shown in machine.truth("shown")[-3:]),
        f"{wanted} to be shown; it is {machine.truth('shown')[-1:]}",
    )


def test_a_ticket_is_called_shown_served_and_rated_by_machines_alone(counters: Counters) -> None:
    first, second = counters.agent.issue()["label"], counters.agent.issue()["label"]
    counters.press("1 next")
    counters.await_at("1", "called", first)
    await_shown(counters.sign, {"address": 1, "text": f"请{first}号到1号窗口"})
    await_shown(counters.pole, {"upper": first.ljust(20), "lower": "Counter 1".ljust(20)})
    await_shown(counters.pads, {"address": 1, "what": "digits", "ticket": "001", "waiting": "001"})
    counters.press_again("1 next")
    counters.await_at("1", "called", second)
    wait_for(lambda: "ServiceFinished" in types(counters.agent), "the first to be served")
    await_shown(counters.pads, {"what": "evaluation"})
    counters.press("1 rate 1")
    wait_for(lambda: "TicketRated" in types(counters.agent), "the rating")
    rated = [one for one in counters.agent.journal() if one["type"] == "TicketRated"]
    assert [(one["label"], one["score"]) for one in rated] == [(first, 4)]


def test_missed_held_back_and_transferred(counters: Counters) -> None:
    labels = [counters.agent.issue()["label"] for _ in range(3)]
    counters.press("2 next")
    counters.await_at("2", "called", labels[0])
    counters.press("2 missed")
    counters.await_at("2", "idle", None)
    counters.press("2 next")
    counters.await_at("2", "called", labels[1])
    counters.press("2 hold")
    counters.await_at("2", "idle", None)
    counters.press("2 recall_held")
    wait_for(lambda: not counters.agent.queues()["parked"], "the held ticket to be back")
    counters.press("2 next")
    counters.await_at("2", "called", labels[1])
    counters.press("2 transfer 3")
    wait_for(lambda: "TicketTransferred" in types(counters.agent), "the transfer")
    moved = [one for one in counters.agent.journal() if one["type"] == "TicketTransferred"]
    assert moved[0]["to_service"] == "cards"


def test_what_cannot_be_done_beeps_and_changes_nothing(counters: Counters) -> None:
    counters.press("1 recall")
    await_shown(counters.pads, {"address": 1, "what": "beep"})
    assert types(counters.agent) == []


def test_a_press_repeated_by_the_pad_calls_one_customer(counters: Counters) -> None:
    for _ in range(3):
        counters.agent.issue()
    counters.pads.say("fault bounce")
    counters.press("1 next")
    wait_for(lambda: counters.pads.truth("acknowledged"), "the press to be acknowledged")
    counters.await_at("1", "called", "A001")
    counters.pads.say("clear bounce")
    counters.press("2 next")
    counters.await_at("2", "called", "A002")
    assert types(counters.agent).count("TicketCalled") == 2


def test_a_sign_that_lost_its_power_shows_its_text_again(counters: Counters) -> None:
    counters.agent.issue()
    counters.press("1 next")
    wanted = {"address": 1, "text": "请A001号到1号窗口"}
    await_shown(counters.sign, wanted)
    counters.sign.say("fault power_loss")
    wait_for(lambda: counters.sign.truth("dark"), "the sign to be dark")
    counters.sign.say("clear power_loss")
    before = len(counters.sign.truth("shown"))
    wait_for(
        lambda: any(wanted.items() <= s.items() for s in counters.sign.truth("shown")[before:]),
        "the text to come again by itself",
    )


def test_an_unplugged_adapter_is_in_the_journal_and_comes_back(counters: Counters) -> None:
    counters.pads.say("unplug")

    def lost() -> list[str]:
        return [e["device"] for e in counters.agent.journal() if e["type"] == "DeviceLost"]

    wait_for(lost, "the pads to be missed")
    assert lost() == ["branch/pads"]
    counters.pads.say("replug")
    wait_for(lambda: "branch/pads" in counters.working(), "the pads to be back", 6)
    counters.agent.issue()
    counters.press("1 next")
    counters.await_at("1", "called", "A001")
