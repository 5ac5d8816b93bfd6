"""MQTT packets as bytes, for a client that sends and hears at QoS 1. Pure.

MQTT 5.0 (OASIS, 7 March 2019), and 3.1.1 (29 October 2014), which has no properties and fewer reasons. Sections
are those of 5.0.
"""

from collections.abc import Callable, Iterator
from struct import pack
from typing import NamedTuple

from program.in_flight import Message, Receipt

MQTT_5, MQTT_311 = 5, 4  # protocol version, section 3.1.2.2
CONNACK, PUBLISH, PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 9, 11, 13, 14
PINGREQ = b"\xc0\x00"
LARGEST = 16 * 1024 * 1024  # bytes of a packet that we take; the broker is told
RECEIVE_MAXIMUM, SERVER_KEEP_ALIVE, MAXIMUM_PACKET_SIZE = 0x21, 0x13, 0x27
# identifier -> bytes of a value of fixed length, section 2.2.2.2
FIXED = {
    0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1,
    0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1,
}  # fmt: skip
STRINGS = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
PAIR, VARIABLE = 0x26, 0x0B
REASONS = {
    0x00: "Success",
    0x01: "Unacceptable protocol version",  # 3.1.1, as up to 0x05
    0x02: "Identifier rejected",
    0x03: "Server unavailable",
    0x04: "Bad user name or password",
    0x05: "Not authorized",
    0x10: "No matching subscribers",
    0x80: "Unspecified error",
    0x81: "Malformed packet",
    0x82: "Protocol error",
    0x83: "Implementation specific error",
    0x84: "Unsupported protocol version",
    0x85: "Client identifier not valid",
    0x86: "Bad user name or password",
    0x87: "Not authorized",
    0x88: "Server unavailable",
    0x89: "Server busy",
    0x8A: "Banned",
    0x8B: "Server shutting down",
    0x8D: "Keep alive timeout",
    0x8E: "Session taken over",
    0x8F: "Topic filter invalid",
    0x90: "Topic name invalid",
    0x91: "Packet identifier in use",
    0x93: "Receive maximum exceeded",
    0x95: "Packet too large",
    0x96: "Message rate too high",
    0x97: "Quota exceeded",
    0x98: "Administrative action",
    0x99: "Payload format invalid",
    0x9A: "Retain not supported",
    0x9B: "QoS not supported",
    0x9C: "Use another server",
    0x9D: "Server moved",
    0x9E: "Shared subscriptions not supported",
    0x9F: "Connection rate exceeded",
    0xA2: "Wildcard subscriptions not supported",
}


class Malformed(ValueError):
    """The other end does not speak MQTT as it is written."""


class Answer(NamedTuple):
    """CONNACK. `most`: messages that the broker takes at once; `keep_alive_s`: where it insists on another."""

    code: int
    most: int = 65_535
    keep_alive_s: int | None = None


def reason(code: int) -> str:
    return REASONS.get(code, f"reason 0x{code:02x}")


# --- what we send ---------------------------------------------------------------------------------


def connect(
    version: int,
    client_id: str,
    keep_alive_s: int,
    will: Message | None = None,
    user: str | None = None,
    password: str | None = None,
) -> bytes:
    """With a clean start: what must not be lost is kept by the two ends."""
    flags, rest = 0x02, _text(client_id)
    if will is not None:
        flags |= 0x04 | 0x08 | (0x20 if will.retain else 0)  # at QoS 1
        rest += _no_properties(version) + _text(will.topic) + _binary(will.payload)
    if user is not None:
        flags |= 0x80
        rest += _text(user)
    if password is not None:
        flags |= 0x40
        rest += _text(password)
    ours = pack("!BBL", 5, MAXIMUM_PACKET_SIZE, LARGEST) if version == MQTT_5 else b""
    head = _text("MQTT") + pack("!BBH", version, flags, keep_alive_s) + ours
    return _packet(0x10, head + rest)


def publish(version: int, message: Message, packet: int) -> bytes:
    """At QoS 1."""
    head = _text(message.topic) + pack("!H", packet) + _no_properties(version)
    return _packet(0x33 if message.retain else 0x32, head + message.payload)


def subscribe(version: int, topic: str, packet: int) -> bytes:
    """At QoS 1. Messages that come by it tell only whether they are the broker's memory."""
    return _packet(0x82, pack("!H", packet) + _no_properties(version) + _text(topic) + b"\x01")


def unsubscribe(version: int, topic: str, packet: int) -> bytes:
    return _packet(0xA2, pack("!H", packet) + _no_properties(version) + _text(topic))


def puback(packet: int) -> bytes:
    """Success, in both versions."""
    return pack("!BBH", 0x40, 2, packet)


