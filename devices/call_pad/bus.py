"""Two wires that everybody shares: hear whole frames, and know when one may speak.

No `Conversation`: nobody answers here. What counts is how long the line has been silent, and that a two-wire
adapter hears itself.
"""

from collections import deque
from collections.abc import Callable
from typing import Literal

from devices.call_pad import protocol
from devices.call_pad.protocol import Frame, FrameReader
from devices.port import Port

OwnEcho = bool | Literal["auto"]

WRITE_S = 2.0
CHARACTER_BITS = 10
TURNAROUND_CHARACTERS = 4  # of silence before the host speaks; at least 3.5 are asked for
GAP_S = 0.1  # silence within a frame after which the rest will not come; a pad repeats after 0.2 s
TICK_S = 0.001
ECHO_S = 0.1  # later than any adapter hears itself, sooner than a pad repeats
LATE_ECHO_S = 1.0  # when we were slow to read; where nothing is lost if it was a pad after all
NOISE_BYTES = 64  # without a good frame among them: wrong speed, bad wiring
NOISE_FORGOTTEN_S = 60.0
MOST_HEARD = 64  # frames kept; a pad repeats what was not acknowledged


class Bus:
    """One open wire. `heard`: frames of others, the oldest first, for the driver to take. Calls may raise PortLost."""

    def __init__(
        self, port: Port, clock: Callable[[], float], *, baud: int, own_echo: OwnEcho
    ) -> None:
        self.heard: deque[Frame] = deque(maxlen=MOST_HEARD)
        self._port = port
        self._clock = clock
        self._character_s = CHARACTER_BITS / baud
        self._reader = FrameReader()
        self._heard_at = self._noise_at = self._spoken_until = float("-inf")
        self._noise_before = 0  # up to the last good frame
        self._own: list[
            tuple[Frame, float, float]
        ] = []  # what may come back; said when; until when
        self._may_echo = own_echo is not False
        # "auto" never learns that there is no echo: wrongly learned, the host would acknowledge its own
        # acknowledgements for ever
        self._echo_s = LATE_ECHO_S if own_echo is True else ECHO_S

    @property
    def noisy(self) -> bool:
        """Much has come lately that is no frame."""
        lately = self._clock() - self._noise_at < NOISE_FORGOTTEN_S
        return lately and self._reader.noise - self._noise_before >= NOISE_BYTES

    @property
    def _left_s(self) -> float:
        """How long the line must still be silent before one may speak; a begun frame may go on."""
        silence_s = TURNAROUND_CHARACTERS * self._character_s
        free_at = max(self._heard_at, self._spoken_until) + silence_s
        if self._reader.half:
            free_at = max(free_at, self._heard_at + GAP_S)
        return max(0.0, free_at - self._clock())

    def hear(self, within_s: float) -> None:
        """One look at the line: what has come, as soon as something has."""
        data = self._port.read(min(within_s, GAP_S) if self._reader.half else within_s)
        now, noise = self._clock(), self._reader.noise
        if data:
            self._heard_at = now
            frames = self._reader.feed(data)
            self.heard.extend(frame for frame in frames if not self._is_own(frame, now))
            if frames:
                self._noise_before = noise = self._reader.noise
        elif now - self._heard_at >= GAP_S:
            self._reader.pause()
        if self._reader.noise > noise:
            self._noise_at = now

    def free(self, within_s: float) -> bool:
        """Whether one may speak within that time; what comes meanwhile is heard."""
        deadline = self._clock() + within_s
        self.hear(0.0)
        while (left := self._left_s) > 0:
            if self._clock() >= deadline:
                return False
            self.hear(max(left, TICK_S))
        return True

    def answer(self, frame: Frame) -> None:
        """Acknowledge, at once; the same bytes soon afterwards may be the pad's, who missed it."""
        self._write(frame, self._echo_s)

    def say(self, frame: Frame) -> None:
        """Of our own accord, at once. Both are for a line that is free."""
        self._write(frame, LATE_ECHO_S)

    def _write(self, frame: Frame, echo_s: float) -> None:
        data = protocol.encode(frame)
        self._port.write(data, WRITE_S)
        self._spoken_until = until = self._clock() + len(data) * self._character_s
        if self._may_echo:
            self._own.append((frame, until, until + echo_s))

    def _is_own(self, frame: Frame, now: float) -> bool:
        """Each frame said comes back once at most."""
        self._own = [said for said in self._own if said[2] >= now]
        for said in self._own:
            if said[0] == frame:
                self._own.remove(said)
                if now - said[1] <= ECHO_S or not protocol.from_pad(frame):
                    self._echo_s = LATE_ECHO_S  # surely it was no pad
                return True
        return False
