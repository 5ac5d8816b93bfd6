"""Looks whether the card is theirs: each in a process of its own (kiosk/identity/checking.py), which this talks to.

Not responsible for: what is judged, and what the customer sees of it. A process that dies or falls silent is a check that was
not passed; a customer who goes another way closes the pipe, and the process with it.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

from edge_agent.messages import IdentityCheck
from kiosk.identity import audit, models, told
from kiosk.identity.finger import FingerJudged, FingerWanted
from kiosk.journey import events, wishes
from kiosk.journey.events import Event
from kiosk.journey.step import Check, Step
from kiosk.machines import Machines
from kiosk.settings import Settings

log = logging.getLogger(__name__)

PROGRAM = (sys.executable, "-m", "kiosk.identity.checking")
SILENT_S = 10.0  # it says something every second; loading takes a while on a busy machine
READING_SHARE = 0.05  # of that time: for what already lies in the pipe
LEAVE_S = 3.0  # to write down what came of it, once the customer has gone
BROKE_OFF = "broke_off"
TRIES = ("passed", "failed", "undecided")  # of the words of an entry
Begin = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(slots=True, eq=False)
class Running:
    """One check. `left`: its customer wants no more of it. `asked_finger`: the module looks at a finger for it."""

    method: str
    token: str = field(repr=False)
    process: asyncio.subprocess.Process | None = None
    left: bool = False
    asked_finger: bool = False

    def send(self, message: told.Told) -> None:
        pipe = self.process.stdin if self.process else None
        if pipe is not None and not pipe.is_closing():
            pipe.write(told.packed(message))

    def leave(self, within_s: float) -> None:
        """It may still write down what came of it; after that time it is ended, whatever it says or does."""
        self.left = True
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
            asyncio.get_running_loop().call_later(within_s, self.kill)

    def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()


class Checks:
    """`tell` brings what the customer is asked to the journey, `mirror` what the camera sees to the screen (None: nothing any
    more), `write_down` an entry to the branch."""

    def __init__(
        self,
        settings: Settings,
        machines: Machines,
        *,
        tell: Callable[[Event], None],
        mirror: Callable[[told.Mirror | None], None],
        write_down: Callable[[IdentityCheck], None],
        begin: Begin,
        program: tuple[str, ...] = PROGRAM,
        silent_s: float = SILENT_S,
        leave_s: float = LEAVE_S,
    ) -> None:
        self._settings, self._machines = settings, machines
        self._tell, self._mirror, self._write_down, self._begin = tell, mirror, write_down, begin
        self._program = program
        self._silent_s, self._leave_s = silent_s, leave_s
        self._now: Running | None = None
        self._open: set[Running] = set()
        self._whose, self._tried = "", 0  # how often the present customer has tried
        self._one_eye = asyncio.Lock()  # a camera is of no use to two processes at once

    def methods(self) -> frozenset[str]:
        """By which a customer can be asked now."""
        if self._settings.identity is None:
            return frozenset()
        face = self._machines.eye is not None and self._machines.eye.works
        templates = self._settings.templates is not None or self._machines.has_prints
        finger = templates and self._machines.finger.works
        return frozenset(name for name, works in (("face", face), ("fingerprint", finger)) if works)

    async def prove_models(self) -> None:
        """Once, at the start: no face is looked at with a model that is missing or altered."""
        asked = self._settings.identity
        if asked is None or self._machines.eye is None:
            return
        try:
            for model in models.OF_ENGINE[asked.engine]:
                await asyncio.to_thread(models.checked, model)
        except models.ModelError as error:
            log.error("No face is looked at: %s", error)
            self._machines.camera_is("modelUnusable", lasting=True)

    def grant(self, wish: object) -> bool:
        """Whether it was one of ours."""
        match wish:
            case wishes.CheckIdentity():
                self._leave()
                if wish.token != self._whose:
                    self._whose, self._tried = wish.token, 0
                self._now = running = Running(wish.method, wish.token)
                self._begin(self._run(running, wish))
            case wishes.CheckAgain():
                if self._now is not None:
                    self._now.send(told.Again())
            case wishes.NoteDeclined():
                self._note_declined()
            case _:
                return False
        return True

    def follow(self, step: Step) -> None:
        """After each event: what the customer has left ends, and nothing of them stays."""
        if step.check is None or step.check.over:
            self._leave()
        if step.card is None:
            self._machines.forget_chip()
            self._whose = ""

    def heard(self, event: Any) -> bool:
        """Whether it came from the fingerprint module, for the check that waits for it."""
        said = self._machines.finger.heard(event)
        if said is None:
            return False
        if (
            self._now is not None and self._now.asked_finger
        ):  # else it is of a customer who has gone
            match said:
                case FingerWanted(word):
                    self._now.send(told.FingerWanted(word))
                case FingerJudged(outcome, reason):
                    self._now.send(told.FingerJudged(outcome, reason))
        return True

    async def stop(self) -> None:
        self._leave()
        for running in self._open:
            running.kill()

    def _leave(self) -> None:
        running, self._now = self._now, None
        if running is not None:
            running.leave(self._leave_s)
            self._machines.finger.cancel()
            self._mirror(None)

    async def _run(self, running: Running, wish: wishes.CheckIdentity) -> None:
        async with self._one_eye:
            ended = await self._checked(running, wish)
        if running is self._now:
            self._leave()
            self._tell(events.CheckEnded(ended.said, ended.reason))

    async def _checked(self, running: Running, wish: wishes.CheckIdentity) -> told.Ended:
        """What the teller is told. The process has ended when this returns."""
        if running.left:
            self._note(running.method, "declined")
            return told.Ended("failed")
        self._open.add(running)
        try:
            running.process = await asyncio.create_subprocess_exec(
                *self._program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            if running.left:  # it has not been told anything, and may be slow to start
                self._note(running.method, "declined")
                return told.Ended("failed")
            running.send(self._begun(wish))
            ended = await self._hear(running)
            await self._end_by_itself(running)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            log.error("An identity check broke off: %s.", type(error).__name__)
            self._note(running.method, "unavailable", BROKE_OFF)
            ended = told.Ended("failed", BROKE_OFF)
        finally:
            running.kill()
            if running.process is not None:
                await running.process.communicate()  # read out: `wait` alone waits for a full pipe
            self._open.discard(running)
        return ended

    async def _hear(self, running: Running) -> told.Ended:
        """What the teller is told. Raises EOFError when it ends without a word, or says none for long."""
        pipe = running.process.stdout if running.process else None
        while pipe is not None:
            message = await self._next(pipe)
            if isinstance(message, told.Ended):
                return message
            self._heard(running, message)
        raise EOFError

    async def _next(self, pipe: asyncio.StreamReader) -> told.FromCheck:
        """Raises EOFError. A kiosk that stood still itself first reads what was said meanwhile."""
        reading = asyncio.ensure_future(_message(pipe))
        try:
            for patience_s in (self._silent_s, self._silent_s * READING_SHARE):
                done, _ = await asyncio.wait([reading], timeout=patience_s)
                if done:
                    return reading.result()
        finally:
            reading.cancel()
        raise EOFError

    async def _end_by_itself(self, running: Running) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._leave_s):
                if running.process is not None:
                    await running.process.wait()

    def _heard(self, running: Running, message: told.FromCheck) -> None:
        match message:
            case told.Judged(entry):
                if running.token == self._whose:  # else it is of a customer before
                    self._tried += entry.decision in TRIES
                self._write_down(entry)
            case told.CameraIs(word):
                self._machines.camera_is(word)
            case _ if running is not self._now:
                return
            case told.Shown():
                self._tell(events.CheckShown(_check(running.method, message)))
            case told.Mirror():
                self._mirror(message)
            case told.VerifyFinger(template):
                running.asked_finger = True
                refused = self._machines.finger.verify(template)
                if refused is not None:
                    running.send(told.FingerJudged(refused.outcome, refused.reason))

    def _begun(self, wish: wishes.CheckIdentity) -> told.Begin:
        asked = self._settings.identity
        if asked is None:
            raise ValueError("no section [identity]")
        return told.Begin(
            method=msgspec.convert(wish.method, told.Method),
            customer=wish.token,
            folder=str(self._settings.kiosk.folder),
            identity=asked,
            camera=self._settings.camera,
            templates=self._settings.templates,
            photo=self._machines.photo_of(wish.token),
            prints=self._machines.prints_of(wish.token),
            used=self._tried,
            patience_s=self._settings.times.face_s * (1 + wish.slow),
        )

    def _note_declined(self) -> None:
        self._note("face" if "face" in self.methods() else "fingerprint", "declined")

    def _note(self, method: str, outcome: str, *reasons: str) -> None:
        """What no process is there to say."""
        asked = self._settings.identity
        if asked is not None:
            by = msgspec.convert(method, told.Method)
            self._write_down(audit.entry(by, outcome, reasons, "", asked.consent))


async def _message(pipe: asyncio.StreamReader) -> told.FromCheck:
    return told.from_check(await pipe.readexactly(told.size(await pipe.readexactly(4))))


def _check(method: str, shown: told.Shown) -> Check:
    return Check(
        method,
        shown.says,
        shown.icon,
        shown.leads_on,
        shown.progress,
        shown.mirror,
        shown.tried,
        reason=shown.reason,
    )
