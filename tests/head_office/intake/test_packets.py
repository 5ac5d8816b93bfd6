"""MQTT packets, by the examples and rules of the two standards: however they are cut, whatever garbage comes."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from program import mqtt_packets as mqtt
from program.in_flight import Message
from program.mqtt_packets import MQTT_5, MQTT_311, Malformed, Splitter

versions = pytest.mark.parametrize("version", [MQTT_5, MQTT_311])
TOPIC = b"\x00\x03a/b"


def nobody(_packet: int) -> None:
    raise AssertionError("nobody gives a receipt here")


def read(version: int, data: bytes) -> list[Message]:
    return [mqtt.message_in(version, first, body, nobody) for first, body in Splitter().feed(data)]


def cuts(data: bytes, at: list[int]) -> Iterator[bytes]:
    places = sorted({min(place, len(data)) for place in at} | {0, len(data)})
    return (data[a:b] for a, b in pairwise(places))


def test_a_connect_is_the_bytes_of_the_standard() -> None:
    """3.1.1 section 3.1.2: the fixed part of the header, then identifier, will, user and password in this order."""
    will = Message("w", b"gone", retain=True)
    packet = mqtt.connect(MQTT_311, "me", 15, will, "u", "p")
    assert packet == (
        b"\x10\x1d\x00\x04MQTT\x04\xee\x00\x0f"
        + b"\x00\x02me\x00\x01w\x00\x04gone\x00\x01u\x00\x01p"
    )


def test_a_connect_of_the_newer_version_says_what_it_takes() -> None:
    """5.0 section 3.1.2.11.4: maximum packet size, 0x27."""
    assert (
        mqtt.connect(MQTT_5, "", 15)
        == b"\x10\x12\x00\x04MQTT\x05\x02\x00\x0f\x05\x27\x01\x00\x00\x00\x00\x00"
    )


@versions
@pytest.mark.parametrize("size", [0, 1, 120, 127, 128, 16_383, 16_384, 2_097_152])
def test_what_is_published_is_read_again(version: int, size: int) -> None:
    sent = Message("bank/v1/00/one/events", b"x" * size, retain=size % 2 == 1)
    (got,) = read(version, mqtt.publish(version, sent, 65_535))
    assert got.receipt is not None
    assert (got._replace(receipt=None), got.receipt.packet) == (sent, 65_535)


def test_a_message_without_acknowledgement_has_no_receipt() -> None:
    (got,) = read(MQTT_5, b"\x30\x08" + TOPIC + b"\x00hi")
    assert got == Message("a/b", b"hi")


def test_properties_of_a_message_are_passed_over() -> None:
    """5.0 section 3.3.2.3: a user property and a content type."""
    properties = b"\x26\x00\x01k\x00\x01v\x03\x00\x04json"
    body = TOPIC + b"\x00\x07" + bytes([len(properties)]) + properties + b"{}"
    (got,) = read(MQTT_5, bytes([0x32, len(body)]) + body)
    assert got.payload == b"{}"


@versions
@given(
    sent=st.lists(st.tuples(st.text(max_size=300), st.binary(max_size=400)), max_size=6),
    at=st.lists(st.integers(0, 4000), max_size=30),
)
def test_however_the_stream_is_cut_the_messages_are_the_same(
    version: int, sent: list[tuple[str, bytes]], at: list[int]
) -> None:
    sent = [(topic.encode("utf-8", "ignore").decode(), payload) for topic, payload in sent]
    stream = b"".join(mqtt.publish(version, Message(t, p), 7) for t, p in sent)
    splitter, got = Splitter(), []
    for part in cuts(stream, at):
        got += [mqtt.message_in(version, *packet, nobody) for packet in splitter.feed(part)]
    assert [(one.topic, one.payload) for one in got] == sent


@versions
def test_every_single_cut_of_every_kind_of_packet(version: int) -> None:
    none = b"\x00" if version == MQTT_5 else b""
    suback = b"\x90" + bytes([3 + len(none)]) + b"\x00\x09" + none + b"\x01"
    packets = [
        b"\x20" + bytes([2 + len(none)]) + b"\x00\x00" + none,
        mqtt.publish(version, Message("t", b"p" * 200), 1),
        mqtt.puback(3), suback, b"\xd0\x00", b"\xe0\x01\x8e",
    ]  # fmt: skip
    stream = b"".join(packets)
    for cut in range(1, len(stream)):
        splitter = Splitter()
        found = [*splitter.feed(stream[:cut]), *splitter.feed(stream[cut:])]
        assert [first for first, _ in found] == [packet[0] for packet in packets]
        assert [len(body) for _, body in found] == [
            2 + len(none),
            *[len(p) - (3 if len(p) > 129 else 2) for p in packets[1:]],
        ]


@versions
@given(st.binary(max_size=300))
def test_garbage_is_malformed_or_nothing_and_never_another_error(version: int, data: bytes) -> None:
    readers = (
        lambda first, body: mqtt.message_in(version, first, body, nobody),
        lambda _first, body: mqtt.connack_in(version, body),
        lambda _first, body: mqtt.suback_in(version, body),
        lambda _first, body: mqtt.answer_in(body),
        lambda _first, body: mqtt.farewell_in(body),
    )
    try:
        packets = list(Splitter().feed(data))
    except Malformed:
        packets = []
    for first, body in [*packets, (data[0] if data else 0, data[1:])]:
        for reader in readers:
            with suppress(Malformed):
                reader(first, body)


@pytest.mark.parametrize(
    "length",
    [b"\xff\xff\xff\xff\x01", b"\xff\xff\xff\x7f"],
    ids=["five bytes", "more than we take"],
)
def test_a_length_that_cannot_be_is_refused_at_once(length: bytes) -> None:
    """Section 1.5.5: at most four bytes."""
    with pytest.raises(Malformed):
        list(Splitter().feed(b"\x32" + length))


def test_what_the_broker_takes_at_once_is_read_among_other_properties() -> None:
    """5.0 section 3.2.2.3: session expiry, receive maximum, an assigned identifier, keep-alive, a reason in words."""
    properties = b"\x11\x00\x00\x00\x05\x21\x00\x0a\x12\x00\x02id\x13\x00\x05\x1f\x00\x02ok\x28\x01"
    answer = mqtt.connack_in(MQTT_5, b"\x00\x00" + bytes([len(properties)]) + properties)
    assert (answer.code, answer.most, answer.keep_alive_s) == (0, 10, 5)


def test_an_older_broker_that_refuses_the_newer_version_is_understood() -> None:
    """3.1.1 section 3.2.2.3: 0x01, unacceptable protocol version; it sends no properties."""
    assert mqtt.connack_in(MQTT_5, b"\x00\x01").code == 1


@pytest.mark.parametrize("code", [0, 0x10, *range(0x80, 0xA3)])
def test_every_reason_has_words(code: int) -> None:
    assert mqtt.reason(code)
