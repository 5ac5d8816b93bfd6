"""Every MQTT topic, in one place: `bank/v1/{shard}/{branch}/{leaf}`."""

import re
from typing import NamedTuple
from zlib import crc32

SHARDS = 64
ROOT = "bank/v1"
FROM_BRANCH = ("birth", "queues", "health", "events", "history")
TO_BRANCH = ("ack", "command")
BRANCH_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_TOPIC = re.compile(rf"{ROOT}/(\d\d)/({BRANCH_ID})/([a-z]+)")


class BranchTopic(NamedTuple):
    """Which branch a message is from, and which of its topics it came by."""

    branch: str
    leaf: str


def shard(branch: str) -> str:
    """Two digits: CRC-32 of the branch id modulo 64."""
    return f"{crc32(branch.encode()) % SHARDS:02d}"


def topic(branch: str, leaf: str) -> str:
    """The full topic of one branch."""
    return f"{ROOT}/{shard(branch)}/{branch}/{leaf}"


def parse(name: str) -> BranchTopic:
    """The branch and leaf of a topic. Raises ValueError when it is not one of ours."""
    match = _TOPIC.fullmatch(name)
    if match is None or match[3] not in FROM_BRANCH + TO_BRANCH:
        raise ValueError(f"'{name[:100]}' is not a topic of a branch")
    if match[1] != shard(match[2]):
        raise ValueError(f"branch {match[2]} belongs to shard {shard(match[2])}, not {match[1]}")
    return BranchTopic(match[2], match[3])


def from_all_branches(leaf: str) -> str:
    """The subscription of head office for one leaf."""
    return f"{ROOT}/+/+/{leaf}"


def from_shard(number: int, leaf: str) -> str:
    """The subscription to one leaf of the branches of one shard."""
    return f"{ROOT}/{number:02d}/+/{leaf}"
