"""A simulated NXP PN532 contactless reader on its high-speed UART, 115200 8N1.

Source: NXP UM0701-02 (frames, acknowledgement, abort, wake-up, power-down). The files beside it
have the frames, the commands, the field and the cards.
"""

import random
from collections.abc import Iterator, Mapping
from typing import ClassVar

from devices.contactless import simulated_frame as frames
from devices.contactless.simulated_chip import Chip, Timing
from devices.contactless.simulated_field import Field, Truth
from devices.contactless.simulated_wallet import cards_for

_SLOW_ACK_SECONDS = 1.0
_LATEST_ACK_SECONDS = 0.014  # the manual allows 15 ms
_SLOW_ANSWER_SECONDS = 0.2
_PIECE_SECONDS = 0.2
_BYTE_SECONDS = 0.020
_NOISE_BYTES = 8
# Bytes lost between the waking edges and the moment the oscillator runs.
_DEAF_BYTES = 2
_BOOT_NOISE = bytes.fromhex("AA 00 00 55 00")


class Simulator:
    """Hears frames and answers them in time; every fault lasts until it is cleared.

    `speed` above 1 shortens whatever the chip and the cards do, but no fault's delay.
    """

    FAULTS: ClassVar[Mapping[str, str]] = {
        "silent": "hears, does nothing and answers nothing",
        "noise": "eight random bytes before and after each ACK and each answer",
        "bad_checksum": "each answer has a wrong data checksum; asked again with NACK it is right",
        "bad_length": "each answer has one bit of its length wrong; after NACK it is right",
        "byte_by_byte": "20 ms from each byte to the next",
        "two_pieces": "the second half of each answer comes 200 ms after the first",
        "slow": "ACK after 14 ms (15 are allowed), each answer 200 ms later than usual",
        "slow_ack": "ACK only after one second",
        "stale": "the answer before is sent once more ahead of each answer",
        "no_extended": "a clone that answers extended frames with an error frame and sends none",
        "asleep": "falls asleep after each answer: every command needs the wake-up before it",
        "power_off": "no power; clear = switched on: a few bytes of noise, asleep, not configured",
        "removed_half_way": "card gone after three exchanges: status 01, then none is found",
        "card_disappeared": "card gone after three exchanges: status 2B, then none is found",
        "crc_error": "status 02 instead of the card's answer at every fourth exchange",
    }

    def __init__(
        self,
        truth: Truth,
        *,
        timing: Timing | None = None,
        speed: float = 1.0,
        removed_after: int = 3,
        crc_every: int = 4,
        noise_seed: int = 532,
    ) -> None:
        self._truth = truth
        self._timing = (timing or Timing()).faster(speed)
        self._faults: set[str] = set()
        self._random = random.Random(noise_seed)
        field = Field(truth, self._faults, removed_after, crc_every)
        self._chip = Chip(field, truth, self._timing)
        self._forget()

    def power_on(self, now: float) -> bytes:
        """Asleep until woken; says nothing by itself."""
        self._chip.power_on()
        self._forget()
        return b""

    def receive(self, data: bytes, now: float) -> bytes:
        out = self.pass_time(now)
        for byte in data:
            for heard in self._hear(byte):
                self._take(heard, now)
        return out + self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        if self._chip.ends is not None and self._chip.ends <= now:
            self._answer(self._chip.ends)
        out = b""
        while self._to_send and self._to_send[0][0] <= now:
            out += self._to_send.pop(0)[1]
        return out

    def next_deadline(self) -> float | None:
        times = [] if self._chip.ends is None else [self._chip.ends]
        return min(times + [at for at, _ in self._to_send[:1]], default=None)

    def fault(self, name: str, on: bool, now: float) -> bytes:
        if name not in self.FAULTS:
            raise ValueError(f"unknown fault {name!r}; allowed: {', '.join(self.FAULTS)}")
        out = self.pass_time(now)
        if on == (name in self._faults):
            return out
        self._faults ^= {name}
        self._truth({"event": "fault", "name": name, "on": on})
        if name == "power_off":
            out += self.power_on(now) + (b"" if on else _BOOT_NOISE)
        if name == "asleep" and on:
            self._chip.asleep = True
        if name == "silent" and on:
            self._stop()
        return out

    def present(self, value: str, now: float) -> bytes:
        """Lay a card, or `two`, into the field: a ready card's word or a file of a transcript."""
        out = self.pass_time(now)
        self._chip.put(cards_for(value), now)
        return out + self.pass_time(now)

    def remove(self, now: float) -> bytes:
        """Take away whatever lies in the field."""
        out = self.pass_time(now)
        self._chip.take(now)
        return out + self.pass_time(now)

    def _forget(self) -> None:
        self._scanner = frames.FrameScanner()
        self._to_send: list[tuple[float, bytes]] = []
        self._edges = self._deaf = 0
        self._last = self._sent_before = b""

    def _stop(self) -> None:
        """Neither the running command nor what was about to be said counts any more."""
        self._chip.abort()
        self._to_send.clear()

    def _hear(self, byte: int) -> Iterator[frames.Heard]:
        if self._faults & {"silent", "power_off"}:
            return
        if self._chip.asleep:
            self._wake(byte)
        elif self._deaf:
            self._deaf -= 1
        else:
            yield from self._scanner.feed(byte)

    def _wake(self, byte: int) -> None:
        """Five rising edges on the line wake it; what carried them is lost."""
        self._edges += frames.rising_edges(byte)
        if self._edges >= frames.WAKING_EDGES and self._chip.wakes_by_hsu:
            self._chip.asleep = False
            self._edges, self._deaf = 0, _DEAF_BYTES
            self._scanner = frames.FrameScanner()

    def _take(self, heard: frames.Heard, now: float) -> None:
        if heard.word == "ack":
            self._acknowledged()
        elif heard.word == "nack":
            self._send_again(now)
        elif heard.payload[0] == frames.FROM_HOST:
            self._command(heard, now)

    def _acknowledged(self) -> None:
        """ACK of the host: the old command is over; after SetSerialBaudRate the speed changes."""
        if self._chip.next_baud != self._chip.baud and not self._to_send:
            self._chip.change_baud()
        self._stop()

    def _send_again(self, now: float) -> None:
        if self._last and self._chip.ends is None:
            self._queue(now + self._timing.ack, self._last)

    def _command(self, heard: frames.Heard, now: float) -> None:
        self._stop()
        at = now + self._timing.ack
        if "slow_ack" in self._faults:
            at = now + _SLOW_ACK_SECONDS
        elif "slow" in self._faults:
            at = now + _LATEST_ACK_SECONDS
        refused = heard.extended and "no_extended" in self._faults
        self._queue(at, frames.ACK)
        self._chip.begin(b"" if refused else heard.payload, at)

    def _answer(self, at: float) -> None:
        payload = self._chip.finish()
        if "no_extended" in self._faults and len(payload) > frames.LONGEST_NORMAL:
            payload = payload[:2] + b"\x07"  # buffer too small
        whole = self._last = frames.frame(payload)
        if "bad_checksum" in self._faults:
            whole = frames.with_bad_checksum(whole)
        if "bad_length" in self._faults:
            whole = frames.with_bad_length(whole)
        at += _SLOW_ANSWER_SECONDS if "slow" in self._faults else 0.0
        if "stale" in self._faults and self._sent_before:
            self._queue(at, self._sent_before)
        self._sent_before = whole
        self._queue(at, whole)
        if "asleep" in self._faults:
            self._chip.asleep = True

    def _queue(self, at: float, whole: bytes) -> None:
        """Put bytes on the line from `at` on, behind what is still to be sent."""
        if self._to_send:
            at = max(at, self._to_send[-1][0])
        if "noise" in self._faults:
            whole = self._noise() + whole + self._noise()
        if "byte_by_byte" in self._faults:
            pieces = [whole[place : place + 1] for place in range(len(whole))]
            self._to_send += [(at + n * _BYTE_SECONDS, piece) for n, piece in enumerate(pieces, 1)]
        elif "two_pieces" in self._faults and whole != frames.ACK:
            half = len(whole) // 2
            self._to_send += [(at, whole[:half]), (at + _PIECE_SECONDS, whole[half:])]
        else:
            self._to_send.append((at, whole))

    def _noise(self) -> bytes:
        return bytes(self._random.randrange(256) for _ in range(_NOISE_BYTES))
