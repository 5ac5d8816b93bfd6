"""What proves that a ticket is on paper, and waiting for it.

Not responsible for: what is told of a ticket that was not proven.

Tiers: a process id comes back when all before it is printed (GS ( H); GS r is answered when all before it, the
cut too, has been read by a printer that is online, and DLE EOT finds nothing wrong after it; a presenter feels the
ticket at its mouth. A printer that knows none of these proves nothing.
"""

from collections.abc import Callable
from enum import StrEnum

from devices.ticket_printer import protocol
from devices.ticket_printer.inquiry import REPLY_S, Inquiry
from devices.ticket_printer.profiles import Profile
from devices.ticket_printer.protocol import ProcessId, QueuedStatus, Reply
from devices.ticket_printer.status import Status

GRACE_S = 5.0  # an opened cover is often closed again at once, and the printer goes on by itself
LISTEN_S = 0.1
LOOK_EVERY_S = 1.0  # while a ticket is being printed
MOUTH_EVERY_S = 0.2  # a ticket may be taken at once
AFTER_CUT_S = 0.3  # a jam in the last millimetre shows so late
NO_PROOF = "noProof"
SILENT = 3  # times in a row
AGAIN_S = (2.0, 10.0, 30.0, float("inf"))
TORN = ("paperOut", "unrecoverable")  # a new roll or a power cycle ends it, and the ticket with it
UNSURE = (*TORN, "notResponding")  # its power may be off, and what was sent gone with it


class Tier(StrEnum):
    PROCESS_ID = "processId"
    QUEUED_STATUS = "queuedStatus"
    NONE = "none"


class Proof:
    """What is still missing until a ticket is proven."""

    def __init__(self, *, identity: bytes = b"", queued: bool = False, mouth: bool = False) -> None:
        """A process id, a reply to GS r, a ticket at the mouth; with none of them it never is."""
        self._identity = identity
        self._queued = queued
        self._mouth = mouth
        self.look_every_s = MOUTH_EVERY_S if mouth else LOOK_EVERY_S
        self.possible = bool(identity or queued or mouth)
        self.only_read = queued and not identity and not mouth  # nothing says that it was cut

    @property
    def given(self) -> bool:
        return self.possible and not (self._identity or self._queued or self._mouth)

    def hear(self, replies: list[Reply]) -> None:
        for reply in replies:
            if self._identity and reply == ProcessId(self._identity):
                self._identity = b""
            if isinstance(reply, QueuedStatus):
                self._queued = False

    def see(self, status: Status | None) -> None:
        if status is not None and status.at_mouth:
            self._mouth = False


def of(tier: Tier | None, profile: Profile, identity: bytes, *, mouth: bool) -> tuple[Proof, bytes]:
    """What will prove a ticket, and what the printer is asked after it."""
    if tier is Tier.PROCESS_ID:
        return Proof(identity=identity, mouth=mouth), protocol.ask_process_id(identity)
    if tier is Tier.QUEUED_STATUS:
        return Proof(queued=True, mouth=mouth), protocol.ASK_PAPER_QUEUED
    # any paper may come to the mouth of a printer that should answer and does not
    return Proof(mouth=mouth and not profile.queued_status), b""


class Lesson:
    """What the printer at the open wire can prove; `tier` is None before it was asked. One that proves nothing is
    asked again, ever more seldom, since a clone may print the question."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.tier: Tier | None = None
        self._clock = clock
        self._given = self._silent = 0
        self._at = clock()

    @property
    def due(self) -> bool:
        pause_s = AGAIN_S[min(self._given, len(AGAIN_S)) - 1]
        return self.tier is Tier.NONE and self._clock() - self._at >= pause_s

    def thrown_away(self, *, done: bool) -> None:
        """Whether it answered after that. What never does so may have been believed because of a noise."""
        self._silent = 0 if done else self._silent + 1
        if self._silent >= SILENT:
            self.tier, self._silent = None, 0

    def soon(self) -> None:
        """A ticket could not be proven, or the next one comes."""
        self._given = min(self._given, 1)

    def learn(self, inquiry: Inquiry, profile: Profile, identity: bytes) -> None:
        self.tier = learn(inquiry, profile, identity)
        self._given += 1
        self._at = self._clock()


def learn(inquiry: Inquiry, profile: Profile, identity: bytes) -> Tier:
    """Ask an idle printer what it can prove."""
    if profile.process_id:
        asked, wanted = protocol.ask_process_id(identity), ProcessId(identity)
        if inquiry.ask(asked, lambda reply: reply == wanted, REPLY_S):
            inquiry.owed = (
                0  # what was asked before it has been answered before it, or never will be
            )
            return Tier.PROCESS_ID
    if profile.queued_status and inquiry.catch_up():
        return Tier.QUEUED_STATUS
    return Tier.NONE


def wait_for(proof: Proof, inquiry: Inquiry, within_s: float, clock: Callable[[], float]) -> str:
    """Why there is no proof, or '' when it came."""
    trouble_since = clock()
    deadline = clock() + inquiry.backlog_s + within_s
    trouble = ""
    seen = ""
    while clock() < deadline:
        proof.hear(inquiry.listen(LISTEN_S))
        if not proof.given and clock() - inquiry.looked_at >= proof.look_every_s:
            found = _look(proof, inquiry)
            if found in (UNSURE if proof.possible else TORN) and not proof.given:
                return found  # whatever the printer says afterwards
            if found and not trouble:
                trouble_since = clock()
            trouble = found
            seen = found or seen
        if proof.given:
            return ""
        if trouble and clock() - trouble_since >= GRACE_S:
            return trouble
    if not proof.possible:
        return seen or NO_PROOF  # a part may have been lost, and its command wait for the rest
    return trouble or "timeOut"


def nothing_wrong(inquiry: Inquiry) -> str:
    """GS r proves that everything was read, not that the cutter came through: what blocks the printer after it."""
    inquiry.listen(AFTER_CUT_S)
    status = inquiry.look()
    return status.blocks if status else "notResponding"


def _look(proof: Proof, inquiry: Inquiry) -> str:
    status = inquiry.look()
    proof.hear(inquiry.kept())
    proof.see(status)
    return status.blocks if status else "notResponding"
