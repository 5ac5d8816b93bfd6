"""The keeper with a driver, a wire and a clock that are passed in: states, losses, and one outcome an order."""

import logging
import os
import pty
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from devices.device import READY, Condition, Health, Patience, Retry, State
from devices.keeper import PAUSES_S, STEADY_S, STRIKES, Keeper, stop_all
from devices.port import Port, PortLost, open_port
from devices.pseudo_terminal import PseudoTerminal
from tests.conftest import wait_for

NO_PAUSES = (0.0,)
DEGRADED = Condition(State.DEGRADED, "paperLow")


@dataclass(frozen=True)
class Job:
    job: str
    retry: Retry = Retry.ONCE


class FakePort:
    """A wire on which nothing comes; waking ends a read."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.closed = 0

    def read(self, timeout_s: float) -> bytes:
        self.woken.wait(timeout_s)
        self.woken.clear()
        return b""

    def write(self, data: bytes, timeout_s: float) -> None: ...

    def wake(self) -> None:
        self.woken.set()

    def close(self) -> None:
        self.closed += 1


Step = Callable[..., Any]


class FakeDriver:
    """Does what its scripts say, one step a call; then probes well, does every order, and waits on the wire."""

    baud = 9600
    xonxoff = False

    def __init__(self) -> None:
        self.identity = ""
        self.calls: list[tuple[str, ...]] = []
        self.threads: set[str] = set()
        self.probes: deque[Step] = deque()
        self.idles: deque[Step] = deque()
        self.does: deque[Step] = deque()
        self.idle_s = 20.0
        self.says: Step = lambda: None
        self.on_idle: Step | None = None

    def probe(self, _port: Port) -> Condition:
        self._note("probe")
        return self._next(self.probes)

    def idle(self, port: Port) -> Condition:
        self._note("idle")
        if self.idles or self.on_idle is None:
            if not self.idles:
                port.read(self.idle_s)
            return self._next(self.idles)
        return self.on_idle() or READY

    def do(self, _port: Port, order: Job, patience: Patience) -> Condition:
        self._note("do", order.job)
        condition = self._next(self.does, patience)
        self._note("did", order.job)
        return condition

    def refuse(self, order: Job, detail: str) -> None:
        self._note("refuse", order.job, detail)
        self.says()

    def abandon(self, order: Job, detail: str) -> None:
        self._note("abandon", order.job, detail)
        self.says()

    def outcomes(self, job: str) -> list[str]:
        ends = ("did", "refuse", "abandon")
        return [
            " ".join((call[0], *call[2:]))
            for call in self.calls
            if call[0] in ends and call[1] == job
        ]

    def done(self, job: str) -> int:
        return self.calls.count(("do", job))

    def _note(self, *call: str) -> None:
        self.calls.append(call)
        self.threads.add(threading.current_thread().name)

    def _next(self, script: deque[Step], *given: Any) -> Condition:
        return (script.popleft()(*given) if script else None) or READY


def lose(cause: str = "noDevice") -> Step:
    def step(*_given: Any) -> None:
        raise PortLost(cause)

    return step


def boom(*_given: Any) -> None:
    raise RuntimeError("a mistake in the driver")


@dataclass
class Bench:
    """A keeper with its driver, and all that was told."""

    driver: FakeDriver = field(default_factory=FakeDriver)
    opens: deque[Step] = field(default_factory=deque)
    ports: list[FakePort] = field(default_factory=list)
    told: list[Health] = field(default_factory=list)
    now: float = 0.0
    opened_at: list[float] = field(default_factory=list)
    open_always: Step = field(default=lambda: None)

    def keeper(self, **words: Any) -> Keeper:
        ticks = count()
        words = {"pauses_s": NO_PAUSES, "steady": lambda: self.now, **words}
        self.kept = Keeper(
            "printer",
            "ticket_printer",
            self.driver,
            self.open,
            words.pop("tell", self.told.append),
            lambda: datetime(2026, 11, 26, tzinfo=UTC) + timedelta(seconds=next(ticks)),
            **words,
        )
        return self.kept

    def open(self) -> FakePort:
        self.opened_at.append(monotonic())
        (self.opens.popleft() if self.opens else self.open_always)()
        self.ports.append(FakePort())
        return self.ports[-1]

    def states(self) -> list[str]:
        return [f"{health.state} {health.detail}".strip() for health in self.told]

    def await_state(self, state: str) -> None:
        wait_for(lambda: self.kept.health.state == state, f"{state}; it is {self.kept.health}", 5.0)

    def await_outcome(self, job: str) -> list[str]:
        wait_for(lambda: self.driver.outcomes(job), f"an outcome of {job}", 5.0)
        return self.driver.outcomes(job)


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.kept.stop()
    assert not one.kept._thread.is_alive()
    assert [port.closed for port in one.ports] == [1] * len(one.ports)


def run_until_idle(bench: Bench, **words: Any) -> None:
    """The whole script in the keeper's thread; it ends where nothing is scripted any more."""
    over = threading.Event()

    def idle() -> None:
        over.set()
        bench.kept._stop.wait(5.0)

    bench.driver.on_idle = idle
    bench.keeper(**words).start()
    assert over.wait(5.0)
    bench.kept.stop()


