"""A simulated ESC/POS receipt printer: cutter, simplified-Chinese font, RS-232, maybe a presenter.

Sources: Epson ESC/POS command reference (DLE EOT, DLE ENQ, DLE DC4, GS a); Custom VKP80 manual.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from devices.ticket_printer import (
    simulated_commands as commands,
    simulated_faults as faults,
    simulated_interface as interface,
    simulated_paper as paper,
)
from devices.ticket_printer.simulated_models import model_named
from devices.ticket_printer.simulated_mouth import Mouth
from devices.ticket_printer.simulated_roll import DOTS_PER_MM, Roll
from devices.ticket_printer.simulated_style import CHARACTER_DOTS
from devices.ticket_printer.simulated_transmitter import Transmitter
from devices.ticket_printer.simulated_typesetter import Typesetter


class Simulator:
    """Bytes in, status bytes out, paper as the truth; `speed` above 1 shortens every motion.

    `model`: epson, clone, clone58 or vkp80. Lengths are in millimetres.
    """

    FAULTS: ClassVar[Mapping[str, str]] = faults.FAULTS

    def __init__(
        self,
        truth: Callable[[Mapping[str, object]], None],
        *,
        model: str = "epson",
        mm_per_second: float = 200.0,
        cut_seconds: float = 0.3,
        speed: float = 1.0,
        head_to_cutter_mm: float = 14.0,
        drawer_high: bool = True,
        kanji_at_start: bool = False,
        roll_mm: float = 80_000,
        near_end_mm: float = 5_000,
        noise_seed: int = 80,
    ) -> None:
        make = model_named(model)
        cutter_dots = round(head_to_cutter_mm * DOTS_PER_MM)
        self._truth = truth
        self._dots_per_second = mm_per_second * DOTS_PER_MM * speed
        self._cut_seconds = cut_seconds / speed
        self._faults: set[str] = set()
        self._mishaps = faults.Mishaps()
        self._roll = Roll(truth, roll_mm, near_end_mm)
        self._mouth = Mouth(truth)
        self._condition = interface.Condition(drawer_high, self._faults, make.traits, self._roll)
        self._buffer = interface.ReceiveBuffer(*make.buffer)
        self._scanner = commands.RealTimeScanner()
        self._transmitter = Transmitter(self._condition, noise_seed)
        self._paper = paper.Paper(truth, cutter_dots)
        self._typesetter = Typesetter(
            truth, self._condition, make.width_dots, cutter_dots, kanji_at_start
        )
        self._motion: paper.Motion | None = None
        self._feeding_since = 0.0
        self._buffer.unknown_blocks = self._condition.unknown_blocks

    def power_on(self, now: float) -> bytes:
        """Empty buffer, settings as new, XON; what hung out of the printer still does."""
        self._restart(now)
        return self._transmitter.take(now)

    def receive(self, data: bytes, now: float) -> bytes:
        self._run(now)
        lost_before = self._buffer.lost_bytes
        if not self._condition.has("power_off", "silent"):
            for byte in data:
                self._hear(byte, now)
        if lost := self._buffer.lost_bytes - lost_before:
            self._truth({"event": "lost_bytes", "count": lost})
        return self._transmitter.take(now)

    def pass_time(self, now: float) -> bytes:
        self._run(now)
        return self._transmitter.take(now)

    def next_deadline(self) -> float | None:
        return _earliest(self._next_due(), self._transmitter.next_due())

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        self._run(now)
        self._set_fault(name, on, now)
        self._run(now)
        return self._transmitter.take(now)

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a printer is not presented anything; allowed: remove (take the paper)")

    def remove(self, now: float) -> bytes:
        """Somebody takes what stands in the mouth, else tears off what hangs out."""
        self._run(now)
        somebody = not self._condition.has("not_taken")
        if somebody and self._mouth.occupied:
            self._mouth.take()
        elif somebody:
            self._paper.tear()
        return self._transmitter.take(now)

    def _hear(self, byte: int, now: float) -> None:
        inside = self._buffer.inside_command
        self._buffer.put(byte)
        if command := self._scanner.feed(byte):
            self._real_time(command, inside, now)
        self._transmitter.flow(self._buffer.flow(), now)
        self._run(now)

    def _set_fault(self, name: str, on: bool, at: float) -> None:
        if on == (name in self._faults):
            return
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        self._fault_effect(name, on, at)
        self._buffer.stuck = self._condition.has("stuck_xoff")
        self._buffer.unknown_blocks = self._condition.unknown_blocks
        self._halt_or_go_on(at)
        self._transmitter.status(self._condition.changes(), at)
        self._transmitter.flow(self._buffer.flow(), at)

    def _fault_effect(self, name: str, on: bool, at: float) -> None:
        if result := faults.consequence(name):
            self._mishaps.arm(name, on)
            if not on:
                self._set_fault(result, False, at)
        elif name == "cutter_jam" and on:
            self._condition.cutter_error = True
        elif name == "feed_button":
            self._feed_by_hand(on, at)
        elif name == "power_off" or (name, on) in (("unrecoverable", False), ("boot_noise", True)):
            self._restart(at)
        elif not on and (
            name == "paper_out" or ("cutter" in name and self._condition.cutter_error)
        ):
            # A new roll, or a blade set free: the paper has to be pulled out for both.
            self._print_part()
            self._paper.tear()
            if name == "paper_out":
                self._roll.renew()

    def _feed_by_hand(self, pressed: bool, at: float) -> None:
        """Blank paper for as long as the button is held, if nothing else stops the printer."""
        if pressed:
            self._feeding_since = at
        elif not self._condition.stopped:
            dots = round((at - self._feeding_since) * self._dots_per_second)
            for _ in range(dots // CHARACTER_DOTS):
                self._add(paper.Row(CHARACTER_DOTS))

    def _restart(self, at: float) -> None:
        self._discard()
        self._buffer.restart()
        self._scanner = commands.RealTimeScanner()
        self._condition.cutter_error = self._condition.has("cutter_jam")
        self._initialise()
        self._transmitter.boot(at)
        self._transmitter.flow(interface.XON, at)
        self._transmitter.flow(self._buffer.flow(), at)

    def _initialise(self) -> None:
        """ESC @: settings and print buffer as new; the receive buffer stays."""
        self._typesetter.initialise()
        self._condition.report_on_change(0)
        self._paper.initialised()

    def _print_part(self) -> None:
        if self._motion and self._motion.ink:
            self._paper.add(paper.UNFINISHED)

    def _discard(self) -> None:
        """Throw away receive and print buffer and what was about to be printed."""
        self._print_part()
        self._buffer.clear()
        self._motion = None
        self._typesetter.clear_line()
        self._paper.job_discarded()

    def _halt_or_go_on(self, at: float) -> None:
        """What was stopped in the middle is printed again from its beginning."""
        if self._motion is None:
            return
        if self._condition.stopped:
            self._motion.ends = None
        elif self._motion.ends is None:
            cutting = self._cut_seconds if self._motion.cut else 0.0
            seconds = self._motion.dots / self._dots_per_second + cutting
            self._motion.ends = at + seconds
            if self._paper.inked:
                self._mishaps.strike(at + seconds / 2)

    def _real_time(self, command: bytes, inside: bool, now: float) -> None:
        """Carried out on reception, whatever the state and whatever the bytes belong to."""
        n = command[2]
        presenter = n in (commands.PRINT_STATUS, commands.FULL_STATUS)
        if presenter and not self._condition.has("presenter"):
            return
        if inside:
            self._truth({"event": "real_time_inside_data", "bytes_hex": command.hex(" ")})
        if presenter:
            self._transmitter.reply(self._presenter_status(n), now)
        elif command[1] == 0x04:
            self._transmitter.reply(self._condition.real_time_status(n), now)
        elif command[1] == 0x05:
            self._recover(n, now)
        elif not self._condition.has("no_clear"):
            self._discard()
            self._transmitter.reply(bytes.fromhex("37 25 00"), now)

    def _presenter_status(self, n: int) -> bytes:
        moving = self._motion is not None and self._motion.ends is not None
        waiting = self._motion is not None or not self._buffer.empty
        return self._condition.presenter_status(n, self._mouth.occupied, moving, waiting)

    def _recover(self, n: int, now: float) -> None:
        """DLE ENQ 1 goes on, 2 clears first; ignored unless there is a recoverable error."""
        if not self._condition.cutter_error:
            return
        if n == 2:
            self._discard()
        self._condition.cutter_error = self._condition.has("cutter_jam")
        self._halt_or_go_on(now)
        self._transmitter.status(self._condition.changes(), now)

    def _next_due(self) -> float | None:
        return _earliest(self._mishaps.next_due(), self._motion.ends if self._motion else None)

    def _run(self, now: float) -> None:
        """Do all that is due in its order; take commands in order, one motion at a time."""
        at = now
        while True:
            due = self._next_due()
            if due is not None and due <= now:
                at = due
                self._happen(at)
            elif self._condition.stopped or self._motion or not self._next_command(at):
                return

    def _happen(self, at: float) -> None:
        """A mishap or the end of a motion is due."""
        if self._mishaps.next_due() == at:
            name, on = self._mishaps.take()
            self._set_fault(name, on, at)
        elif self._motion is not None:
            self._end_motion(self._motion, at)

    def _next_command(self, at: float) -> bool:
        command = self._buffer.take()
        self._transmitter.flow(self._buffer.flow(), at)
        if command is None:
            return False
        self._execute(command, at)
        self._halt_or_go_on(at)
        return True

    def _execute(self, command: bytes, at: float) -> None:
        self._paper.job_bytes(command)
        self._transmitter.reply(self._typesetter.execute(command), at)
        if command == b"\x1b@":
            self._initialise()
        elif command[:2] == b"\x1da":
            self._transmitter.status(self._condition.report_on_change(command[2]), at)
        self._motion = self._typesetter.take_motion()
        picture = self._motion and any(row.qr or row.image for row in self._motion.rows)
        if picture and self._condition.has("spurious_status"):
            self._transmitter.reply(self._condition.real_time_status(1), at)

    def _end_motion(self, motion: paper.Motion, at: float) -> None:
        """Where the roll ends first, the rest waits for a new one."""
        while motion.rows and not self._roll.empty:
            self._add(motion.rows.pop(0))
        motion.ends = None
        if not motion.rows and not motion.cut:
            self._motion = None
        elif not self._roll.empty and self._condition.has("cutter_jam_at_cut"):
            self._condition.cutter_error = True
        elif not self._roll.empty:
            self._motion = None
            self._paper.cut()
            if self._condition.has("presenter"):
                self._mouth.put()
        self._transmitter.status(self._condition.changes(), at)

    def _add(self, row: paper.Row) -> None:
        if not self._roll.empty:
            self._paper.add(row)
            self._roll.feed(row.dots)


def _earliest(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
