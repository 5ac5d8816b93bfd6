"""A fingerprint module as the program sees it: prompts come out, then a template or whether it matches.

Not responsible for: whose template it is, where templates are kept, how often a customer may try again
after a finger that does not match, and what a prompt looks like.
"""

import time
from collections.abc import Callable

from devices.device import IDLE_S, READY, Condition, Patience, State
from devices.fingerprint import protocol
from devices.fingerprint.module import Failed, Module, expect_ok
from devices.fingerprint.orders import (
    Delete,
    Empty,
    Enrol,
    FingerResult,
    Load,
    Order,
    Prompt,
    ReadTemplate,
    Search,
    Store,
    Verify,
    WriteTemplate,
)
from devices.fingerprint.presentation import Presentation
from devices.fingerprint.protocol import CANNOT_MERGE, Answer, Command
from devices.port import Port, PortLost

LOOK_EVERY_S = 3.0  # while idle: what does not answer is lost within 10 s
WIPE_S = 12.0  # two templates of 0.6 s at 9600 baud, there and back, each three times at most
STRAY = 1  # bytes without meaning that a module may send when it starts (55)
FIRST, SECOND = 1, 2  # the module's buffers
TROUBLE = ("captureFailed", "flashError")  # the module's own, until an order succeeds
WELL_KNOWN = ("canceled", "timeOut")  # causes that are completions by themselves


