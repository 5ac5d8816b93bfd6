"""A simulated fingerprint module: R30x / ZFM-20 / AS608, 57600 8N1, answers only when asked.

Source: module manuals of that family. Known by no manual and chosen here: how long each command
takes, how scores are made (`simulated_finger`), and that the image is 2,048 bytes.
"""

import random
import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from devices.fingerprint import simulated_line as line, simulated_module as module
from devices.fingerprint.simulated_finger import CONDITIONS, Finger
from devices.fingerprint.simulated_memory import Flash

_READY = b"\x55"
_BOOT_NOISE_BYTES = 16
_GAP_SECONDS = 0.5  # half a packet is forgotten after such a pause

# Seconds from the last byte of a command to the first of its answer.
_USUAL_SECONDS = 0.005
_SECONDS = {0x01: 0.15, 0x02: 0.15, 0x03: 0.02, 0x04: 0.05, 0x05: 0.03, 0x06: 0.03, 0x0C: 0.03} | {
    0x0D: 0.10,
    0x1B: 0.03,
}

_NAME = re.compile(r"[\w-]{1,40}")


class Simulator:
    """Bytes in, packets out; `speed` above 1 shortens commands and start-up, not the line.

    `password` and `capacity` (templates) are as in the factory; `start_seconds` is how long the
    module is deaf after power-on; `echo_code` answers the echo command (55h on the modules that
    have it); `slow_seconds` belongs to the fault `slow`.
    """

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "hears commands but does nothing and answers nothing",
        "power_off": "no power: silent, buffers lost; clear = switched on, pages still there",
        "noise": "eight random bytes before and after each answer",
        "boot_noise": "sixteen random bytes before the ready byte of each start or soft reset",
        "wrong_speed": "set to another line speed: understands nothing, sends bytes from 80h up",
        "bad_checksum": "the sum of each acknowledgement has its lowest bit turned over",
        "huge_length": "the length in each acknowledgement is FFFFh",
        "wrong_address": "all packets come from an address whose lowest bit is turned over",
        "byte_by_byte": "20 ms from each byte to the next",
        "split": "the first packet of each answer in two pieces, 200 ms apart",
        "slow": "each answer begins late, by slow_seconds (0.9 s)",
        "stale": "before each answer the acknowledgement before it is sent again",
        "silent_in_upload": "stops after the first data packet of UpChar or UpImage",
        "upload_bad_checksum": "the sum of the last data packet has its lowest bit turned over",
        "flash_error": "nothing can be written: 18 for store and settings, 10 delete, 11 empty",
        "misread": "the first capture of each finger put there fails with 03, the next is good",
        "not_merging": "two images are never merged: 0A",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        password: int = 0,
        capacity: int = 200,
        start_seconds: float = 0.3,
        announces_ready: bool = True,
        echo_code: int = 0x55,
        slow_seconds: float = 0.9,
        speed: float = 1.0,
        seed: int = 608,
    ) -> None:
        self._truth = truth
        self._start_seconds = start_seconds / speed
        self._announces_ready = announces_ready
        self._speed = speed
        self._faults: set[str] = set()
        chance = random.Random(seed)
        self._receiver = line.Receiver()
        self._sender = line.Sender(self._faults, chance, slow_seconds)
        flash = Flash(capacity, password)
        self._module = module.Module(truth, flash, self._faults, chance, echo_code)
        self._touches: dict[str, int] = {}
        self._heard_at = self._now = self._free_at = self._ready_at = 0.0

    def power_on(self, now: float) -> bytes:
        """Library and settings are kept, buffers are empty; deaf until it is ready."""
        self._sender.forget()
        self._start(now)
        return self._run(now)

    def receive(self, data: bytes, now: float) -> bytes:
        out = self._run(now)
        if now < self._ready_at or "power_off" in self._faults:
            return out
        if "wrong_speed" in self._faults:
            junk = bytes(byte | 0x80 for byte in self._sender.noise(len(data) // 2))
            self._sender.say(junk, now)
            return out + self._run(now)
        if now - self._heard_at > _GAP_SECONDS and now >= self._free_at:
            self._receiver.forget()
        self._receiver.feed(data)
        self._heard_at = now
        return out + self._run(now)

    def pass_time(self, now: float) -> bytes:
        return self._run(now)

    def next_deadline(self) -> float | None:
        due = self._sender.next_due()
        if len(self._receiver) and self._free_at > self._now:
            return self._free_at if due is None else min(due, self._free_at)
        return due

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self._run(now)
        if on == (name in self._faults):
            return out
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        if name == "misread":
            self._module.misread_due = True
        if name == "boot_noise" and on and now < self._ready_at:
            # The bench sets its first faults just after power-on.
            out += self._sender.noise(_BOOT_NOISE_BYTES)
        if name == "power_off":
            return out + (self._power_off() if on else self.power_on(now))
        return out

    def present(self, value: str, now: float) -> bytes:
        """Put a finger there: its name, then perhaps how it is; another one is taken away."""
        name, condition = _read_finger(value)
        out = self.remove(now)
        touch = self._touches[name] = self._touches.get(name, 0) + 1
        self._module.glass = Finger(name, condition, touch)
        self._module.misread_due = True
        event = {"event": "finger_put", "finger": self._number(name), "condition": condition}
        self._truth(event)
        return out

    def remove(self, now: float) -> bytes:
        """Take the finger away; what the module has seen of it stays in its buffers."""
        out = self._run(now)
        if self._module.glass is not None:
            self._truth({"event": "finger_taken", "finger": self._number(self._module.glass.name)})
            self._module.glass = None
        return out

    def _number(self, name: str) -> int:
        """Fingers are numbered as they come: a name has no place in a log."""
        return list(self._touches).index(name) + 1

    def _power_off(self) -> bytes:
        self._sender.forget()
        self._receiver.forget()
        self._module.power_on()
        return b""

    def _start(self, at: float) -> None:
        self._receiver.forget()
        self._module.power_on()
        if "power_off" in self._faults:
            return
        self._ready_at = self._free_at = at + self._start_seconds
        noise = self._sender.noise(_BOOT_NOISE_BYTES) if "boot_noise" in self._faults else b""
        hello = noise + (_READY if self._announces_ready else b"")
        if hello:
            self._sender.say(hello, self._ready_at)
        self._truth({"event": "started"})

    def _run(self, now: float) -> bytes:
        """Say what is due, and take the packets that came, one after the other."""
        self._now = now
        out = self._sender.due(now)
        while now >= self._free_at and (heard := self._receiver.take()):
            self._obey(heard, max(self._heard_at, self._free_at))
            out += self._sender.due(now)
        return out

    def _obey(self, heard: line.Heard, at: float) -> None:
        if "silent" in self._faults:
            return
        if heard.identifier in (line.DATA, line.LAST_DATA):
            self._take_data(heard)
        elif not heard.intact:
            self._answer(module.Reply(module.PACKET_ERROR), at + _USUAL_SECONDS / self._speed)
        elif heard.address != self._module.flash.address:
            self._answer(module.Reply(module.WRONG_ADDRESS), at + _USUAL_SECONDS / self._speed)
        elif heard.identifier == line.COMMAND:
            self._execute(heard.payload, at)

    def _take_data(self, heard: line.Heard) -> None:
        if heard.intact and heard.address == self._module.flash.address:
            self._module.take_data(heard.payload, heard.identifier == line.LAST_DATA)
        else:
            self._module.spoil_transfer()

    def _execute(self, payload: bytes, at: float) -> None:
        # The speed of the answer is still the one the command came with.
        bits_per_second = self._module.flash.bits_per_second
        reply = self._module.execute(payload)
        at += _SECONDS.get(payload[0], _USUAL_SECONDS) / self._speed
        self._answer(reply, at, bits_per_second)
        if payload[0] == module.SOFT_RESET and reply.code == module.OK:
            self._start(self._free_at)

    def _answer(self, reply: module.Reply, at: float, bits_per_second: int | None = None) -> None:
        """An answer that comes from the address the module has now."""
        flash = self._module.flash
        code = bytes((reply.code,))
        packets = [line.packet(flash.address, line.ACK, code + reply.data)]
        if reply.upload:
            packets += line.data_packets(flash.address, reply.upload, flash.packet_bytes)
        speed = bits_per_second or flash.bits_per_second
        self._free_at = self._sender.answer(packets, speed, at)


def _read_finger(value: str) -> tuple[str, str]:
    name, _, condition = value.strip().partition(" ")
    condition = condition.strip() or "clean"
    if not _NAME.fullmatch(name) or condition not in CONDITIONS:
        raise ValueError(
            "a finger is a name of letters, digits, - and _ (40 at most), then perhaps one of "
            + ", ".join(CONDITIONS)
        )
    return name, condition