# --- states and losses


def test_the_way_to_ready_and_the_first_health(bench: Bench) -> None:
    bench.driver.identity = ""
    bench.driver.probes.append(lambda: setattr(bench.driver, "identity", "ACME 7"))
    keeper = bench.keeper()
    assert (keeper.health.state, bench.told, bench.driver.calls) == ("absent", [], [])
    keeper.start()
    bench.await_state("ready")
    assert bench.states() == ["opening", "probing", "ready"]
    assert [health.identity for health in bench.told] == ["", "", "ACME 7"]
    assert (keeper.health.device, keeper.health.kind) == ("printer", "ticket_printer")


def test_health_is_the_last_word_that_was_told_and_asks_nobody(bench: Bench) -> None:
    seen: list[bool] = []

    def tell(health: Health) -> None:
        seen.append(health == bench.kept.health)
        bench.told.append(health)

    bench.driver.idles.extend([lambda: DEGRADED, lambda: READY, lose(), lambda: DEGRADED])
    run_until_idle(bench, tell=tell)
    before = list(bench.driver.calls)
    assert bench.kept.health == bench.told[-1]
    assert (all(seen), bench.driver.calls) == (True, before)


def test_every_change_is_told_once_and_since_moves_only_with_the_state(bench: Bench) -> None:
    other = Condition(State.DEGRADED, "paperLowSoonOut")
    bench.driver.idles.extend([lambda: DEGRADED] * 3 + [lambda: other] * 2 + [lambda: READY] * 2)
    run_until_idle(bench)
    assert bench.states() == [
        "opening", "probing", "ready", "degraded paperLow", "degraded paperLowSoonOut", "ready",
    ]  # fmt: skip
    assert bench.told[3].since == bench.told[4].since < bench.told[5].since


