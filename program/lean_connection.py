"""One MQTT connection for who hears very much: the same face as `mqtt_connection.Connection`, on the event loop itself.

A message costs a tenth of what paho takes (`python -m bench office`), and the broker is told that it has arrived only
when whoever heard it gives its receipt.
"""

import asyncio
import ssl
from itertools import cycle
from typing import cast

from program import mqtt_packets as mqtt
from program.broker import BrokerAddress
from program.in_flight import InFlight, Message
from program.mqtt_connection import (
    ANSWER_S,
    ANY_NUMBER,
    CONNECT_S,
    KEEPALIVE_S,
    SESSION_TAKEN_OVER,
    Ears,
)
from program.mqtt_packets import Malformed

UNKNOWN_VERSION = (0x01, 0x84)  # in 3.1.1 and in 5
A_BREATH_S = 1.0  # between two looks at the clock


class LeanConnection(asyncio.Protocol):
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
        self._version = version
        self._connect = mqtt.connect(
            version, client_id, KEEPALIVE_S, will, address.user, address.password
        )
        self._tls = tls
        self._ears = ears
        self._take = self._acknowledge
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._out = bytearray()
        self._splitter = mqtt.Splitter()
        self._in_flight = InFlight(self._send, ANY_NUMBER)
        self._numbers = cycle(range(1, ANY_NUMBER + 1))
        self._asked: dict[int, str] = {}  # packet -> topic of a subscription without an answer
        self._keep_alive_s = KEEPALIVE_S
        self._heard_at = self._said_at = self._pinged_at = self._loop.time()
        self.accepted = self.other_version = self.taken_over = self.ended_here = False

    @property
    def open(self) -> bool:
        return self.accepted and not self._ended.done()

    def publish(self, message: Message) -> bool:
        """At QoS 1, now or in its turn. False when it is not taken."""
        return self.open and self._in_flight.put(message)

    def subscribe(self, topic: str) -> None:
        packet = self._number()
        self._asked[packet] = topic
        self._say(mqtt.subscribe(self._version, topic, packet))

    def unsubscribe(self, topic: str) -> None:
        self._say(mqtt.unsubscribe(self._version, topic, self._number()))

    def end(self, last_word: Message | None = None) -> None:
        """Say goodbye, so that the broker does not speak the last will; where it takes no more words, it shall."""
        if not self.open:
            return
        silenced = last_word is not None and self._in_flight.full
        if last_word is not None and not silenced:
            self._in_flight.put(last_word)
        self._say(mqtt.disconnect(self._version, with_will=silenced))
        self._flush()
        self.ended_here = True
        self._end("it was ended here")

    async def live(self) -> str:
        """From the knock to the end; why it ended."""
        try:
            async with asyncio.timeout(CONNECT_S + ANSWER_S):
                await self._loop.create_connection(
                    lambda: self,
                    self._address.host,
                    self._address.port,
                    ssl=self._tls,
                )
        except (OSError, ValueError, TimeoutError) as error:
            self._end(str(error) or "it does not answer")
            self._transport = None  # closed by the loop, though it may have been made
            return self._ended.result()
        patience = self._loop.call_later(ANSWER_S, self._unanswered)
        watch = self._loop.create_task(self._keep_alive())
        try:
            return await self._ended
        finally:
            patience.cancel()
            watch.cancel()
            self._give_up()

    # --- what the event loop calls ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._connect)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            for first, body in self._splitter.feed(data):
                if self._ended.done():
                    break
                self._hear(first, body)
        except Malformed as error:
            self._end(f"the broker sends {error}")
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._hung_up(str(error or "") or "the broker has hung up")

    # --- what the broker says ---------------------------------------------------------------------

    def _hear(self, first: int, body: bytes) -> None:
        kind = first >> 4
        if kind == mqtt.PUBLISH and self.accepted:
            self._ears.message(mqtt.message_in(self._version, first, body, self._take))
        elif kind == mqtt.PUBACK:
            self._taken(*mqtt.answer_in(body))
        elif kind == mqtt.CONNACK and not self.accepted:
            self._answered(mqtt.connack_in(self._version, body))
        elif kind == mqtt.SUBACK:
            self._granted(*mqtt.suback_in(self._version, body))
        elif kind == mqtt.DISCONNECT:
            code = mqtt.farewell_in(body)
            self.taken_over = code == SESSION_TAKEN_OVER
            self._hung_up(mqtt.reason(code) if code else "the broker has said goodbye")
        elif kind not in (mqtt.PINGRESP, mqtt.UNSUBACK):
            raise Malformed(f"a packet of kind {kind} that nobody expects")

    def _answered(self, answer: mqtt.Answer) -> None:
        if answer.code:
            self.other_version = answer.code in UNKNOWN_VERSION
            self._end(f"the broker refuses: {mqtt.reason(answer.code)}")
            return
        self._in_flight = InFlight(self._send, answer.most)
        self._keep_alive_s = answer.keep_alive_s or KEEPALIVE_S
        self.accepted = True
        self._ears.accepted(self)

    def _taken(self, packet: int, code: int) -> None:
        message = self._in_flight.answered(packet)
        if message is not None:
            self._ears.published(message, code, mqtt.reason(code))

    def _granted(self, packet: int, code: int) -> None:
        topic = self._asked.pop(packet, None)
        if topic is not None:
            self._ears.subscribed(topic, code, mqtt.reason(code))

    def _hung_up(self, why: str) -> None:
        """Some brokers are silent on a version they do not know, or hang up."""
        if self._ended.done():
            return
        self.other_version = not self.accepted
        if self._tls is not None and not self.accepted:
            why = f"{why}; it may not accept our certificate"
        self._end(f"the connection ended: {why}")

    def _unanswered(self) -> None:
        if not self.accepted:
            self._hung_up("it does not answer")

    # --- what is said to it -----------------------------------------------------------------------

    def _send(self, message: Message) -> int | None:
        packet = self._number()
        self._say(mqtt.publish(self._version, message, packet))
        return packet

    def _acknowledge(self, packet: int) -> None:
        """A message has arrived; after the end nobody asks any more."""
        if self.open:
            self._say(mqtt.puback(packet))

    def _number(self) -> int:
        """One that is not in use (section 2.2.1)."""
        return next(
            number
            for number in self._numbers
            if number not in self._asked and not self._in_flight.waits_for(number)
        )

    def _say(self, packet: bytes) -> None:
        """With whatever else is said in this turn of the event loop."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += packet

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(bytes(self._out))
            self._said_at = self._loop.time()
        self._out.clear()

    async def _keep_alive(self) -> None:
        """A half-open line shows itself by an answer that does not come (section 3.1.2.10)."""
        while True:
            await asyncio.sleep(A_BREATH_S)
            now, patience = self._loop.time(), self._keep_alive_s
            if now - self._heard_at > 1.5 * patience:
                self._hung_up("it has said nothing for too long")
            elif (
                now - min(self._heard_at, self._said_at) > patience / 2
                and now - self._pinged_at > patience / 4
            ):
                self._pinged_at = now
                self._say(mqtt.PINGREQ)

    def _give_up(self) -> None:
        if self.open:
            self._say(mqtt.disconnect(self._version))
            self._flush()
        self._end("it was given up")
        if self._transport is not None:
            self._transport.close()
            self._loop.call_later(ANSWER_S, self._transport.abort)  # of what nobody takes any more

    def _end(self, why: str) -> None:
        if not self._ended.done():
            self._ended.set_result(why)
