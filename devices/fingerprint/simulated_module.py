"""What is inside a simulated fingerprint module: library, buffers, parameters and commands.

Source: R30x / ZFM-20 / AS608 module manuals (commands, confirmation codes, system parameters).
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.fingerprint import simulated_finger as fingers
from devices.fingerprint.simulated_finger import Finger
from devices.fingerprint.simulated_memory import REGISTERS, Flash

OK, PACKET_ERROR, NO_FINGER, CAPTURE_FAILED = 0x00, 0x01, 0x02, 0x03
NO_MATCH, NOT_FOUND, CANNOT_MERGE, BAD_PAGE, NO_TEMPLATE = 0x08, 0x09, 0x0A, 0x0B, 0x0C
NOTHING_TO_UPLOAD, NO_IMAGE_TO_UPLOAD, NOT_DELETED, NOT_EMPTIED = 0x0D, 0x0F, 0x10, 0x11
WRONG_PASSWORD, NO_VALID_IMAGE, FLASH_ERROR, INVALID_REGISTER = 0x13, 0x15, 0x18, 0x1A
WRONG_ADDRESS, NOT_VERIFIED = 0x20, 0x21

GEN_IMG, VERIFY_PASSWORD, SOFT_RESET = 0x01, 0x13, 0x3D

Truth = Callable[[Mapping[str, object]], None]

_SLOTS = (1, 2)
_LAST_INDEX = 3


@dataclass(frozen=True)
class Reply:
    """Confirmation code with what belongs to it, then perhaps data packets."""

    code: int = OK
    data: bytes = b""
    upload: bytes = b""


class Module:
    """Carries out one command after the other; `glass` is the finger that lies there."""

    def __init__(
        self, truth: Truth, flash: Flash, faults: set[str], chance: random.Random, echo_code: int
    ) -> None:
        self.flash = flash
        self.glass: Finger | None = None
        self.misread_due = True
        self._truth = truth
        self._faults = faults
        self._chance = chance
        self._echo_code = echo_code
        self.power_on()

    def power_on(self) -> None:
        """The buffers are empty, and the password has to be given again."""
        self._image = b""
        self._slots: dict[int, bytes] = {}
        self._verified = False
        self._hit = False
        self._receiving: str | int | None = None
        self._received = bytearray()

    def execute(self, payload: bytes) -> Reply:
        """Carry out a command packet with a right sum and address."""
        self._receiving = None
        code, values = payload[0], payload[1:]
        if self.flash.password and not self._verified and code != VERIFY_PASSWORD:
            return Reply(NOT_VERIFIED)
        length, action = _COMMANDS.get(code, (None, None))
        if action is None or len(values) != length:
            return Reply(PACKET_ERROR)
        if code in _WITH_SLOT and values[0] not in _SLOTS:
            return Reply(PACKET_ERROR)
        return action(self, values)

    def take_data(self, payload: bytes, last: bool) -> None:
        """A data packet of DownChar or DownImage; nobody answers it."""
        if self._receiving is None:
            return
        self._received += payload
        if len(payload) > self.flash.packet_bytes or len(self._received) > fingers.IMAGE_BYTES:
            self.spoil_transfer()
        elif last:
            self._end_transfer()

    def spoil_transfer(self) -> None:
        """A data packet was not right: what was to be filled stays empty."""
        if self._receiving is not None:
            self._truth({"event": "transfer_spoilt", "bytes": len(self._received)})
        self._receiving = None

    def _end_transfer(self) -> None:
        data, to = bytes(self._received), self._receiving
        if to == "image" and len(data) == fingers.IMAGE_BYTES:
            self._image = data
        elif isinstance(to, int) and len(data) == fingers.TEMPLATE_BYTES:
            self._slots[to] = data
        else:
            self.spoil_transfer()
            return
        self._receiving = None
        self._truth({"event": "received", "into": to, "bytes": len(data)})

    # --- image and character files

    def _gen_img(self, _: bytes) -> Reply:
        if self.glass is None:
            return Reply(NO_FINGER)
        if "misread" in self._faults and self.misread_due:
            self.misread_due = False
            return Reply(CAPTURE_FAILED)
        self._image = self.glass.image()
        self._truth({"event": "captured"})
        return Reply()

    def _img_2_tz(self, values: bytes) -> Reply:
        if not self._image:
            return Reply(NO_VALID_IMAGE)
        code, characters = fingers.extract(self._image)
        if code == OK:
            self._slots[values[0]] = fingers.template(characters)
        return Reply(code)

    def _match(self, _: bytes) -> Reply:
        score = fingers.score(self._slots.get(1, b""), self._slots.get(2, b""))
        self._hit = score >= fingers.LEAST_SCORE[self.flash.security]
        self._truth({"event": "compared", "alike": self._hit, "score": score})
        return Reply(OK, score.to_bytes(2, "big")) if self._hit else Reply(NO_MATCH, bytes(2))

    def _reg_model(self, _: bytes) -> Reply:
        """Put the character files of both buffers together, into both."""
        if len(self._slots) < len(_SLOTS) or "not_merging" in self._faults:
            return Reply(CANNOT_MERGE)
        first, second = fingers.files_of(self._slots[1])[:1], fingers.files_of(self._slots[2])[-1:]
        if fingers.score(b"".join(first), b"".join(second)) < fingers.LEAST_SCORE_TO_MERGE:
            return Reply(CANNOT_MERGE)
        self._slots = dict.fromkeys(_SLOTS, fingers.template(*first, *second))
        return Reply()

    # --- library

    def _store(self, values: bytes) -> Reply:
        slot, page = values[0], int.from_bytes(values[1:], "big")
        if page >= self.flash.capacity:
            return Reply(BAD_PAGE)
        if slot not in self._slots:
            return Reply(NO_TEMPLATE)
        if self._flash_fails():
            return Reply(FLASH_ERROR)
        replaced = page in self.flash.pages
        self.flash.pages[page] = self._slots[slot]
        self._truth({"event": "stored", "page": page, "replaced": replaced})
        return Reply()

    def _load(self, values: bytes) -> Reply:
        slot, page = values[0], int.from_bytes(values[1:], "big")
        if page >= self.flash.capacity:
            return Reply(BAD_PAGE)
        if page not in self.flash.pages:
            return Reply(NO_TEMPLATE)
        self._slots[slot] = self.flash.pages[page]
        return Reply()

    def _search(self, values: bytes) -> Reply:
        """The page most like the buffer, of those from `start` on, `count` of them."""
        start, count = int.from_bytes(values[1:3], "big"), int.from_bytes(values[3:], "big")
        if start >= self.flash.capacity:
            return Reply(BAD_PAGE)
        wanted = self._slots.get(values[0], b"")
        best, page = self.flash.most_alike(wanted, start, count)
        self._hit = best >= fingers.LEAST_SCORE[self.flash.security]
        if not self._hit:
            self._truth({"event": "not_matched", "score": best})
            return Reply(NOT_FOUND, bytes(4))
        self._truth({"event": "matched", "page": page, "score": best})
        return Reply(OK, page.to_bytes(2, "big") + best.to_bytes(2, "big"))

    def _delete(self, values: bytes) -> Reply:
        page, count = int.from_bytes(values[:2], "big"), int.from_bytes(values[2:], "big")
        if not 1 <= count <= self.flash.capacity - page or self._flash_fails():
            return Reply(NOT_DELETED)
        gone = self.flash.delete(page, count)
        self._truth({"event": "deleted", "pages": gone})
        return Reply()

    def _empty(self, _: bytes) -> Reply:
        if self._flash_fails():
            return Reply(NOT_EMPTIED)
        gone = sorted(self.flash.pages)
        self.flash.pages.clear()
        self._truth({"event": "emptied", "pages": gone})
        return Reply()

    def _template_num(self, _: bytes) -> Reply:
        return Reply(OK, len(self.flash.pages).to_bytes(2, "big"))

    def _read_index(self, values: bytes) -> Reply:
        if values[0] > _LAST_INDEX:
            return Reply(BAD_PAGE)
        return Reply(OK, self.flash.index(values[0]))

    # --- transfer

    def _up_char(self, values: bytes) -> Reply:
        if values[0] not in self._slots:
            return Reply(NOTHING_TO_UPLOAD)
        return Reply(upload=self._slots[values[0]])

    def _up_image(self, _: bytes) -> Reply:
        return Reply(upload=self._image) if self._image else Reply(NO_IMAGE_TO_UPLOAD)

    def _down_char(self, values: bytes) -> Reply:
        self._slots.pop(values[0], None)
        return self._receive_into(values[0])

    def _down_image(self, _: bytes) -> Reply:
        self._image = b""
        return self._receive_into("image")

    def _receive_into(self, what: str | int) -> Reply:
        self._receiving = what
        self._received.clear()
        return Reply()

    # --- system

    def _set_parameter(self, values: bytes) -> Reply:
        name, least, most = REGISTERS.get(values[0], ("", 1, 0))
        if not least <= values[1] <= most:
            return Reply(INVALID_REGISTER)
        return self._keep(name, values[1])

    def _read_parameters(self, _: bytes) -> Reply:
        """Status bits: 1 last finger matched, 2 password given, 3 image there."""
        status = self._hit << 1 | self._verified << 2 | bool(self._image) << 3
        return Reply(OK, self.flash.parameters(status))

    def _set_password(self, values: bytes) -> Reply:
        """Whoever may set it need not give it again before the next start."""
        reply = self._keep("password", int.from_bytes(values, "big"), secret=True)
        self._verified |= reply.code == OK
        return reply

    def _verify_password(self, values: bytes) -> Reply:
        self._verified = int.from_bytes(values, "big") == self.flash.password
        self._truth({"event": "password", "right": self._verified})
        return Reply(OK if self._verified else WRONG_PASSWORD)

    def _set_address(self, values: bytes) -> Reply:
        return self._keep("address", int.from_bytes(values, "big"))

    def _keep(self, name: str, value: int, secret: bool = False) -> Reply:
        if self._flash_fails():
            return Reply(FLASH_ERROR)
        setattr(self.flash, name, value)
        shown = {} if secret else {"value": value}
        self._truth({"event": "parameter", "name": name, **shown})
        return Reply()

    def _light(self, values: bytes) -> Reply:
        names = ("control", "speed", "colour", "times")
        self._truth({"event": "light", **dict(zip(names, values, strict=True))})
        return Reply()

    def _flash_fails(self) -> bool:
        return "flash_error" in self._faults

    def _random(self, _: bytes) -> Reply:
        return Reply(OK, self._chance.randbytes(4))


# Code of the command -> how many bytes of parameters, and what is done.
_COMMANDS: Mapping[int, tuple[int, Callable[[Module, bytes], Reply]]] = {
    GEN_IMG: (0, Module._gen_img),
    0x02: (1, Module._img_2_tz),
    0x03: (0, Module._match),
    0x04: (5, Module._search),
    0x05: (0, Module._reg_model),
    0x06: (3, Module._store),
    0x07: (3, Module._load),
    0x08: (1, Module._up_char),
    0x09: (1, Module._down_char),
    0x0A: (0, Module._up_image),
    0x0B: (0, Module._down_image),
    0x0C: (4, Module._delete),
    0x0D: (0, Module._empty),
    0x0E: (2, Module._set_parameter),
    0x0F: (0, Module._read_parameters),
    0x12: (4, Module._set_password),
    VERIFY_PASSWORD: (4, Module._verify_password),
    0x14: (0, Module._random),
    0x15: (4, Module._set_address),
    0x1B: (5, Module._search),
    0x1D: (0, Module._template_num),
    0x1F: (1, Module._read_index),
    0x35: (4, Module._light),
    SOFT_RESET: (0, lambda module, _: Reply()),
    0x53: (0, lambda module, _: Reply(module._echo_code)),
}
_WITH_SLOT = (0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x1B)