def disconnect(version: int, *, with_will: bool = False) -> bytes:
    return b"\xe0\x01\x04" if with_will and version == MQTT_5 else b"\xe0\x00"


# --- what we hear ---------------------------------------------------------------------------------


class Splitter:
    """Bytes as they come -> packets: the first byte and the rest of each. Raises Malformed."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Every packet that is whole now. Whoever stops early loses the others."""
        data = self._rest + data if self._rest else data
        at, end = 0, len(data)
        while at + 2 <= end:
            size, body = data[at + 1], at + 2
            if size >= 0x80:  # 7 bits a byte, section 1.5.5
                found = _long(data, at + 1)
                if found is None:
                    break
                size, body = found
                if size > LARGEST:
                    raise Malformed(f"a packet of {size} bytes")
            if body + size > end:
                break
            yield data[at], data[body : body + size]
            at = body + size
        self._rest = data[at:]


def message_in(version: int, first: int, body: bytes, take: Callable[[int], None]) -> Message:
    """PUBLISH; where it wants an answer, its receipt goes to `take`. Raises Malformed."""
    topic_end = at = 2 + int.from_bytes(body[:2], "big")
    receipt = None
    if first & 0x06:
        packet = int.from_bytes(body[at : at + 2], "big")
        at += 2
        if packet == 0 or first & 0x04:
            raise Malformed("a message without a number, or at QoS 2")
        receipt = Receipt(take, packet)
    if version == MQTT_5:
        size, at = _need(_long(body, at))
        at += size
    if at > len(body):
        raise Malformed("a message that ends early")
    try:
        topic = body[2:topic_end].decode()
    except UnicodeDecodeError as error:
        raise Malformed("a topic that is not UTF-8") from error
    return Message(topic, body[at:], bool(first & 0x01), receipt)


def connack_in(version: int, body: bytes) -> Answer:
    """Raises Malformed."""
    if len(body) < 2:
        raise Malformed("an answer to our connect that ends early")
    if version != MQTT_5 or len(body) == 2:  # so answers a broker that knows only the older one
        return Answer(body[1])
    told = dict(_properties(body, 2))
    most = told.get(RECEIVE_MAXIMUM, 65_535)
    if most == 0:
        raise Malformed("a receive maximum of nought")  # section 3.2.2.3.3
    return Answer(body[1], most, told.get(SERVER_KEEP_ALIVE))


def answer_in(body: bytes) -> tuple[int, int]:
    """PUBACK: the packet's number and the reason. Raises Malformed."""
    if len(body) < 2:
        raise Malformed("an answer that ends early")
    return body[0] << 8 | body[1], body[2] if len(body) > 2 else 0


def suback_in(version: int, body: bytes) -> tuple[int, int]:
    """The packet's number and the reason for its one topic. Raises Malformed."""
    at = 2
    if version == MQTT_5:
        size, at = _need(_long(body, 2))
        at += size
    if len(body) <= at:
        raise Malformed("an answer to a subscription that ends early")
    return body[0] << 8 | body[1], body[at]


def farewell_in(body: bytes) -> int:
    """DISCONNECT from the broker: its reason."""
    return body[0] if body else 0


def _properties(body: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Those that are one number. Raises Malformed."""
    size, at = _need(_long(body, at))
    end = at + size
    while at < end:
        name, at = body[at] if at < len(body) else -1, at + 1
        if name in FIXED:
            yield name, int.from_bytes(body[at : at + FIXED[name]], "big")
            at += FIXED[name]
        elif name == VARIABLE:
            _, at = _need(_long(body, at))
        elif name in STRINGS or name == PAIR:
            for _ in range(2 if name == PAIR else 1):
                at += 2 + int.from_bytes(body[at : at + 2], "big")
        else:
            raise Malformed("a property that nobody knows")
    if at != end or end > len(body):
        raise Malformed("properties that end elsewhere than they say")


def _long(data: bytes, at: int) -> tuple[int, int] | None:
    """A number of 1 to 4 bytes and where it ends; None while it is not whole. Raises Malformed."""
    value = 0
    for place in range(4):
        if at + place >= len(data):
            return None
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise Malformed("a length of more than four bytes")


def _need(found: tuple[int, int] | None) -> tuple[int, int]:
    if found is None:
        raise Malformed("a packet that ends early")
    return found


def _packet(first: int, rest: bytes) -> bytes:
    size, length = len(rest), b""
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([first]) + length + bytes([size]) + rest


def _no_properties(version: int) -> bytes:
    return b"\x00" if version == MQTT_5 else b""


def _text(text: str) -> bytes:
    return _binary(text.encode())


def _binary(data: bytes) -> bytes:
    return pack("!H", len(data)) + data
