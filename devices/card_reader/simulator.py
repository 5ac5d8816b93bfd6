"""A simulated motorised card reader of the CRT-571 / CRT-591-M family: serial 8N1.

Source: CRT-571 / CRT-591-M communication protocol. After power-on every command but INIT is
answered with B0; the entry is closed until it is opened. The card's place is the truth.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from devices.card_reader import simulated_commands as commands
from devices.card_reader.simulated_card import Card, read_card
from devices.card_reader.simulated_line import Transmitter
from devices.card_reader.simulated_link import Link
from devices.card_reader.simulated_mechanism import Mechanism

_DRAW_IN_SECONDS = 0.8
_SLOW_SECONDS = 1.5  # with the late ACK still inside the two seconds a status may take
_LONGEST_JUNK = 8


@dataclass
class _Task:
    """A command being carried out; `wanted` ends with an EOT from the host."""

    text: bytes
    card: Card | None
    ends: float
    wanted: bool = True


class Simulator:
    """Bytes in, bytes out; `speed` above 1 shortens everything the mechanism does."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "hears and does nothing, answers nothing; a motion under way comes to its end",
        "no_ack": "takes and answers every command, but the ACK never arrives",
        "nak_once": "answers NAK to each frame the first time and takes it when it is repeated",
        "bad_checksum": "the check of every answer is wrong, of repetitions too",
        "bad_checksum_once": "the check of each answer is wrong the first time, right when repeated",
        "huge_length": "the length field of every answer says 65535",
        "noise": "four random bytes before and after each answer, and at power-on",
        "byte_by_byte": "20 ms from each byte to the next",
        "two_parts": "the second half of each answer comes 200 ms after the first",
        "slow": "the ACK after 250 ms, every answer 1.5 s later than usual",
        "stale": "before each answer the previous one is sent again",
        "wrong_speed": "as at a wrong line speed: understands nothing, sends bytes above 7Fh",
        "power_loss": "goes off and on at once: B0 until INIT, the card stays where it is",
        "jam": "the card cannot be moved: error 10, and nothing is drawn in",
        "motor": "the motor does not turn: error 51 at each motion and INIT",
        "sensor": "sensor S3 is dirty: error 12 at each motion and INIT",
        "bin_full": "the bin is full: st2 31, error A1 at a capture; clear = somebody emptied it",
        "pulled_by_hand": "at each motion somebody pulls the card back to the gate: error 16",
        "bad_track1": "track 1 cannot be read",
        "bad_track2": "track 2 cannot be read",
        "bad_track3": "track 3 cannot be read",
        "mute_chip": "the chip answers nothing: error 61 at a cold reset",
    }

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        speed: float = 1.0,
        address: int = 0,
        permit_model: str = "R01",
        move_39: str = "outside",
        magnetic: bool = True,
        serial_number: str = "SIM0000001",
        firmware: str = "CRT-571 SIMULATED 1.0",
        bin_capacity: int = 50,
        noise_seed: int = 571,
    ) -> None:
        """`permit_model` says how the entry is opened: R01 by 30 (31 closes), R02 by 32 (30)."""
        _check_options(speed, address, permit_model, move_39)
        self._truth = truth
        self._speed = speed
        self._faults: set[str] = set()
        self._mechanism = Mechanism(truth, self._faults, bin_capacity)
        self._commands = commands.Commands(
            truth,
            self._faults,
            self._mechanism,
            permit_model=permit_model,
            move_39=move_39,
            magnetic=magnetic,
            serial_number=serial_number,
            firmware=firmware,
        )
        self._line = Transmitter(self._faults, noise_seed)
        self._link = Link(truth, self._faults, self._line, address, self._accept, self._abort)
        self._task: _Task | None = None
        self._waiting: bytes | None = None
        self._drawn_in_at: float | None = None

    def power_on(self, now: float) -> bytes:
        """Nothing is said; a card that was on its way stops inside."""
        self._run(now)
        moving = self._task is not None and self._commands.needs_rollers(self._task.text)
        if moving or self._drawn_in_at is not None:
            self._mechanism.halt()
        self._task = self._waiting = self._drawn_in_at = None
        self._line.clear()
        self._link.reset()
        self._commands.power_on()
        return self._line.noise() if "noise" in self._faults else b""

    def receive(self, data: bytes, now: float) -> bytes:
        self._run(now)
        if "silent" in self._faults:
            return self._line.take(now)
        if "wrong_speed" in self._faults:
            return self._line.junk(min(len(data), _LONGEST_JUNK))
        for byte in data:
            self._link.hear(byte, now)
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
        if on == (name in self._faults):
            return out
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        if name == "power_loss" and on:
            return out + self.power_on(now)
        if name == "silent" and on:
            self._go_silent()
        elif name == "bin_full" and not on:
            self._mechanism.empty_bin()
        return out + self.pass_time(now)

    def present(self, value: str, now: float) -> bytes:
        """Somebody pushes a card against the slot; a closed or occupied slot refuses it."""
        card = read_card(value)
        out = self.pass_time(now)
        why = "occupied" if self._mechanism.held else "closed"
        if self._mechanism.held or not self._commands.entry_open:
            self._truth({"event": "refused", "why": why, "card": card.masked()})
            return out
        self._mechanism.put(card)
        self._drawn_in_at = now + _DRAW_IN_SECONDS / self._speed
        return out

    def remove(self, now: float) -> bytes:
        """Somebody takes the card at the gate, or the one lying before it; else nothing."""
        out = self.pass_time(now)
        if self._mechanism.take():
            self._drawn_in_at = None
        return out

    def _go_silent(self) -> None:
        self._line.clear()
        self._link.reset()
        self._abort()

    def _accept(self, text: bytes, at: float) -> None:
        """A command from the link; it waits for one that goes on without being wanted."""
        if self._task is not None:
            self._waiting = text
        else:
            self._begin(text, at)

    def _abort(self) -> None:
        self._waiting = None
        if self._task is not None:
            self._task.wanted = False

    def _begin(self, text: bytes, at: float) -> None:
        ends = at + self._commands.seconds(text) / self._speed
        if self._drawn_in_at is not None and self._commands.needs_rollers(text):
            ends += self._drawn_in_at - at
        if "slow" in self._faults:
            ends += _SLOW_SECONDS
        card = self._mechanism.card if self._mechanism.held else None
        self._task = _Task(text, card, ends)

    def _next_step(self) -> float | None:
        ends = None if self._task is None else self._task.ends
        times = (ends, self._drawn_in_at, self._link.next_deadline())
        return min((at for at in times if at is not None), default=None)

    def _run(self, now: float) -> None:
        """Do all that is due, in the order of time."""
        while (at := self._next_step()) is not None and at <= now:
            if self._drawn_in_at is not None and self._drawn_in_at <= at:
                self._drawn_in_at = None
                self._mechanism.draw_in()
            elif self._task is not None and self._task.ends <= at:
                self._end_task(self._task)
            else:
                self._link.pass_time(at)

    def _end_task(self, task: _Task) -> None:
        self._task = None
        answer = self._commands.execute(task.text, task.card)
        if task.wanted:
            self._link.respond(answer, task.ends)
        elif self._waiting is not None:
            text, self._waiting = self._waiting, None
            self._begin(text, task.ends)


def _check_options(speed: float, address: int, permit_model: str, move_39: str) -> None:
    if speed <= 0:
        raise ValueError(f"speed is {speed}; it must be above 0")
    if not 0 <= address <= 15:
        raise ValueError(f"address is {address}; allowed: 0 to 15, as the switch on the reader")
    if permit_model not in commands.PERMITS:
        raise ValueError(f"permit model {permit_model!r}; allowed: {', '.join(commands.PERMITS)}")
    if move_39 not in commands.MOVE_39:
        raise ValueError(f"move 39 {move_39!r}; allowed: {', '.join(commands.MOVE_39)}")
