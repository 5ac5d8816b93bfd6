"""MQTT topics: `bank/v1/{shard}/{branch}/{leaf}`; shard is CRC-32 of the branch id modulo 64."""

import pytest
from hypothesis import given, strategies as st

from edge_agent import topics

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)
LEAVES = ["birth", "queues", "health", "events", "history", "ack", "command"]


def crc32_by_hand(data: bytes) -> int:
    """ISO 3309, bit by bit, without zlib."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0xEDB88320 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def test_the_shard_of_the_check_string_is_that_of_the_published_crc() -> None:
    assert topics.shard("123456789") == f"{0xCBF43926 % 64:02d}" == "38"


@given(IDS)
def test_the_shard_is_crc32_modulo_64(branch: str) -> None:
    assert int(topics.shard(branch)) == crc32_by_hand(branch.encode()) % 64


@given(IDS)
def test_the_shard_is_two_ascii_digits_of_64(branch: str) -> None:
    shard = topics.shard(branch)
    assert len(shard) == 2
    assert shard in {f"{n:02d}" for n in range(64)}


@given(IDS, st.sampled_from(LEAVES))
def test_every_topic_that_is_built_is_understood_again(branch: str, leaf: str) -> None:
    assert topics.parse(topics.topic(branch, leaf)) == (branch, leaf)


@pytest.mark.parametrize("leaf", LEAVES)
def test_the_topic_of_each_leaf_is_the_contracts(leaf: str) -> None:
    assert topics.topic("123456789", leaf) == f"bank/v1/38/123456789/{leaf}"


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "bank/v1",
        "bank/v1/38/123456789",
        "bank/v1/38/123456789/",
        "bank/v1/38/123456789/secrets",
        "bank/v1/38/123456789/events/more",
        "bank/v1/38/123456789/EVENTS",
        "bank/v2/38/123456789/events",
        "BANK/v1/38/123456789/events",
        "/bank/v1/38/123456789/events",
        "bank/v1/8/123456789/events",
        "bank/v1/038/123456789/events",
        "bank/v1/٣٨/123456789/events",
        "bank/v1/+/123456789/events",
        "bank/v1/38/+/events",
        "bank/v1/38/#",
        "$SYS/broker/version",
        "bank/v1/38/123456789/events\n",
        "\nbank/v1/38/123456789/events",
        "bank/v1/38/123456789\n/events",
        "bank/v1/38/12345 789/events",
        "bank/v1/38/../events",
        "bank/v1/38/<script>/events",
        "bank/v1/38/滨江/events",
        "bank/v1/38//events",
        "bank/v1/38/-minus/events",
        "bank/v1/38/_under/events",
        "bank/v1/38/" + "a" * 65 + "/events",
    ],
)
def test_a_foreign_topic_is_refused(foreign: str) -> None:
    with pytest.raises(ValueError, match=r"topic|shard"):
        topics.parse(foreign)


@given(IDS, st.integers(0, 99))
def test_a_branch_in_a_shard_that_is_not_its_own_is_refused(branch: str, shard: int) -> None:
    if shard == crc32_by_hand(branch.encode()) % 64:
        return
    with pytest.raises(ValueError, match="shard"):
        topics.parse(f"bank/v1/{shard:02d}/{branch}/events")


@given(st.text())
def test_no_text_makes_parse_do_anything_but_answer_or_refuse(text: str) -> None:
    try:
        branch, leaf = topics.parse(text)
    except ValueError:
        return
    assert topics.topic(branch, leaf) == text


@pytest.mark.parametrize("leaf", LEAVES)
def test_head_office_listens_to_a_leaf_of_all_branches(leaf: str) -> None:
    assert topics.from_all_branches(leaf) == f"bank/v1/+/+/{leaf}"
