"""What the kiosk and the process of one check tell each other: MessagePack, each message after its length in four bytes.

Nothing here loads more than msgspec: the kiosk's own process knows no picture of a face but the one it is shown to mirror.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from devices.camera.settings import Camera
from edge_agent.messages import IdentityCheck
from kiosk.settings import Identity, Templates

LONGEST = 4 * 1024 * 1024  # bytes of a message: a mirror's picture, or an ID card's photo
Method = Literal["face", "fingerprint"]


class Told(msgspec.Struct, frozen=True, tag=True):
    pass


# --- the kiosk tells ------------------------------------------------------------------------------


class Begin(Told, frozen=True):
    """`customer`: the card's pseudonym. `photo`, `prints`: of an ID card, as they were read. `folder`: the kiosk's own. `patience_s`: with
    a face, for one try. `used`: how often this customer has tried on this visit already."""

    method: Method
    customer: str
    folder: str
    identity: Identity
    camera: Camera | None = None
    templates: Templates | None = None
    photo: bytes = b""
    prints: bytes = b""
    patience_s: float = 15.0
    used: int = 0


class Again(Told, frozen=True):
    """The customer tries once more. That they go another way is told by the end of the pipe."""


class FingerWanted(Told, frozen=True):
    """What the module wants now."""

    word: str


class FingerJudged(Told, frozen=True):
    """How the module's look ended; words as in finger.py."""

    outcome: str
    reason: str = ""


# --- the check tells ------------------------------------------------------------------------------


class Shown(Told, frozen=True):
    """What the customer is asked now; at least once every second. `reason`: the code of the last try, for staff."""

    says: str
    icon: str = ""
    leads_on: str = ""
    progress: float = 0.0
    mirror: bool = False
    tried: bool = False
    reason: str = ""


class Mirror(Told, frozen=True):
    """What the camera sees, small: red, green, blue, rows from below."""

    width: int
    height: int
    pixels: bytes


class CameraIs(Told, frozen=True):
    """What is wrong with the camera, in its own word; nothing when it is well."""

    word: str


class VerifyFinger(Told, frozen=True):
    """The module shall look whether the finger on it is this one."""

    template: bytes


class Judged(Told, frozen=True):
    """For the journal."""

    entry: IdentityCheck


class Ended(Told, frozen=True):
    """`said`: face, fingerprint, or failed; `reason`: the code for why not. The process ends after it."""

    said: str
    reason: str = ""


FromKiosk = Begin | Again | FingerWanted | FingerJudged
FromCheck = Shown | Mirror | CameraIs | VerifyFinger | Judged | Ended
_KIOSK: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(FromKiosk)
_CHECK: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(FromCheck)


def packed(message: Told) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(4) + body


def size(head: bytes) -> int:
    """Of the message that follows. Raises ValueError."""
    length = int.from_bytes(head)
    if length > LONGEST:
        raise ValueError(f"a message of {length} bytes")
    return length


def from_kiosk(body: bytes) -> FromKiosk:
    """Raises msgspec.MsgspecError."""
    message: FromKiosk = _KIOSK.decode(body)
    return message


def from_check(body: bytes) -> FromCheck:
    """Raises msgspec.MsgspecError."""
    message: FromCheck = _CHECK.decode(body)
    return message


def read_all(read: Callable[[int], bytes]) -> bytes | None:
    """The next message's body; None at the end of the pipe. `read` may give less than it was asked for."""
    head = _exactly(read, 4)
    return None if head is None else _exactly(read, size(head))


def _exactly(read: Callable[[int], bytes], count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        more = read(count - len(data))
        if not more:
            return None
        data += more
    return data
