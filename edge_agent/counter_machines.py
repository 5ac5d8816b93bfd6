"""The machines at the counters: call pads, evaluators, signs and pole displays, from the configuration to keepers,
from a key to the desk, from the queue to what they show.
"""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from devices.call_pad.driver import AskRating, Beep, KeyPressed, Rated, ShowOnPad
from devices.counter_sign.driver import ShowOnSign
from devices.device import Health, State
from devices.keeper import Keeper, stop_all
from devices.pole_display.driver import ShowLines
from devices.settings import keeper_of
from edge_agent import pads
from edge_agent.branch import Branch
from edge_agent.desk import NotRecorded
from edge_agent.journal.entries import EntriesUnreadable
from edge_agent.machine_settings import OWN, CounterDevice
from edge_agent.messages import DeviceHealth, DeviceState
from program.bell import heard

log = logging.getLogger(__name__)

RATED_WITHIN = timedelta(minutes=3)  # after that, somebody else stands at the counter
LOOK_EVERY_S = 10.0
ENTRIES_AT_ONCE = 500


@dataclass(slots=True)
class _Machine:
    """One wire and what hangs on it; `shown` is what each address was last told to show."""

    device: CounterDevice
    keeper: Keeper
    shown: dict[int, tuple[object, ...]] = field(default_factory=dict)

    @property
    def places(self) -> Mapping[int, str]:
        """Address on the wire -> counter."""
        return {int(address): counter for address, counter in self.device.counters.items()}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose word an evaluator waits for, and until when."""

    ticket: str
    until: datetime


class CounterMachines:
    """Runs on the branch's loop; the keepers' threads only put events in."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._jobs = itertools.count(1)
        self._to_rate: dict[str, _Asked] = {}
        self._seen = branch.desk.seq
        self._machines = {
            device.name: _Machine(device, self._keeper(device))
            for device in branch.settings.devices
        }

    def start(self) -> None:
        for machine in self._machines.values():
            machine.keeper.start()

    def stop(self) -> None:
        stop_all(machine.keeper for machine in self._machines.values())

    async def obey(self) -> None:
        """What the machines say, in order. Runs until cancelled."""
        while True:
            name, event = await self._events.get()
            try:
                await self._happened(self._machines[name], event)
            except NotRecorded:  # the desk has said so
                self._beep(self._machines[name], getattr(event, "address", None))

    async def follow(self) -> None:
        """What the machines show, as the queue changes. Runs until cancelled."""
        while True:
            ring = self._branch.live.bell.next()
            self._ask_for_ratings()
            for machine in self._machines.values():
                self._show(machine)
            await heard(ring, LOOK_EVERY_S)

    def _keeper(self, device: CounterDevice) -> Keeper:
        def tell(event: Any) -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._events.put_nowait, (device.name, event))

        return keeper_of(device, tell)

    async def _happened(self, machine: _Machine, event: Any) -> None:
        match event:
            case Health():
                await self._health(machine, event)
            case KeyPressed(address=address):
                await self._pressed(machine, address, event)
            case Rated(address=address):
                await self._rated(machine, address, event.score)

    async def _health(self, machine: _Machine, event: Health) -> None:
        if not event.state.works:
            machine.shown.clear()  # it may forget while it is away
        await self._branch.record_machines(self._report)
        if event.state is not State.BUSY:
            self._branch.live.wake()

    async def _pressed(self, machine: _Machine, address: int, event: KeyPressed) -> None:
        counter = machine.places.get(address)
        if counter is None:
            log.warning("%s: no counter has the address %d.", machine.device.name, address)
            return
        to = dict(machine.device.transfer)
        if not await pads.press(self._branch, counter, event.key, event.number, to):
            self._beep(machine, address)

    async def _rated(self, machine: _Machine, address: int, score: int) -> None:
        asked = self._to_rate.pop(machine.places.get(address, ""), None)
        scores = machine.device.scores
        if asked is None or self._branch.clock() > asked.until or score >= len(scores):
            return
        await pads.rate(self._branch, asked.ticket, scores[score])

    def _ask_for_ratings(self) -> None:
        """Whoever has just been served is asked, whichever way the teller finished."""
        try:
            entries = self._branch.journal.after(self._seen, ENTRIES_AT_ONCE)
        except EntriesUnreadable:  # live pages have said so
            return
        for entry in entries:
            self._seen = entry.seq
            if entry.type != "ServiceFinished":
                continue
            fact = msgspec.json.decode(entry.body)
            if fact.get("next_service") is None:
                self._ask_for_rating(fact["counter"], fact["ticket"])

    def _ask_for_rating(self, counter: str, ticket: str) -> None:
        for machine in self._machines.values():
            for address, place in machine.places.items():
                if machine.device.kind == "call_pad" and place == counter:
                    self._to_rate[counter] = _Asked(ticket, self._branch.clock() + RATED_WITHIN)
                    machine.keeper.order(AskRating(self._job(), address))

    def _show(self, machine: _Machine) -> None:
        """What has changed; all of it after the machine was away."""
        if not machine.keeper.health.state.works:
            return
        for address, counter in machine.places.items():
            wanted = self._picture(machine.device.kind, counter)
            if machine.shown.get(address) != wanted:
                machine.shown[address] = wanted
                machine.keeper.order(self._order(machine.device.kind, address, wanted))

    def _picture(self, kind: str, counter: str) -> tuple[object, ...]:
        queue = self._branch.desk.queue
        now = self._branch.views.counter(queue, counter)
        if kind == "call_pad":
            return (
                queue.waiting_at(counter, self._branch.rules.counters[counter]),
                now.label or "",
            )
        words = self._branch.settings.signs
        if kind == "pole_display":
            return (now.label or "", f"Counter {counter}")
        return (words.text(counter, now.state, now.label),)

    def _order(self, kind: str, address: int, wanted: tuple[Any, ...]) -> object:
        order = {"call_pad": ShowOnPad, "counter_sign": ShowOnSign}.get(kind)
        return order(self._job(), address, *wanted) if order else ShowLines(self._job(), *wanted)

    def _beep(self, machine: _Machine, address: int | None) -> None:
        if address is not None and machine.device.kind == "call_pad":
            machine.keeper.order(Beep(self._job(), address))

    def _job(self) -> str:
        return f"{OWN}-{next(self._jobs)}"

    def _report(self) -> list[DeviceHealth]:
        known = [machine.keeper.health for machine in self._machines.values()]
        return self._branch.machines.report_own(
            DeviceHealth(
                device=f"{OWN}/{health.device}",
                kind=health.kind,
                state=msgspec.convert(str(health.state), DeviceState),
                since=health.since,
                detail=health.detail,
            )
            for health in known
        )
