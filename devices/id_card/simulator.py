"""A simulated reader of Chinese identity cards (SAM_V): serial 115200 8N1.

Source: GA 450 (serial protocol of the security module). It only answers; it never speaks first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from devices.id_card import simulated_line as line, simulated_module as module
from devices.id_card.simulated_id import IdCard, read_id_card

MODULE_NUMBER = bytes.fromhex("05 00 01 00 41 28 35 01 39 30 00 00 D2 04 00 00")

_FIND_SECONDS, _QUICK_SECONDS = 0.06, 0.02
_SLOW_READ_SECONDS = 1.8
_SLOW_SECONDS = 1.0
_LONGEST_JUNK = 8


@dataclass
class _Task:
    """A command being carried out, and the card that lay there when it began."""

    body: bytes
    card: IdCard | None
    ends: float


class Simulator:
    """Bytes in, bytes out; a command that comes during another waits, the last one only."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "hears and does nothing, answers nothing",
        "noise": "eight random bytes before and after each answer, and at power-on",
        "bad_checksum": "the check of every answer is wrong",
        "huge_length": "the length field of every answer says 65535",
        "byte_by_byte": "20 ms from each byte to the next (a read takes 26 s)",
        "two_parts": "the second half of each answer comes 200 ms after the first",
        "slow": "every answer one second later, a read after 1.8 s",
        "stale": "before each answer the previous one is sent again",
        "wrong_speed": "as at a wrong line speed: understands nothing, sends bytes above 7Fh",
        "leading_aa": "one more AA before each answer",
        "stray": "AA 00 AA AA 96 69 before each answer, AA 00 at power-on",
        "vendor_timeout": "card commands are answered with the frame 00 05 05 05 05 05 05",
        "sam_error": "every command is answered with 60, self-test failed",
        "moved_in_read": "every read fails with 41, as if the card had been moved",
        "not_authentic": "every read fails with 32, card not authentic",
        "unknown_type": "the text of every card has the type Q at offset 248",
        "slow_read": "a read takes 1.8 s",
        "read_truncated": "the answer to a read ends in the middle",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        read_seconds: float = 0.8,
        found_again: bool = False,
        module_number: bytes = MODULE_NUMBER,
        byte_seconds: float = 0.020,
        noise_seed: int = 450,
    ) -> None:
        """`found_again`: whether a card that has been read is found before it was taken away."""
        if len(module_number) != len(MODULE_NUMBER):
            raise ValueError(f"the module number has {len(MODULE_NUMBER)} bytes")
        self._truth = truth
        self._read_seconds = read_seconds
        self._seed = noise_seed
        self._faults: set[str] = set()
        self._module = module.Module(
            truth, self._faults, module_number=module_number, found_again=found_again
        )
        self._line = line.Transmitter(self._faults, noise_seed, byte_seconds)
        self._reader = line.CommandReader()
        self._task: _Task | None = None
        self._waiting: bytes | None = None

    def power_on(self, now: float) -> bytes:
        self._forget()
        self._module.reset()
        return self._line.power_on()

    def receive(self, data: bytes, now: float) -> bytes:
        self._run(now)
        if "silent" in self._faults:
            return b""
        if "wrong_speed" in self._faults:
            return self._line.junk(min(len(data), _LONGEST_JUNK))
        for byte in data:
            if (body := self._reader.feed(byte, now)) is not None:
                self._accept(body, now)
        return self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        self._run(now)
        return self._line.take(now)

    def next_deadline(self) -> float | None:
        times = (self._next_step(), self._line.next_time())
        return min((at for at in times if at is not None), default=None)

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self.pass_time(now)
        if on != (name in self._faults):
            self._faults ^= {name}
            self._truth({"event": "fault", "name": name, "on": on})
            if name == "silent":
                self._forget()
        return out

    def present(self, value: str, now: float) -> bytes:
        """A card is laid on the reader; there is room for one."""
        card = read_id_card(value, self._seed)
        out = self.pass_time(now)
        if self._module.card is not None:
            raise ValueError("a card lies on the reader already; allowed: remove")
        self._module.put(card)
        return out

    def remove(self, now: float) -> bytes:
        """The card is taken from the reader; a read that goes on will fail."""
        out = self.pass_time(now)
        self._module.take()
        return out

    def _forget(self) -> None:
        self._line.clear()
        self._reader.clear()
        self._task = self._waiting = None

    def _accept(self, body: bytes, at: float) -> None:
        if self._task is not None:
            self._waiting = body
        else:
            self._task = _Task(body, self._module.card, at + self._seconds(body))

    def _seconds(self, body: bytes) -> float:
        late = _SLOW_SECONDS if "slow" in self._faults else 0.0
        command = (body[2], body[3]) if line.has_right_length(body) else (0, 0)
        if command in (module.READ, module.READ_WITH_PRINT):
            return (
                _SLOW_READ_SECONDS if self._faults & {"slow", "slow_read"} else self._read_seconds
            )
        return late + (_FIND_SECONDS if command == module.FIND else _QUICK_SECONDS)

    def _next_step(self) -> float | None:
        ends = None if self._task is None else self._task.ends
        times = (ends, self._reader.gives_up_at)
        return min((at for at in times if at is not None), default=None)

    def _run(self, now: float) -> None:
        """Do all that is due, in the order of time."""
        while (at := self._next_step()) is not None and at <= now:
            if self._task is not None and self._task.ends <= at:
                self._end_task(self._task)
            else:
                self._reader.clear()
                self._line.answer(line.answer_frame(module.BAD_LENGTH, b""), at)

    def _end_task(self, task: _Task) -> None:
        self._task = None
        self._carry_out(task)
        if self._waiting is not None:
            body, self._waiting = self._waiting, None
            self._accept(body, task.ends)

    def _carry_out(self, task: _Task) -> None:
        if not line.has_right_length(task.body):
            self._line.answer(line.answer_frame(module.BAD_LENGTH, b""), task.ends)
            return
        if not line.has_right_check(task.body):
            self._line.answer(line.answer_frame(module.BAD_CHECK, b""), task.ends)
            return
        command = (task.body[2], task.body[3])
        if "vendor_timeout" in self._faults and self._module.is_card_command(command):
            self._line.timeout(task.ends)
            return
        frame = line.answer_frame(*self._module.answer(command, task.body[4:-1], task.card))
        if "read_truncated" in self._faults and command in (module.READ, module.READ_WITH_PRINT):
            frame = frame[: len(frame) // 2]
        self._line.answer(frame, task.ends)