class FingerprintModule:
    """Driver of an R30x, ZFM-20 or AS608 module."""

    xonxoff = False
    identity = ""
    _module: Module  # since the last probe

    def __init__(
        self,
        tell: Callable[[Prompt | FingerResult], None],
        *,
        baud: int = 57600,
        address: int = protocol.DEFAULT_ADDRESS,
        password: int = 0,
        attempts: int = 3,
        template_bytes: int = 512,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`attempts`: bad images and failed merges that end an order. `template_bytes`: what a template of
        this model has."""
        self.baud = baud
        self._tell = tell
        self._address = address
        self._password = password
        self._attempts = attempts
        self._template_bytes = template_bytes
        self._clock = clock
        self._capacity = 0
        self._condition = READY
        self._looked_at = float("-inf")
        self._told: Order | None = None  # the order that was begun last, when it has its outcome
        self._to_wipe = (
            False  # a buffer holds what is for one order alone, also since the wire broke
        )
        self._holds_model = False  # the first buffer is as Enrol or Load left it

    def probe(self, port: Port) -> Condition:
        """Give the password, ask for the parameters."""
        self._module = module = Module(port, self._clock, self._address)
        self._holds_model = False
        try:
            self._condition = self._introduced(module)
        except PortLost as error:
            if error.cause == "notResponding" and module.noise > STRAY:
                raise PortLost("unknownProtocol") from error
            raise
        if self._to_wipe and self._condition is READY:
            self._wipe()
        self._looked_at = self._clock()
        return self._condition

    def _introduced(self, module: Module) -> Condition:
        if not module.unlock(self._password):
            return Condition(State.FAULT, "wrongPassword")
        system = module.system()
        self._capacity = system.capacity
        self.identity = f"system {system.system_id:04X}, {system.capacity} templates"
        return READY

    def idle(self, _port: Port) -> Condition:
        """Listen, and every three seconds see whether it is still there."""
        self._module.listen(IDLE_S)
        due = self._clock() - self._looked_at >= LOOK_EVERY_S
        if due and self._module.look() is not None:
            self._looked_at = self._clock()
        return self._condition

    def do(self, _port: Port, order: Order, patience: Patience) -> Condition:
        """One order: its prompts and its outcome. After that nothing is said to the module, but that it shall forget a template
        which it was given for this customer alone."""
        self._told = None
        if self._condition.state is State.FAULT:
            self._say(order, _not_begun(order, self._condition.detail))
            return self._condition
        try:
            result = self._result(order, patience)
        except Failed as failed:
            result = FingerResult(order.job, failed.completion, failed.detail)
        self._conclude(result)
        self._say(order, result)
        if self._to_wipe:
            self._wipe()
        return self._condition

    def _wipe(self) -> None:
        """No template, and none of a finger, stays in a buffer; the customer does not wait for it, nor can they cancel it. Where the wire
        breaks, it is done when the module is back."""
        patience = Patience(WIPE_S, self._clock)
        try:
            for slot in (FIRST, SECOND):
                self._module.download(slot, bytes(self._template_bytes), patience)
        except Failed:
            self._condition = Condition(State.DEGRADED, "notWiped")
        self._to_wipe = False

    def refuse(self, order: Order, detail: str) -> None:
        """Nothing was begun. May come from any thread."""
        self._tell(_not_begun(order, detail))

    def abandon(self, order: Order, detail: str) -> None:
        """The wire broke. What has been told already stands."""
        if self._told is not order:
            completion = detail if detail == "internalError" else "hardwareError"
            self._say(order, FingerResult(order.job, completion, detail))

    def _say(self, order: Order, result: FingerResult) -> None:
        self._told = order
        self._tell(result)

    def _conclude(self, result: FingerResult) -> None:
        self._looked_at = self._clock()
        if result.detail in TROUBLE:
            self._condition = Condition(State.DEGRADED, result.detail)
        elif result.completion == "success":
            self._condition = READY

    def _result(self, order: Order, patience: Patience) -> FingerResult:
        if isinstance(order, Store):
            return self._store(order, patience)
        self._holds_model = False
        match order:
            case Enrol():
                return self._enrol(order, patience)
            case Verify():
                return self._verify(order, patience)
            case Search():
                return self._search(order, patience)
            case Load():
                return self._load(order, patience)
            case ReadTemplate():
                return self._read(order, patience)
            case WriteTemplate():
                return self._write(order, patience)
            case Delete():
                self._check(order.page)
                return self._changed(order.job, protocol.delete(order.page), patience, order.page)
            case Empty():
                return self._changed(order.job, protocol.EMPTY, patience, None)
        raise Failed("unsupportedCommand")

    def _enrol(self, order: Enrol, patience: Patience) -> FingerResult:
        if order.page is not None:
            self._check(order.page)
        self._to_wipe = not order.kept and not patience.over
        self._merge(self._presentation(order.job, patience), patience)
        template = self._module.upload(FIRST, self._template_bytes, patience)
        if order.page is not None:
            self._ok(protocol.store(FIRST, order.page), patience)
        self._holds_model = order.kept
        return FingerResult(order.job, "success", template=template, page=order.page)

    def _merge(self, finger: Presentation, patience: Patience) -> None:
        """Two presentations into one model; ends with the patience or the tries."""
        finger.take(FIRST, "placeFinger")
        finger.lift()
        finger.take(SECOND, "placeAgain")
        while (answer := self._module.ask(protocol.MERGE, patience)).code == CANNOT_MERGE:
            finger.spend(answer)
            finger.lift()
            finger.take(FIRST, "sameFinger")
            finger.lift()
            finger.take(SECOND, "placeAgain")
        expect_ok(answer)

    def _verify(self, order: Verify, patience: Patience) -> FingerResult:
        self._check_template(order.template)
        self._to_wipe = not patience.over
        self._module.download(SECOND, order.template, patience)
        self._presentation(order.job, patience).take(FIRST, "placeFinger")
        answer = self._module.ask(protocol.MATCH, patience)
        score = int.from_bytes(answer.data) if answer.data else None
        return FingerResult(order.job, *answer.meaning, score=score)

    def _search(self, order: Search, patience: Patience) -> FingerResult:
        if order.count < 1:
            raise Failed("invalidData", "invalidPage")
        self._check(order.first)
        self._check(order.first + order.count - 1)
        self._presentation(order.job, patience).take(FIRST, "placeFinger")
        data = self._ok(protocol.search(FIRST, order.first, order.count), patience).data
        page, score = int.from_bytes(data[:2]), int.from_bytes(data[2:])
        return FingerResult(order.job, "success", page=page, score=score)

    def _store(self, order: Store, patience: Patience) -> FingerResult:
        """Never what another order, or another customer, left in the buffer."""
        self._check(order.page)
        if not self._holds_model:
            raise Failed("sequenceError")
        return self._changed(order.job, protocol.store(FIRST, order.page), patience, order.page)

    def _load(self, order: Load, patience: Patience) -> FingerResult:
        self._check(order.page)
        self._ok(protocol.load(FIRST, order.page), patience)
        self._holds_model = True
        return FingerResult(order.job, "success", page=order.page)

    def _read(self, order: ReadTemplate, patience: Patience) -> FingerResult:
        self._check(order.page)
        self._ok(protocol.load(FIRST, order.page), patience)
        template = self._module.upload(FIRST, self._template_bytes, patience)
        return FingerResult(order.job, "success", template=template, page=order.page)

    def _write(self, order: WriteTemplate, patience: Patience) -> FingerResult:
        self._check(order.page)
        self._check_template(order.template)
        self._module.download(FIRST, order.template, patience)
        return self._changed(order.job, protocol.store(FIRST, order.page), patience, order.page)

    def _changed(
        self, job: str, command: Command, patience: Patience, page: int | None
    ) -> FingerResult:
        self._ok(command, patience)
        return FingerResult(job, "success", page=page)

    def _ok(self, command: Command, patience: Patience) -> Answer:
        return expect_ok(self._module.ask(command, patience))

    def _presentation(self, job: str, patience: Patience) -> Presentation:
        def prompt(word: str) -> None:
            self._tell(Prompt(job, word))

        return Presentation(self._module, patience, prompt, self._clock, self._attempts)

    def _check(self, page: int) -> None:
        if not 0 <= page < self._capacity:
            raise Failed("invalidData", "invalidPage")

    def _check_template(self, template: bytes) -> None:
        if len(template) != self._template_bytes:
            raise Failed("invalidData", "invalidTemplate")


def _not_begun(order: Order, detail: str) -> FingerResult:
    if detail in WELL_KNOWN:
        return FingerResult(order.job, detail)
    return FingerResult(order.job, "deviceNotReady", detail)
