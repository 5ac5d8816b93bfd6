"""A simulated uninterruptible power supply with a serial port: 2400 8N1, Megatec "Q1". It only answers.

Source: Megatec RS232 protocol 2.7: commands end with CR, and so does every answer; a command that is not known
comes back as it was. Not written there and chosen here: the time it thinks, and that half a command is forgotten
after two seconds.
"""

import random
from collections.abc import Callable, Mapping
from typing import ClassVar

from devices.ups.simulated_supply import Supply

_CR = b"\r"
_BYTE_SECONDS = 10 / 2400
_THINKING_SECONDS = 0.050
_SLOW_SECONDS = 1.5
_PART_SECONDS = 0.200
_GAP_SECONDS = 0.020
_FORGOTTEN_SECONDS = 2.0
_LONGEST_COMMAND = 32
_NOISE_BYTES = 8
_DARK = ("silent", "wrong_speed")


class Simulator:
    """A UPS with a kiosk's load on it; every fault lasts until it is cleared."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "utility_fail": "no mains: its battery empties, and then it is dark; clear = mains, and it charges",
        "battery_low": "says that its battery is nearly empty, however full it is",
        "ups_failed": "says that it has failed",
        "bypass": "runs on bypass, or raises a low voltage",
        "test": "says that a battery test is in progress",
        "shutdown": "says that a shutdown is active",
        "unmeasured": "has no thermometer: the temperature is --.-",
        "no_identity": "knows neither I nor F: they come back as they were",
        "silent": "hears and does nothing, answers nothing",
        "noise": "eight random bytes before and after each answer",
        "bit_flip": "one bit of every answer is turned over",
        "cut": "every answer ends in the middle",
        "byte_by_byte": "20 ms from each byte to the next",
        "two_parts": "the second half of each answer comes 200 ms after the first",
        "slow": "every answer 1.5 seconds later",
        "wrong_speed": "as at a wrong line speed: understands nothing, sends bytes above 7Fh",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        standby: bool = True,
        runtime_seconds: float = 600.0,
        company: str = "LOBBY",
        model: str = "SIM1000",
        version: str = "V1.00",
        noise_seed: int = 2400,
    ) -> None:
        """`runtime_seconds`: how long a full battery lasts."""
        self._truth = truth
        self._identity = f"{company:<15.15} {model:<10.10} {version:<10.10}"
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._supply = Supply(self._faults, standby=standby, runtime_seconds=runtime_seconds)
        self._was_alive = True
        self._heard = b""
        self._heard_at = 0.0
        self._to_send: list[tuple[float, bytes]] = []

    def power_on(self, now: float) -> bytes:
        self._forget()
        self._supply.until(now)
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        self._live_until(now)
        if "wrong_speed" in self._faults:
            return bytes(byte | 0x80 for byte in self._random.randbytes(min(len(data), 8)))
        if "silent" in self._faults or not self._supply.alive:
            return b""
        if now - self._heard_at > _FORGOTTEN_SECONDS:
            self._heard = b""
        self._heard_at = now
        *commands, self._heard = (self._heard + data).split(_CR)
        self._heard = self._heard[-_LONGEST_COMMAND:]
        for command in commands:
            self._answer(command[-_LONGEST_COMMAND:], now)
        return self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        self._live_until(now)
        out = b""
        while self._to_send and self._to_send[0][0] <= now:
            out += self._to_send.pop(0)[1]
        return out

    def next_deadline(self) -> float | None:
        return self._to_send[0][0] if self._to_send else None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self.pass_time(now)
        if on != (name in self._faults):
            self._faults ^= {name}
            self._truth({"event": "fault", "name": name, "on": on})
            if on and name in _DARK:
                self._forget()
        return out

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a UPS is not presented anything; allowed: fault, clear, unplug, replug")

    def remove(self, now: float) -> bytes:
        """Nothing can be taken from a UPS; nothing happens."""
        return self.pass_time(now)

    def _live_until(self, now: float) -> None:
        self._supply.until(now)
        if self._supply.alive != self._was_alive:
            self._was_alive = self._supply.alive
            self._truth({"event": "lit" if self._was_alive else "dark"})
            self._forget()

    def _forget(self) -> None:
        self._heard = b""
        self._to_send.clear()

    def _answer(self, command: bytes, now: float) -> None:
        """Put the answer in the queue, as the faults let it be."""
        answer = self._said(command)
        data = self._spoilt(answer + _CR)
        at = now + _THINKING_SECONDS + (_SLOW_SECONDS if "slow" in self._faults else 0.0)
        if self._to_send:
            at = max(at, self._to_send[-1][0])
        for wait, piece in self._pieces(data):
            at += wait
            self._to_send.append((at, piece))

    def _said(self, command: bytes) -> bytes:
        if command == b"Q1":
            return f"({self._supply.status()}".encode("ascii")
        if command == b"F" and "no_identity" not in self._faults:
            return f"#{self._supply.rating()}".encode("ascii")
        if command == b"I" and "no_identity" not in self._faults:
            return f"#{self._identity}".encode("ascii")
        return command

    def _spoilt(self, data: bytes) -> bytes:
        if "cut" in self._faults:
            data = data[: len(data) // 2]
        if "bit_flip" in self._faults and data:
            broken = bytearray(data)
            broken[self._random.randrange(len(broken))] ^= 1 << self._random.randrange(8)
            data = bytes(broken)
        if "noise" in self._faults:
            before, after = (self._random.randbytes(_NOISE_BYTES) for _ in "ab")
            data = before + data + after
        return data

    def _pieces(self, data: bytes) -> list[tuple[float, bytes]]:
        """Pieces of an answer, each with the seconds before it."""
        if "byte_by_byte" in self._faults:
            return [(_GAP_SECONDS, data[at : at + 1]) for at in range(len(data))]
        spent = len(data) * _BYTE_SECONDS
        if "two_parts" in self._faults:
            half = len(data) // 2
            return [(spent / 2, data[:half]), (spent / 2 + _PART_SECONDS, data[half:])]
        return [(spent, data)]
