"""A ticket printer as the program sees it: a slip goes in, an outcome comes out that paper can prove.

Not responsible for: what stands on a slip, keeping the wire open, or what to do when no paper came.

`confirmed`: the printer said, after everything had been printed, that it had (GS ( H, or where the model
lacks it GS r with good DLE EOT after the cut). `failed`: nothing was sent. `indeterminate`: bytes went out
and no proof came back; the paper may be there, torn, or not. Such a job is never sent a second time.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.port import Port, PortLost
from devices.ticket_printer import protocol
from devices.ticket_printer.protocol import (
    ProcessId,
    QueuedStatus,
    RealTimeStatus,
    Reply,
    ReplyReader,
    Status,
)
from devices.ticket_printer.slip import Slip

REPLY_S = 1.0  # Epson: allow 500 ms to 1 s
WRITE_S = 5.0
PROOF_S = 20.0  # longest wait for the proof of a ticket: 0.9 s of printing, and patience
GRACE_S = 5.0  # an opened cover is often closed again at once, and the printer goes on by itself
LOOK_EVERY_S = 1.0  # while a ticket is being printed
IDLE_LOOK_EVERY_S = 2.0
LISTEN_S = 0.1
MISSES = 3  # unanswered looks before the printer counts as gone


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """An order. `job` comes back with the outcome."""

    retry: ClassVar[Retry] = Retry.ONCE
    job: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of a job; `reason` is one word when it is not confirmed."""

    job: str
    outcome: Outcome
    reason: str = ""


