"""One MQTT connection that comes back by itself, seen from asyncio.

MQTT 5, falling back to 3.1.1 when the broker knows no better. paho-mqtt does the protocol in a thread of
its own; every call-back given here runs on the event loop. Nothing is queued while disconnected: what
must not be lost is kept by the two ends and sent again.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from program.back_off import pauses
from program.in_flight import InFlight, Message
from program.line_state import LineState
from program.refusals import Refusals
from program.settings_file import SettingsError

log = logging.getLogger(__name__)

_PAHO_LOG = logging.getLogger("paho")
KEEPALIVE_S = 15  # a half-open line is noticed after 1.5 times this
CONNECT_S = 2.0  # shorter than the patience of whoever ends the program
ANSWER_S = 3.0  # to our connect, once the line is open
AGAIN_S = 15.0  # what was refused is tried again: the broker's rules may have been put right
ANY_NUMBER = 65_535  # messages at once, where a broker names no limit (MQTT 5 section 3.2.2.3.3)
DISCONNECT_WITH_WILL = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is; `mqtts` checks its certificate against the machine's authorities."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """'mqtt://user:password@host:1883'. Raises SettingsError."""
        try:
            parts = urlsplit(url)
            usual = DEFAULT_PORTS[parts.scheme]
            port = parts.port or usual
        except (KeyError, ValueError):
            parts, port = urlsplit(""), 0
        if not parts.hostname:
            raise SettingsError(
                f"section [broker]: key 'url': '{url}'; expected mqtt://HOST:PORT or mqtts://HOST:PORT"
            )
        return cls(parts.hostname, port, parts.scheme == "mqtts", parts.username, parts.password)


class MqttLink:
    """Call `run()` as a task. `will()` is asked for before every connection. `one_reader`: all that is sent is for
    one reader, so that a message without a subscriber tells that it is away."""

    def __init__(
        self,
        broker: BrokerAddress,
        *,
        client_id: str,
        subscriptions: Sequence[str],
        on_connected: Callable[[], None],
        on_message: Callable[[Message], None],
        will: Callable[[], Message] | None,
        state: LineState,
        one_reader: bool,
        random: Random,
    ) -> None:
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = subscriptions
        self._on_connected = on_connected
        self._on_message = on_message
        self._will = will
        self._random = random
        self._refusals = Refusals(state, one_reader=one_reader)
        self._in_flight: InFlight | None = None
        self._asked: dict[int, str] = {}  # packet -> topic of a subscription without an answer
        self._protocol = MQTTProtocolVersion.MQTTv5
        self._client: paho.Client | None = None
        self._said_lost = False
        self._leaving = False
        self.connected = False

    def publish(self, message: Message) -> bool:
        """Hand a message to the broker at QoS 1. False when there is no connection: it is gone."""
        if not self.connected or self._in_flight is None:
            return False
        return self._in_flight.put(message)

    def leave(self, last_word: Message | None = None) -> None:
        """Say goodbye, so that the broker does not speak the last will; where it takes no more words, it shall."""
        self._leaving = True
        client, in_flight = self._client, self._in_flight
        if client is None or in_flight is None or not self.connected:
            return
        silenced = in_flight.full and last_word is not None
        if last_word is not None and not silenced:
            in_flight.put(last_word)
        self.connected = False
        client.disconnect(DISCONNECT_WITH_WILL if silenced else None)

    async def run(self) -> None:
        """Connect, stay, and connect again, until cancelled or told to leave."""
        again = asyncio.get_running_loop().create_task(self._try_again())
        try:
            await self._stay()
        finally:
            again.cancel()

    async def _stay(self) -> None:
        waits = pauses(0.5, 15.0, self._random)
        while not self._leaving:
            protocol = self._protocol
            was_connected, why = await self._one_connection()
            if was_connected:
                waits = pauses(0.5, 15.0, self._random)
            if self._leaving:
                return
            if protocol is MQTTProtocolVersion.MQTTv5 and self._protocol is not protocol:
                continue  # the older version is tried at once
            self._say_lost(why)
            await asyncio.sleep(next(waits))

    async def _one_connection(self) -> tuple[bool, str]:
        """Live through one connection; whether it was accepted, and why it ended."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[tuple[bool, str]] = loop.create_future()
        client = self._new_client(loop, ended)
        try:
            await asyncio.to_thread(
                client.connect, self._broker.host, self._broker.port, KEEPALIVE_S
            )
        except (OSError, ValueError) as error:
            return False, str(error)
        client.loop_start()
        self._client = client
        patience = loop.call_later(ANSWER_S, self._unanswered, ended)
        try:
            return await ended
        finally:
            patience.cancel()
            self.connected = False
            self._client = self._in_flight = None
            if client.is_connected():
                client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def _new_client(
        self, loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[tuple[bool, str]]"
    ) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=self._protocol,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages = 0  # ours is in_flight.py
        client.suppress_exceptions = True  # one bad call-back must not end paho's thread silently
        _PAHO_LOG.addFilter(_not_the_last_gasp)
        client.enable_logger(_PAHO_LOG)
        if self._broker.user is not None:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.tls:
            client.tls_set_context(ssl.create_default_context())
        if self._will is not None:
            will = self._will()
            client.will_set(will.topic, will.payload, 1, will.retain)
        self._bind(client, loop, ended)
        return client

    def _bind(
        self,
        client: paho.Client,
        loop: asyncio.AbstractEventLoop,
        ended: "asyncio.Future[tuple[bool, str]]",
    ) -> None:
        """paho's call-backs, each carried over to the event loop."""

        def on_connect(_c: Any, _u: Any, _f: Any, reason: Any, told: Any) -> None:
            at_once = getattr(told, "ReceiveMaximum", ANY_NUMBER)
            loop.call_soon_threadsafe(self._answered, client, reason, at_once, ended)

        def on_disconnect(_c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            loop.call_soon_threadsafe(self._ended, reason, ended)

        def on_message(_c: Any, _u: Any, message: paho.MQTTMessage) -> None:
            received = Message(message.topic, bytes(message.payload), bool(message.retain))
            loop.call_soon_threadsafe(self._on_message, received)

        def on_publish(_c: Any, _u: Any, packet: int, reason: Any, _p: Any) -> None:
            loop.call_soon_threadsafe(self._published, client, packet, reason)

        def on_subscribe(_c: Any, _u: Any, packet: int, reasons: Any, _p: Any) -> None:
            loop.call_soon_threadsafe(self._subscribed, client, packet, reasons[0])

        client.on_connect = on_connect
        client.on_publish = on_publish
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        client.on_message = on_message

    def _answered(
        self,
        client: paho.Client,
        reason: Any,
        at_once: int,
        ended: "asyncio.Future[tuple[bool, str]]",
    ) -> None:
        if reason.is_failure:
            if "protocol version" in str(reason).lower():
                self._fall_back()
            _set(ended, (False, f"the broker refuses: {reason}"))
            return
        if ended.done():
            return
        self._in_flight = InFlight(partial(_send, client), at_once)
        self._asked.clear()
        for topic in self._subscriptions:
            self._subscribe(client, topic)
        self.connected = True
        log.info("Connected to the broker (MQTT %s).", _name(self._protocol))
        self._said_lost = False
        self._on_connected()

    def _subscribe(self, client: paho.Client, topic: str) -> None:
        _, packet = client.subscribe(topic, 1)
        if packet is not None:
            self._asked[packet] = topic

    def _published(self, client: paho.Client, packet: int, reason: Any) -> None:
        if client is not self._client or self._in_flight is None:
            return
        message = self._in_flight.answered(packet)
        if message is not None:
            self._refusals.published(message, reason.value, str(reason))

    def _subscribed(self, client: paho.Client, packet: int, reason: Any) -> None:
        topic = self._asked.pop(packet, None)
        if client is self._client and topic is not None:
            self._refusals.subscribed(topic, reason.value, str(reason))

    async def _try_again(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_S)
            messages, topics = self._refusals.to_try_again()
            if self._client is None or not self.connected:
                continue
            for message in messages:
                self.publish(message)
            for topic in topics:
                self._subscribe(self._client, topic)

    def _ended(self, reason: Any, ended: "asyncio.Future[tuple[bool, str]]") -> None:
        """Disconnected, or no answer to our connect: some brokers are silent on a version they do
        not know, or hang up."""
        if not self.connected and not ended.done():
            self._fall_back()
        _set(ended, (self.connected, f"the connection ended: {reason}"))
        self.connected = False

    def _unanswered(self, ended: "asyncio.Future[tuple[bool, str]]") -> None:
        if not self.connected:
            self._ended("it does not answer", ended)

    def _fall_back(self) -> None:
        new = self._protocol is MQTTProtocolVersion.MQTTv5
        self._protocol = MQTTProtocolVersion.MQTTv311 if new else MQTTProtocolVersion.MQTTv5

    def _say_lost(self, why: str) -> None:
        if not self._said_lost:
            log.warning(
                "No broker at %s:%s (%s). Trying again until it is there; nothing is lost.",
                self._broker.host,
                self._broker.port,
                why,
            )
        self._said_lost = True


def _not_the_last_gasp(record: logging.LogRecord) -> bool:
    """paho's thread scolds when we disconnect on purpose while it waits."""
    return "Client is not connected" not in record.getMessage()


def _send(client: paho.Client, message: Message) -> int | None:
    info = client.publish(message.topic, message.payload, 1, message.retain)
    return info.mid if info.rc == 0 else None


def _set(ended: "asyncio.Future[tuple[bool, str]]", value: tuple[bool, str]) -> None:
    if not ended.done():
        ended.set_result(value)


def _name(protocol: MQTTProtocolVersion) -> str:
    return "5" if protocol is MQTTProtocolVersion.MQTTv5 else "3.1.1"
