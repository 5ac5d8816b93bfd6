"""What head office sends down, signed: configurations and messages, and what a branch says of its configuration."""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, field

from edge_agent.messages.shapes import Asked, Language, Moment, Shape

ConfigState = Literal["", "waiting", "trying", "running", "refused", "rolled_back"]
Version = Annotated[int, Meta(ge=1, le=2**53)]
NoticeId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Where = Literal["hall", "counter"]
LARGEST = 256 * 1024  # characters of a document; a branch with 60 services has about 20 kB
LONGEST_NOTICE = 120  # characters: what a line of the wall display holds
NoticeText = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_NOTICE, pattern=r"^[^\x00-\x1f\x7f]+\Z")
]


class ConfigDocument(Asked, frozen=True, tag_field="kind", tag="config"):
    """What is signed, for one branch. `contents` are sections of branch.toml that stand instead of the branch's own.
    `when`: as soon as it is safe, or once the branch has closed; never before `not_before`."""

    version: Version
    branch: str
    contents: Annotated[str, Meta(max_length=LARGEST)]
    when: Literal["now", "closed"] = "now"
    not_before: Moment | None = None


class NoticeDocument(Asked, frozen=True, tag_field="kind", tag="notice"):
    """A message to customers in the hall, or to staff at the counters, for one branch; it ends by itself."""

    id: NoticeId
    branch: str
    begins: Moment = field(name="from")
    until: Moment
    words: Annotated[Mapping[Language, NoticeText], Meta(min_length=1, max_length=8)]
    where: Annotated[list[Where], Meta(min_length=1, max_length=2)]
    urgent: bool = False


class WithdrawalDocument(Asked, frozen=True, tag_field="kind", tag="withdrawal"):
    """That message is over now; `until` is its own, after which nobody need remember this."""

    id: NoticeId
    branch: str
    until: Moment


Document = ConfigDocument | NoticeDocument | WithdrawalDocument


class Notice(Shape, frozen=True):
    """As pages show it; head office is told the `id` only."""

    id: str
    begins: Moment = field(name="from")
    until: Moment
    words: Mapping[str, str] = {}
    where: list[str] = []
    urgent: bool = False


class OfConfig(Shape, frozen=True):
    """`config_version` is what really runs; 0 is the branch's own file alone. `config_state` and `config_reason` are of
    the version `config_about`, the last one that the branch has heard of."""

    config_version: int = 0
    config_about: int = 0
    config_state: ConfigState = ""
    config_reason: str = ""
