"""The power side of a simulated UPS: mains, a battery that empties and fills, and the eight status bits.

Source: Megatec RS232 protocol 2.7 (Q1). Not written there and chosen here: a battery empties evenly, fills ten
times more slowly, and is low in its last fifth.
"""

from collections.abc import Set

_LOW = 0.2  # of a full charge
_FILLING = 10  # times slower than emptying
_BATTERY_VOLTS = (21.0, 27.4)  # of a standby UPS with two blocks: empty, full
_CELL_VOLTS = (1.75, 2.28)  # of an on-line UPS, which tells one cell
_UNKNOWN = "--.-"


class Supply:
    """`runtime_seconds`: how long a full battery lasts. `faults` are the machine's, and change under it."""

    def __init__(self, faults: Set[str], *, standby: bool, runtime_seconds: float) -> None:
        self._faults = faults
        self._standby = standby
        self._runtime = runtime_seconds
        self._charge = 1.0
        self._at: float | None = None

    @property
    def on_battery(self) -> bool:
        return "utility_fail" in self._faults

    @property
    def alive(self) -> bool:
        """With an empty battery and without mains it is dark, its own electronics too."""
        return not self.on_battery or self._charge > 0

    def until(self, now: float) -> None:
        """Let time pass for the battery."""
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        change = passed / self._runtime
        if self.on_battery:
            self._charge = max(0.0, self._charge - change)
        else:
            self._charge = min(1.0, self._charge + change / _FILLING)

    def status(self) -> str:
        """What follows the bracket of the answer to Q1."""
        mains = 0.0 if self.on_battery else 220.4
        hertz = 0.0 if self.on_battery else 50.0
        fault = 140.0 if self.on_battery else mains
        return (
            f"{mains:05.1f} {fault:05.1f} 220.0 023 {hertz:04.1f} "
            f"{self._battery()} {self._temperature()} {self._bits()}"
        )

    def rating(self) -> str:
        """What follows the number sign of the answer to F."""
        return f"220.0 004 {_BATTERY_VOLTS[1]:05.2f} 50.0"

    def _battery(self) -> str:
        empty, full = _BATTERY_VOLTS if self._standby else _CELL_VOLTS
        volts = empty + (full - empty) * self._charge
        return f"{volts:04.1f}" if self._standby else f"{volts:04.2f}"

    def _temperature(self) -> str:
        return _UNKNOWN if "unmeasured" in self._faults else "25.0"

    def _bits(self) -> str:
        low = "battery_low" in self._faults or self._charge < _LOW
        bits = (
            self.on_battery,
            low,
            "bypass" in self._faults,
            "ups_failed" in self._faults,
            self._standby,
            "test" in self._faults,
            "shutdown" in self._faults,
            self.on_battery,  # the beeper sounds
        )
        return "".join("1" if bit else "0" for bit in bits)
