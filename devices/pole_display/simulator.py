"""A simulated pole display for customers: CD5220 and ESC/POS codes, 2 x 20, 9600 8N1, write only.

Source: CD5220 command set (POSX XP8200 manual). Not written there and chosen here: ESC Q takes
effect at its CR, another control byte in its text breaks it off, text that is too long is cut,
ESC Q A or B puts the cursor to the beginning of its line, and ESC = works in string mode too.
"""

import random
from collections.abc import Callable, Mapping
from typing import ClassVar

from devices.pole_display.simulated_glass import COLUMNS, Glass

ESC, US, CR = 0x1B, 0x1F, 0x0D
_CLEAR, _CLEAR_LINE, _HOME = b"\x0c", b"\x18", b"\x0b"
_SELECT_DISPLAY = b"\x1b=\x02"
# Length of a command with all its parameters; other pairs have none.
_LENGTHS: Mapping[bytes, int] = {
    b"\x1bl": 4,
    b"\x1b_": 3,
    b"\x1b*": 3,
    b"\x1b=": 3,
    b"\x1f$": 4,
    b"\x1fC": 3,
    b"\x1fX": 3,
}
_STRING = b"\x1bQ"
_LONGEST_STRING = {b"\x1bQA": COLUMNS, b"\x1bQB": COLUMNS, b"\x1bQD": 255}
_SELF_TEST_SECONDS = 3.0


