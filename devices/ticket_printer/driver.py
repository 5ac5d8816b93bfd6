"""A ticket printer as the program sees it: a slip goes in, an outcome comes out that paper can prove.

Not responsible for: what stands on a slip, keeping the wire open, or what to do when no paper came.

`confirmed`: the printer proved it (`proof.py` says how). `failed`: nothing was sent. `indeterminate`: bytes went
out and no proof came back; the paper may be there, torn, or not. Such a job is never sent a second time.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, Literal

from devices.device import IDLE_S, READY, Condition, Patience, Retry, State
from devices.port import Port, PortLost
from devices.ticket_printer import encoding, proof, protocol, recovery, sending
from devices.ticket_printer.encoding import DOTS_PER_MM, Piece
from devices.ticket_printer.inquiry import Inquiry
from devices.ticket_printer.mouth import Mouth, TicketLeft, TicketTaken
from devices.ticket_printer.profiles import profile_named
from devices.ticket_printer.proof import NO_PROOF, Lesson, Proof, Tier
from devices.ticket_printer.protocol import ProcessId, Reply
from devices.ticket_printer.raster import RareLetters
from devices.ticket_printer.roll import NewRoll, PaperLeft, Roll, RollNoted
from devices.ticket_printer.slip import Slip
from devices.ticket_printer.status import Status

PROOF_S = 20.0  # longest wait for the proof of a ticket: 0.9 s of printing, and patience
SLOWEST_MM_S, CUT_S = 60, 1.0  # how long a printer that proves nothing may take
IDLE_LOOK_EVERY_S = 2.0
MOUTH_LOOK_EVERY_S = 0.5  # while a ticket waits to be taken
MISSES = 3  # unanswered looks before the printer counts as gone
STRAY = 8  # bytes without meaning that a printer may send when it is met
PAPERS = 1000  # jobs remembered, so that none gets a second paper


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """An order. `job` comes back with the outcome; a second paper needs a job of its own."""

    retry: ClassVar[Retry] = Retry.ONCE
    job: str
    slip: Slip = field(repr=False)  # its link is the customer's key


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of a job; `reason` is one word when it is not confirmed."""

    job: str
    outcome: Outcome
    reason: str = ""


Event = Printed | TicketTaken | TicketLeft | PaperLeft | RollNoted