def test_a_shaken_plug_is_no_loss(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.driver.idles.append(lose())
    bench.opens.extend([lambda: None, lose()])
    run_until_idle(bench)
    assert "absent" not in " ".join(bench.states())
    assert bench.states()[-1] == "ready"
    assert caplog.messages == []


def test_three_strikes_are_a_loss_said_once_and_its_end_too(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.driver.idles.append(lose("notResponding"))
    bench.opens.extend([lambda: None, *[lose()] * 9])
    run_until_idle(bench)
    assert caplog.messages == ["printer: is lost (noDevice).", "printer: is back."]
    assert bench.states() == [
        "opening", "probing", "ready", "opening notResponding", "opening noDevice",
        "absent noDevice", "ready",
    ]  # fmt: skip


def test_another_cause_of_the_same_loss_is_told_but_not_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.opens.extend([lose()] * STRIKES + [lose("deviceBusy"), lose("permissionDenied")])
    run_until_idle(bench)
    assert bench.states()[-4:] == [
        "absent noDevice", "absent deviceBusy", "absent permissionDenied", "ready",
    ]  # fmt: skip
    assert len(caplog.messages) == 2


def test_strikes_far_apart_are_not_in_a_row(bench: Bench) -> None:
    def after_a_while() -> None:
        bench.now += STEADY_S
        raise PortLost("noDevice")

    bench.driver.idles.extend([after_a_while] * 10)
    run_until_idle(bench)
    assert "absent" not in " ".join(bench.states())


def test_answering_and_falling_away_at_once_again_and_again_is_one_loss(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.driver.idles.extend([lose()] * 50)
    bench.driver.on_idle = None
    run_until_idle_moving_time(bench)
    assert bench.states().count("ready") == STRIKES + 1
    assert caplog.messages == ["printer: is lost (noDevice).", "printer: is back."]


def test_falling_away_and_missing_in_turn_soon_stops_being_news(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """An adapter with bad power: gone, listed again, answers, gone."""
    caplog.set_level(logging.INFO)
    bench.driver.idles.extend([lose()] * 50)
    bench.opens.extend([lambda: None, lose()] * 50)
    run_until_idle_moving_time(bench)
    assert len(caplog.messages) <= 2 * STRIKES


def run_until_idle_moving_time(bench: Bench) -> None:
    over = threading.Event()

    def idle() -> None:
        bench.now += 0.5
        if bench.kept.health.state is State.READY:
            over.set()
            bench.kept._stop.wait(5.0)

    bench.driver.on_idle = idle
    bench.keeper().start()
    assert over.wait(5.0)
    bench.kept.stop()


def test_what_must_hold_to_be_back_is_refused_orders_until_then(bench: Bench) -> None:
    """On trial it is absent, and an order is refused, not done on a machine that will fall away."""

    def order() -> None:
        bench.kept.order(Job("early"))

    seen: list[str] = []
    bench.driver.idles.extend([lose()] * STRIKES + [order])
    bench.driver.idles.append(lambda: seen.extend(bench.driver.outcomes("early")))
    run_until_idle_moving_time(bench)
    assert seen == bench.driver.outcomes("early") == ["refuse noDevice"]


def test_a_machine_that_held_for_long_is_back_from_a_loss_at_once(bench: Bench) -> None:
    def after_a_while() -> None:
        bench.now += STEADY_S
        raise PortLost("noDevice")

    bench.driver.idles.extend([lose(), lose(), after_a_while])
    bench.opens.extend([lambda: None] * 3 + [lose()] * STRIKES)
    run_until_idle(bench)
    assert bench.states()[-2:] == ["absent noDevice", "ready"]


def test_pauses_grow_and_the_last_one_lets_a_replugged_machine_be_back_in_time(
    bench: Bench,
) -> None:
    assert list(PAUSES_S) == sorted(PAUSES_S)
    assert PAUSES_S[0] + PAUSES_S[1] >= 0.5
    assert PAUSES_S[-1] <= 2.0
    bench.open_always = lose()
    bench.keeper(pauses_s=(0.05, 0.1, 0.2), steady=monotonic).start()
    wait_for(lambda: len(bench.opened_at) >= 6, "attempts", 5.0)
    bench.kept.stop()
    between = [b - a for a, b in zip(bench.opened_at, bench.opened_at[1:], strict=False)]
    for pause, waited in zip((0.05, 0.1, 0.2, 0.2, 0.2), between, strict=False):
        assert waited >= pause


def take(device: str) -> list[int]:
    """Pseudo-terminals until the one with this number is among them; other tests take some, too."""
    ends: list[int] = []
    while device not in [os.ttyname(end) for end in ends[1::2]] and len(ends) < 100:
        ends += pty.openpty()
    return ends


def test_a_machine_is_back_under_another_number_within_five_seconds(
    bench: Bench, tmp_path: Path
) -> None:
    """The link stays, the pseudo-terminal behind it changes, as behind /dev/serial/by-id."""
    cable = PseudoTerminal(tmp_path / "by-id")
    keeper = Keeper(
        "reader", "magnetic_stripe", Listening(),
        lambda: open_port(str(cable.link), baud=9600, xonxoff=False),
        bench.told.append, lambda: datetime.now(UTC),
    )  # fmt: skip
    bench.kept = keeper
    keeper.start()
    try:
        bench.await_state("ready")
        first = cable.device
        cable.unplug()
        bench.await_state("absent")
        taken = take(first)
        cable.replug()
        began = monotonic()
        bench.await_state("ready")
        assert (monotonic() - began < 5.0, cable.device != first) == (True, True)
        for end in taken:
            os.close(end)
    finally:
        keeper.stop()
        cable.close()


class Listening(FakeDriver):
    def idle(self, port: Port) -> Condition:
        port.read(0.5)
        return READY


# --- the right machine


def test_a_wrong_machine_is_a_fault_and_not_used_until_the_right_one_comes(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    who = iter(["OTHER 1", "OTHER 1", "ACME 7 no. 12"])

    def probe() -> None:
        bench.driver.identity = next(who)
        if bench.driver.identity == "OTHER 1":
            bench.kept.order(Job("ticket"))

    bench.driver.probes.extend([probe] * 3)
    run_until_idle(bench, expected="ACME 7")
    assert bench.states() == ["opening", "probing", "fault wrongDevice", "ready"]
    assert [health.identity for health in bench.told][2:] == ["OTHER 1", "ACME 7 no. 12"]
    assert bench.driver.outcomes("ticket") == ["refuse wrongDevice"] * 2
    assert bench.driver.done("ticket") == 0
    assert caplog.messages == ["printer: is lost (wrongDevice).", "printer: is back."]
    assert bench.driver.calls.index(("idle",)) > 2


def test_a_machine_that_cannot_say_who_it_is_is_not_the_expected_one(bench: Bench) -> None:
    bench.keeper(expected="ACME").start()
    bench.await_state("fault")
    assert bench.kept.health.detail == "wrongDevice"


# --- orders


def test_orders_are_done_in_order_and_busy_is_told(bench: Bench) -> None:
    jobs = [f"{number}" for number in range(20)]
    bench.driver.idles.append(lambda: [bench.kept.order(Job(job)) for job in jobs] and None)
    run_until_idle(bench)
    assert [call[1] for call in bench.driver.calls if call[0] == "did"] == jobs
    assert bench.states()[3:] == ["busy", "ready"] * 20


def test_an_order_wakes_an_idle_keeper_at_once(bench: Bench) -> None:
    bench.keeper().start()
    wait_for(lambda: ("idle",) in bench.driver.calls, "the keeper to be idle")
    began = monotonic()
    bench.kept.order(Job("now"))
    bench.await_outcome("now")
    assert monotonic() - began < 5.0  # the idle read lasts 20 s


def test_an_order_does_not_disturb_the_one_that_is_being_done(bench: Bench) -> None:
    """A wake would cut short the wait for the proof of a ticket."""
    cut: list[bool] = []

    def do(_patience: Patience) -> None:
        bench.ports[-1].woken.clear()
        bench.kept.order(Job("second"))
        cut.append(bench.ports[-1].woken.is_set())

    bench.driver.does.append(do)
    bench.driver.idles.append(lambda: bench.kept.order(Job("first")) and None)
    run_until_idle(bench)
    assert (cut, bench.driver.outcomes("second")) == ([False], ["did"])


def test_an_order_to_a_keeper_that_was_not_started_is_refused(bench: Bench) -> None:
    bench.keeper().order(Job("early"))
    assert bench.driver.outcomes("early") == ["refuse absent"]


def test_an_order_to_a_lost_machine_is_refused_at_once_by_the_keepers_thread(bench: Bench) -> None:
    bench.open_always = lose()
    bench.keeper(pauses_s=(0.0, 0.0, 30.0), steady=monotonic).start()
    bench.await_state("absent")
    wait_for(lambda: len(bench.opened_at) == STRIKES, "the long pause")
    bench.kept.order(Job("lost"))
    assert bench.await_outcome("lost") == ["refuse noDevice"]
    assert bench.driver.threads == {"keeper printer"}


def test_orders_while_it_is_missed_for_a_moment_wait_and_are_done(bench: Bench) -> None:
    def order_and_fail() -> None:
        bench.kept.order(Job("patient"))
        raise PortLost("noDevice")

    bench.opens.append(order_and_fail)
    run_until_idle(bench)
    assert bench.driver.outcomes("patient") == ["did"]


def test_waiting_orders_are_refused_when_the_machine_counts_as_lost(bench: Bench) -> None:
    bench.opens.extend([lambda: bench.kept.order(Job("waits")) and lose()(), *[lose()] * 3])
    run_until_idle(bench)
    assert bench.driver.outcomes("waits") == ["refuse noDevice"]


@pytest.mark.parametrize(
    ("retry", "times", "outcomes"),
    [
        (Retry.SAFE, 2, ["did"]),
        (Retry.MOTION, 1, ["abandon noDevice"]),
        (Retry.ONCE, 1, ["abandon noDevice"]),
    ],
)
def test_a_wire_that_breaks_in_the_middle(
    bench: Bench, retry: Retry, times: int, outcomes: list[str]
) -> None:
    bench.driver.does.append(lose())
    bench.driver.idles.append(lambda: bench.kept.order(Job("one", retry)) and None)
    run_until_idle(bench)
    assert (bench.driver.done("one"), bench.driver.outcomes("one")) == (times, outcomes)


def test_a_safe_order_is_done_before_those_behind_it_and_not_a_third_time(bench: Bench) -> None:
    bench.driver.does.extend([lose(), lose()])

    def order() -> None:
        bench.kept.order(Job("read", Retry.SAFE))
        bench.kept.order(Job("next"))

    bench.driver.idles.append(order)
    run_until_idle(bench)
    done = [call for call in bench.driver.calls if call[0] in ("do", "did", "abandon")]
    assert done == [
        ("do", "read"), ("do", "read"), ("abandon", "read", "noDevice"), ("do", "next"), ("did", "next"),
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["lost", "over", "canceled", "stopped"])
def test_what_was_begun_once_is_abandoned_never_refused(bench: Bench, how: str) -> None:
    given: list[Patience] = []

    def do(_patience: Patience) -> None:
        if how == "over":
            bench.now += 100
        if how == "canceled":
            given[0].cancel()
        if how == "stopped":
            bench.kept._stop.set()
        raise PortLost("noDevice")

    bench.driver.does.append(do)
    bench.driver.idles.append(lambda: given.append(bench.kept.order(Job("read", Retry.SAFE))))
    if how == "lost":
        bench.opens.extend([lambda: None, *[lose()] * STRIKES])
    over = threading.Event()
    bench.driver.on_idle = over.set
    bench.keeper().start()
    [outcome] = bench.await_outcome("read")
    assert outcome.split()[0] == "abandon"


def test_a_driver_that_raises_something_else_abandons_and_is_opened_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.driver.does.append(boom)

    def order() -> None:
        bench.kept.order(Job("one", Retry.SAFE))
        bench.kept.order(Job("next"))

    bench.driver.idles.append(order)
    run_until_idle(bench)
    assert bench.driver.outcomes("one") == ["abandon internalError"]
    assert bench.driver.outcomes("next") == ["refuse internalError"]
    assert bench.states()[-2:] == ["absent internalError", "ready"]
    assert caplog.text.count("Traceback") == 1


@pytest.mark.parametrize("where", ["probes", "idles"])
def test_a_driver_that_always_fails_does_not_fill_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    getattr(bench.driver, where).extend([boom] * 60)
    run_until_idle_moving_time(bench)
    assert caplog.text.count("Traceback") <= STRIKES


def test_nobody_who_hears_badly_stops_the_keeper_or_costs_an_outcome(bench: Bench) -> None:
    """Whatever `tell` raises."""
    bench.driver.says = boom

    def tell(_health: Health) -> None:
        boom()

    def order() -> None:
        bench.kept.order(Job("done"))
        bench.kept.order(Job("broken"))
        bench.kept.order(Job("late"), within_s=-1)

    bench.driver.does.extend([lambda _patience: None, lose()])
    bench.driver.idles.append(order)
    bench.opens.extend(
        [lambda: None, *[lambda: bench.kept.order(Job("waits")) and lose()()] * 1, *[lose()] * 4]
    )
    run_until_idle(bench, tell=tell)
    assert [bench.driver.outcomes(job) for job in ("done", "broken", "late", "waits")] == [
        ["did"], ["abandon noDevice"], ["refuse noDevice"], ["refuse noDevice"],
    ]  # fmt: skip


def test_an_order_whose_deadline_is_over_is_never_begun(bench: Bench) -> None:
    def order() -> None:
        bench.kept.order(Job("slow"))
        bench.kept.order(Job("late"), within_s=5.0)
        bench.kept.order(Job("in time"), within_s=50.0)

    bench.driver.idles.append(order)
    bench.driver.does.append(lambda _patience: setattr(bench, "now", 5.0))
    run_until_idle(bench)
    assert (bench.driver.done("late"), bench.driver.outcomes("late")) == (0, ["refuse timeOut"])
    assert bench.driver.outcomes("in time") == ["did"]


def test_an_order_canceled_while_it_waits_is_never_begun(bench: Bench) -> None:
    def order() -> None:
        bench.kept.order(Job("first"))
        bench.kept.order(Job("second")).cancel()

    bench.driver.idles.append(order)
    run_until_idle(bench)
    assert bench.driver.outcomes("second") == ["refuse canceled"]
    assert bench.driver.done("second") == 0


def test_an_order_canceled_while_it_is_done_is_the_drivers_to_end_and_the_wire_is_woken(
    bench: Bench,
) -> None:
    begun, over = threading.Event(), list[str]()

    def do(patience: Patience) -> None:
        begun.set()
        bench.ports[-1].read(20.0)
        over.append(patience.over)

    bench.driver.does.append(do)
    bench.keeper().start()
    bench.await_state("ready")
    patience = bench.kept.order(Job("card"))
    assert begun.wait(5.0)
    patience.cancel()
    assert bench.await_outcome("card") == ["did"]
    patience.cancel()
    bench.kept.order(Job("after"))
    assert bench.await_outcome("after") == ["did"]
    assert (over, bench.driver.outcomes("card")) == (["canceled"], ["did"])


# --- the end


def test_stopping_ends_what_is_being_done_and_refuses_what_waits_and_what_comes_later(
    bench: Bench,
) -> None:
    begun = threading.Event()

    def do(patience: Patience) -> None:
        begun.set()
        while not patience.over:
            bench.ports[-1].read(20.0)

    bench.driver.does.append(do)
    bench.keeper().start()
    bench.await_state("ready")
    bench.kept.order(Job("done"))
    bench.kept.order(Job("waits"))
    assert begun.wait(5.0)
    began = monotonic()
    bench.kept.stop(5.0)
    assert monotonic() - began < 2.0
    bench.kept.order(Job("later"))
    bench.kept.stop()
    assert [bench.driver.outcomes(job) for job in ("done", "waits", "later")] == [
        ["did"], ["refuse canceled"], ["refuse canceled"],
    ]  # fmt: skip


def test_an_order_that_the_end_overtakes_is_not_begun(bench: Bench) -> None:
    """`stop` in another thread, while the keeper is already taking the order up."""
    taking_up = threading.Event()

    def steady() -> float:
        if taking_up.is_set():
            bench.kept._stop.set()
        return 0.0

    def order() -> None:
        bench.kept.order(Job("ticket"))
        taking_up.set()

    bench.driver.idles.append(order)
    bench.keeper(steady=steady).start()
    assert bench.await_outcome("ticket") == ["refuse canceled"]
    assert bench.driver.done("ticket") == 0


def test_a_keeper_that_was_never_started_can_be_stopped(bench: Bench) -> None:
    bench.keeper().stop()


def test_stopping_ends_a_long_pause(bench: Bench) -> None:
    bench.open_always = lose()
    bench.keeper(pauses_s=(60.0,), steady=monotonic).start()
    wait_for(lambda: bench.opened_at, "an attempt")
    began = monotonic()
    bench.kept.stop(5.0)
    assert monotonic() - began < 2.0


# --- the law: one outcome an order, whatever happens


def test_orders_of_several_threads_lead_to_one_outcome_each_while_the_wire_breaks(
    bench: Bench,
) -> None:
    every = [
        (lambda _p: None), lose(), (lambda _p: None), boom, (lambda _p: None), (lambda _p: None),
    ]  # fmt: skip
    bench.driver.does.extend(every * 200)
    bench.driver.idle_s = 0.01
    bench.opens.extend([lambda: None, lambda: None, lose()] * 400)
    bench.keeper().start()
    retries = list(Retry)

    def give(thread: int) -> None:
        for number in range(100):
            bench.kept.order(Job(f"{thread}.{number}", retries[number % 3]))

    threads = [threading.Thread(target=give, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(bench.driver.calls) > 100, "some calls")
    bench.kept.stop()
    for thread in threads:
        thread.join()
    for thread in range(4):
        mine = [f"{thread}.{number}" for number in range(100)]
        assert [job for job in mine if len(bench.driver.outcomes(job)) != 1] == []
        begun = [call[1] for call in bench.driver.calls if call[0] == "do" and call[1] in mine]
        assert list(dict.fromkeys(begun)) == [job for job in mine if job in begun]


EVENTS = st.sampled_from(
    [
        "order safe",
        "order motion",
        "order once",
        "order late",
        "order canceled",
        "quiet",
        "lose",
        "boom",
        "pass",
    ]
)
ENDS = st.sampled_from(
    ["well", "well", "lose", "boom", "slow", "canceled", "order", "well, told badly"]
)
OPENS = st.sampled_from(["well", "well", "lose", "order", "order, lose"])
PROBES = st.sampled_from(["well", "well", "lose", "boom", "order", "wrong"])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(EVENTS, max_size=30),
    st.lists(ENDS, max_size=20),
    st.lists(OPENS, max_size=12),
    st.lists(PROBES, max_size=12),
    st.booleans(),
)
def test_every_order_leads_to_exactly_one_outcome(
    events: list[str], ends: list[str], opens: list[str], probes: list[str], stop_early: bool
) -> None:
    law = Law()
    law.run(events, ends, opens, probes, stop_early=stop_early)
    law.check()


class Law:
    """Everything happens in the keeper's thread, in the order of the scripts: the same each time."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.retries: dict[str, Retry] = {}
        self.badly = False
        self.over = threading.Event()

    def run(
        self,
        events: list[str],
        ends: list[str],
        opens: list[str],
        probes: list[str],
        *,
        stop_early: bool,
    ) -> None:
        bench, driver = self.bench, self.bench.driver
        driver.identity = "ACME"
        driver.idles.extend(self.step(event) for event in events)
        driver.does.extend(self.step(end) for end in ends)
        driver.probes.extend(self.step(probe) for probe in [*probes, "well"])
        bench.opens.extend(self.step(one) for one in opens)
        driver.on_idle = self.rest
        keeper = bench.keeper(expected="ACME", tell=self.tell)
        if stop_early:
            driver.idles.append(self.stop_and_order)
        logging.disable(logging.CRITICAL)
        try:
            keeper.start()
            assert self.over.wait(5.0)
            keeper.stop()
            self.order("once")
        finally:
            logging.disable(logging.NOTSET)
        assert not keeper._thread.is_alive()

    def stop_and_order(self) -> None:
        self.bench.kept._stop.set()
        self.order("safe")
        self.over.set()

    def rest(self) -> None:
        """The script is over when the machine is not on trial."""
        self.bench.now += 1.0
        if self.bench.kept.health.state.works:
            self.over.set()
            self.bench.kept._stop.wait(5.0)

    def tell(self, _health: Health) -> None:
        if self.badly:
            self.badly = False
            boom()

    def order(self, how: str) -> None:
        job = f"{len(self.retries)}"
        retry = Retry(how) if how in set(Retry) else Retry.SAFE
        self.retries[job] = retry
        patience = self.bench.kept.order(Job(job, retry), -1.0 if how == "late" else 30.0)
        if how == "canceled":
            patience.cancel()

    def step(self, words: str) -> Step:
        def happen(*given: Any) -> None:
            self.bench.driver.identity = "OTHER" if words == "wrong" else "ACME"
            if words.startswith("order"):
                self.order(words.partition(" ")[2] or "once" if "," not in words else "motion")
            if words == "slow":
                self.bench.now += 40.0
            if words == "pass":
                self.bench.now += 6.0
            if words == "canceled":
                given[0].cancel()
                raise PortLost("noDevice")
            if words == "well, told badly":
                self.badly = True
            if words.endswith("lose"):
                raise PortLost("noDevice")
            if words == "boom":
                boom()

        return happen

    def check(self) -> None:
        driver = self.bench.driver
        assert Counter({job: len(driver.outcomes(job)) for job in self.retries}) == Counter(
            dict.fromkeys(self.retries, 1)
        )
        begun = [call[1] for call in driver.calls if call[0] == "do"]
        for job, retry in self.retries.items():
            [outcome] = driver.outcomes(job)
            assert begun.count(job) <= (2 if retry is Retry.SAFE else 1)
            assert (begun.count(job) == 0) == outcome.startswith("refuse")
        assert list(dict.fromkeys(begun)) == sorted(set(begun), key=int)


def test_many_machines_that_do_not_let_go_are_stopped_in_the_time_of_one() -> None:
    released = threading.Event()
    keepers = []
    for number in range(5):
        driver = FakeDriver()
        driver.probes.append(lambda: released.wait(30) and READY)
        name, port = str(number), FakePort()
        keepers.append(
            Keeper(name, "x", driver, lambda p=port: p, lambda _: None, lambda: datetime.now(UTC))
        )
    for keeper in keepers:
        keeper.start()
    began = monotonic()
    stop_all(keepers, 0.3)
    took = monotonic() - began
    released.set()
    assert 0.25 < took < 4 * 0.3  # one after the other they would take five times as long
