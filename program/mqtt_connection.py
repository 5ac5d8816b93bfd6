"""One MQTT connection, from the knock to its end, seen from asyncio.

paho-mqtt does the protocol in a thread of its own; every call-back given here runs on the event loop.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from program.broker import BrokerAddress
from program.in_flight import InFlight, Message

_PAHO_LOG = logging.getLogger("paho")
KEEPALIVE_S = 15  # a half-open line is noticed after 1.5 times this
CONNECT_S = 2.0  # shorter than the patience of whoever ends the program
ANSWER_S = 3.0  # to our connect, once the line is open
ANY_NUMBER = 65_535  # messages at once, where a broker names no limit (MQTT 5 section 3.2.2.3.3)
SESSION_TAKEN_OVER = 0x8E  # section 3.14.2.1
DISCONNECT_WITH_WILL = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what the broker says. Answers come with their reason code and its words."""

    accepted: Callable[[Any], None]
    message: Callable[[Message], None]
    published: Callable[[Message, int, str], None]
    subscribed: Callable[[str, int, str], None]


class Connection:
    """`accepted` stays true after the end; `other_version`: the broker may know only another version of MQTT;
    `taken_over`: somebody else with our client id has come; `ended_here`: by `end`."""

    def __init__(
        self,
        address: BrokerAddress,
        version: int,
        *,
        client_id: str,
        will: Message | None,
        tls: ssl.SSLContext | None,
        ears: Ears,
    ) -> None:
        self._address = address
        self._ears = ears
        self._shows_tls = tls is not None
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._in_flight = InFlight(self._send, ANY_NUMBER)
        self._asked: dict[int, str] = {}  # packet -> topic of a subscription without an answer
        self._client = _new_client(address, MQTTProtocolVersion(version), client_id, will, tls)
        self._bind()
        self.accepted = self.other_version = self.taken_over = self.ended_here = False

    @property
    def open(self) -> bool:
        return self.accepted and not self._ended.done()

    def publish(self, message: Message) -> bool:
        """At QoS 1, now or in its turn. False when it is not taken."""
        return self.open and self._in_flight.put(message)

    def subscribe(self, topic: str) -> None:
        _, packet = self._client.subscribe(topic, 1)
        if packet is not None:
            self._asked[packet] = topic

    def unsubscribe(self, topic: str) -> None:
        self._client.unsubscribe(topic)

    def end(self, last_word: Message | None = None) -> None:
        """Say goodbye, so that the broker does not speak the last will; where it takes no more words, it shall."""
        if not self.open:
            return
        silenced = last_word is not None and self._in_flight.full
        if last_word is not None and not silenced:
            self._in_flight.put(last_word)
        self._client.disconnect(DISCONNECT_WITH_WILL if silenced else None)
        self.ended_here = True
        self._end("it was ended here")

    async def live(self) -> str:
        """From the knock to the end; why it ended."""
        try:
            await asyncio.to_thread(
                self._client.connect, self._address.host, self._address.port, KEEPALIVE_S
            )
        except (OSError, ValueError) as error:
            self._end(str(error))
            return str(error)
        self._client.loop_start()
        patience = self._loop.call_later(ANSWER_S, self._unanswered)
        try:
            return await self._ended
        finally:
            patience.cancel()
            self._end("it was given up")
            if self._client.is_connected():
                self._client.disconnect()
            await asyncio.to_thread(self._client.loop_stop)

    def _send(self, message: Message) -> int | None:
        info = self._client.publish(message.topic, message.payload, 1, message.retain)
        return info.mid if info.rc == 0 else None

    def _bind(self) -> None:
        """paho's call-backs, each carried over to the event loop."""

        def soon(call: Callable[..., None], *told: Any) -> None:
            self._loop.call_soon_threadsafe(call, *told)

        def on_message(_c: Any, _u: Any, message: paho.MQTTMessage) -> None:
            received = Message(message.topic, bytes(message.payload), bool(message.retain))
            soon(self._ears.message, received)

        client = self._client
        client.on_connect = lambda _c, _u, _f, reason, told: soon(self._answered, reason, told)
        client.on_disconnect = lambda _c, _u, _f, reason, _p: soon(self._hung_up, reason)
        client.on_publish = lambda _c, _u, packet, reason, _p: soon(self._taken, packet, reason)
        client.on_subscribe = lambda _c, _u, packet, all_, _p: soon(self._granted, packet, all_[0])
        client.on_message = on_message

    def _answered(self, reason: Any, told: Any) -> None:
        """CONNACK."""
        if reason.is_failure:
            self.other_version = "protocol version" in str(reason).lower()
            self._end(f"the broker refuses: {reason}")
        elif not self._ended.done():
            self._in_flight = InFlight(self._send, getattr(told, "ReceiveMaximum", ANY_NUMBER))
            self.accepted = True
            self._ears.accepted(self)

    def _taken(self, packet: int, reason: Any) -> None:
        """PUBACK."""
        message = self._in_flight.answered(packet)
        if message is not None and self.open:
            self._ears.published(message, reason.value, str(reason))

    def _granted(self, packet: int, reason: Any) -> None:
        """SUBACK."""
        topic = self._asked.pop(packet, None)
        if topic is not None and self.open:
            self._ears.subscribed(topic, reason.value, str(reason))

    def _hung_up(self, reason: Any) -> None:
        """Disconnected, or no answer to our connect: some brokers are silent on a version they do
        not know, or hang up."""
        if not self._ended.done():
            self.other_version = not self.accepted
            self.taken_over = getattr(reason, "value", 0) == SESSION_TAKEN_OVER
        if self._shows_tls and not self.accepted:
            reason = f"{reason}; it may not accept our certificate"
        self._end(f"the connection ended: {reason}")

    def _unanswered(self) -> None:
        if not self.accepted:
            self._hung_up("it does not answer")

    def _end(self, why: str) -> None:
        if not self._ended.done():
            self._ended.set_result(why)


def _new_client(
    address: BrokerAddress,
    protocol: MQTTProtocolVersion,
    client_id: str,
    will: Message | None,
    tls: ssl.SSLContext | None,
) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=protocol,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_S
    client.max_inflight_messages = 0  # ours is in_flight.py
    client.suppress_exceptions = True  # one bad call-back must not end paho's thread silently
    _PAHO_LOG.addFilter(_not_the_last_gasp)
    client.enable_logger(_PAHO_LOG)
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if tls is not None:
        client.tls_set_context(tls)
    if will is not None:
        client.will_set(will.topic, will.payload, 1, will.retain)
    return client


def _not_the_last_gasp(record: logging.LogRecord) -> bool:
    """paho's thread scolds when we disconnect on purpose while it waits."""
    return "Client is not connected" not in record.getMessage()
