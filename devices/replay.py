"""A recorded machine, played to a driver again: its answers come when the driver has said as much as was
recorded, after the recorded pauses. It does not understand what the driver says.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from devices.recording import Piece, turns
from devices.simulate import Truth

LONGEST_PAUSE_S = 1.0  # while recording, somebody may have waited for a customer
HOST_COMES_S = (
    3.0  # within which a keeper has found the port; who only talks would talk to nobody before
)


class Replayed:
    """A machine of a recording. The truth tells where a driver says something else than was recorded."""

    FAULTS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, truth: Truth, pieces: Iterable[Piece]) -> None:
        self._truth = truth
        self._turns = turns(pieces)
        self._turn = -1
        self._heard = b""
        self._to_send: list[tuple[float, bytes]] = []

    def power_on(self, now: float) -> bytes:
        if self._turns and not self._turns[0][0]:
            only_talks = len(self._turns) == 1
            self._begin_turn(now + HOST_COMES_S if only_talks else now)
        return self.pass_time(now)

    def receive(self, data: bytes, now: float) -> bytes:
        self._heard += data
        while self._turn + 1 < len(self._turns):
            expected = self._turns[self._turn + 1][0]
            if len(self._heard) < len(expected):
                break
            said, self._heard = self._heard[: len(expected)], self._heard[len(expected) :]
            if said != expected:
                self._truth({"event": "differs", "turn": self._turn + 1})
            self._begin_turn(now)
        return self.pass_time(now)

    def pass_time(self, now: float) -> bytes:
        out = b""
        while self._to_send and self._to_send[0][0] <= now:
            out += self._to_send.pop(0)[1]
        return out

    def next_deadline(self) -> float | None:
        return self._to_send[0][0] if self._to_send else None

    def fault(self, name: str, on: bool, now: float) -> bytes:
        raise ValueError(f"a recording has no faults, so no {name!r} either")

    def present(self, value: str, now: float) -> bytes:
        raise ValueError("a recording is not presented anything: it plays by itself")

    def remove(self, now: float) -> bytes:
        raise ValueError("nothing can be taken from a recording")

    def _begin_turn(self, now: float) -> None:
        self._turn += 1
        pieces = self._turns[self._turn][1]
        at = now
        for before, piece in zip([pieces[0], *pieces] if pieces else [], pieces, strict=False):
            at += min(piece.at - before.at, LONGEST_PAUSE_S)
            self._to_send.append((at, piece.data))
        if self._turn + 1 == len(self._turns):
            self._truth({"event": "end_of_recording"})