class TicketPrinter:
    """Driver of an ESC/POS printer."""

    xonxoff = True

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        baud: int = 38400,
        profile: str = "epson",
        process_id: bool = True,
        font: str | None = None,
        left_s: float = 30.0,
        when_left: Literal["print", "refuse"] = "print",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`profile`: a name of `profiles.py`. `process_id=False` for clones that print GS ( H as text. `font`: a
        file with the characters that printers lack. `left_s`: how long a ticket may stay in the mouth of a kiosk
        printer before `when_left` decides about the next. Raises ValueError for a name or file that is not there.
        """
        if when_left not in ("print", "refuse"):
            raise ValueError(f"when_left '{when_left}' is not known; expected print or refuse")
        known = profile_named(profile)
        self.baud = baud
        self.identity = ""
        self._tell = tell
        self._clock = clock
        self._profile = replace(
            known,
            process_id=known.process_id and process_id,
            buffer_bytes=min(known.buffer_bytes, sending.most_unseen(baud)),
        )
        self._rare = RareLetters(font)
        self._print_on_top = when_left == "print"
        self._mouth = Mouth(tell, left_s, clock)
        self._roll = Roll(tell, self._profile)
        self._release = recovery.CutterRelease(clock)
        self._inquiry: Inquiry  # of the open wire; `probe` makes it
        self._lesson = Lesson(clock)  # likewise
        self._number = int(clock() * 1000)  # no id that a program before this one has asked for
        self._torn = True  # it may hold a ticket: the last one, or one of before we were started
        self._sent = self._told = ""  # the job whose bytes went out, and whose outcome was told
        self._papers: deque[str] = deque(maxlen=PAPERS)  # jobs that may have left paper
        self._unproven: dict[bytes, str] = {}
        self._condition = READY

    def probe(self, port: Port) -> Condition:
        """Raises PortLost('notResponding') when nothing that speaks ESC/POS is there."""
        inquiry = Inquiry(port, self._profile, self.baud, self._clock, self._noticed)
        self._inquiry, self._lesson = inquiry, Lesson(self._clock)
        if self._torn:
            recovery.stop(inquiry)
        status = inquiry.meet()
        if status is None:
            raise PortLost("unknownProtocol" if inquiry.noise else "notResponding")
        if inquiry.noise > STRAY:  # one byte in sixteen looks like a status
            raise PortLost("unknownProtocol")
        self._learn(status)
        return self._condition

    def idle(self, _port: Port) -> Condition:
        """Listen, and every two seconds look at paper, cover and cutter."""
        for reply in self._inquiry.listen(IDLE_S):
            self._late(reply)
        every_s = MOUTH_LOOK_EVERY_S if self._mouth.occupied else IDLE_LOOK_EVERY_S
        if self._clock() - self._inquiry.looked_at < every_s:
            return self._condition
        status = self._inquiry.look()
        if status is not None:
            self._release.look_after(self._inquiry, status)
            self._learn_again(status)
        elif self._inquiry.missed >= MISSES:
            raise PortLost("notResponding")
        return self._condition

    def do(self, _port: Port, order: PrintSlip | NewRoll, patience: Patience) -> Condition:
        """Print one slip and tell its outcome, or count from a new roll on."""
        if isinstance(order, NewRoll):
            self._roll.renew(order.job)
            return self._condition
        self._told = ""
        try:
            letters = self._rare.letters() if encoding.needs_drawing(order.slip) else None
            pieces = encoding.pieces(order.slip, self._profile, letters)
        except ValueError:
            self.refuse(order, "invalidData")
            return self._condition
        if reason := self._in_the_way(order, patience):  # the last look before the first byte
            self.refuse(order, reason)
            return self._condition
        self._print(order, pieces)
        self._inquiry.look()
        return self._condition

    def refuse(self, order: PrintSlip | NewRoll, detail: str) -> None:
        """Nothing was sent."""
        if isinstance(order, NewRoll):
            self._tell(RollNoted(order.job, detail))
        else:
            self._say(order.job, Outcome.FAILED, detail)

    def abandon(self, order: PrintSlip | NewRoll, detail: str) -> None:
        """The wire broke. Whatever has been told already stands."""
        if isinstance(order, NewRoll):
            self.refuse(order, detail)
        elif self._told != order.job:
            sent = self._sent == order.job
            self._say(order.job, Outcome.INDETERMINATE if sent else Outcome.FAILED, detail)

    def _say(self, job: str, outcome: Outcome, reason: str = "") -> None:
        self._told = job
        self._tell(Printed(job, outcome, reason))

    def _in_the_way(self, order: PrintSlip, patience: Patience) -> str:
        """Why the slip cannot be sent now, or ''."""
        if order.job in self._papers:
            return "duplicate"
        status = self._inquiry.look()
        if status is None or status.blocks:
            return status.blocks if status else "notResponding"
        self._lesson.soon()  # what kept it from answering may be over
        self._learn_again(status)
        if self._torn:
            return "notResponding"
        return self._mouth_in_the_way(patience) or patience.over

    def _mouth_in_the_way(self, patience: Patience) -> str:
        """Wait until the ticket before has been taken, or has been told as left."""
        while self._mouth.occupied and not (self._mouth.left or self._mouth.scrap):
            if patience.over:
                return patience.over
            for reply in self._inquiry.listen(MOUTH_LOOK_EVERY_S):
                self._late(reply)
            status = self._inquiry.look()
            if status is None or status.blocks:
                return status.blocks if status else "notResponding"
        refuse = not (self._print_on_top or self._mouth.scrap)
        return "ticketLeft" if self._mouth.occupied and refuse else ""

    def _print(self, order: PrintSlip, pieces: list[Piece]) -> None:
        """Send, wait for the proof, tell the outcome."""
        self._sent, self._torn = order.job, True
        self._papers.append(order.job)
        for reply in self._inquiry.listen(0.0):
            self._late(reply)  # what comes from now on is about this ticket
        reason = self._send_and_prove(order.job, pieces)
        if not reason:
            self._torn = False
            self._unproven.clear()
            self._say(order.job, Outcome.CONFIRMED)
            if self._profile.presenter:
                self._mouth.hold(order.job)
            return
        if reason in proof.UNSURE:
            self._unproven.clear()  # what comes out after it may be the rest of a torn ticket
        self._say(order.job, Outcome.INDETERMINATE, reason)
        if reason == NO_PROOF:  # it is being printed, for all we know
            self._torn = False
            self._lesson.soon()
        else:
            self._throw_away()

    def _send_and_prove(self, job: str, pieces: list[Piece]) -> str:
        """Why there is no proof, or ''."""
        mm = sum(piece.dots for piece in pieces) / DOTS_PER_MM
        wanted, ask = self._proof_of(job)
        noise = self._inquiry.noise
        groups = sending.grouped([*pieces, Piece(ask)], self._profile.room_bytes)
        paced = self._lesson.tier is not Tier.NONE
        if reason := sending.send(self._inquiry, groups, self._clock, self._roll.feed, paced=paced):
            return reason
        within_s = PROOF_S if wanted.possible else mm / SLOWEST_MM_S + CUT_S
        reason = proof.wait_for(wanted, self._inquiry, within_s, self._clock)
        if not reason and wanted.only_read:
            reason = proof.nothing_wrong(self._inquiry)
        queued = self._lesson.tier is Tier.QUEUED_STATUS
        if queued and not reason:  # one byte in eight looks like its answer
            reason = "noise" if self._inquiry.noise - noise > STRAY else ""
        if reason in ("", NO_PROOF):
            self._roll.slip(mm)
        return reason

    def _proof_of(self, job: str) -> tuple[Proof, bytes]:
        """What will prove this job, and what the printer is asked after it."""
        mouth = self._profile.presenter and not self._mouth.occupied
        identity = self._next_id() if self._lesson.tier is Tier.PROCESS_ID else b""
        if identity:
            self._unproven = {identity: job}
        return proof.of(self._lesson.tier, self._profile, identity, mouth=mouth)

    def _late(self, reply: Reply) -> None:
        """The proof of an older job, after all (its cover was closed again, say)."""
        if isinstance(reply, ProcessId) and reply.identity in self._unproven:
            self._tell(Printed(self._unproven.pop(reply.identity), Outcome.CONFIRMED))

    def _learn_again(self, status: Status) -> None:
        """What had to be printed first may have kept it from answering; then it had not been thrown away either."""
        if again := self._lesson.due:
            self._inquiry.end_half_command()
            self._lesson.tier = None
        self._learn(status)
        if again and self._lesson.tier is not Tier.NONE:
            self._torn = True
            self._learn(status)

    def _learn(self, status: Status) -> None:
        """When it can work: away with what was before; once a connection: who is it, and what can it prove?"""
        if self._torn and not status.blocks:
            self._throw_away()
        if self._lesson.tier is None and not status.blocks and not self._torn:
            if self._profile.real_time_status:
                self.identity = self._inquiry.identity()
            self._lesson.learn(self._inquiry, self._profile, self._next_id())
            self._torn = not recovery.works(self._inquiry)  # the cut before it may have jammed

    def _next_id(self) -> bytes:
        self._number += 1
        return protocol.process_id(self._number)

    def _throw_away(self) -> None:
        self._torn = True
        self._mouth.throw_away()
        self._roll.feed(self._profile.cut_mm)
        proves = self._lesson.tier not in (None, Tier.NONE)
        self._torn = not recovery.thrown_away(self._inquiry, proves=proves)
        self._lesson.thrown_away(done=not self._torn)

    def _noticed(self, status: Status) -> None:
        """Every status that the printer gives."""
        if self._profile.presenter:
            self._mouth.see(occupied=status.at_mouth)
        self._roll.see(status)
        if status.blocks:
            self._condition = Condition(State.FAULT, status.blocks)
            self._torn |= self._lesson.tier is Tier.NONE  # nobody knows how far it had come
        elif self._roll.low:
            self._condition = Condition(State.DEGRADED, "paperLow")
        else:
            self._condition = READY
