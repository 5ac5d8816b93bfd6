"""What a fingerprint module is asked to do, and what it tells. Templates are shown in no repr.

Template: the bytes that the module makes of a finger, 512 on most; pages are the places of its library,
from 0. Every order ends in one FingerResult; Prompt says meanwhile what the customer should do.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from devices.device import Retry


@dataclass(frozen=True, slots=True)
class Enrol:
    """Two presentations of one finger become a template; it is stored only when a page is given. `kept`: it stays in the
    module's buffer, for a Store after it."""

    retry: ClassVar[Retry] = Retry.ONCE  # with a page it leaves a mark
    job: str
    page: int | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Verify:
    """Is the finger that is presented that of the template?"""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    template: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Search:
    """Whose finger in the module's library is it? Here for completeness: the kiosk compares one finger
    with one template only."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Store:
    """What the Enrol or Load just before left in the module goes to a page."""

    retry: ClassVar[Retry] = Retry.ONCE
    job: str
    page: int


@dataclass(frozen=True, slots=True)
class Load:
    """A page into the module's buffer."""

    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    page: int


@dataclass(frozen=True, slots=True)
class Delete:
    retry: ClassVar[Retry] = Retry.ONCE
    job: str
    page: int


@dataclass(frozen=True, slots=True)
class Empty:
    """Delete the whole library."""

    retry: ClassVar[Retry] = Retry.ONCE
    job: str


@dataclass(frozen=True, slots=True)
class ReadTemplate:
    retry: ClassVar[Retry] = Retry.SAFE
    job: str
    page: int


@dataclass(frozen=True, slots=True)
class WriteTemplate:
    retry: ClassVar[Retry] = Retry.ONCE
    job: str
    page: int
    template: bytes = field(repr=False)


Order = Enrol | Verify | Search | Store | Load | Delete | Empty | ReadTemplate | WriteTemplate


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the customer should do now: placeFinger, liftFinger, placeAgain, sameFinger, clean or
    pressHarder."""

    job: str
    word: str


@dataclass(frozen=True, slots=True)
class FingerResult:
    """How an order ended.

    `completion` is XFS4IoT's: success; commandErrorCode with the cause as `detail` (noMatch, notFound,
    messyImage, …); canceled, timeOut, invalidData, sequenceError, authorisationRequired, hardwareError,
    internalError, unsupportedCommand; deviceNotReady: it was not begun. After a hardwareError or an
    internalError nobody knows whether the library has changed. A score is the module's own number,
    higher is more alike.
    """

    job: str
    completion: str
    detail: str = ""
    template: bytes | None = field(default=None, repr=False)
    page: int | None = None
    score: int | None = None
