"""A simulated RS-485 bus with call pads and evaluators: 9600 8N1, half duplex.

Source: public field code of a bank hall's queue system. A pad sends a key by itself, the host
acknowledges it with the same bytes; an evaluator's score comes back with function 01. Not
written there and chosen here: a station counts 200 ms from its last byte, repeats three times,
listens before it talks, and after a collision waits longer the later it stands in the list.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from devices.call_pad import simulated_line as line
from devices.call_pad.simulated_frames import Ear, Heard, frame
from devices.call_pad.simulated_stations import (
    KEY_FUNCTION,
    Order,
    Press,
    Station,
    key_frame,
    read_orders,
)

_BOUNCE_SECONDS = 0.100
_SLOT_SECONDS = 0.030
_DEFER_SECONDS = 0.001
_FOREIGN_FRAME = key_frame(0x7E, b"\x0d")


class Simulator:
    """All stations of one bus; each address has a pad and an evaluator."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "no station sends or shows anything; presses are lost",
        "pad_gone": "the pad with the lowest address is dead; its evaluator lives",
        "power_loss": "no power: dark, presses forgotten; clear = switched on, displays blank",
        "echo_lost": "no station hears an acknowledgement: each press is sent four times",
        "first_echo_lost": "the first acknowledgement of each press is not heard, the second is",
        "bounce": "each press is sent a second time 100 ms after the first",
        "collision": "the first transmission of each press runs into a foreign station's frame",
        "own_echo": "the adapter gives the host all it sends back, as two-wire adapters do",
        "missing_byte": "one byte of each frame to the host is lost",
        "bit_flip": "one bit of each frame to the host is turned over",
        "bad_checksum": "each frame to the host has a check byte one too high",
        "noise": "eight random bytes before and after each frame, and at power-on",
        "byte_by_byte": "20 ms from each byte of a frame to the next",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        addresses: Sequence[int] = (1, 2, 3),
        own_echo: bool = False,
        acknowledge_seconds: float = 0.200,
        retransmissions: int = 3,
        gap_seconds: float = 0.100,
        noise_seed: int = 485,
    ) -> None:
        if not addresses or len(set(addresses)) < len(addresses):
            raise ValueError("a bus needs one or more addresses, each of them once")
        if not all(0 <= address <= 0xFE for address in addresses):
            raise ValueError("an address is a number from 0 to 254")
        self._truth = truth
        self._addresses = tuple(addresses)
        self._own_echo = own_echo
        self._acknowledge_seconds = acknowledge_seconds
        self._transmissions = 1 + retransmissions
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._presses = 0
        self._line = line.Line()
        self._ear = Ear(gap_seconds)
        places = [(address, kind) for address in addresses for kind in ("pad", "evaluator")]
        self._stations = [Station(kind, at, rank) for rank, (at, kind) in enumerate(places)]

    def power_on(self, now: float) -> bytes:
        """Blank displays, no press remembered, no evaluation begun."""
        self._forget(self._stations)
        self._line.clear(now)
        self._ear.forget()
        noisy = "noise" in self._faults and "power_loss" not in self._faults
        return line.noise(self._random) if noisy else b""

    def receive(self, data: bytes, now: float) -> bytes:
        out = self.pass_time(now)
        if self._own_echo or "own_echo" in self._faults:
            out += data
        self._line.host_sends(len(data), now)
        for heard in self._ear.hear(data, now):
            self._take(heard, now)
        return out + self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        while (at := self._next_wish()) is not None and at <= now:
            self._wake(at)
        return self._line.due(now)

    def next_deadline(self) -> float | None:
        times = (self._next_wish(), self._line.next_deadline())
        return min((at for at in times if at is not None), default=None)

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self.pass_time(now)
        if on == (name in self._faults):
            return out
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        if name == "power_loss":
            if on:
                self._truth({"event": "dark"})
            return out + self.power_on(now)
        if name == "silent":
            self._line.clear(now)
        self._forget([station for station in self._stations if not self._lives(station)])
        return out

    def present(self, value: str, now: float) -> bytes:
        """A finger on a key: `ADDRESS KEY`, `ADDRESS rate N`, or `both` and two of them."""
        orders = read_orders(value, self._addresses)
        out = self.pass_time(now)
        for order in orders:
            self._press(order, now)
        return out + self.pass_time(now)

    def remove(self, now: float) -> bytes:
        """A key springs back by itself; nothing happens."""
        return self.pass_time(now)

    def _lives(self, station: Station) -> bool:
        if not self._faults.isdisjoint(("silent", "power_loss")):
            return False
        gone = station.machine == "pad" and station.address == min(self._addresses)
        return not (gone and "pad_gone" in self._faults)

    def _next_wish(self) -> float | None:
        wishes = (station.wakes_at for station in self._stations)
        return min((at for at in wishes if at is not None), default=None)

    def _press(self, order: Order, now: float) -> None:
        [station] = [
            one
            for one in self._stations
            if (one.machine, one.address) == (order.machine, order.address)
        ]
        about = {"address": order.address, "machine": order.machine, "key": order.key}
        if order.number is not None:
            about["number"] = order.number
        if self._lives(station) and order.key == "rate" and not station.evaluating:
            self._truth({"event": "ignored", **about, "reason": "no evaluation was started"})
            return
        self._presses += 1
        self._truth({"event": "pressed", "press": self._presses, **about})
        station.add(Press(self._presses, order.key, *order.frames(), at=now))
        station.evaluating = False if order.key == "rate" else station.evaluating
        if not self._lives(station):
            self._forget([station])

    def _forget(self, stations: Sequence[Station]) -> None:
        for station in stations:
            station.evaluating = False
            while station.presses:
                self._note("lost", station, station.done(0.0))
            station.wakes_at = None

    def _wake(self, at: float) -> None:
        """Give up, wait for a free line, or send: whatever the stations want at this moment."""
        wanting = [station for station in self._stations if station.wakes_at == at]
        tired = [one for one in wanting if one.presses[0].sent >= self._transmissions]
        for station in tired:
            self._note("not_acknowledged", station, station.done(at))
        if tired:
            return
        if at < self._line.free_at:
            # Who wanted at the same moment goes on wanting so: two fingers do collide.
            free_at = self._line.free_at + wanting[0].rank * _DEFER_SECONDS
            for station in wanting:
                station.wakes_at = free_at
            return
        self._transmit(wanting, at)

    def _transmit(self, stations: list[Station], at: float) -> None:
        presses = [station.presses[0] for station in stations]
        frames = [line.damaged(press.frame, self._faults, self._random) for press in presses]
        first = all(press.sent == 0 for press in presses)
        if "collision" in self._faults and first:
            frames.append(_FOREIGN_FRAME)
        dribbles = "byte_by_byte" in self._faults
        last = self._line.send(line.interleaved(frames), at, dribbles)
        if "bounce" in self._faults and first:
            self._line.send(line.interleaved(frames), last + _BOUNCE_SECONDS, dribbles)
        collided = len(frames) > 1
        for station, press in zip(stations, presses, strict=True):
            press.sent += 1
            slot = station.rank * _SLOT_SECONDS if collided else 0.0
            station.wakes_at = last + self._acknowledge_seconds + slot
            self._note("sent", station, press, collided=collided)

    def _take(self, heard: Heard, now: float) -> None:
        """A frame of the host, for whoever has its address."""
        if heard.wrong:
            self._truth({"event": "rejected", "reason": heard.wrong})
            return
        here = [one for one in self._stations if one.address == heard.address and self._lives(one)]
        taken = [self._acknowledge(one, heard, now) or self._show(one, heard) for one in here]
        if not any(taken):
            reason = "not_understood" if here else "nobody_there"
            if here and heard.function == KEY_FUNCTION:
                reason = "not_awaited"
            self._truth({"event": "rejected", "address": heard.address, "reason": reason})

    def _acknowledge(self, station: Station, heard: Heard, now: float) -> bool:
        if not station.awaits(frame(heard.address, heard.function, heard.data)):
            return False
        press = station.presses[0]
        first = "first_echo_lost" in self._faults and press.echoes_missed == 0
        if first or "echo_lost" in self._faults:
            press.echoes_missed += 1
            self._note("echo_missed", station, press)
            return True
        after_ms = round((now - press.at) * 1000)
        self._note("acknowledged", station, station.done(now), after_ms=after_ms)
        return True

    def _show(self, station: Station, heard: Heard) -> bool:
        shown = station.shows(heard.function, heard.data)
        if shown is None:
            return False
        where = {"address": station.address, "machine": station.machine}
        self._truth({"event": "shown", **where, **shown})
        return True

    def _note(self, event: str, station: Station, press: Press, **more: object) -> None:
        which = {"press": press.number, "address": station.address, "machine": station.machine}
        self._truth({"event": event, **which, "key": press.name, "sent": press.sent, **more})