class Simulator:
    """Shows what it is sent, never says a word, and has no way to find a wrong byte."""

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "dark and deaf; clear = shows again what it showed before",
        "power_loss": "no power: dark, everything forgotten; clear = switched on and blank",
        "deaf": "the data cable is off: goes on showing the old lines",
        "deaf_after_power": "takes nothing for three seconds after the power has come back",
        "bit_flip": "one bit of all bytes that arrive together is turned over",
        "missing_byte": "one byte of all bytes that arrive together is lost",
    }

    def __init__(
        self, truth: Callable[[Mapping[str, object]], None], *, noise_seed: int = 5220
    ) -> None:
        self._truth = truth
        self._random = random.Random(noise_seed)
        self._faults: set[str] = set()
        self._glass = Glass()
        self._passed_on = 0
        self._deaf_until = 0.0
        self._restart(0.0)

    def power_on(self, now: float) -> bytes:
        """Blank, lit, selected, cursor in the upper left."""
        self._restart(now)
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        testing = "deaf_after_power" in self._faults and now < self._deaf_until
        if testing or not self._lit() or "deaf" in self._faults:
            return b""
        for byte in self._disturbed(data):
            self._take(byte)
        self._end_text()
        if self._passed_on:
            self._truth({"event": "passed_on", "bytes": self._passed_on})
            self._passed_on = 0
        return b""

    def pass_time(self, now: float) -> bytes:
        return b""

    def next_deadline(self) -> float | None:
        return None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        if on == (name in self._faults):
            return b""
        was_lit = self._lit()
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        if name == "power_loss":
            self._restart(now)
        if was_lit and not self._lit():
            self._truth({"event": "dark"})
        elif self._lit() and not was_lit:
            self._tell_shown()
        return b""

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a pole display is not presented anything; allowed: fault, clear")

    def remove(self, now: float) -> bytes:
        """Nothing can be taken from a display; nothing happens."""
        return b""

    def _lit(self) -> bool:
        return self._faults.isdisjoint(("silent", "power_loss"))

    def _restart(self, now: float) -> None:
        self._glass.initialise()
        self._held = bytearray()
        self._text = bytearray()
        self._cut = 0
        self._selected = True
        self._string_mode = False
        self._passed_on = 0
        self._deaf_until = now + _SELF_TEST_SECONDS

    def _tell_shown(self) -> None:
        self._truth({"event": "shown", **self._glass.seen()})

    def _ignore(self, command: bytes, reason: str) -> None:
        self._truth({"event": "ignored", "reason": reason, "bytes_hex": command.hex(" ")})

    def _disturbed(self, data: bytes) -> bytes:
        """What is left of the bytes on a bad line."""
        out = bytearray(data)
        if "bit_flip" in self._faults and out:
            out[self._random.randrange(len(out))] ^= 1 << self._random.randrange(8)
        if "missing_byte" in self._faults and out:
            del out[self._random.randrange(len(out))]
        return bytes(out)

    def _take(self, byte: int) -> None:
        if not self._selected:
            self._pass_on(byte)
        elif bytes(self._held[:3]) in _LONGEST_STRING:
            self._take_string(byte)
        elif not self._held and byte >= 0x20:
            self._text.append(byte)
        else:
            self._end_text()
            self._held.append(byte)
            self._try_command()

    def _pass_on(self, byte: int) -> None:
        """Bytes for the printer behind; only ESC = 2 is looked for."""
        self._passed_on += 1
        self._held = (self._held + bytes((byte,)))[-len(_SELECT_DISPLAY) :]
        if self._held == _SELECT_DISPLAY:
            self._selected = True
            self._passed_on = max(0, self._passed_on - len(_SELECT_DISPLAY))
            self._held.clear()

    def _take_string(self, byte: int) -> None:
        """Text of ESC Q up to its CR."""
        head, text = bytes(self._held[:3]), bytes(self._held[3:])
        if byte >= 0x20:
            if len(text) < _LONGEST_STRING[head]:
                self._held.append(byte)
            else:
                self._cut += 1
            return
        self._held.clear()
        if byte == CR:
            self._string(head, text)
            return
        self._cut = 0
        self._ignore(head, "broken_off")
        self._take(byte)

    def _string(self, head: bytes, text: bytes) -> None:
        if self._cut:
            self._ignore(head, "too_long")
            self._cut = 0
        if head == b"\x1bQD":
            self._glass.scroll_upper(text)
        else:
            self._glass.set_line(1 if head == b"\x1bQA" else 2, text)
            self._string_mode = True
        self._tell_shown()

    def _try_command(self) -> None:
        """Carry out what is held if it is a whole command."""
        command = bytes(self._held)
        if command[0] in (ESC, US):
            wanted = 3 if command[:2] == _STRING else _LENGTHS.get(command[:2], 2)
            if len(command) < wanted or command in _LONGEST_STRING:
                return
        self._held.clear()
        if command.startswith(b"\x1b="):
            self._select(command)
        elif self._string_mode and command not in (_CLEAR, _CLEAR_LINE):
            self._ignore(command, "string_mode")
        elif self._carry_out(command):
            self._tell_shown()
        else:
            self._ignore(command, "unknown")

    def _select(self, command: bytes) -> None:
        """ESC = 1 is the printer, 2 the display."""
        if command[2] not in (1, 2):
            self._ignore(command, "unknown")
        self._selected = command[2] != 1

    def _carry_out(self, command: bytes) -> bool:
        """Whether it was a command with values that make sense."""
        glass, values = self._glass, command[2:]
        if command in (_CLEAR, _CLEAR_LINE):
            self._string_mode = False
            (glass.clear if command == _CLEAR else glass.clear_line)()
        elif command == _HOME:
            glass.home()
        elif command == b"\x1b@":
            glass.initialise()
        elif command[:2] in (b"\x1bl", b"\x1f$"):
            return glass.move(*values)
        elif command[:2] in (b"\x1b_", b"\x1fC"):
            return glass.set_cursor_on(*values)
        elif command[:2] in (b"\x1b*", b"\x1fX"):
            return glass.set_brightness(*values)
        else:
            return False
        return True

    def _end_text(self) -> None:
        """Characters that came one after the other count as one command."""
        if not self._text:
            return
        text = bytes(self._text)
        self._text.clear()
        if self._string_mode:
            self._ignore(text, "string_mode")
            return
        self._glass.write(text)
        self._tell_shown()