class TicketPrinter:
    """Driver of an ESC/POS printer."""

    xonxoff = True
    identity = ""

    def __init__(
        self,
        tell: Callable[[Printed], None],
        *,
        baud: int = 38400,
        process_id: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`process_id=False` for clones that print GS ( H as text."""
        self.baud = baud
        self._tell = tell
        self._clock = clock
        self._may_ask_process_id = process_id
        self._answers_process_id: bool | None = None  # not known before it was asked, once
        self._replies = ReplyReader()
        self._number = 0
        self._torn = False  # the last job may still be in the printer's buffer
        self._sent = self._told = (
            ""  # the last job whose bytes went out, and whose outcome was told
        )
        self._printing = False
        self._unproven: dict[bytes, str] = {}
        self._looked_at = float("-inf")
        self._missed = 0
        self._condition = READY

    def probe(self, port: Port) -> Condition:
        """Raises PortLost('notResponding') when nothing that speaks ESC/POS is there."""
        self._replies = ReplyReader()
        self._answers_process_id = None if self._may_ask_process_id else False
        self._missed = 0
        if self._torn:
            self._throw_away(port)
        status = self._look(port)
        if status is None:
            raise PortLost("notResponding")
        if not status.blocks:
            self._learn_proof(port)
        return self._conclude(status)

    def idle(self, port: Port) -> Condition:
        """Listen, and every two seconds look at paper, cover and cutter."""
        for reply in self._listen(port, IDLE_S):
            self._late(reply)
        if self._clock() - self._looked_at < IDLE_LOOK_EVERY_S:
            return self._condition
        status = self._look(port)
        if status is not None:
            return self._recovered(port, status)
        self._missed += 1
        if self._missed >= MISSES:
            raise PortLost("notResponding")
        return self._condition

    def do(self, port: Port, order: PrintSlip, _patience: Patience) -> Condition:
        """Print one slip and tell its outcome."""
        status = self._look(port)
        if status is None or status.blocks:
            self.refuse(order, status.blocks if status else "notResponding")
            return self._conclude(status) if status else self._condition
        if self._answers_process_id is None:
            self._learn_proof(port)
        self._sent, self._torn, self._printing = order.job, True, True
        try:
            reason = self._print(port, order)
        finally:
            self._printing = False
        if reason:
            if reason == "paperOut":
                self._unproven.clear()  # what a new roll lets out is the rest of a torn ticket
            self._say(order.job, Outcome.INDETERMINATE, reason)
            self._throw_away(port)
        else:
            self._torn = False
            self._say(order.job, Outcome.CONFIRMED)
        return self._after(port)

    def refuse(self, order: PrintSlip, detail: str) -> None:
        """Nothing was sent."""
        self._say(order.job, Outcome.FAILED, detail)

    def abandon(self, order: PrintSlip, detail: str) -> None:
        """The wire broke. Whatever has been told already stands."""
        if self._told != order.job:
            sent = self._sent == order.job
            self._say(order.job, Outcome.INDETERMINATE if sent else Outcome.FAILED, detail)

    def _say(self, job: str, outcome: Outcome, reason: str = "") -> None:
        self._told = job
        self._tell(Printed(job, outcome, reason))

    def _print(self, port: Port, order: PrintSlip) -> str:
        """Send and wait for the proof; why there is none, or '' when it came."""
        identity = self._next_identity()
        by_id = self._answers_process_id
        ask = protocol.ask_process_id(identity) if by_id else protocol.ASK_PAPER_QUEUED
        if by_id:
            self._unproven = {identity: order.job}
        port.write(protocol.encode(order.slip) + ask, WRITE_S)
        proof = ProcessId(identity) if by_id else None
        reason = self._wait_for_proof(port, proof)
        if not reason:
            self._unproven.clear()
        return reason

    def _wait_for_proof(self, port: Port, proof: ProcessId | None) -> str:
        """`proof` None: the reply to GS r will do, if nothing is wrong after it."""
        start = trouble_since = self._clock()
        trouble = ""
        while self._clock() - start < PROOF_S:
            for reply in self._listen(port, LISTEN_S):
                if reply == proof:
                    return ""
                if proof is None and isinstance(reply, QueuedStatus):
                    return self._nothing_wrong(port)
            if self._clock() - self._looked_at < LOOK_EVERY_S:
                continue
            found, proven = self._look_while_waiting(port, proof)
            if proven:
                return ""
            if found == "paperOut":
                return found  # the ticket is torn, whatever the printer says after a new roll
            if found and not trouble:
                trouble_since = self._clock()
            trouble = found
            if trouble and self._clock() - trouble_since >= GRACE_S:
                return trouble
        return trouble or "timeOut"

    def _look_while_waiting(self, port: Port, proof: ProcessId | None) -> tuple[str, bool]:
        """What blocks the printer now, and whether the proof came in between."""
        seen: list[Reply] = []
        status = self._look(port, seen)
        blocks = status.blocks if status else "notResponding"
        return blocks, proof is not None and proof in seen

    def _nothing_wrong(self, port: Port) -> str:
        """GS r proves that everything was parsed; a jam in the last millimetre shows a moment later."""
        list(self._listen(port, 0.3))
        status = self._look(port)
        return status.blocks if status else "notResponding"

    def _look(self, port: Port, seen: list[Reply] | None = None) -> Status | None:
        """DLE EOT 2, 3 and 4; None when one is not answered. Other replies go to `seen`."""
        self._looked_at = self._clock()
        bits = []
        for n in (2, 3, 4):
            port.write(protocol.ask_status(n), WRITE_S)
            answer = self._await_status(port, [] if seen is None else seen)
            if answer is None:
                return None
            bits.append(answer)
        self._missed = 0
        return protocol.status(*bits)

    def _await_status(self, port: Port, seen: list[Reply]) -> int | None:
        deadline = self._clock() + REPLY_S
        answer = None
        while answer is None and self._clock() < deadline:
            for reply in self._replies.feed(port.read(LISTEN_S)):
                if isinstance(reply, RealTimeStatus):
                    answer = reply.bits
                else:
                    seen.append(reply)
                    self._late(reply)
        return answer

    def _listen(self, port: Port, seconds: float) -> Iterator[Reply]:
        yield from self._replies.feed(port.read(seconds))

    def _late(self, reply: Reply) -> None:
        """The proof of an older job, after all (its cover was closed again, say)."""
        if isinstance(reply, ProcessId) and not self._printing:
            job = self._unproven.pop(reply.identity, None)
            if job is not None:
                self._tell(Printed(job, Outcome.CONFIRMED))

    def _learn_proof(self, port: Port) -> None:
        """Ask an idle printer for a process id, once: does it know how?"""
        if self._answers_process_id is not None:
            return
        identity = self._next_identity()
        port.write(protocol.ask_process_id(identity), WRITE_S)
        deadline = self._clock() + REPLY_S
        self._answers_process_id = False
        while self._clock() < deadline:
            if ProcessId(identity) in self._listen(port, LISTEN_S):
                self._answers_process_id = True
                return

    def _next_identity(self) -> bytes:
        """Four characters from 20h to 7Eh, different for each job of a day."""
        self._number += 1
        number, characters = self._number, []
        for _ in range(4):
            number, digit = divmod(number, 94)
            characters.append(0x21 + digit)
        return bytes(characters)

    def _throw_away(self, port: Port) -> None:
        """What the printer still holds must not come out as the next customer's ticket.

        What it has printed of the old one is cut off, so that the next starts on clean paper.
        """
        self._torn = True
        port.write(protocol.CLEAR_BUFFERS, WRITE_S)
        port.write(protocol.END_HALF_COMMAND + protocol.INITIALISE + protocol.CUT, WRITE_S)
        self._torn = False

    def _after(self, port: Port) -> Condition:
        status = self._look(port)
        return self._conclude(status) if status else self._condition

    def _recovered(self, port: Port, status: Status) -> Condition:
        """A cutter that was freed waits for us to say go on; its buffer is emptied first."""
        was = self._condition.detail
        if was in ("cutterJam", "mechanical") and status.blocks == was:
            port.write(protocol.RECOVER_AND_CLEAR, WRITE_S)
        return self._conclude(status)

    def _conclude(self, status: Status) -> Condition:
        if status.blocks:
            self._condition = Condition(State.FAULT, status.blocks)
        elif status.paper_low:
            self._condition = Condition(State.DEGRADED, "paperLow")
        else:
            self._condition = READY
        return self._condition
